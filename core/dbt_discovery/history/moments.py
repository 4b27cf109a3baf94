"""Moments, durations and days as the run store has them: whole numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import overload

__all__ = ["day_number", "day_of", "moment_of", "to_micros", "to_seconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ONE = _EPOCH.date()
_MICROSECOND = timedelta(microseconds=1)


@overload
def to_micros(value: datetime | float) -> int: ...
@overload
def to_micros(value: datetime | float | None) -> int | None: ...
def to_micros(value: datetime | float | None) -> int | None:
    """A moment as microseconds since 1970, or a duration in seconds as microseconds."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return None if value is None else round(value * 1_000_000)


@overload
def moment_of(micros: int) -> datetime: ...
@overload
def moment_of(micros: int | None) -> datetime | None: ...
def moment_of(micros: int | None) -> datetime | None:
    """The moment so many microseconds after 1970."""
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)


@overload
def to_seconds(micros: int) -> float: ...
@overload
def to_seconds(micros: int | None) -> float | None: ...
def to_seconds(micros: int | None) -> float | None:
    """Microseconds as seconds."""
    return None if micros is None else micros / 1_000_000


def day_number(day: date) -> int:
    """A day as days since 1970."""
    return (day - _DAY_ONE).days


def day_of(number: int) -> date:
    """The day so many days after 1970."""
    return _DAY_ONE + timedelta(days=number)
