"""Seasons: what is usual at an hour of a weekday, told apart from the level that a series has at the time."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from datetime import datetime
from math import log, sqrt
from statistics import median

__all__ = ["TO_DEVIATION", "local_level", "running_median", "seasonal_effects"]

TO_DEVIATION = 1.4826
"""By what a median absolute deviation is multiplied to estimate a standard deviation of normal values."""
_FEWEST = 4
"""How many runs a slot needs for its own effect."""
_LEAST = log(1.05)
"""The least effect that is taken off: 5 %."""
_WEEK = 7 * 24 * 3600


def running_median(values: Sequence[float], width: int) -> list[float]:
    """The median of the values around each, `width` of them in all; of fewer near the ends.

    Unlike a mean it keeps the edge of a change of level, and single odd values do not move it.
    """
    reach, window, found = width // 2, sorted(values[: width // 2]), []
    for place in range(len(values)):
        if place + reach < len(values):
            insort(window, values[place + reach])
        if place > reach:
            del window[bisect_left(window, values[place - reach - 1])]
        found.append((window[(len(window) - 1) // 2] + window[len(window) // 2]) / 2)
    return found


def local_level(moments: Sequence[datetime], values: Sequence[float]) -> tuple[list[float], float]:
    """The level of a series at each of its values, and the deviation of the values from it.

    The level is the running median of about a week, in which every weekday has its part. Since it takes in the value
    itself, it comes too near to it: the deviation is made larger by as much, about.

    Args:
        moments: When each value was taken, in order.
        values: The values.
    """
    width = min(len(values), max(5, _per_week(moments))) | 1
    level = running_median(values, width)
    away = median(abs(value - own) for value, own in zip(values, level, strict=True))
    return level, TO_DEVIATION * away * width / (width - 2)


Slot = tuple[int, int]
"""A weekday and an hour; of an hour of whatever day, the weekday is zero."""


def seasonal_effects(
    moments: Sequence[datetime], values: Sequence[float], level: Sequence[float], spread: float
) -> Callable[[datetime], float] | None:
    """By how much a value is usually above the level of its series, given its hour and weekday.

    A slot is an hour of a weekday where these have four values each, else an hour of the day. Its effect is the median
    distance of its values from the level, if it is clear: 5 % at least, and three standard errors of a median of so few
    values (1.2533 times that of a mean).

    Args:
        moments: When each value was taken, in the zone whose hours count, in order.
        values: The logarithms of the values, so that effects are factors.
        level: The level of the series at each.
        spread: The deviation of the values from the level.

    Returns:
        The effect at a moment; None where not even the hours of the day have enough values to tell.
    """
    away = [value - own for value, own in zip(values, level, strict=True)]
    for slot_of in (_hour_of_week, _hour_of_day):
        members: dict[Slot, list[float]] = {}
        for moment, distance in zip(moments, away, strict=True):
            members.setdefault(slot_of(moment), []).append(distance)
        if median(len(members[slot_of(moment)]) for moment in moments) >= _FEWEST:
            effects = {slot: _effect(own, spread) for slot, own in members.items()}
            return lambda moment: effects.get(slot_of(moment), 0.0)
    return None


def _hour_of_week(moment: datetime) -> Slot:
    return moment.weekday(), moment.hour


def _hour_of_day(moment: datetime) -> Slot:
    return 0, moment.hour


def _per_week(moments: Sequence[datetime]) -> int:
    """About how many values a week has, of a series in order."""
    length = (moments[-1] - moments[0]).total_seconds()
    return max(1, round((len(moments) - 1) * _WEEK / length)) if length else len(moments)


def _effect(own: Sequence[float], spread: float) -> float:
    if len(own) < _FEWEST:
        return 0.0
    effect = median(own)
    return effect if abs(effect) > max(_LEAST, 3 * 1.2533 * spread / sqrt(len(own))) else 0.0
