"""SVG: a drawing as a picture that stands by itself.

It holds presentation attributes and text alone, no script, style, class or reference, so that it looks the same as an
`<img>`, as a file and inside a page with a strict Content-Security-Policy. It brings its own ground with it: neither of
the two themes depends on what lies behind. Everything that is shortened is there whole in a `<title>`.
"""

from __future__ import annotations

import zlib
from xml.etree.ElementTree import tostring

from dbt_discovery_web.charts.canvas import FONT, SIZE, Canvas
from dbt_discovery_web.charts.drawing import Drawing
from dbt_discovery_web.charts.legend import draw_legend
from dbt_discovery_web.charts.lines import draw_lines
from dbt_discovery_web.charts.rows import draw_rows
from dbt_discovery_web.charts.text import wrapped
from dbt_discovery_web.charts.themes import THEMES, Theme

__all__ = ["draw_svg"]

_WIDTH = 760
_EDGE = 20


def draw_svg(drawing: Drawing, theme: Theme = "light") -> str:
    """The drawing as an SVG document."""
    canvas = Canvas(THEMES[theme], _WIDTH)
    y = _head(canvas, drawing)
    if drawing.empty:
        y += 30
        canvas.text(_WIDTH / 2, y, drawing.nothing, anchor="middle", fill=canvas.palette.soft)
        y += 30
    elif drawing.kind == "line":
        y = draw_lines(canvas, drawing, _EDGE, _WIDTH - _EDGE, y)
    else:
        y = draw_rows(canvas, drawing, _EDGE, _WIDTH - _EDGE, y)
    return _document(canvas, drawing, _foot(canvas, drawing, y))


def _head(canvas: Canvas, drawing: Drawing) -> float:
    """Title, finding and legend; gives where they end."""
    y: float = _EDGE + 14
    canvas.text(_EDGE, y, drawing.title, size=15, weight="600")
    for line in wrapped(drawing.finding, 13, _WIDTH - 2 * _EDGE, 3):
        y += 19
        canvas.text(_EDGE, y, line, size=13, fill=canvas.palette.soft)
    y += 14
    return draw_legend(canvas, drawing, _EDGE, y)


def _foot(canvas: Canvas, drawing: Drawing, y: float) -> float:
    y += 14
    for line in (*drawing.notes, drawing.basis):
        for part in wrapped(line, 11, _WIDTH - 2 * _EDGE, 2):
            y += 16
            canvas.text(_EDGE, y, part, size=11, fill=canvas.palette.soft)
    return y + _EDGE - 4


def _document(canvas: Canvas, drawing: Drawing, height: float) -> str:
    """The whole: what is read aloud comes first, then the ground, then what was drawn on it."""
    told = " ".join([drawing.finding, *drawing.notes, *([drawing.nothing] if drawing.empty else [])])
    # Several may stand in one page, where ids have to differ.
    name = f"chart-{zlib.crc32(f'{drawing.title} {told} {drawing.basis}'.encode()):08x}"
    root = canvas.root
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {_WIDTH} {height:g}",
        "width": str(_WIDTH),
        "height": f"{height:g}",
        "role": "img",
        "aria-labelledby": f"{name}-title",
        "aria-describedby": f"{name}-desc",
        "font-family": FONT,
        "font-size": str(SIZE),
        "font-variant": "tabular-nums",
        "fill": canvas.palette.ink,
    }
    ground = canvas.made("rect", width=_WIDTH, height=height, rx=8, fill=canvas.palette.ground)
    root.insert(0, canvas.made("title", drawing.title, id=f"{name}-title"))
    root.insert(1, canvas.made("desc", told, id=f"{name}-desc"))
    root.insert(2, ground)
    return tostring(root, encoding="unicode") + "\n"
