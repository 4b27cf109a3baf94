"""The legend: what the series of a drawing are called."""

from __future__ import annotations

from dbt_discovery_web.charts.canvas import SIZE, Canvas
from dbt_discovery_web.charts.drawing import Drawing
from dbt_discovery_web.charts.lines import DASHES
from dbt_discovery_web.charts.text import width_of

__all__ = ["draw_legend"]

_KEY = 14
"""How long the sample of a series is."""
_WIDEST = 200


def draw_legend(canvas: Canvas, drawing: Drawing, left: float, y: float) -> float:
    """Draws the legend where there is more than one series; gives where it ends."""
    if len(drawing.series) < 2 or drawing.empty or _named_by_rows(drawing):
        return y
    x = left
    y += 14
    for number, name in enumerate(drawing.series):
        room = _KEY + 7 + min(width_of(name, SIZE), _WIDEST) + 18
        if x + room > canvas.width and x > left:
            x, y = left, y + 18
        _sample(canvas, drawing, number, x, y - 4)
        canvas.fitted_text(x + _KEY + 7, y, name, _WIDEST, fill=canvas.palette.soft)
        x += room
    return y + 8


def _named_by_rows(drawing: Drawing) -> bool:
    """Whether each row is a series of its own, whose name stands before it already."""
    return drawing.series == drawing.rows


def _sample(canvas: Canvas, drawing: Drawing, number: int, x: float, y: float) -> None:
    colour = canvas.palette.colour(number, drawing.series[number])
    if drawing.kind == "line":
        dashes = {"stroke_dasharray": DASHES[number]} if DASHES[number] else {}
        canvas.add("line", x1=x, y1=y, x2=x + _KEY, y2=y, stroke=colour, stroke_width=2, **dashes)
    else:
        canvas.add("rect", x=x, y=y - 5, width=_KEY, height=10, rx=2, fill=colour)
