"""Whether words hold a figure, in any of the ways in which people usually write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["holds"]

_LETTERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_HALF = 0.51
"""What rounding may change, of the last digit."""
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PART = r"\d[\d,]*(?:\.\d+)?\s*(?:d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b"
_DURATION = re.compile(rf"(?<![\w.,]){_PART}(?:(?:,?\s+and\s+|,?\s*)(?={_PART}){_PART})*", re.IGNORECASE)
_RUN_TOGETHER = re.compile(r"(?<=\d)(d|h|m|min|s)(?=\d)", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\w.:-])(?:(\d+):)?(\d{1,2}):(\d\d)(?![\d:])")
_PERCENT = re.compile(r"(?<![\w.,])(\d+(?:\.(\d+))?)\s*(?:%|percent|per cent)")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[,\u202f \u00a0]\d{3})*(?:\.\d+)?(?![\w-]|[.,:]\d)")
_OF_SECONDS = re.compile(r"runtime|queued|wait|^age$|^before$|^now$|^difference$|^mean_time|^could_win$")
_OF_RATIO = re.compile(r"rate$|ratio$|share$|coverage$")


def holds(words: str, key: str, value: Any) -> bool:
    """Whether words hold a value of a report's column: a duration, a share, a number, yes or no, or a name.

    A figure may be rounded at any digit or unit, or cut there: 730 seconds are `12 min 10 s`, `12 minutes`, `0.2 h`.
    """
    text = " ".join(words.split())
    if isinstance(value, bool) or value is None:
        return bool(re.search(r"\byes\b" if value else r"\b(?:no|not|none|never)\b|n[’']t\b", text, re.IGNORECASE))
    if isinstance(value, str):
        return value.lower() in text.lower()
    if _OF_SECONDS.search(key):
        return any(abs(abs(value) - written) < unit for written, unit in _durations(text))
    if _OF_RATIO.search(key):
        written = [(float(found[1]), 10.0 ** -len(found[2] or "")) for found in _PERCENT.finditer(text)]
        return any(abs(abs(value) * 100 - percent) <= unit * _HALF for percent, unit in written)
    return _counted(text, value)


def _counted(text: str, value: float) -> bool:
    """Whether a text holds a number: a whole one in figures or letters, another one rounded at any digit."""
    figures = [re.sub(r"[^\d.]", "", found) for found in _NUMBER.findall(text)]
    if value % 1:
        return any(abs(value - float(each)) <= _HALF * 10.0 ** -len(each.partition(".")[2]) for each in figures)
    letters = _LETTERS[int(value)] if value in range(len(_LETTERS)) else None
    in_letters = letters and re.search(rf"\b{letters}\b", text, re.IGNORECASE)
    return any(float(each) == value for each in figures) or bool(in_letters)


def _durations(text: str) -> Iterator[tuple[float, float]]:
    """The durations in a text in seconds, each with the unit at which it may have been rounded or cut."""
    for found in _DURATION.finditer(_RUN_TOGETHER.sub(r"\1 ", text)):
        parts = re.findall(r"([\d.,]+)\s*([a-z])", found[0].lower())
        numbers = [(number.replace(",", ""), _UNITS[unit]) for number, unit in parts]
        last, unit = numbers[-1]
        yield sum(float(number) * each for number, each in numbers), unit * 10.0 ** -len(last.partition(".")[2])
    for hours, minutes, seconds in _CLOCK.findall(text):
        yield int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds), 1.0
