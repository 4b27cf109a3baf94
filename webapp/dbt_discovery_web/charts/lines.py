"""Lines: values along time, or along rows as they come. What is not known leaves a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dbt_discovery_web.charts.canvas import Canvas
from dbt_discovery_web.charts.drawing import Axis, Drawing, Mark
from dbt_discovery_web.charts.text import fitted, width_of

__all__ = ["DASHES", "draw_lines"]

DASHES = ("", "6 3", "2 3", "9 3 2 3", "4 2", "12 4")
"""How lines are broken, so that they can be told apart without colours."""

_HEIGHT = 240
_DOTS = 62
"""Points of a line up to which each gets a dot."""


def draw_lines(canvas: Canvas, drawing: Drawing, left: float, right: float, top: float) -> float:
    """Draws lines between two edges; gives where they end."""
    along = drawing.along
    assert along is not None, "lines go along something"
    start = left + max(width_of(tick.label, 11) for tick in drawing.values.ticks) + 8
    end, upper = right - 14, top + (28 if drawing.values.label else 12)
    lower = upper + _HEIGHT
    if drawing.values.label:
        canvas.text(left, top + 10, drawing.values.label, size=11, fill=canvas.palette.soft)
    _levels(canvas, drawing.values, left, start, end, upper, lower)
    _along(canvas, along, start, end, lower)
    for number, name in enumerate(drawing.series):
        points = [mark for mark in drawing.marks if mark.series == number]
        colour, dots = canvas.palette.colour(number, name), len(points) <= _DOTS
        placed = [
            (start + along.place(mark.start) * (end - start), _y(drawing.values, mark, upper, lower), mark)
            for mark in points
        ]
        for stretch in _stretches(placed):
            if len(stretch) > 1:
                dashes = {"stroke_dasharray": DASHES[number]} if DASHES[number] else {}
                path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in stretch)
                canvas.add(
                    "path", d=path, fill="none", stroke=colour, stroke_width=2, stroke_linejoin="round", **dashes
                )
            for x, y, mark in stretch:
                told = f"{mark.name}{f' · {name}' if len(drawing.series) > 1 else ''}: {mark.text}"
                if dots or len(stretch) == 1:
                    canvas.add("circle", told, cx=x, cy=y, r=2.6, fill=colour)
    return lower + 38


def _y(values: Axis, mark: Mark, upper: float, lower: float) -> float | None:
    return None if mark.end is None else lower - values.place(mark.end) * (lower - upper)


def _stretches(placed: Sequence[tuple[float, float | None, Mark]]) -> Iterator[list[tuple[float, float, Mark]]]:
    """The parts of a line without a gap."""
    stretch: list[tuple[float, float, Mark]] = []
    for x, y, mark in placed:
        if y is not None:
            stretch.append((x, y, mark))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _levels(canvas: Canvas, values: Axis, left: float, start: float, end: float, upper: float, lower: float) -> None:
    palette = canvas.palette
    for tick in values.ticks:
        y = lower - values.place(tick.at) * (lower - upper)
        canvas.add("line", x1=start, y1=y, x2=end, y2=y, stroke=palette.axis if tick.at == 0 else palette.line)
        canvas.text(start - 8, y + 4, tick.label, size=11, anchor="end", fill=palette.soft)


def _along(canvas: Canvas, along: Axis, start: float, end: float, lower: float) -> None:
    palette, beyond = canvas.palette, 0.0
    room = (end - start) / max(1, len(along.ticks)) * 0.95
    for tick in along.ticks:
        x = start + along.place(tick.at) * (end - start)
        shown = fitted(tick.label, 11, max(room, 40))
        half = width_of(shown, 11) / 2
        canvas.add("line", x1=x, y1=lower, x2=x, y2=lower + 4, stroke=palette.axis)
        if x - half > beyond and x + half < canvas.width:
            canvas.text(x, lower + 17, shown, size=11, anchor="middle", fill=palette.soft)
            beyond = x + half + 6
    canvas.text((start + end) / 2, lower + 33, along.label, size=11, anchor="middle", fill=palette.soft)
