"""Numbers as people write them: counts, durations, `top 5`, `over 4 minutes`, `last 3 runs`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = [
    "ALLOWED",
    "NUMBER",
    "ORDINALS",
    "VAGUE",
    "read_limit",
    "read_run_count",
    "read_runtime_bounds",
    "read_times",
    "whole",
]

_COUNTED = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty
"""
_WORDS = {word: number for number, word in enumerate(_COUNTED.split())} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "couple of": 2,
    "a couple of": 2,
    "few": 3,
    "a few": 3,
    "several": 3,
    "dozen": 12,
    "a dozen": 12,
    "thirty": 30,
    "fifty": 50,
}
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
"""Places in a list; -1 is the last."""

VAGUE = r"\b(?:few|several)\b"
"""Numbers of which a reader should know how they were taken."""

_NAMES = "|".join(sorted(_WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d+|{_NAMES})"
_AMOUNT = rf"(?:\d+(?:\.\d+)?|{_NAMES})"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_UNIT = r"(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?)\b"
_DURATION = rf"{_AMOUNT}\s*{_UNIT}(?:\s*(?:and\s+)?{_AMOUNT}\s*{_UNIT}){{0,3}}"
_SUPERLATIVE = r"(?:slowest|longest(?: running)?|worst|heaviest|biggest|most expensive)"

_LEAST = (
    r"(?:>=?|(?<!no )(?<!not )(?:slower|longer|more|greater|higher|bigger|worse) than|(?<!not )over|above|at least"
    r"|exceed(?:s|ed|ing)?|beyond|no(?:t)? (?:less|faster|shorter|quicker) than|upwards of|(?:a )?minimum of)"
)
_MOST = (
    r"(?:<=?|(?<!no )(?<!not )(?:faster|shorter|less|quicker|lower|smaller) than|under|below|at most|within|up to"
    r"|no(?:t)? (?:more|longer|slower|higher|bigger|worse) than|not over|(?:a )?maximum of)"
)
_OR_MORE = r"(?:(?:or|and) (?:more|longer|slower|over|above|up|upwards?)|plus|at (?:least|minimum))"
_OR_LESS = r"(?:(?:or|and) (?:less|under|below|faster|shorter|quicker)|at (?:most|maximum)|tops)"

_HALVES = {"day": "12 hours", "hour": "30 minutes", "minute": "30 seconds"}
_PLAIN: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (rf"\b({NUMBER}) and (?:a )?half (day|hour|minute)s?\b", lambda m: f"{m[1]} {m[2]}s and {_HALVES[m[2]]}"),
    (rf"\b({NUMBER}) (day|hour|minute)s? and (?:a )?half\b", lambda m: f"{m[1]} {m[2]}s and {_HALVES[m[2]]}"),
    (r"\b(?:a )?half (?:of )?(?:an? )?(day|hour|minute)\b", lambda m: _HALVES[m[1]]),
    (r"\bthree quarters of an hour\b", lambda m: "45 minutes"),
    (r"\b(?:a )?quarter (?:of )?(?:an )?hour\b", lambda m: "15 minutes"),
    (rf"(?<![\w.])({_AMOUNT})\s*\+\s*({_UNIT})", lambda m: f"at least {m[1]} {m[2]}"),
)
"""Durations said otherwise, and how they are said plainly."""

ALLOWED = r"(?:budgets?|slas?|slos?|(?:time )?limits?|targets?|goals?|thresholds?|allowances?|windows?|deadlines?)"
_KEPT = r"(?:within|inside|under|below|met|meets?|keep|keeps|kept|stay\w*|hold|holds|held|fit|fits|hit)"
_BUDGET = (
    rf"\b{ALLOWED}\b(?: (?:for|per|on) (?:an? |the |each |every |one )?\w+)?(?: (?:is|of|was|at|to|being|,|:|=))*"
    rf" (?P<amount>{_DURATION})"
)
_OVER = (
    r"\b(?:break|breaks|broke|broken|miss|misses|missed|missing|exceed|exceeds|exceeded|bust|busts|busted|blow"
    r"|blows|blew"
    r"|blown|violate|violates|violated|breach|breaches|breached|overr[ua]n|overruns|over|above|beyond|outside)"
    r"(?: (?:through|past))?(?: (?:it|that|this|them))?\b"
)
"""A runtime that is allowed, and words for more than that: `which jobs break our budget of 45 minutes`."""

_LIMITS = (
    rf"\b(?:top|first|worst|bottom|\w{{3,}}(?<!lat)(?<!old)est) ?({NUMBER})\b(?! (?:days?|weeks?|hours?|months?))",
    rf"\b((?!an? ){NUMBER})(?= (?:\w+ )?(?:{_SUPERLATIVE}|\w{{3,}}(?<!\blat)est|least \w+)\b)",
    rf"\blimit(?: of| to)? ({NUMBER})\b",
    rf"\b(?:show|give|list|name)(?: me)?(?: the| just| only)? ((?!an? ){NUMBER})\b",
    rf"^(?:only |just )(?:the )?({NUMBER})(?: of them)?$",
    rf"\b(?:but|and|,) (?:only|just) (?:the )?(?:first )?({NUMBER})(?: of them| please)?$",
    rf"\b(?<!than )(?<!least )(?<!most )((?!an? |one )\b{NUMBER})"
    r"(?= (?:(?:\w+|\|) )?(?:jobs|models|runs|tests|sources|tables|views|failures)\b)",
)
_ONE = (
    rf"(?<!by )(?<!their )(?<!its )\b{_SUPERLATIVE}(?: (?!of|in|for|models|jobs)\w+){{0,2}}"
    r" (?:model|job|run|table|pipeline)\b(?! runs?\b)"
)
_LAST = (
    r"\b(?:last|latest|most recent|newest) (?:failure|error)\b|^(?:only|just) the (?:first|top|worst|slowest|longest)$"
)
_MORE = (
    r"^(?:(?:and|ok|please|show|give|list|see|tell|me|us|some|now) )*(?:more|all|everything|the rest|the others"
    r"|all of (?:them|it)|them all|(?:the )?(?:full|whole|complete) list|all rows)(?: of (?:them|those))?(?: please)?$"
)
_ALL = r"\b(?:all|every)(?: (?:of )?(?:the |my |our )?)(?=\w*\s?(?:models|jobs|tables|views|failures|them))"


def whole(text: str) -> int:
    """A count in digits or words."""
    return int(text) if text.isdigit() else _WORDS[text]


def read_limit(phrase: Phrase, most: int) -> int | None:
    """How many rows are asked for: `top 5`, `five slowest`, `the longest job`, `all jobs`."""
    for pattern in _LIMITS:
        if match := phrase.take(pattern):
            return max(1, min(whole(match[1]), most))
    if phrase.take(_MORE):
        return most
    if phrase.has(_ONE) or phrase.has(_LAST):
        return 1
    return most if phrase.take(_ALL) else None


def read_run_count(phrase: Phrase) -> int | None:
    """How many runs are to be looked at: `last 3 runs`, `over the latest ten builds`, `last run`."""
    match = phrase.take(
        rf"\b(?:over |in |of |across )?(?:the |its |their )?(?:last|latest|past|previous|most recent) "
        rf"(?:({NUMBER}) (?:\w+ )?(?:runs?|builds?|executions?)|(?:\w+ )?(?:run|build|execution))\b"
    )
    match = match or phrase.take(
        rf"\b(?:over|across|averaged over|out of) (?:the )?({NUMBER}) (?:runs|builds|executions)\b"
    )
    if not match:
        return None
    return whole(match[1]) if match[1] else 1


def read_times(phrase: Phrase) -> str:
    """How often something has to have happened, in words: `at least 3 times`, `more than twice`; empty if none."""
    match = phrase.take(
        rf"\b(?:at least |more than |over |minimum )?(?:{NUMBER} (?:or more )?times|once|twice)(?: or more)?\b"
    )
    return match[0] if match else ""


def read_runtime_bounds(phrase: Phrase) -> dict[str, Any]:
    """The runtimes asked for, in seconds: `over 4 minutes`, `between 1 and 5 min`, `half an hour or more`."""
    for pattern, plain in _PLAIN:
        phrase.text = re.sub(pattern, plain, phrase.text)
    bounds = _read_budget(phrase)
    if bounds:
        return bounds
    between = phrase.take(rf"\b(?:between|from) ({_AMOUNT})\s*({_UNIT})? (?:and|to) ({_AMOUNT})\s*({_UNIT})")
    if between:
        bounds["min_runtime"] = _seconds(f"{between[1]} {between[2] or between[4]}")
        bounds["max_runtime"] = _seconds(f"{between[3]} {between[4]}")
        return bounds
    for field, before, after in (("min_runtime", _LEAST, _OR_MORE), ("max_runtime", _MOST, _OR_LESS)):
        match = phrase.take(rf"(?:\b|(?<=\s)|^){before}\s*({_DURATION})")
        match = match or phrase.take(rf"(?<![\w.])({_DURATION}) ?{after}\b")
        if match:
            bounds[field] = _seconds(match[1])
    return bounds


def _read_budget(phrase: Phrase) -> dict[str, Any]:
    """The bound that a budget sets: at least that much, or at most where runs are asked for that keep to it."""
    phrase.text = re.sub(rf"({_DURATION}) ({ALLOWED})\b", r"\2 of \1", phrase.text)
    match = re.search(_BUDGET, phrase.text)
    if match is None:
        return {}
    around = f"{phrase.text[: match.start()]} | {phrase.text[match.end() :]}"
    kept = re.search(rf"\b{_KEPT}\b", around) and not re.search(_OVER, around)
    phrase.text = re.sub(rf"{_OVER}|\b{_KEPT}(?: (?:it|that|this))?\b", "|", phrase.text)
    phrase.take(rf"\b{ALLOWED}\b.*?{re.escape(match['amount'])}")
    return {"max_runtime" if kept else "min_runtime": _seconds(match["amount"])}


def _seconds(text: str) -> float:
    total = 0.0
    for amount, unit in re.findall(rf"({_AMOUNT})\s*({_UNIT})", text):
        total += float(_WORDS.get(amount, amount)) * _UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]]
    return round(total, 3)
