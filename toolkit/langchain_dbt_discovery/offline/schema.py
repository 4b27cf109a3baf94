"""The bound tools, as their schemas describe them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel

from langchain_dbt_discovery.tools import ReportTool

__all__ = ["ToolSchema", "tool_schemas", "whole_schema"]


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """A tool that may be called.

    Attributes:
        name: Its name.
        fields: The schema of each argument.
    """

    name: str
    fields: Mapping[str, Mapping[str, Any]]

    @property
    def orders(self) -> tuple[str, ...]:
        """The values that `order_by` takes."""
        return tuple(self.fields.get("order_by", {}).get("enum", ()))

    def bound(self, field: str, value: Any) -> Any:
        """A number within what the schema allows; anything else as it is."""
        most = self.fields[field].get("maximum")
        if most is None:
            most = next((part["maximum"] for part in self.fields[field].get("anyOf", ()) if "maximum" in part), None)
        return min(value, most) if most is not None and isinstance(value, int | float) else value


def tool_schemas(bound: Iterable[Mapping[str, Any]]) -> dict[str, ToolSchema]:
    """The tools of a model call, which come in OpenAI's form, by name."""
    found = {}
    for tool in bound:
        function = tool.get("function", tool)
        fields = function.get("parameters", {}).get("properties", {})
        found[function["name"]] = ToolSchema(function["name"], fields)
    return found


def whole_schema(tool: Any) -> dict[str, Any]:
    """A tool in OpenAI's form, and a report's with every argument as declared: others are sent a brief schema."""
    if isinstance(tool, ReportTool):
        function = {"name": tool.name, "description": tool.description, "parameters": _declared(tool.declared)}
        return {"type": "function", "function": function}
    return convert_to_openai_tool(tool)


@cache
def _declared(arguments: type[BaseModel]) -> dict[str, Any]:
    return arguments.model_json_schema()
