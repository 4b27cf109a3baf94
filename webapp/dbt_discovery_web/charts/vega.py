"""Vega-Lite: a drawing as a specification, with its data inside, that editors, notebooks and pages can draw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dbt_discovery_web.charts.drawing import Axis, Drawing, Mark
from dbt_discovery_web.charts.themes import THEMES

__all__ = ["vega_spec"]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_WIDTH = 640
_ROW = 24
_HEIGHT = 260


def vega_spec(drawing: Drawing) -> dict[str, Any]:
    """The drawing as a Vega-Lite 5 specification. Colours are those of the light theme, told apart by series.

    A row of the data has `name`, `series`, `text` (the value in words), and `value`; a span has `start` and `end`, and
    a point of a line `at`. Moments are milliseconds since 1970. What stands on the axes is written out, as durations
    and days of a zone other than the viewer's are nothing that Vega-Lite could word.
    """
    title = {"text": drawing.title, "subtitle": [drawing.finding, *drawing.notes, drawing.basis], "anchor": "start"}
    spec = {
        "$schema": _SCHEMA,
        "title": title,
        "description": " ".join([drawing.finding, *drawing.notes]),
        "width": _WIDTH,
        "height": _HEIGHT if drawing.kind == "line" else {"step": _ROW},
        "data": {"values": [_row(drawing, mark) for mark in drawing.marks]},
        "mark": {"type": "line", "point": True, "tooltip": True} if drawing.kind == "line" else _BAR,
        "encoding": {"bar": _bars, "gantt": _spans, "line": _lines}[drawing.kind](drawing),
    }
    return spec | ({} if not drawing.empty else {"usermeta": {"empty": drawing.nothing}})


_BAR: Mapping[str, Any] = {"type": "bar", "tooltip": True, "cornerRadiusEnd": 2}


def _row(drawing: Drawing, mark: Mark) -> dict[str, Any]:
    row: dict[str, Any] = {"name": mark.name, "series": drawing.series[mark.series], "text": mark.text}
    match drawing.kind:
        case "bar":
            return row | {"value": mark.end}
        case "line":
            timed = drawing.along is not None and drawing.along.timed
            return row | {"at": _milliseconds(mark.start) if timed else mark.start, "value": mark.end}
    if mark.end is None:
        return row | {"start": None, "end": None, "value": None}
    return row | {
        "start": _milliseconds(mark.start),
        "end": _milliseconds(mark.end),
        "value": round(mark.end - mark.start, 3),
    }


def _bars(drawing: Drawing) -> dict[str, Any]:
    x = _scaled("value", drawing.values) | {"stack": None}
    encoding = {"y": _names(drawing), "x": x, "tooltip": _TOOLTIP, **_colours(drawing)}
    side_by_side = len(drawing.marks) > len(drawing.rows)
    return encoding | ({"yOffset": {"field": "series", "type": "nominal", "sort": None}} if side_by_side else {})


def _spans(drawing: Drawing) -> dict[str, Any]:
    x = _scaled("start", drawing.values)
    return {"y": _names(drawing), "x": x, "x2": {"field": "end"}, "tooltip": _TOOLTIP, **_colours(drawing)}


def _lines(drawing: Drawing) -> dict[str, Any]:
    along = drawing.along
    assert along is not None, "lines go along something"
    return {"x": _scaled("at", along), "y": _scaled("value", drawing.values), "tooltip": _TOOLTIP, **_colours(drawing)}


_TOOLTIP = [{"field": field, "type": "nominal"} for field in ("name", "series", "text")]


def _names(drawing: Drawing) -> dict[str, Any]:
    return {"field": "name", "type": "nominal", "sort": list(drawing.rows), "title": None, "axis": {"labelLimit": 250}}


def _scaled(field: str, axis: Axis) -> dict[str, Any]:
    """An encoding along an axis, whose ticks are where and what the drawing says."""
    factor = 1000 if axis.timed else 1
    places = [_plain(tick.at * factor) for tick in axis.ticks]
    labels = {json.dumps(place): tick.label for place, tick in zip(places, axis.ticks, strict=True)}
    return {
        "field": field,
        "type": "quantitative",
        "title": axis.label or None,
        "scale": {"domain": [_plain(axis.start * factor), _plain(axis.end * factor)], "nice": False, "zero": False},
        "axis": {"values": places, "labelExpr": f"({json.dumps(labels)})[toString(datum.value)]"},
    }


def _plain(value: float) -> float:
    """A number without the traces of binary fractions; a whole one as JavaScript writes it."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _colours(drawing: Drawing) -> dict[str, Any]:
    colours = [THEMES["light"].colour(number, name) for number, name in enumerate(drawing.series)]
    if len(drawing.series) < 2:
        return {"color": {"value": colours[0]}}
    scale = {"domain": list(drawing.series), "range": colours}
    return {"color": {"field": "series", "type": "nominal", "title": None, "scale": scale}}


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
