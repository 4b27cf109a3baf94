"""Durations in the words the Admin API uses."""

from __future__ import annotations

from datetime import timedelta

UNITS = (("week", 604800), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def clock(duration: timedelta) -> str:
    """``HH:MM:SS``; hours pass 24 and fractions are dropped."""
    seconds = max(0, int(duration.total_seconds()))
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def span(duration: timedelta) -> str:
    """The two largest neighbouring units, such as ``1 minute, 50 seconds``; nothing is ``0 minutes``."""
    left = int(abs(duration.total_seconds()))
    for place, (unit, size) in enumerate(UNITS):
        if left >= size:
            words = [_count(left // size, unit)]
            if place + 1 < len(UNITS):
                smaller, smaller_size = UNITS[place + 1]
                rest = left % size // smaller_size
                words += [_count(rest, smaller)] if rest else []
            return ", ".join(words)
    return "0 minutes"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
