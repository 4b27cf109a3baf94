"""Figures that no report holds but that follow from two of its values: a difference, or a ratio."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.reported import RowEvidence
from langchain_dbt_discovery.figures.value import Value

__all__ = ["follows", "pairs_of_rows"]

_WORDS = re.compile(
    r"\b(?:than|longer|shorter|slower|faster|quicker|more|less|fewer|higher|lower|greater|larger|smaller|earlier|later"
    r"|differen\w+|gap|apart|between|behind|ahead|rose|risen|fell|fallen|grew|grown|grow\w*|drop\w*|declin\w*|shr[aiu]nk"
    r"|increas\w*|decreas\w*|slow(?:ed|s)?|speed\w*|sped|up(?!\s+to\b)|down|compared|versus|vs|chang\w*|regress\w*|improv\w*)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\b(?:of|share|ratio|proportion)\b", re.IGNORECASE)


def follows(figure: Figure, sentence: str, pairs: Iterable[tuple[Value, Value]], *, tied: bool) -> bool:
    """Whether a figure is the difference, the ratio or the change in percent of one of the pairs.

    A share says by itself that it compares if it is one of something; all else needs a word that does, and so does
    what is said of a column, as `tied`.
    """
    of_something = figure.unit == "share" and not tied and _SHARE.search(sentence)
    if not (figure.unit == "multiple" or of_something or compares(sentence)):
        return False
    return any(_says_pair(figure, first, second) for first, second in pairs)


def compares(sentence: str) -> bool:
    """Whether a sentence has a word that compares."""
    return _WORDS.search(sentence) is not None


def pairs_of_rows(
    own: Sequence[RowEvidence], named: Sequence[RowEvidence], *, with_neighbours: bool
) -> Iterator[tuple[Value, Value]]:
    """The pairs of values that a figure may follow from; a pair of any two rows would find nearly every figure.

    Those are two values of a row that the figure belongs to, two in the same column of rows that the sentence names,
    and, where it names but one and compares it, two in the same column of that row and the one above or below.
    """
    for row in own:
        yield from combinations(row.numbers, 2)
    for row, other in combinations(named, 2):
        yield from _alike(row, other)
    if with_neighbours and len(named) == 1:
        (row,) = named
        for other in row.report.rows[max(row.index - 1, 0) : row.index + 2]:
            if other is not row:
                yield from _alike(row, other)


def _alike(row: RowEvidence, other: RowEvidence) -> Iterator[tuple[Value, Value]]:
    of_other = {value.key: value for value in other.numbers}
    for value in row.numbers:
        if value.key in of_other:
            yield value, of_other[value.key]


def _says_pair(figure: Figure, first: Value, second: Value) -> bool:
    if first.kind != second.kind:
        return False
    return any(
        figure.holds(number)
        for one, two in ((first.number, second.number), (first.shown, second.shown))
        for number in _results(figure, first.kind, one, two)
    )


def _results(figure: Figure, kind: str, one: float, two: float) -> Iterator[float]:
    if (figure.unit == "time" and kind == "time") or (figure.unit in ("count", "bare") and kind in ("count", "plain")):
        yield from (one - two, two - one)
    elif figure.unit == "share":
        if kind == "ratio":
            yield from (one - two, two - one)
        for part, whole in ((one, two), (two, one)):
            if whole:
                yield from (part / whole, (part - whole) / whole)
    elif figure.unit == "multiple":
        for part, whole in ((one, two), (two, one)):
            if whole:
                yield part / whole
