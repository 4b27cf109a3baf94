"""Query parameters of the Admin API: what a list knows, how values are written, and what they keep.

Arrays are JSON literals (``status__in=[10,20]``). A parameter the list does not know, or one written otherwise, is
refused in the words dbt Cloud uses for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson
from starlette.datastructures import QueryParams

from dbt_cloud_sandbox.ledger import Ledger
from dbt_cloud_sandbox.records import Run
from dbt_cloud_sandbox.responses import BadRequest

MAX_LIMIT = 100
DELETED = ("deleted", "2")
RUN_FIELDS = {
    "environment_id": "environment_id",
    "job_definition_id": "job_id",
    "project_id": "project_id",
    "status": "status",
}
STATES = ("active", "1", "all", *DELETED)

Parser: TypeAlias = Callable[[str], Any]
Keeper: TypeAlias = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a list: how its value is read and whether a record passes it."""

    parse: Parser
    keeps: Keeper


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list and what the envelope says about it."""

    rows: list[Any]
    extra: dict[str, Any]
    related: frozenset[str]


def integer(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"'{text}' is not of type 'integer'") from None


def boolean(text: str) -> bool:
    """``true`` or ``false``."""
    if text.lower() not in ("true", "false"):
        raise BadRequest(f"'{text}' is not of type 'boolean'")
    return text.lower() == "true"


def array(text: str) -> list[Any]:
    """A JSON array."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list):
        raise BadRequest(f"'{text}' is not of type 'array'")
    return value


def integers(text: str) -> list[int]:
    """A JSON array of whole numbers."""
    value = array(text)
    for item in value:
        if not isinstance(item, int) or isinstance(item, bool):
            raise BadRequest(f"{item!r} is not of type 'integer'")
    return value


def moments(text: str) -> tuple[datetime, datetime]:
    """A JSON array of two ISO 8601 instants; without an offset they are UTC."""
    value = array(text)
    if len(value) != 2:
        raise BadRequest(f"{value!r} does not have exactly two items")
    first, last = (_moment(item) for item in value)
    return first, last


def _moment(item: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(item)
    except (TypeError, ValueError):
        raise BadRequest(f"{item!r} is not a 'date-time'") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def state(text: str) -> str:
    """A soft-deletion state."""
    if text not in STATES:
        raise BadRequest(f"'{text}' is not one of {list(STATES)}")
    return text


def related(text: str) -> frozenset[str]:
    """Names of related objects: a JSON array, or names with commas between."""
    if text.lstrip().startswith("["):
        return frozenset(str(item) for item in array(text))
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def equals(field: str, parse: Parser = integer) -> Filter:
    """Keeps records whose field is the value."""
    return Filter(parse, lambda record, value: bool(getattr(record, field) == value))


def one_of(field: str, parse: Parser = integers) -> Filter:
    """Keeps records whose field is among the values."""
    return Filter(parse, lambda record, values: getattr(record, field) in values)


def greater(field: str) -> Filter:
    """Keeps records whose field is more than the value."""
    return Filter(integer, lambda record, value: bool(getattr(record, field) > value))


def within(field: str) -> Filter:
    """Keeps records whose field lies between two instants, both included; one without the field does not."""

    def keeps(record: Any, value: tuple[datetime, datetime]) -> bool:
        moment = getattr(record, field)
        return moment is not None and value[0] <= moment <= value[1]

    return Filter(moments, keeps)


def contains(field: str) -> Filter:
    """Keeps records whose field contains the text, whatever its case."""
    return Filter(str, lambda record, value: value.lower() in getattr(record, field).lower())


# Nothing here is ever deleted, so a state keeps all or nothing.
STATE = Filter(state, lambda _, value: value not in DELETED)


def listed(
    records: Sequence[Any],
    params: QueryParams,
    filters: Mapping[str, Filter],
    orders: Sequence[str],
    always: Mapping[str, Any],
    ledger: Ledger | None = None,
) -> Listed:
    """One page of the records that pass the parameters. Of runs, a ledger finds them and keeps the list.

    Raises:
        BadRequest: For a parameter that is unknown or badly written.
    """
    known = {"limit", "offset", "order_by", "include_related", *filters}
    unknown = [name for name in params if name not in known]
    if unknown:
        names = ", ".join(f"'{name}'" for name in unknown)
        raise BadRequest(
            f"Additional properties are not allowed ({names} {'was' if len(unknown) == 1 else 'were'} unexpected)"
        )
    limit, offset = integer(params.get("limit", str(MAX_LIMIT))), integer(params.get("offset", "0"))
    if limit > MAX_LIMIT:
        raise BadRequest(f"{limit} is greater than the maximum of {MAX_LIMIT}")
    if limit < 0 or offset < 0:
        raise BadRequest(f"{min(limit, offset)} is less than the minimum of 0")
    values = {name: filters[name].parse(text) for name, text in params.items() if name in filters}
    order_by = params.get("order_by", "id")

    def found() -> list[Any]:
        some = narrowed(ledger, values) if ledger else records
        kept = [record for record in some if all(filters[name].keeps(record, value) for name, value in values.items())]
        return _ordered(kept, order_by, orders)

    asked = (order_by, *sorted((name, params[name]) for name in values))
    kept = ledger.lists.get(asked, found) if ledger else found()
    rows = kept[offset : offset + limit]
    shown = {name: params[name] if isinstance(value, tuple) else value for name, value in values.items()}
    extra = {
        "filters": {"limit": limit, "offset": offset, **always, **shown},
        "order_by": order_by,
        "pagination": {"count": len(rows), "total_count": len(kept)},
    }
    return Listed(rows, extra, related(params.get("include_related", "")))


def narrowed(ledger: Ledger, values: Mapping[str, Any]) -> Sequence[Run]:
    """Some runs, among them all those that pass the filters: the fewest that one filter alone leaves."""
    some = [ledger.where(RUN_FIELDS[name], value) for name, value in values.items() if name in RUN_FIELDS]
    if "pk" in values:
        some.append([run for run in [ledger.run(values["pk"])] if run])
    if "id__gt" in values:
        some.append(ledger.after(values["id__gt"]))
    if "created_at__range" in values:
        some.append(ledger.created_between(*values["created_at__range"]))
    return min(some, key=len, default=ledger.runs)


def _ordered(records: list[Any], order_by: str, orders: Sequence[str]) -> list[Any]:
    """Sorted as PostgreSQL does: a missing value counts as the largest."""
    field = order_by.removeprefix("-")
    if field not in orders:
        raise BadRequest(f"'{order_by}' is not one of {list(orders)}")
    missing = [record for record in records if getattr(record, field) is None]
    present = sorted((r for r in records if getattr(r, field) is not None), key=lambda r: (getattr(r, field), r.id))
    return [*missing, *reversed(present)] if order_by.startswith("-") else [*present, *missing]
