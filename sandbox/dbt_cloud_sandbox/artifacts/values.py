"""Reading JSON of uncertain shape: each function gives the value if it is of the kind, else a harmless one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


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
    return float(value) if 0 <= value < float("inf") else None


def whole(source: Mapping[str, Any], name: str) -> int | None:
    """The value as an int, if it is a whole number."""
    value = source.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(source: Mapping[str, Any], name: str) -> datetime | None:
    """The value as an instant in UTC; nanoseconds are cut, a missing offset is UTC."""
    value = source.get(name)
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
        if parsed is None:
            return None
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
