"""How a report is declared: one function with its arguments, from which every door is made."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar, get_type_hints
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.description import describe
from dbt_discovery.models.faults import refusal
from dbt_discovery.models.filters import Filter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.report import Chart, Column, Coverage, Reading, Report, ReportPeriod, Row, Source
from dbt_discovery.models.telling import NAMED, UNTOLD, Told

__all__ = ["MOST_ROWS", "Findings", "Group", "Limited", "ManyRows", "ReportArguments", "ReportDeclaration", "report"]

MOST_ROWS = 500
"""Most rows that a report gives, unless it is asked for the whole."""

_EVERY_ROW = sys.maxsize
"""The limit of a report that gives every row: a number, so that whoever counts with it need not know."""

Group = Literal["jobs", "models", "runs", "tests", "sources", "projects"]


_MANNER = {"refresh", "statistics"}
"""Arguments about how an answer is to be got, and not about what it is."""


class ReportArguments(Filter):
    """What every report takes beside its filter fields."""

    TOLD: ClassVar[Mapping[str, Told]] = {}
    """How a language model is told those fields of its bases that are not told as they say themselves."""

    refresh: Annotated[bool, UNTOLD] = Field(
        default=False, description="Ask dbt Cloud again for what is already known."
    )
    statistics: Annotated[bool, UNTOLD] = Field(
        default=False, description="Say in a note where the answer came from, in how many requests."
    )

    def canonical(self) -> dict[str, Any]:
        """The arguments that the answer depends on, as plain JSON values, defaults filled in."""
        return self.model_dump(mode="json", exclude=self._idle())

    def given(self) -> dict[str, Any]:
        """Those of them that differ from their defaults, as plain JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude=self._idle())

    def whole(self) -> Self:
        """The same question, answered with every row unless a limit was given."""
        return self

    def _idle(self) -> set[str]:
        """The arguments that choose nothing of what the answer is."""
        return _MANNER


class Limited(ReportArguments):
    """Arguments of a report that lists things."""

    limit: Annotated[int, NAMED] = Field(default=10, ge=1, le=MOST_ROWS, description="Most rows to give.")

    def whole(self) -> Self:
        """The same question, answered with every row unless a limit was given."""
        return self if "limit" in self.model_fields_set else self.model_copy(update={"limit": _EVERY_ROW})

    def _idle(self) -> set[str]:
        return _MANNER | {"limit"} if self.limit == _EVERY_ROW else _MANNER


class ManyRows(Limited):
    """Arguments of a report that lists things of which people want to see many."""

    limit: Annotated[int, NAMED] = Field(default=50, ge=1, le=MOST_ROWS, description="Most rows to give.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a report's function found; the declaration makes a `Report` of it.

    Attributes:
        finding: One sentence with the answer.
        columns: The rows' columns, in order.
        rows: Every row, in order; the limit is applied later.
        coverage: What was considered and left out; whether anything is missing is the inquiry's to know.
        reading: How the question was taken.
        span: The stretch of time covered, if any.
        chart: How to draw the rows.
        arguments: The arguments as they were taken, where they differ from those given.
        limit: Most rows to show; None for all.
    """

    finding: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    coverage: Coverage
    reading: Sequence[Reading] = ()
    span: TimeRange | None = None
    chart: Chart | None = None
    arguments: ReportArguments | None = None
    limit: int | None = None


A = TypeVar("A", bound=ReportArguments)
Compute = Callable[[Inquiry, A], Awaitable[Findings]]


@dataclass(frozen=True, slots=True)
class ReportDeclaration(Generic[A]):
    """A report, as every door needs it.

    Attributes:
        name: Its name, such as `longest_running_jobs`.
        title: The same for people.
        summary: One sentence that tells what it answers.
        description: The whole docstring: definition, source of formulas, edge cases.
        group: What it is about.
        arguments: The class of its arguments.
        compute: The function that answers.
        examples: Questions it answers, as people ask them.
        sample: Arguments of a worked example, which the sandbox can answer.
    """

    name: str
    title: str
    summary: str
    description: str
    group: Group
    arguments: type[A]
    compute: Compute[A]
    examples: tuple[str, ...]
    sample: Mapping[str, Any] = field(compare=False)  # a declaration is hashed with every question

    def parse(self, given: Mapping[str, Any]) -> A:
        """The arguments, checked.

        Raises:
            InvalidArgument: One is unknown or not of its form; the message names it and says what it should be.
        """
        try:
            return self.arguments.model_validate(given)
        except ValidationError as error:
            raise refusal(error, self.arguments, self.name) from None

    async def run(self, inquiry: Inquiry, arguments: A, source: Callable[[], Awaitable[Source]]) -> Report:
        """The report. `source` tells, once something was asked, who answered."""
        found = await self.compute(inquiry, arguments)
        taken = found.arguments or arguments
        canonical = taken.canonical() | self._own(inquiry.resolved)
        named = taken.given() | self._own(inquiry.names)
        complete = inquiry.complete and found.coverage.complete
        return Report(
            name=self.name,
            title=self.title,
            finding=found.finding,
            source=await source(),
            arguments=canonical,
            reading=tuple(found.reading),
            period=ReportPeriod.of(found.span) if found.span else None,
            filter=describe({field: value for field, value in named.items() if field != "period"}),
            columns=tuple(found.columns),
            rows=tuple(found.rows[: found.limit]),
            total_rows=len(found.rows),
            coverage=found.coverage.model_copy(update={"complete": complete}),
            as_of=inquiry.as_of,
            stale=inquiry.stale,
            notes=tuple(dict.fromkeys(inquiry.notes)),
            chart=found.chart,
            path=self.path(canonical),
        )

    def _own(self, fields: Mapping[str, tuple[str, ...] | str]) -> dict[str, Any]:
        """Those of the fields that a question settled on its way which are arguments of the report, as JSON values."""
        own = {name: value for name, value in fields.items() if name in self.arguments.model_fields}
        return {name: value if isinstance(value, str) else list(value) for name, value in own.items()}

    def path(self, canonical: Mapping[str, Any]) -> str:
        """The REST path, relative to the web app, that gives the report for canonical arguments."""
        defaults = self.arguments.model_construct().canonical()  # which need not be enough to ask with
        given = {field: _written(value) for field, value in canonical.items() if value != defaults.get(field)}
        return f"/reports/{self.name}" + (f"?{urlencode(given, doseq=True)}" if given else "")


def _written(value: Any) -> Any:
    """A value as a query has it: yes and no in lower case, as JSON and OpenAPI write them."""
    return str(value).lower() if isinstance(value, bool) else value


def report(
    *, title: str, group: Group, examples: tuple[str, ...], sample: Mapping[str, Any]
) -> Callable[[Compute[A]], ReportDeclaration[A]]:
    """Declares the decorated function as a report: its name, docstring and argument class are the report's.

    The function takes an `Inquiry` and the `arguments`, and returns `Findings`.
    """

    def declare(compute: Compute[A]) -> ReportDeclaration[A]:
        description = inspect.getdoc(compute) or ""
        return ReportDeclaration(
            name=compute.__name__,
            title=title,
            summary=" ".join(description.split("\n\n")[0].split()),
            description=description,
            group=group,
            arguments=get_type_hints(compute)["arguments"],
            compute=compute,
            examples=examples,
            sample=MappingProxyType(dict(sample)),
        )

    return declare
