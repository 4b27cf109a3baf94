"""Rows: bars, or spans of time, each behind its name."""

from __future__ import annotations

from dbt_discovery_web.charts.canvas import SIZE, Canvas
from dbt_discovery_web.charts.drawing import Drawing, Mark
from dbt_discovery_web.charts.text import width_of

__all__ = ["draw_rows"]

_WIDEST_NAME = 250
_GAP = 8
_LEAST = 1.5
"""How wide a bar is at least whose value is not 0: it shall be seen."""


def draw_rows(canvas: Canvas, drawing: Drawing, left: float, right: float, top: float) -> float:
    """Draws what is in rows between two edges; gives where it ends."""
    names = max(min(width_of(name, SIZE), _WIDEST_NAME) for name in drawing.rows)
    values = max(width_of(mark.text, SIZE) for mark in drawing.marks)
    negative = any(mark.end is not None and mark.end < mark.start for mark in drawing.marks)
    start = left + names + _GAP + (values + _GAP if negative else 0)
    end = right - (values + _GAP if drawing.kind == "bar" else 0)
    side_by_side = _most_in_a_row(drawing)
    step = max(22.0 if len(drawing.rows) > 12 else 26.0, 15.0 * side_by_side + 8)
    bottom = top + 22 + step * len(drawing.rows)
    _grid(canvas, drawing, start, end, top + 22, bottom)
    first = top + 22
    for at, name in enumerate(drawing.rows):
        canvas.fitted_text(left + names, first + step * (at + 0.5) + 4, name, names + 1, anchor="end")
    taken = dict.fromkeys(range(len(drawing.rows)), 0)
    for mark in drawing.marks:
        height = (step - 8) / side_by_side
        y = first + step * mark.row + 4 + height * taken[mark.row] + (1 if side_by_side > 1 else 0)
        if side_by_side > 1:
            taken[mark.row] += 1
            height -= 2
        _mark(canvas, drawing, mark, start, end, y, height)
    return bottom + 8


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
            canvas.text(x, bottom + 15, tick.label, size=11, anchor="middle", fill=palette.soft)
            beyond = x + half + 6


def _mark(canvas: Canvas, drawing: Drawing, mark: Mark, start: float, end: float, y: float, height: float) -> None:
    axis, palette = drawing.values, canvas.palette
    baseline = y + height / 2 + 4
    if mark.end is None:
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
        fill=palette.series[mark.series],
    )
    room = width_of(mark.text, SIZE) + 6
    if b < a or (drawing.kind == "gantt" and x + width + room > canvas.width - 8):
        canvas.text(x - 6, baseline, mark.text, anchor="end", fill=palette.ink)
    else:
        canvas.text(x + width + 6, baseline, mark.text, fill=palette.ink)
