"""Names and figures that follow from the data, looked up in the raw records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evals.questions import Call, Lookup
from evals.raw.records import RANK
from evals.truth import truth_of

if TYPE_CHECKING:
    from dbt_cloud_sandbox import World

__all__ = ["looked_up", "settled"]


def settled(call: Call, world: World) -> Call:
    """A call whose arguments are values: what they left to be looked up has been."""
    return call.model_copy(update={"arguments": {key: _value(each, world) for key, each in call.arguments.items()}})


def looked_up(lookup: Lookup, world: World) -> Any:
    """The name or figure that a lookup stands for.

    Raises:
        LookupError: The raw records hold nothing of the kind.
    """
    call = settled(Call(report=lookup.report, arguments=lookup.arguments), world)
    truth = truth_of(call.report, world, call.arguments)
    if truth is None:
        raise LookupError(f"{lookup.report} is not worked out from the raw records with {call.arguments}")
    if lookup.key == "total_rows":
        return truth.total
    if lookup.row > truth.total:
        raise LookupError(f"{call} has {truth.total} rows, and no row {lookup.row}")
    row = truth.rows[lookup.row - 1]
    if lookup.key not in row:
        raise LookupError(f"{lookup.report} has {', '.join(row)}, and no {lookup.key}")
    if any(each.get(RANK) == row[RANK] and each[lookup.key] != row[lookup.key] for each in truth.rows if RANK in row):
        raise LookupError(f"{call} has other rows of the same rank as row {lookup.row}")
    return row[lookup.key]


def _value(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [_value(each, world) for each in value]
    return looked_up(Lookup(**value), world) if isinstance(value, dict) else value
