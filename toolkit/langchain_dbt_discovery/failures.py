"""The two ways in which a tool call fails, as sentences that tell a model what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbt_discovery.exceptions import AmbiguousName, DbtDiscoveryError, InvalidArgument, NotFound
from langchain_core.tools import ToolException

from langchain_dbt_discovery.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import ValidationError
    from pydantic.v1 import ValidationError as ValidationErrorV1

__all__ = ["CHANGE_ARGUMENTS", "FAILURE_EVENT", "WILL_NOT_WORK", "failure", "unexpected_failure", "validation_failure"]

CHANGE_ARGUMENTS = "Change the arguments and call again."
WILL_NOT_WORK = "This will not work, do not call again."
FAILURE_EVENT = "dbt_discovery_failure"
"""The custom event that hands a tool's error to callbacks: a model reads words, a program wants the exception."""
_LONGEST = 900
_MENDABLE = (InvalidArgument, NotFound, AmbiguousName)


def failure(error: DbtDiscoveryError) -> ToolException:
    """An error of the core as the tool error that LangChain hands to the model."""
    if isinstance(error, _MENDABLE):
        where = f"{error.argument}: " if isinstance(error, InvalidArgument) else ""
        reason = str(error).removeprefix(where)
        return ToolException(f"{CHANGE_ARGUMENTS} {clean(where + reason, _LONGEST)}")
    return ToolException(f"{WILL_NOT_WORK} {clean(str(error), _LONGEST)}")


def validation_failure(known: Iterable[str]) -> Callable[[ValidationError | ValidationErrorV1], str]:
    """A handler that says which arguments are wrong and how, for a tool that takes the `known` ones."""
    names = ", ".join(known)

    def explain(error: ValidationError | ValidationErrorV1) -> str:
        faults = "; ".join(dict.fromkeys(_fault(fault) for fault in error.errors()[:5]))
        return f"{CHANGE_ARGUMENTS} {clean(faults, _LONGEST)}. The arguments are: {names}."

    return explain


def unexpected_failure(name: str) -> str:
    """What a model is told about an error that nobody foresaw: nothing of its inside."""
    return (
        f"{WILL_NOT_WORK} {clean(name, 80)} stopped with an unexpected error, which is in the log. "
        "Tell the person that this answer is not available."
    )


def _fault(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"{where} is not an argument of this tool"
    reason = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"{where}: {reason}" if where else reason
