"""A value that reports hold, and whether a figure says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.reading import figures_in, plain
from langchain_dbt_discovery.figures.words import noun_of_key

__all__ = ["Kind", "Value", "says", "values_of_row", "values_of_text"]

Kind = Literal["time", "ratio", "count", "plain", "money"]

_KINDS: Mapping[str, Kind] = {
    "time": "time",
    "clock": "time",
    "share": "ratio",
    "multiple": "ratio",
    "count": "count",
    "bare": "count",
    "money": "money",
}
_SAID_OF: Mapping[str, frozenset[str]] = {
    "time": frozenset({"time", "clock"}),
    "ratio": frozenset({"share", "multiple"}),
    "count": frozenset({"count", "bare"}),
    "plain": frozenset({"count", "bare", "multiple"}),
    "money": frozenset({"money"}),
}
"""How each kind of value is said: a count is never said as a duration, nor the other way round."""
_GROUPED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
"""1,234 as it is written in German; it is read as a decimal number where no count is meant."""
_LONGEST = 2000


class Value(NamedTuple):
    """A number of a report.

    Attributes:
        number: The number, in seconds or as a ratio where it is one.
        kind: What it is.
        key: The column it stands in; empty outside of the rows.
        noun: What is counted, where that is known.
        shown: The number as people and models are shown it.
    """

    number: float
    kind: Kind
    key: str = ""
    noun: str = ""
    shown: float = 0.0


def says(figure: Figure, value: Value) -> bool:
    """Whether a figure says a value, in a unit that fits, and rounded no further than it is said."""
    number, kind, _, noun, shown = value
    if figure.unit not in _SAID_OF[kind]:
        return kind == "ratio" and figure.unit == "bare" and figure.decimal and figure.holds(number)
    if figure.unit == "clock":
        return any(abs(figure.value * size - number) <= size / 2 for size in (1, 60))
    if noun and figure.noun and noun != figure.noun:
        return False
    if (
        kind in ("count", "plain")
        and _GROUPED.fullmatch(figure.text)
        and abs(number) == float(figure.text.replace(".", ""))
    ):
        return True
    return figure.holds(number) or figure.holds(shown)


def values_of_row(row: Mapping[str, Any], columns: Mapping[str, Kind]) -> Iterator[Value]:
    """The numbers of a row, by the kinds of its columns."""
    for key, kind in columns.items():
        number = row.get(key)
        if isinstance(number, int | float) and not isinstance(number, bool):
            noun = noun_of_key(key) if kind == "count" else ""
            yield Value(float(number), kind, key, noun, _shown(float(number), kind))


def values_of_text(text: str, key: str = "") -> Iterator[Value]:
    """The numbers that a text tells."""
    for figure in figures_in(plain(text[:_LONGEST])):
        if figure.unit in _KINDS:
            number = -figure.value if figure.sign == "-" else figure.value
            yield Value(number, _KINDS[figure.unit], key, figure.noun, number)


def _shown(number: float, kind: Kind) -> float:
    """A number rounded as reports show it: see `dbt_discovery.words.duration`."""
    if kind == "ratio":
        return round(number, 3)
    if kind != "time":
        return round(number, 2)
    size = abs(number)
    if size < 59.95:
        return round(number, 2 if size < 1 else 1)
    return (
        float(round(number))
        if size < 3600
        else round(number / 60) * 60.0
        if size < 86400
        else round(number / 3600) * 3600.0
    )
