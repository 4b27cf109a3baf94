"""A number as people write it, and which values are said so."""

from __future__ import annotations

import re

__all__ = ["NUMBER", "last_place", "reach", "width", "written"]

NUMBER = (
    r"\d{1,3}(?:[,\u00a0\u202f\u2009'’]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}(?![\d,])"
    r"|\d+(?:\.\d+)?|\.\d+"
)
"""Every way to write a number with digits."""
_NOT_MORE = frozenset(
    ("almost", "nearly", "just under", "under", "less than", "fewer than", "below", "close to", "up to", "<", "≤")
)
_NOT_LESS = frozenset(("just over", "over", "more than", "above", "well over", "at least", ">", "≥"))
_WIDEST = 0.05


def written(text: str) -> float:
    """The value of a number as people write it: `1,234.5`, `1.234,5`, `4,2` and `1 234` are understood."""
    text = re.sub(r"[\u00a0\u202f\u2009 '’]", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}", text):
        return float(text.replace(".", "").replace(",", "."))
    return float(text)


def last_place(number: str) -> float:
    """The value of one in a number's last place."""
    found = re.search(r"\.(\d+)$", number) or (None if re.search(r",\d{3}", number) else re.search(r",(\d+)$", number))
    return float(10.0 ** -len(found[1])) if found else 1.0


def width(value: float, step: float, rough: str) -> float:
    """How wide the values reach that are said so: as far as rounding, and for a rough number to its noughts."""
    if rough and rough not in "<>≥≤" and value:
        tens = step
        while tens * 10 <= value and abs(value / (tens * 10) - round(value / (tens * 10))) < 1e-9:
            tens *= 10
        return max(step, min(tens, 2 * _WIDEST * value))
    return step


def reach(value: float, width: float, rough: str) -> tuple[float, float]:
    """The least and the greatest value that are said so: on both sides, or on one for `almost` and `more than`."""
    if rough in _NOT_MORE:
        return value - width, value
    if rough in _NOT_LESS:
        return value, value + width
    return value - width / 2, value + width / 2
