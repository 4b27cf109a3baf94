"""The words of figures: number words, units, nouns that reports count, and words that make a number rough."""

from __future__ import annotations

__all__ = ["CARDINALS", "FRACTIONS", "MULTIPLES", "NOUNS", "SECONDS", "noun_of_key"]

_ONES = [
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
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

CARDINALS: dict[str, int] = {word: number for number, word in enumerate(_ONES)}
CARDINALS |= {word: 10 * (tens + 2) for tens, word in enumerate(_TENS)}
CARDINALS |= {
    f"{word}{dash}{one}": 10 * (tens + 2) + number
    for tens, word in enumerate(_TENS)
    for number, one in enumerate(_ONES[:10])
    if number
    for dash in "- "
}
CARDINALS["dozen"] = 12

FRACTIONS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "quarter": 1 / 4,
    "quarters": 1 / 4,
    "fifth": 1 / 5,
    "fifths": 1 / 5,
    "tenth": 1 / 10,
    "tenths": 1 / 10,
}
MULTIPLES = {
    "twice": 2.0,
    "double": 2.0,
    "doubled": 2.0,
    "doubles": 2.0,
    "thrice": 3.0,
    "triple": 3.0,
    "tripled": 3.0,
    "triples": 3.0,
    "quadruple": 4.0,
    "quadrupled": 4.0,
}

SECONDS: dict[str, float] = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sekunde", "sekunden"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuten"), 60.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden"), 3600.0),
    **dict.fromkeys(("d", "day", "days", "tag", "tage", "tagen"), 86400.0),
    **dict.fromkeys(("week", "weeks", "woche", "wochen"), 604800.0),
}
"""Seconds of each unit of time, by all of its names."""

NOUNS: dict[str, str] = {
    form: noun
    for noun in [
        "run",
        "model",
        "job",
        "test",
        "source",
        "project",
        "environment",
        "node",
        "step",
        "commit",
        "column",
        "seed",
        "snapshot",
        "exposure",
        "error",
        "warning",
        "row",
    ]
    for form in (noun, f"{noun}s")
}
NOUNS |= {"builds": "run", "executions": "run"}
"""What reports count, by singular and plural."""

_KEYS = (
    ("runs", "run"),
    ("model", "model"),
    ("job", "job"),
    ("test", "test"),
    ("source", "source"),
    ("commits", "commit"),
    ("tested_columns", "column"),
    ("errors", "error"),
    ("warnings", "warning"),
)


def noun_of_key(key: str) -> str:
    """What a column of counts counts, as far as its key says so."""
    return next((noun for start, noun in _KEYS if start in key), "")
