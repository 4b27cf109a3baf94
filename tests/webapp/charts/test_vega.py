from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from dbt_discovery.models.report import Chart
from dbt_discovery_web.charts import drawing_of, vega_spec

from tests.webapp.charts.examples import HOSTILE, column, report, seconds

NAME = column("name")


def spec(*args: Any, **more: Any) -> dict[str, Any]:
    drawing = drawing_of(report(*args, **more), ZoneInfo("Europe/Berlin"))
    assert drawing
    return dict(json.loads(json.dumps(vega_spec(drawing), allow_nan=False)))


def test_bars_are_the_data_with_the_ticks_written_out() -> None:
    rows = [{"name": "a", "runtime": 300.0}, {"name": "b", "runtime": None}]
    made = spec([NAME, seconds("runtime")], rows, Chart(kind="bar", x="name", y=("runtime",)))
    assert made["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert made["data"]["values"] == [
        {"name": "a", "series": "Runtime", "text": "5 min", "value": 300.0},
        {"name": "b", "series": "Runtime", "text": "–", "value": None},
    ]
    assert made["title"]["text"] == "An example"
    assert made["title"]["subtitle"][0] == made["description"] == "a took longest: 5 min."
    axis = made["encoding"]["x"]["axis"]
    assert axis["values"] == [0, 60, 120, 180, 240, 300]
    assert '"120": "2 min"' in axis["labelExpr"]
    assert made["encoding"]["y"]["sort"] == ["a", "b"]


def test_moments_are_milliseconds_with_the_zones_words_on_the_axis() -> None:
    rows = [{"start": f"2026-11-{day}", "runtime": 1.0} for day in (10, 11)]
    made = spec([column("start"), seconds("runtime")], rows, Chart(kind="line", x="start", y=("runtime",)))
    first = 1794265200000  # 10 November 2026, 00:00 in Berlin
    assert [each["at"] for each in made["data"]["values"]] == [first, first + 86_400_000]
    assert f'"{first}": "10 Nov"' in made["encoding"]["x"]["axis"]["labelExpr"]


def test_spans_have_a_start_and_an_end() -> None:
    rows = [{"name": "a", "start_time": "2026-11-18T02:00:00Z", "runtime": 90.5}, {"name": "b", "runtime": 1.0}]
    columns = [NAME, column("start_time", type="datetime"), seconds("runtime")]
    made = spec(columns, rows, Chart(kind="gantt", x="start_time", y=("runtime",)))
    first, second = made["data"]["values"]
    assert first["end"] - first["start"] == 90_500
    assert first["value"] == 90.5
    assert second["start"] is None
    assert made["encoding"]["x2"] == {"field": "end"}


def test_series_keep_the_colours_of_the_picture() -> None:
    rows = [{"name": "a", "avg": 1.0, "p95": 2.0}]
    made = spec([NAME, seconds("avg"), seconds("p95")], rows, Chart(kind="bar", x="name", y=("avg", "p95")))
    assert made["encoding"]["color"]["scale"]["domain"] == ["Avg", "P95"]
    assert len(made["encoding"]["color"]["scale"]["range"]) == 2
    assert made["encoding"]["yOffset"]["field"] == "series"


def test_names_cannot_break_out_of_the_expression_of_an_axis() -> None:
    rows = [{"name": f'{name}"}})[alert(1)]', "runtime": 1.0} for name in HOSTILE]
    made = spec([NAME, seconds("runtime")], rows, Chart(kind="line", x="name", y=("runtime",)))
    expression = made["encoding"]["x"]["axis"]["labelExpr"]
    inner = expression.removeprefix("(").removesuffix(")[toString(datum.value)]")
    assert list(json.loads(inner)) == [str(at) for at in range(len(HOSTILE))]
