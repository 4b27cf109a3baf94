"""Numbers as people write them: counts, durations, `top 5`, `over 4 minutes`, `last 3 runs`."""

from __future__ import annotations

import re
from typing import Any

from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = ["NUMBER", "read_limit", "read_run_count", "read_runtime_bounds", "whole"]

_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {"a": 1, "an": 1, "couple": 2, "a couple of": 2, "dozen": 12, "a dozen": 12, "thirty": 30, "fifty": 50}

NUMBER = r"(?:\d+|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_AMOUNT = rf"(?:\d+(?:\.\d+)?|half an?|{NUMBER[3:-1]})"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_UNIT = r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)\b"
_DURATION = rf"{_AMOUNT}\s*{_UNIT}(?:\s*(?:and\s+)?{_AMOUNT}\s*{_UNIT})*"
_SUPERLATIVE = r"(?:slowest|longest(?: running)?|worst|heaviest|biggest|most expensive)"

_LEAST = (
    r"(?:>=?|(?:slower|longer|more|greater|higher|bigger|worse) than|over|above|at least|exceed(?:s|ed|ing)?|beyond"
    r"|no less than|(?:a )?minimum of)"
)
_MOST = (
    r"(?:<=?|(?:faster|shorter|less|quicker|lower|smaller) than|under|below|at most|within"
    r"|no more than|up to|(?:a )?maximum of)"
)

_LIMITS = (
    rf"\b(?:top|first|worst|slowest|longest|bottom) ({NUMBER})\b(?! (?:days?|weeks?|hours?|months?))",
    rf"\b((?!an? ){NUMBER})(?= (?:\w+ )?{_SUPERLATIVE}\b)",
    rf"\blimit(?: of| to)? ({NUMBER})\b",
    rf"\b(?:show|give|list|name)(?: me)?(?: the| just| only)? ((?!an? ){NUMBER})\b",
    rf"^(?:only |just )(?:the )?({NUMBER})(?: of them)?$",
)
_ONE = rf"\b{_SUPERLATIVE}(?: (?!of|in|for|models|jobs)\w+){{0,2}} (?:model|job|run|table|pipeline)\b(?! runs?\b)"
_ALL = r"\b(?:all|every)(?: (?:of )?(?:the |my |our )?)(?=\w*\s?(?:models|jobs|tables|views|failures|them))"


def whole(text: str) -> int:
    """A count in digits or words."""
    return int(text) if text.isdigit() else _WORDS[text]


def read_limit(phrase: Phrase, most: int) -> int | None:
    """How many rows are asked for: `top 5`, `five slowest`, `the longest job`, `all jobs`."""
    for pattern in _LIMITS:
        if match := phrase.take(pattern):
            return max(1, min(whole(match[1]), most))
    if phrase.has(_ONE):
        return 1
    return most if phrase.take(_ALL) else None


def read_run_count(phrase: Phrase) -> int | None:
    """How many runs are to be looked at: `last 3 runs`, `over the latest ten builds`, `last run`."""
    match = phrase.take(
        rf"\b(?:over |in |of |across )?(?:the |its |their )?(?:last|latest|past|previous|most recent) (?:({NUMBER}) )?"
        r"(?:\w+ )?(?:runs?|builds?|executions?)\b"
    )
    if not match:
        return None
    return whole(match[1]) if match[1] else 1


def read_runtime_bounds(phrase: Phrase) -> dict[str, Any]:
    """The runtimes asked for, in seconds: `over 4 minutes`, `between 1 and 5 min`, `> 10 s`."""
    bounds: dict[str, Any] = {}
    between = phrase.take(rf"\b(?:between|from) ({_AMOUNT})\s*({_UNIT})? (?:and|to) ({_AMOUNT})\s*({_UNIT})")
    if between:
        bounds["min_runtime"] = _seconds(f"{between[1]} {between[2] or between[4]}")
        bounds["max_runtime"] = _seconds(f"{between[3]} {between[4]}")
        return bounds
    for field, words in (("min_runtime", _LEAST), ("max_runtime", _MOST)):
        if match := phrase.take(rf"(?:\b|(?<=\s)|^){words}\s*({_DURATION})"):
            bounds[field] = _seconds(match[1])
    return bounds


def _seconds(text: str) -> float:
    total = 0.0
    for amount, unit in re.findall(rf"({_AMOUNT})\s*({_UNIT})", text):
        number = 0.5 if amount.startswith("half") else float(_WORDS.get(amount, amount))
        total += number * _UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]]
    return round(total, 3)
