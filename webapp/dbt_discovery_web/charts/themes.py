"""Themes: the colours of a picture, those of the web app's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = ["PAGE", "SERIES", "THEMES", "Palette", "Theme"]

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
        states: Of a series that is a state, by its name: green means the same everywhere.
    """

    ground: str
    line: str
    axis: str
    ink: str
    soft: str
    series: tuple[str, ...]
    states: Mapping[str, str]

    def colour(self, number: int, name: str) -> str:
        """The colour of a series, by its place and its name."""
        return self.states.get(name, self.series[number])


def _states(good: str, bad: str, none: str, going: str) -> Mapping[str, str]:
    waiting = dict.fromkeys(("running", "starting", "queued"), going)
    return MappingProxyType({"success": good, "failure": bad, "cancelled": none, **waiting})


THEMES: Mapping[Theme, Palette] = MappingProxyType(
    {
        "light": Palette(
            ground="#ffffff",
            line="#e9e7e1",
            axis="#aaa69d",
            ink="#1c1b19",
            soft="#605d57",
            series=("#d9632c", "#1d5a94", "#2a855a", "#9a6500", "#7c4aa8", "#6b6862"),
            states=_states("#2a855a", "#c4362c", "#8a867e", "#1d5a94"),
        ),
        "dark": Palette(
            ground="#171614",
            line="#2e2c28",
            axis="#6b675e",
            ink="#edebe6",
            soft="#b3afa6",
            series=("#ef8354", "#7fb4ea", "#74c99a", "#e3b45c", "#c3a1ec", "#a19d95"),
            states=_states("#58b585", "#ff8178", "#8d897f", "#7fb4ea"),
        ),
    }
)

PAGE = Palette(
    ground="none",
    line="var(--chart-line)",
    axis="var(--chart-axis)",
    ink="var(--ink)",
    soft="var(--soft)",
    series=tuple(f"var(--series-{number})" for number in range(1, SERIES + 1)),
    states=_states("var(--state-good)", "var(--state-bad)", "var(--state-none)", "var(--state-going)"),
)
"""The colours of whichever page a picture is part of; `card.css` gives them those of the two themes."""
