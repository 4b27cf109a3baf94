"""The options of a report's command, made from its arguments: one option a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dbt_discovery.reports.declaration import ReportArguments

__all__ = ["given_arguments", "report_options"]

_METAVARS = {"integer": "INTEGER", "number": "NUMBER", "string": "TEXT"}


def report_options(arguments: type[ReportArguments]) -> list[click.Option]:
    """One option for each field: its name, its description, its default; a list's option may be repeated.

    Values are checked by the arguments class alone, so that the command line accepts what every other door accepts.
    """
    schema = arguments.model_json_schema()
    return [_option(name, field, schema.get("$defs", {})) for name, field in schema["properties"].items()]


def given_arguments(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the options that were given on the command line."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}


def _option(name: str, field: Mapping[str, Any], definitions: Mapping[str, Any]) -> click.Option:
    kind = _resolved(field, definitions)
    flag = f"--{name.replace('_', '-')}"
    text = field.get("description", "")
    if kind.get("type") == "boolean":
        return click.Option([flag, name], is_flag=True, help=text)
    repeated = kind.get("type") == "array"
    inner = _resolved(kind.get("items", {}), definitions) if repeated else kind
    if repeated:
        text += " May be repeated."
    elif (default := field.get("default")) not in (None, ""):
        text += f" Default: {default}."
    return click.Option(
        [flag, name],
        multiple=repeated,
        metavar=_metavar(inner),
        help=text,
    )


def _metavar(kind: Mapping[str, Any]) -> str:
    if choices := kind.get("enum"):
        return f"[{'|'.join(map(str, choices))}]"
    return _METAVARS.get(kind.get("type", ""), "TEXT")


def _resolved(kind: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema without its indirections: a reference followed, an optional value as the value."""
    if reference := kind.get("$ref"):
        return _resolved(definitions[str(reference).rpartition("/")[2]], definitions)
    for choice in kind.get("anyOf", ()):
        if choice.get("type") != "null":
            return _resolved(choice, definitions)
    return kind
