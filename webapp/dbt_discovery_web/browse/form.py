"""The form of a report: its fields as they are filled in, with what is wrong beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_discovery.reports.declaration import ReportDeclaration

from dbt_discovery_web.browse.asked import Asked
from dbt_discovery_web.browse.faults import Fault
from dbt_discovery_web.browse.inputs import MANNER, Input, inputs_of
from dbt_discovery_web.browse.labels import PERIODS

__all__ = ["Field", "Form"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        input: How it is filled in.
        values: What it is filled in with.
        fault: What is wrong with that, if anything.
        required: Whether the form cannot be sent without it.
    """

    input: Input
    values: tuple[str, ...]
    fault: Fault | None = None
    required: bool = False

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"field-{self.input.name.replace('_', '-')}"

    @property
    def value(self) -> str:
        """The one value, or the default."""
        return self.values[0] if self.values else self.input.default

    @property
    def written(self) -> str:
        """The period, where it is none of those to choose from."""
        return "" if self.value in PERIODS else self.value

    @property
    def on(self) -> bool:
        """Whether the box is ticked."""
        return self.value.strip().lower() in ("true", "1", "yes", "on", "t", "y")

    @property
    def described(self) -> str:
        """The ids of what is read aloud with it."""
        return f"{self.id}-about" + (f" {self.id}-fault" if self.fault else "")


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a report.

    Attributes:
        report: The report.
        subject: Fields of which one has to be filled in.
        main: The fields in sight.
        aside: The rarer ones.
        faults: What is wrong with no field in particular.
    """

    report: ReportDeclaration[Any]
    subject: tuple[Field, ...]
    main: tuple[Field, ...]
    aside: tuple[Field, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, report: ReportDeclaration[Any], asked: Asked, faults: Sequence[Fault] = ()) -> Form:
        """The form of a report, as what is asked fills it in."""
        by_name = {fault.argument: fault for fault in faults}
        inputs = inputs_of(report)
        subjects = sum(each.place == "subject" for each in inputs)
        places: dict[str, list[Field]] = {"subject": [], "main": [], "aside": []}
        for each in inputs:
            values, fault = tuple(asked.given.get(each.name, ())), by_name.get(each.name)
            if each.place == "given" and not (values or fault):
                continue
            place = "aside" if each.place == "given" else each.place
            places[place].append(Field(each, values, fault, required=place == "subject" and subjects == 1))
        return cls(
            report,
            subject=tuple(places["subject"]),
            main=tuple(places["main"]),
            aside=tuple(places["aside"]),
            faults=tuple(fault for fault in faults if fault.argument not in {each.name for each in inputs}),
        )

    @property
    def fields(self) -> Iterable[Field]:
        """All of them, in order."""
        return (*self.subject, *self.main, *self.aside)

    @property
    def narrowed(self) -> int:
        """How many of the rarer fields are filled in."""
        return sum(bool(field.values) for field in self.aside)

    @property
    def aside_label(self) -> str:
        """What the rarer fields are together."""
        return "More filters" if any(field.input.name not in MANNER for field in self.aside) else "More"

    @property
    def unfolded(self) -> bool:
        """Whether something among the rarer fields has to be seen."""
        return any(field.fault or field.values for field in self.aside)

    @property
    def faulty(self) -> tuple[Field, ...]:
        """The fields with which something is wrong."""
        return tuple(field for field in self.fields if field.fault)

    def wanted_names(self) -> frozenset[str]:
        """The kinds of names that are suggested."""
        return frozenset(field.input.names for field in self.fields if field.input.names)

    def periods(self) -> Mapping[str, str]:
        """The periods to choose from."""
        return PERIODS
