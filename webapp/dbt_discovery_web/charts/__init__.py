"""Reports as charts: a picture that stands by itself, and a specification that others draw.

`reading` makes a `drawing` of a report: what is drawn, in numbers and words, whoever draws it. `svg` draws it without
scripts, styles or anything from elsewhere, `inline` as a part of a page; `vega` words it as a Vega-Lite specification
with its data inside.
"""

from __future__ import annotations

from dbt_discovery_web.charts.drawing import Drawing
from dbt_discovery_web.charts.inline import draw_inline
from dbt_discovery_web.charts.reading import drawing_of
from dbt_discovery_web.charts.svg import draw_svg
from dbt_discovery_web.charts.themes import THEMES, Theme
from dbt_discovery_web.charts.vega import vega_spec

__all__ = ["THEMES", "Drawing", "Theme", "draw_inline", "draw_svg", "drawing_of", "vega_spec"]
