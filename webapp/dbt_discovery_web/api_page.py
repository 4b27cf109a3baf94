"""The description of the REST paths, read out of the OpenAPI document for a page that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

__all__ = ["Operation", "Parameter", "described_paths"]

_ORDER = ("Chat", "Reports", "Account", "Projects", "Jobs", "Models", "Runs", "Service")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    where: str
    kind: str
    default: str
    description: Markup


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path."""

    operation_id: str
    method: str
    path: str
    summary: str
    paragraphs: Sequence[Markup]
    questions: Sequence[Markup]
    parameters: Sequence[Parameter]
    forms: Sequence[str]

    @property
    def can_be_opened(self) -> bool:
        """Whether a link can simply lead there."""
        return self.method == "GET" and "{" not in self.path


def described_paths(api: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Every operation of an OpenAPI document, by tag."""
    groups: dict[str, list[Operation]] = {tag: [] for tag in _ORDER}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(api, method.upper(), path, operation))
    return {tag: operations for tag, operations in groups.items() if operations}


def _operation(api: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> Operation:
    blocks = operation.get("description", "").split("\n\n")
    listed = [block for block in blocks if block.startswith("- ")]
    return Operation(
        operation_id=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        paragraphs=[_coded(block) for block in blocks if block not in listed],
        questions=[_coded(line.removeprefix("- ")) for block in listed for line in block.splitlines()],
        parameters=[
            *(_parameter(each["name"], each["in"], each["schema"], each) for each in operation.get("parameters", ())),
            *_body(api, operation),
        ],
        forms=list(operation["responses"].get("200", {}).get("content", ())),
    )


def _coded(text: str) -> Markup:
    """A text in which what stands between backticks is code; all of it is text."""
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in parts)


def _body(api: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Parameter]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    reference = next((each["$ref"] for each in (schema, *schema.get("anyOf", ())) if "$ref" in each), None)
    if reference is not None:
        schema = api["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return [_parameter(name, "body", each, each) for name, each in schema.get("properties", {}).items()]


def _parameter(name: str, where: str, schema: Mapping[str, Any], about: Mapping[str, Any]) -> Parameter:
    default = schema.get("default")
    if isinstance(default, bool):
        default = str(default).lower()
    return Parameter(
        name=name,
        where=where,
        kind=_kind(schema),
        default="" if default in (None, []) else str(default),
        description=_coded(about.get("description", "")),
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in words: `list of text`, `number`, `include | exclude`."""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"] if each.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    kind = str(schema.get("type", "value"))
    return {"string": "text", "integer": "whole number", "boolean": "true | false"}.get(kind, kind)
