"""Ticks: the places on an axis that are easy to read, and what stands there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from dbt_discovery_web.charts.drawing import Axis, Tick

__all__ = ["number_axis", "time_axis"]

Unit = Literal["seconds", "ratio", "count", "days"] | None

_MOST = 6
"""Most steps of an axis of numbers."""
_NOTHING = 1e-9
"""Less than anything that is measured."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_DURATIONS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * n for n in (1, 2, 3, 6, 12)),  # what goes into a day
)
_CLOCK = (*_DURATIONS[:12], *(_HOUR * n for n in (1, 2, 3, 6, 12)))
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 3, 6, 12, 24, 60, 120)


def number_axis(label: str, values: Sequence[float], unit: Unit) -> Axis:
    """A scale for values of a unit, with 0 on it, that begins and ends on a tick.

    Numbers go by 1, 2 or 5 and their tens, durations by what a clock goes by.
    """
    least, greatest = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if greatest - least < _NOTHING:
        greatest = 1.0
    step = _step((greatest - least) / _MOST, unit)
    first, last = math.floor(least / step + 1e-9), math.ceil(greatest / step - 1e-9)
    ticks = tuple(Tick(n * step, _number(n * step, step, unit)) for n in range(first, last + 1))
    return Axis(label, ticks[0].at, ticks[-1].at, ticks)


def time_axis(label: str, start: float, end: float, zone: tzinfo, most: int = 8) -> Axis:
    """A scale from one moment to another, in seconds since 1970, with ticks where clock and calendar of a zone turn."""
    if end <= start:
        start, end = start - _HOUR, start + _HOUR
    first, last = (datetime.fromtimestamp(moment, zone) for moment in (start, end))
    for step in _CLOCK:
        if (end - start) / step <= most:
            return Axis(label, start, end, _on_the_clock(first, last, step, zone), timed=True)
    for days in _DAYS:
        if (end - start) / (days * _DAY) <= most:
            return Axis(label, start, end, tuple(_shown(_days(first, days), start, end, "day")), timed=True)
    months = next((n for n in _MONTHS if (end - start) / (n * 30 * _DAY) <= most), _MONTHS[-1])
    return Axis(label, start, end, tuple(_shown(_months(first, months), start, end, "month")), timed=True)


def _step(least: float, unit: Unit) -> float:
    """The smallest step that is easy to read and not smaller than `least`."""
    if unit == "seconds":
        if 1 <= least <= _DURATIONS[-1]:
            return float(next(step for step in _DURATIONS if step >= least - 1e-9))
        if least > _DURATIONS[-1]:
            return _round_step(least / _DAY) * _DAY
    step = _round_step(least)
    return max(1.0, step) if unit in ("count", "days") else step


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(float(n * power) for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))


def _number(value: float, step: float, unit: Unit) -> str:
    match unit:
        case "seconds":
            return _duration(value, step)
        case "ratio":
            return f"{_decimal(value * 100, step * 100)} %"
        case "days":
            return f"{_decimal(value, step)} d"
    return _decimal(value, step)


def _decimal(value: float, step: float) -> str:
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value + 0.0:,.{places}f}".replace("-0", "0") if value == 0 else f"{value:,.{places}f}"


def _duration(seconds: float, step: float) -> str:
    """A duration that is a whole number of steps: `0`, `0.5 s`, `2 min`, `1 h 30 min`, `2 d`."""
    if abs(seconds) < step / 2:
        return "0"
    if step < 1:
        return f"{_decimal(seconds, step)} s"
    rest, parts = round(abs(seconds)), []
    for name, size in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", 1)):
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {name}")
    return ("-" if seconds < 0 else "") + " ".join(parts)


def _on_the_clock(first: datetime, last: datetime, step: int, zone: tzinfo) -> tuple[Tick, ...]:
    """Ticks where the clock on the wall shows a multiple of the step; a midnight is called by its day."""
    ticks: list[Tick] = []
    day, sub = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None), "%H:%M:%S"
    while day.replace(tzinfo=zone).timestamp() <= last.timestamp():
        for second in range(0, _DAY, step):
            wall = day + timedelta(seconds=second)
            moment = wall.replace(tzinfo=zone).timestamp()
            if first.timestamp() <= moment <= last.timestamp() and (not ticks or moment > ticks[-1].at):
                named = f"{wall.day} {wall:%b}" if second == 0 else f"{wall:{sub if step < _MINUTE else '%H:%M'}}"
                ticks.append(Tick(moment, named))
        day += timedelta(days=1)
    return tuple(ticks)


def _shown(walls: Iterator[datetime], start: float, end: float, by: Literal["day", "month"]) -> Iterator[Tick]:
    for wall in walls:
        moment = wall.timestamp()
        if moment > end:
            return
        if moment >= start:
            yield Tick(moment, f"{wall.day} {wall:%b}" if by == "day" else f"{wall:%b %Y}")


def _days(first: datetime, step: int) -> Iterator[datetime]:
    """Midnights, every so many days: the first of all when a few, Mondays when weeks."""
    day = first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if step % 7 == 0:
        day -= timedelta(days=day.weekday())
    while True:
        yield day.replace(tzinfo=first.tzinfo)
        day += timedelta(days=step)


def _months(first: datetime, step: int) -> Iterator[datetime]:
    number = (first.year * 12 + first.month - 1) // step * step
    while True:
        yield datetime(number // 12, number % 12 + 1, 1, tzinfo=first.tzinfo)
        number += step
