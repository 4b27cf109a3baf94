"""Rows: bars, or spans of time, each behind its name."""

from __future__ import annotations

from typing import Literal

from dbt_discovery_web.charts.canvas import SIZE, Canvas
from dbt_discovery_web.charts.drawing import Drawing, Mark
from dbt_discovery_web.charts.text import width_of

__all__ = ["draw_rows"]

_WIDEST_NAME = 250
_GAP = 8
_NARROW = 480
_BAD = "failure"
"""The state that stands out of its lane, so that it is seen without its colour too."""
_LEAST = 1.5
"""How wide a bar is at least whose value is not 0: it shall be seen."""


def draw_rows(canvas: Canvas, drawing: Drawing, left: float, right: float, top: float) -> float:
    """Draws what is in rows between two edges; gives where it ends.

    A narrow canvas has no room beside the bars: names stand above them, and values at the end of that line.
    """
    narrow, alone = canvas.width < _NARROW, _most_in_a_row(drawing) == 1
    side_by_side = _most_in_a_row(drawing) if drawing.kind == "bar" else 1
    names = 0.0 if narrow else max(min(width_of(name, SIZE), _WIDEST_NAME) for name in drawing.rows)
    values = 0.0 if narrow and alone else max(width_of(mark.text, SIZE) for mark in drawing.marks) + _GAP
    negative = any(mark.end is not None and mark.end < mark.start for mark in drawing.marks)
    start = left + (names + _GAP if names else 0) + (values if negative else 0)
    end = right - (values if drawing.kind == "bar" else 0)
    above = 17.0 if narrow else 0.0
    step = above + max(22.0 if len(drawing.rows) > 12 or narrow else 26.0, 15.0 * side_by_side + 8)
    first = top + 22
    _grid(canvas, drawing, start, end, first, first + step * len(drawing.rows))
    told = dict.fromkeys(range(len(drawing.rows)), "")
    if narrow and alone:
        told |= {mark.row: mark.text for mark in drawing.marks}
    for at, name in enumerate(drawing.rows):
        y = first + step * at
        if not narrow:
            canvas.fitted_text(left + names, y + step / 2 + 4, name, names + 1, anchor="end")
            continue
        canvas.fitted_text(left, y + 14, name, right - left - (width_of(told[at], SIZE) + _GAP if told[at] else 0))
        if told[at]:
            canvas.text(right, y + 14, told[at], anchor="end", fill=canvas.palette.soft)
    taken = dict.fromkeys(range(len(drawing.rows)), 0)
    for mark in drawing.marks:
        height = (step - above - 8) / side_by_side
        y = first + step * mark.row + above + 4 + height * taken[mark.row] + (1 if side_by_side > 1 else 0)
        if side_by_side > 1:
            taken[mark.row] += 1
            height -= 2
        worded = alone and not narrow if drawing.kind == "gantt" else not told[mark.row]
        if not alone and drawing.series[mark.series] == _BAD:
            y, height = y - 3, height + 6
        _mark(canvas, drawing, mark, start, end, y, height, worded=worded)
    return first + step * len(drawing.rows) + 8


def _most_in_a_row(drawing: Drawing) -> int:
    """How many marks lie in one row."""
    rows = [mark.row for mark in drawing.marks]
    return max(map(rows.count, range(len(drawing.rows))), default=1)


def _grid(canvas: Canvas, drawing: Drawing, start: float, end: float, top: float, bottom: float) -> None:
    axis, palette = drawing.values, canvas.palette
    canvas.text(start, top - 12, axis.label, size=11, fill=palette.soft)
    beyond = start - 1.0
    for tick in axis.ticks:
        x = start + axis.place(tick.at) * (end - start)
        base = drawing.kind == "bar" and tick.at == 0
        canvas.add("line", x1=x, y1=top, x2=x, y2=bottom, stroke=palette.axis if base else palette.line)
        half = width_of(tick.label, 11) / 2
        if tick is axis.ticks[0] or (x - half > beyond and x + half < canvas.width):
            anchor: Literal["start", "middle"] = "middle" if x >= half else "start"
            canvas.text(x, bottom + 15, tick.label, size=11, anchor=anchor, fill=palette.soft)
            beyond = x + half + 6


def _mark(
    canvas: Canvas, drawing: Drawing, mark: Mark, start: float, end: float, y: float, height: float, *, worded: bool
) -> None:
    """Draws one bar or span; `worded`, with its value beside it."""
    axis, palette = drawing.values, canvas.palette
    baseline = y + height / 2 + 4
    if mark.end is None:
        if worded:
            canvas.text(start + 4, baseline, "–", fill=palette.soft)
        return
    a, b = (start + axis.place(value) * (end - start) for value in (mark.start, mark.end))
    width = max(abs(b - a), _LEAST if mark.end != mark.start else 0)
    several = len(drawing.series) > 1
    series = f" · {drawing.series[mark.series]}" if several else ""
    x = min(a, b)
    canvas.add(
        "rect",
        f"{mark.name}{series}: {mark.text}",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=min(2, height / 2),
        fill=palette.colour(mark.series, drawing.series[mark.series]),
    )
    if not worded:
        return
    room = width_of(mark.text, SIZE) + 6
    if b < a or (drawing.kind == "gantt" and x + width + room > canvas.width - 8):
        canvas.text(x - 6, baseline, mark.text, anchor="end", fill=palette.ink)
    else:
        canvas.text(x + width + 6, baseline, mark.text, fill=palette.ink)
