"""Inline: a drawing as part of a page, in the page's own font and colours.

The page says around it what a picture that stands by itself has to say inside: title, finding and notes. Colours are
the page's custom properties in presentation attributes, so that light and dark are the page's matter, and there is
neither script nor style in it. Text cannot shrink with a picture and stay legible: it is drawn twice, for wide and for
narrow cards, and `card.css` shows the one that fits.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from dbt_discovery_web.charts.canvas import SIZE, Canvas
from dbt_discovery_web.charts.drawing import Drawing
from dbt_discovery_web.charts.legend import draw_legend
from dbt_discovery_web.charts.lines import draw_lines
from dbt_discovery_web.charts.rows import draw_rows
from dbt_discovery_web.charts.themes import PAGE

__all__ = ["draw_inline"]

_WIDTHS = {"wide": 680.0, "narrow": 340.0}
_EDGE = 20.0
"""Room for half a label below the end of a scale."""


def draw_inline(drawing: Drawing) -> str:
    """The drawing as two pieces of SVG, to be put into a page one after the other."""
    return "".join(tostring(_drawn(drawing, form, width), encoding="unicode") for form, width in _WIDTHS.items())


def _drawn(drawing: Drawing, form: str, width: float) -> Element:
    canvas = Canvas(PAGE, width)
    y = draw_legend(canvas, drawing, 0, 0)
    if drawing.kind == "line":
        y = draw_lines(canvas, drawing, 0, width - _EDGE / 2, y + 4)
    else:
        y = draw_rows(canvas, drawing, 0, width - (_EDGE if drawing.kind == "gantt" else 0), y + 4)
    told = " ".join([drawing.finding, *drawing.notes])
    root = canvas.root
    root.attrib |= {
        "class": f"chart chart-{form}",
        "viewBox": f"0 0 {width:g} {y + 12:g}",
        "role": "img",
        "font-size": str(SIZE),
        "fill": PAGE.ink,
    }
    # A picture is called after its own title and desc; ids would be the same where a page shows a report twice.
    root.insert(0, canvas.made("title", f"Chart: {drawing.title}"))
    root.insert(1, canvas.made("desc", told))
    return root
