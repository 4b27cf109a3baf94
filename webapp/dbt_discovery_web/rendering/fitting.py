"""Which columns of a table have room in a terminal, and how wide each gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_discovery.models.report import Column
from rich.cells import cell_len

from dbt_discovery_web.rendering.words import shortened

__all__ = ["GAP", "Fit", "fit"]

GAP = 2
"""Blanks between two columns."""

_NARROWEST = 16
_WIDEST_NAME = 32
_LINES = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """How a table is shown.

    Attributes:
        widths: The width of each column that is shown, by its place.
        dropped: The columns for which there is no room.
    """

    widths: dict[int, int]
    dropped: tuple[Column, ...]

    def cells(self, row: Sequence[str]) -> list[str]:
        """The cells of a row that are shown, none of more than a few lines."""
        return [shortened(row[place], _LINES * width) for place, width in self.widths.items()]


def fit(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Fit:
    """Chooses columns from the left, where the important ones are, as long as each can be read.

    Numbers, times and addresses are shown whole or not at all, and text is wrapped at a width fit for reading; the room
    that is left goes to the text.
    """
    natural = [_natural(place, column, rows) for place, column in enumerate(columns)]
    least = [_least(column, wanted) for column, wanted in zip(columns, natural, strict=True)]
    words = (cell_len(word) for row in rows for word in row[0].split())
    least[0] = max(least[0], min(natural[0], _WIDEST_NAME, max(words, default=0)))  # the name, best left in one piece
    kept: list[int] = []
    room = width + GAP
    for place, needed in enumerate(least):
        if not kept or needed + GAP <= room:
            kept.append(place)
            room -= needed + GAP
    widths = {place: least[place] for place in kept}
    while room > 0 and (hungry := [place for place in kept if widths[place] < natural[place]]):
        share = max(1, room // len(hungry))
        for place in hungry:
            given = min(share, room, natural[place] - widths[place])
            widths[place] += given
            room -= given
    return Fit(widths, tuple(column for place, column in enumerate(columns) if place not in widths))


def _natural(place: int, column: Column, rows: Sequence[Sequence[str]]) -> int:
    """The width at which no cell is wrapped; a label may be."""
    return max(_label(column), *(cell_len(row[place]) for row in rows))


def _least(column: Column, natural: int) -> int:
    return min(natural, max(_label(column), _NARROWEST)) if column.type == "text" else natural


def _label(column: Column) -> int:
    return max(map(cell_len, column.label.split()), default=0)
