"""Themes: the colours of a picture, those of the web app's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["SERIES", "THEMES", "Palette", "Theme"]

Theme = Literal["light", "dark"]

SERIES = 6
"""How many series can be told apart."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme. Inks have a contrast of 4.5 to the ground (WCAG AA), series of 3.

    Attributes:
        ground: Behind everything.
        line: Of the grid.
        axis: Of the line that values begin at.
        ink: Of what is read first.
        soft: Of everything else that is read.
        series: Of what is drawn.
    """

    ground: str
    line: str
    axis: str
    ink: str
    soft: str
    series: tuple[str, ...]


THEMES: Mapping[Theme, Palette] = MappingProxyType(
    {
        "light": Palette(
            ground="#ffffff",
            line="#e9e7e1",
            axis="#aaa69d",
            ink="#1c1b19",
            soft="#605d57",
            series=("#d9632c", "#1d5a94", "#2a855a", "#9a6500", "#7c4aa8", "#6b6862"),
        ),
        "dark": Palette(
            ground="#171614",
            line="#2e2c28",
            axis="#6b675e",
            ink="#edebe6",
            soft="#b3afa6",
            series=("#ef8354", "#7fb4ea", "#74c99a", "#e3b45c", "#c3a1ec", "#a19d95"),
        ),
    }
)
