"""The drawing: what a chart shows, in numbers and words, whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Axis", "Drawing", "Mark", "Tick"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis that is marked, and what stands there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `start` to `end`.

    Attributes:
        label: What is measured.
        start: Its least value: a number, seconds, or seconds since 1970.
        end: Its greatest, which is never the same.
        ticks: The places that are marked, in order.
        timed: Whether its values are moments.
    """

    label: str
    start: float
    end: float
    ticks: tuple[Tick, ...]
    timed: bool = False

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the start, 1 at the end."""
        return (value - self.start) / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn: a bar, a span of time, or a point of a line.

    Attributes:
        series: Which of the series it belongs to, by its place among them.
        name: What it is about, whole.
        text: Its value, in words.
        start: Where it begins: 0 of a bar, the moment a span begins, the place of a point along the line.
        end: Where it ends: the value of a bar, the moment a span ends, the value of a point. None where there is none.
        row: In which row it lies, where there are rows.
    """

    series: int
    name: str
    text: str
    start: float
    end: float | None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a chart shows.

    Attributes:
        kind: Bars in rows, spans of time in rows, or lines.
        title: The report's title.
        finding: The report's answer in a sentence.
        series: What the series are called; one may go without a legend.
        rows: What each row is about, from the top; a line has none.
        marks: All that is drawn.
        values: The scale of the values: from left to right in rows, from below to above of lines.
        along: The scale along which lines go; None where there are rows.
        notes: What a reader should know, such as that not all is drawn.
        basis: Whose numbers these are, of when and how many.
        nothing: What is said where there is nothing to draw.
    """

    kind: Literal["bar", "gantt", "line"]
    title: str
    finding: str
    series: tuple[str, ...]
    rows: tuple[str, ...]
    marks: tuple[Mark, ...]
    values: Axis
    along: Axis | None = None
    notes: tuple[str, ...] = ()
    basis: str = ""
    nothing: str = "There is nothing to draw."

    @property
    def empty(self) -> bool:
        """Whether nothing is there to be drawn."""
        return all(mark.end is None for mark in self.marks)
