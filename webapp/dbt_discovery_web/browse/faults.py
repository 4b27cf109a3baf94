"""Faults: what is wrong with arguments, each with the field it belongs to and what could be asked instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_discovery import AmbiguousName, InvalidArgument, NotFound
from dbt_discovery.models.faults import complaint, refusal
from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration
from pydantic import ValidationError

from dbt_discovery_web.browse.asked import Asked, address_of
from dbt_discovery_web.browse.inputs import inputs_of

__all__ = ["Fault", "Faulty", "checked", "fault_of"]

_FIELDS: Mapping[str, Sequence[str]] = {
    "project": ("projects", "project_ids"),
    "environment": ("environment",),
    "job": ("job", "jobs", "job_ids"),
    "model": ("model", "models", "model_ids"),
    "run": ("run_id", "base_run_id"),
}
"""The arguments that name things of each kind."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an argument.

    Attributes:
        argument: Which one; one that the report does not take is no field of its form.
        message: What is wrong, and what to do.
        instead: What could be asked instead: what it is called, and its address.
    """

    argument: str
    message: str
    instead: tuple[tuple[str, str], ...] = ()


class Faulty(Exception):
    """Arguments that are not of their form; `faults` are all that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def checked(declaration: ReportDeclaration[Any], asked: Asked) -> ReportArguments:
    """The arguments of a report, in the form it takes them.

    Raises:
        Faulty: Some are not of their form.
    """
    known = {each.name: each for each in inputs_of(declaration)}
    faults = {
        name: Fault(name, f"{known[name].label} takes one value: give it once.")
        for name, values in asked.given.items()
        if name in known and not known[name].many and len(values) > 1
    }
    arguments = {name: value for name, value in asked.arguments().items() if name not in faults}
    try:
        parsed: ReportArguments = declaration.arguments.model_validate(arguments)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            conflict = each.get("ctx", {}).get("error")
            name = str(each["loc"][0]) if each["loc"] else getattr(conflict, "argument", "")
            if each["type"] == "extra_forbidden":
                faults.setdefault(name, Fault(name, str(refusal(error, declaration.arguments, declaration.name))))
            else:
                faults.setdefault(name, Fault(name, complaint(declaration.arguments, each)))
    if faults:
        raise Faulty(list(faults.values()))
    return parsed


def fault_of(
    error: InvalidArgument | NotFound | AmbiguousName, declaration: ReportDeclaration[Any], asked: Asked
) -> Fault:
    """The fault that asking for the report came upon."""
    if isinstance(error, InvalidArgument):
        return Fault(error.argument, str(error))
    others = error.near if isinstance(error, NotFound) else error.candidates
    name = _named(error.kind, error.reference, asked)
    return Fault(
        name,
        str(error),
        tuple((other, address_of(declaration.name, asked.instead(name, error.reference, other))) for other in others),
    )


def _named(kind: str, reference: str, asked: Asked) -> str:
    """The argument that named a thing; nothing, where none of those given did."""
    fields = [name for name in _FIELDS.get(kind, (kind,)) if name in asked.given]
    wanted = reference.strip()
    for name in fields:
        if any(wanted in (value.strip(), *map(str.strip, value.split(","))) for value in asked.given[name]):
            return name
    return fields[0] if fields else kind
