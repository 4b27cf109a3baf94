"""Faults: what pydantic finds wrong with arguments, said in a sentence about the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dbt_discovery.exceptions import InvalidArgument

__all__ = ["complaint", "refusal"]

_TAKEN = {
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "tuple_type": "a value or a list of values",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_pattern_mismatch": "the digits of an id",  # nothing else has a pattern
}


def refusal(error: ValidationError, arguments: type[BaseModel], taker: str = "") -> InvalidArgument:
    """The error that a caller gets for arguments that are not of their form; it names the one to change.

    Args:
        error: What pydantic found.
        arguments: The class that describes the arguments.
        taker: What was to take them, for people; the class's own name unless given.
    """
    fault, taker = error.errors(include_url=False)[0], taker or arguments.__name__
    conflict = fault.get("ctx", {}).get("error")
    name = str(fault["loc"][0]) if fault["loc"] else getattr(conflict, "argument", "arguments")
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(name, arguments.model_fields, 1)
        meant = f" Did you mean “{near[0]}”?" if near else ""
        return InvalidArgument(name, f"{taker} takes no {name}.{meant} It takes {', '.join(arguments.model_fields)}.")
    return InvalidArgument(name, complaint(arguments, fault))


def complaint(arguments: type[BaseModel], fault: ErrorDetails) -> str:
    """What is wrong with an argument of a class and what it takes instead, in a sentence."""
    name = str(fault["loc"][0]) if fault["loc"] else "arguments"
    if fault["type"] == "value_error":
        return fault["msg"].removeprefix("Value error, ")
    if fault["type"] in ("literal_error", "enum"):
        taken = fault["ctx"]["expected"].replace("'", "")
    elif fault["type"] in _TAKEN:
        taken = _TAKEN[fault["type"]]
    elif bounds := _bounds(arguments.model_json_schema()["properties"].get(name, {})):
        taken = bounds
    else:
        return f"{name}: {fault['msg']}."
    return f"{name} takes {taken}, and not “{str(fault['input'])[:80]}”."


def _bounds(schema: Mapping[str, Any]) -> str:
    """What a field takes that holds a number; empty for every other."""
    for kind in (schema, *schema.get("anyOf", ())):
        if kind.get("type") in ("integer", "number"):
            word = "a whole number" if kind["type"] == "integer" else "a number"
            least, most = kind.get("minimum", 0), kind.get("maximum")
            return f"{word} of at least {least}" if most is None else f"{word} from {least} to {most}"
    return ""
