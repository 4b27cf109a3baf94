"""Sentences that sum up: their figures are those of a whole report, and none of one of its rows."""

from __future__ import annotations

import re

__all__ = ["sums_up"]

_ALL = re.compile(
    r"\b(?:in total|altogether|combined|together|overall|in all|in sum|insgesamt|zusammen|a total of"
    r"|(?:across|over) all"
    r"|all (?:of )?(?:the |them|these |those )?(?:\w+ )?(?:jobs|models|runs|tests|sources|projects))\b",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:\w+est|most|least|top|peak|maximum|minimum|range\w*|between|from|var(?:y|ies|ied)|up to|of all|at all"
    r"|one|row|each|first|second|third|last|next)\b",
    re.IGNORECASE,
)


def sums_up(text: str) -> bool:
    """Whether a sentence speaks of everything together, and picks nothing out of it."""
    return _ALL.search(text) is not None and not _ONE.search(text)
