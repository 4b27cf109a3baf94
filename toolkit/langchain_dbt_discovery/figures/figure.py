"""A figure: a number with its unit, as precise as it was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Figure", "Unit"]

Unit = Literal["time", "share", "multiple", "count", "bare", "identifier", "rank", "clock", "money"]
"""`time` is in seconds, `share` and `multiple` are ratios (`12 %` and `1.5×`), `count` has a noun, `bare` nothing;
an `identifier` is text with digits, `rank` an ordinal, `clock` the minutes of `2:05`, which may be a time of day."""

_EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a sentence says it.

    Attributes:
        text: Its words.
        start: Where they begin in the sentence.
        unit: What it counts; see `Unit`.
        low: The least value that is said so, in the unit's base (seconds, ratio).
        high: The greatest value that is said so.
        value: The value itself.
        noun: What is counted, such as `run`, where that is one of the nouns that reports count.
        sign: `+` or `-` where one is written.
        decimal: Whether it was written with a fraction.
    """

    text: str
    start: int
    unit: Unit
    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    noun: str = ""
    sign: str = ""
    decimal: bool = False

    def holds(self, value: float) -> bool:
        """Whether a value would be said so, rounded."""
        if (self.sign == "-" and value > 0) or (self.sign == "+" and value < 0):
            return False
        value = abs(value)
        edge = _EDGE * max(1.0, value)
        return self.low - edge <= value <= self.high + edge
