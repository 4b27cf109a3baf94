"""How the OpenAPI document describes what a report takes: read off the class of its arguments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from dbt_discovery import InvalidArgument
from dbt_discovery.reports.declaration import ReportDeclaration

from dbt_discovery_web.rest.answers import REFERENCES

__all__ = ["ANY_ARGUMENTS", "report_parameters"]

ANY_ARGUMENTS: Mapping[str, Any] = {
    "name": "arguments",
    "in": "query",
    "description": "The arguments of the report, as at its own path.",
    "schema": {"type": "object", "additionalProperties": True},
    "style": "form",
    "explode": True,
}
"""The parameter of a path that gives any report: all of its arguments."""
_SUBJECTS = ("model", "job", "run_id")
"""Arguments that name the one thing which a report is about."""


def report_parameters(
    declaration: ReportDeclaration[Any], kind: str = "", settled: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The parameters of a path that gives a report, with the values of its worked example.

    Args:
        declaration: The report.
        kind: What the path names one of, if it does.
        settled: Arguments that the path does not take.
    """
    schema = declaration.arguments.model_json_schema()
    parameters = [
        _parameter(name, _resolved(field, schema.get("$defs", {})), declaration.sample)
        for name, field in schema["properties"].items()
        if name not in settled
    ]
    needed = _needed(declaration)
    for parameter in parameters:
        parameter["required"] = parameter["name"] == needed
    if kind:
        description, example = REFERENCES[kind]
        named = {"name": kind, "in": "path", "required": True, "description": description, "example": example}
        parameters.insert(0, named | {"schema": {"type": "string"}})
    return parameters


def _parameter(name: str, schema: Mapping[str, Any], sample: Mapping[str, Any]) -> dict[str, Any]:
    about = {"name": name, "in": "query", "description": schema.get("description", "")}
    about["schema"] = {key: value for key, value in schema.items() if key not in ("description", "title")}
    return about | ({"example": sample[name]} if name in sample else {})


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with the definitions that it refers to in their place."""
    if isinstance(schema, list):
        return [_resolved(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        return _resolved(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _resolved(value, definitions) for key, value in schema.items()}


def _needed(declaration: ReportDeclaration[Any]) -> str | None:
    """The one argument without which the report cannot be asked for; none, where another would do as well."""
    try:
        declaration.parse({})
    except InvalidArgument as error:
        subjects = [name for name in _SUBJECTS if name in declaration.arguments.model_fields]
        return error.argument if subjects == [error.argument] else None
    return None
