"""Reading JSON of uncertain shape: each function gives the value if it is of the kind, else a harmless one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST = 30 * 86_400.0
"""Seconds that a run can take: what is longer is an error of whoever wrote it."""

FIRST_YEAR, LAST_YEAR = 1900, 2999


def text(source: Mapping[str, Any], *names: str) -> str | None:
    """The first of the values that is a text and not empty."""
    return next((value for name in names if isinstance(value := source.get(name), str) and value), None)


def mapping(source: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    value = source.get(name)
    return value if isinstance(value, dict) else {}


def items(source: Mapping[str, Any], name: str) -> list[Any]:
    """The value if it is a list, else an empty one."""
    value = source.get(name)
    return value if isinstance(value, list) else []


def words(source: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of a list, or the one text that stands for a list."""
    value = source.get(name)
    return (value,) if isinstance(value, str) and value else tuple(w for w in items(source, name) if isinstance(w, str))


def number(source: Mapping[str, Any], name: str) -> float | None:
    """The value as a float, if it is a finite number that is not negative."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= sys.float_info.max else None


def seconds(source: Mapping[str, Any], name: str) -> float | None:
    """The value as a duration, if it is one that a run of dbt can have."""
    value = number(source, name)
    return value if value is not None and value <= LONGEST else None


def whole(source: Mapping[str, Any], name: str) -> int | None:
    """The value as an int, if it is a whole number of 32 bits, as GraphQL has them."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None


def moment(source: Mapping[str, Any], name: str) -> datetime | None:
    """The value as an instant in UTC, if it is of a year that any clock shows.

    Nanoseconds are cut, and a missing offset is UTC. dbt writes year 1 where something never happened.
    """
    value = source.get(name)
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
        if parsed is None:
            return None
        instant = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    return instant if FIRST_YEAR <= instant.year <= LAST_YEAR else None
