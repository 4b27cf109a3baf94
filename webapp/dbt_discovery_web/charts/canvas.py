"""The canvas: elements of SVG, put one after the other. All text goes in as text."""

from __future__ import annotations

from typing import Literal
from xml.etree.ElementTree import Element, SubElement

from dbt_discovery_web.charts.text import fitted
from dbt_discovery_web.charts.themes import Palette

__all__ = ["FONT", "SIZE", "Canvas"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SIZE = 12
"""The size of text where it is not said."""

Value = str | float


class Canvas:
    """What is drawn so far, in the colours of a palette.

    Attributes:
        palette: The colours.
        width: How wide it is.
        root: The elements.
    """

    def __init__(self, palette: Palette, width: float) -> None:
        self.palette, self.width = palette, width
        self.root = Element("svg")

    def add(self, tag: str, title: str = "", /, **attributes: Value) -> Element:
        """Draws an element; `title` is shown of it where a pointer rests. Hyphens of attributes are underscores."""
        element = SubElement(self.root, tag, _plain(attributes))
        if title:
            SubElement(element, "title").text = title
        return element

    def made(self, tag: str, text: str = "", /, **attributes: Value) -> Element:
        """An element that is not drawn yet."""
        element = Element(tag, _plain(attributes))
        element.text = text or None
        return element

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SIZE,
        anchor: Literal["start", "middle", "end"] = "start",
        fill: str = "",
        weight: str = "",
    ) -> Element:
        """Writes a text, whose baseline begins, has its middle, or ends at a point."""
        more: dict[str, Value] = {} if size == SIZE else {"font_size": size}
        more |= {} if anchor == "start" else {"text_anchor": anchor}
        more |= {"fill": fill} if fill else {}
        more |= {"font_weight": weight} if weight else {}
        element = self.add("text", x=x, y=y, **more)
        element.text = text
        return element

    def fitted_text(
        self, x: float, y: float, text: str, room: float, *, anchor: Literal["start", "end"] = "start", fill: str = ""
    ) -> None:
        """Writes as much of a text as has room; where that is not all, the whole is its title."""
        shown = fitted(text, SIZE, room)
        element = self.text(x, y, shown, anchor=anchor, fill=fill)
        if shown != text:
            SubElement(element, "title").text = text


def _plain(attributes: dict[str, Value]) -> dict[str, str]:
    return {
        name.replace("_", "-"): value if isinstance(value, str) else f"{round(value, 2):g}"
        for name, value in attributes.items()
    }
