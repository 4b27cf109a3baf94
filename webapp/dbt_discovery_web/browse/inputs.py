"""Inputs: what of a form each argument of a report is filled in with, read off the class of its arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from dbt_discovery import InvalidArgument
from dbt_discovery.models.telling import told
from dbt_discovery.reports.declaration import ReportDeclaration

from dbt_discovery_web.browse.labels import argument_label, value_label

__all__ = ["MANNER", "Input", "inputs_of", "needs_subject"]

Kind = Literal["flag", "choice", "choices", "number", "period", "text", "names"]
Place = Literal["subject", "main", "aside", "given"]

_SUBJECTS = ("model", "job", "run_id")
"""Arguments that name the one thing which a report is about."""
MANNER = ("refresh", "statistics")
"""Arguments about how an answer is to be got: last, behind everything about what it is."""
_NAMING: Mapping[str, str] = {
    "project": "projects",
    "projects": "projects",
    "environment": "environments",
    "job": "jobs",
    "jobs": "jobs",
    "model": "models",
    "models": "models",
    "tags": "tags",
    "run_id": "runs",
    "base_run_id": "runs",
}
_ORDER = ("model", "job", "run_id", "period", "of", "by", "direction", "order_by", "limit")
"""What is filled in first, and most often."""


@dataclass(frozen=True, slots=True)
class Input:
    """How one argument is filled in.

    Attributes:
        name: The argument.
        label: What it is called.
        kind: A box to tick, one or several of fixed values, a number, a period, a text, or any number of texts.
        place: Whether it names the one thing without which there is no question, stands in sight, is folded away, or
            appears only where it is given.
        description: What it means.
        default: Its value where nothing is filled in, as a query has it; empty where there is none.
        choices: The fixed values, each with what it is called.
        names: Which names are suggested, if any: `jobs`, `models`, …
        least: The least number.
        most: The greatest number.
        whole: Whether numbers are whole.
        unit: What numbers count.
        digits: Whether a text has to be the digits of an id.
    """

    name: str
    label: str
    kind: Kind
    place: Place
    description: str
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    names: str = ""
    least: float | None = None
    most: float | None = None
    whole: bool = False
    unit: str = ""
    digits: bool = False

    @property
    def many(self) -> bool:
        """Whether the argument may be repeated."""
        return self.kind in ("choices", "names")


@cache
def inputs_of(declaration: ReportDeclaration[Any]) -> tuple[Input, ...]:
    """The inputs of a report's form, in order: the subject, what is asked most often, the rest."""
    schema = declaration.arguments.model_json_schema()
    definitions = schema.get("$defs", {})
    inputs = [
        _input(declaration, name, _plain(field, definitions), definitions)
        for name, field in schema["properties"].items()
    ]
    return tuple(sorted(inputs, key=_rank))


@cache
def needs_subject(declaration: ReportDeclaration[Any]) -> bool:
    """Whether a report cannot be asked for without naming what it is about."""
    try:
        declaration.parse({})
    except InvalidArgument:
        return True
    return False


def _rank(given: Input) -> int:
    if given.name in MANNER:
        return len(_ORDER) + 1
    return _ORDER.index(given.name) if given.name in _ORDER else len(_ORDER)


def _input(
    declaration: ReportDeclaration[Any], name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]
) -> Input:
    items = _plain(schema.get("items", {}), definitions)
    fixed = items.get("enum") or schema.get("enum") or ()
    number = schema.get("type") in ("integer", "number")
    return Input(
        name=name,
        label=argument_label(name),
        kind=_kind(name, schema, bool(fixed)),
        place=_place(declaration, name),
        description=_description(name, schema.get("description", "")),
        default=_written(schema.get("default")),
        choices=tuple((value, value_label(name, value)) for value in fixed),
        names=_NAMING.get(name, ""),
        least=schema.get("minimum", 0) if number else None,
        most=schema.get("maximum"),
        whole=schema.get("type") == "integer",
        unit="seconds" if name.endswith("_runtime") else "",
        digits="pattern" in schema,
    )


def _description(name: str, told: str) -> str:
    """What an argument means; of a period, which is chosen from a list, what may be written beside that."""
    if name != "period":
        return told
    return f"{told.partition(':')[0]}. Beside the list: last_10_days, a date, or two with a slash between them."


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without its reference, and of one that also allows nothing the part that says what it takes."""
    if reference := schema.get("$ref"):
        return {**definitions[reference.rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
    for part in schema.get("anyOf", ()):
        if part.get("type") != "null":
            return {**_plain(part, definitions), **{k: v for k, v in schema.items() if k != "anyOf"}}
    return schema


def _kind(name: str, schema: Mapping[str, Any], fixed: bool) -> Kind:
    if schema.get("type") == "array":
        return "choices" if fixed else "names"
    if schema.get("type") == "boolean":
        return "flag"
    if schema.get("type") in ("integer", "number"):
        return "number"
    if fixed:
        return "choice"
    return "period" if name == "period" else "text"


def _place(declaration: ReportDeclaration[Any], name: str) -> Place:
    """Where people find it: they need in sight what a language model is told as an argument of its own."""
    if name in MANNER:
        return "aside"
    place = told(declaration.arguments, name).place
    if place == "nowhere":
        return "given"
    if name in _SUBJECTS and needs_subject(declaration):
        return "subject"
    return "main" if place == "own" else "aside"


def _written(value: Any) -> str:
    """A default as a query has it; that of a list or of nothing is nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or isinstance(value, list | tuple) else str(value)
