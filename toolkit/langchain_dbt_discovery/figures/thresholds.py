"""Figures that a question sets as a mark: they may be said again as one, but not as if a report had found them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from langchain_dbt_discovery.figures.figure import Figure
from langchain_dbt_discovery.figures.reported import RowEvidence

__all__ = ["holds_against", "is_threshold"]

_REACH = 60
"""Characters before a figure that may make a mark of it."""
_THRESHOLD = re.compile(
    r"(?:\b(?:top|first|last|limit|limited to|than|over|above|below|under|least|most|within|past|next|latest|previous"
    r"|prior|longest|slowest|worst|newest|not|instead of|exceed\w*|threshold|limit of|by"
    r"|minimum|maximum|recent|every)\b|n['’]t\b|[<>≥≤~≈])"
    r"[\s(:]*(?:the\s+)?$",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"(?:\b(?:(?P<more>(?:longer|slower|more|greater|higher|larger|later|older) than|over|above|exceed\w*|at least)"
    r"|(?P<less>(?:shorter|faster|quicker|less|fewer|lower|smaller) than|below|under|at most))"
    r"|(?P<sign>[<>≥≤]))[\s(]*$",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not?|none|never|neither|nor|nothing|without|cannot|kein\w*|nicht)\b|n['’]t\b", re.IGNORECASE
)


def is_threshold(text: str, figure: Figure) -> bool:
    """Whether the words before a figure make a mark of it, such as `longer than`, `top` or `the last`."""
    return _THRESHOLD.search(text, max(0, figure.start - _REACH), figure.start) is not None


def holds_against(text: str, figure: Figure, rows: Iterable[RowEvidence]) -> bool:
    """Whether rows may lie beyond a figure where a sentence says so: one of their values of the kind does.

    Nothing is held against a sentence that denies something.
    """
    beyond = _BEYOND.search(text, max(0, figure.start - _REACH), figure.start)
    if not beyond or figure.unit not in ("time", "share") or _NEGATED.search(text):
        return True
    more = bool(beyond["more"]) or beyond["sign"] in (">", "≥")
    kind = "time" if figure.unit == "time" else "ratio"
    values = [abs(value.number) for row in rows for value in (*row.numbers, *row.told) if value.kind == kind]
    return not values or any(value >= figure.low if more else value <= figure.high for value in values)
