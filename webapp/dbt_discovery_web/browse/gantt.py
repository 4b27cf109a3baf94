"""The Gantt: stretches of time as bars in lanes, placed in parts of the width so that text never shrinks with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "Gantt", "Mark", "Stretch", "packed"]

_LANE = 22
"""The height of a lane, in pixels."""
_LEAST = 0.25
"""The least width that can be seen, in percent."""
_NAMED = 7.0
"""The least width, in percent, of a bar that has room for some of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What takes from `start` to `end`, in seconds of one clock.

    Attributes:
        start: When it begins.
        end: When it ends.
        name: What it is.
        told: What is said of it where a pointer rests.
        status: How it came out, as a class.
        page: Where it leads.
        marked: Whether it stands out.
    """

    start: float
    end: float
    name: str
    told: str
    status: str
    page: str = ""
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch, and where it is drawn: percent of the width, pixels of the height."""

    stretch: Stretch
    x: str
    y: int
    width: str
    named: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A place along the time: its percent of the width, and what stands there."""

    x: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Gantt:
    """Bars in lanes.

    Attributes:
        label: What it shows, in a sentence for who does not see it.
        bars: All that is drawn.
        marks: The places along the time.
        lanes: What each lane is called; names without text are not written.
        lane: The height of a lane.
    """

    label: str
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[str, ...]
    lane: int = _LANE

    @property
    def marked(self) -> bool:
        """Whether some of the bars stand out."""
        return any(bar.stretch.marked for bar in self.bars)

    @property
    def height(self) -> int:
        """The height of all lanes."""
        return len(self.lanes) * _LANE

    @classmethod
    def of(
        cls,
        label: str,
        lanes: Sequence[tuple[str, Sequence[Stretch]]],
        start: float,
        end: float,
        marks: Sequence[tuple[float, str]],
    ) -> Gantt:
        """The Gantt of lanes with their stretches, from one moment to another."""
        whole = max(end - start, 1e-9)

        def place(moment: float) -> float:
            return min(max((moment - start) / whole * 100, 0.0), 100.0)

        bars = [
            _bar(each, place(each.start), place(each.end), lane) for lane, (_, row) in enumerate(lanes) for each in row
        ]
        return cls(
            label,
            tuple(bars),
            tuple(_mark(place(moment), words) for moment, words in marks),
            tuple(name for name, _ in lanes),
        )


def packed(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    """Stretches in as few lanes as hold them side by side: at most as many as ran at the same time."""
    lanes: list[list[Stretch]] = []
    for each in sorted(stretches, key=lambda stretch: (stretch.start, -stretch.end)):
        free = next((lane for lane in lanes if lane[-1].end <= each.start), None)
        if free is None:
            lanes.append([each])
        else:
            free.append(each)
    return lanes


def _bar(stretch: Stretch, start: float, end: float, lane: int) -> Bar:
    width = max(end - start, _LEAST)
    return Bar(stretch, f"{min(start, 100 - width):.3f}%", lane * _LANE + 2, f"{width:.3f}%", named=width >= _NAMED)


def _mark(place: float, label: str) -> Mark:
    return Mark(f"{place:.3f}%", label, "start" if place < 2 else "end" if place > 98 else "middle")
