"""A table of markdown, line by line: its head tells the units of the bare numbers below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from langchain_dbt_discovery.figures.figure import Figure

__all__ = ["Table"]

_RULE = re.compile(r"[\s|:+-]+")
_UNIT = re.compile(
    r"[(\[,]\s*(?:in\s+)?(s|sec|seconds|m|min|mins|minutes|h|hours|ms|days|d|%)\s*[)\]]?\s*$"
    r"|\bin\s+(seconds|minutes|hours|days|s|min|h|%|percent)\b|(%)|\b(seconds|minutes|hours|percent)\b",
    re.IGNORECASE,
)
_SIZES = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NUMBERING = ("#", "no", "no.", "nr", "rank", "")


class Table:
    """Reads the lines of an answer one after the other and knows which of them are rows of a table."""

    @dataclass(frozen=True)
    class Line:
        """A row below a head.

        Attributes:
            heads: The cells of the head.
            bars: Where the bars between the row's cells stand.
            number: Which row below the head it is, from 1.
        """

        heads: tuple[str, ...]
        bars: tuple[int, ...]
        number: int

        def head_of(self, figure: Figure) -> str:
            """What stands above a figure."""
            cell = sum(bar <= figure.start for bar in self.bars) - 1
            return self.heads[cell] if 0 <= cell < len(self.heads) else ""

        def read(self, figure: Figure) -> Figure:
            """The figure in the unit that stands above it, if it has none itself."""
            found = _UNIT.search(self.head_of(figure)) if figure.unit == "bare" else None
            if not found:
                return figure
            unit = next(group for group in found.groups() if group).lower()
            if unit in ("%", "percent"):
                return _scaled(figure, "share", 0.01)
            return _scaled(figure, "time", 0.001 if unit == "ms" else _SIZES[unit[0]])

        def numbers(self, figure: Figure) -> bool:
            """Whether a figure only numbers the rows."""
            return (
                figure.unit == "bare"
                and figure.value == self.number
                and self.head_of(figure).lower() in _NUMBERING
                and sum(bar <= figure.start for bar in self.bars) == 1
            )

    def __init__(self) -> None:
        self._heads: tuple[str, ...] = ()
        self._number = 0

    def line(self, text: str) -> Line | None:
        """The row that a sentence is; None if it is none, or the table's head."""
        row = text.strip()
        if "|" not in row:
            self._heads = ()
            return None
        led = row.startswith("|")
        if not self._heads:
            self._heads = tuple(cell.strip() for cell in row.strip("|").split("|"))
            self._number = 0
            return None
        if _RULE.fullmatch(row):
            return None
        self._number += 1
        bars = tuple(index for index, char in enumerate(text) if char == "|")
        return Table.Line(self._heads, bars if led else (0, *bars), self._number)


def _scaled(figure: Figure, unit: str, size: float) -> Figure:
    step = 10.0 ** -len(figure.text.partition(".")[2]) if figure.decimal else 1.0
    value = figure.value * size
    return replace(figure, unit=unit, value=value, low=value - size * step / 2, high=value + size * step / 2)  # type: ignore[arg-type]
