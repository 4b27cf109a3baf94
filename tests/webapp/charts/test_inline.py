"""Charts as a part of a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring
from zoneinfo import ZoneInfo

import dbt_discovery_web
import pytest
from dbt_discovery.models.report import Chart
from dbt_discovery_web.charts import THEMES, draw_inline, drawing_of
from dbt_discovery_web.charts.themes import PAGE

from tests.webapp.charts.examples import HOSTILE, column, report, seconds
from tests.webapp.chromium import opened_page

SPANS = Chart(kind="gantt", x="start_time", y=("runtime",), series="status")
COLUMNS = [
    *(column("name"), column("status"), column("start_time", type="datetime")),
    *(seconds("runtime"), seconds("longest")),
]


def pieces(rows: list[dict[str, Any]], chart: Chart, **more: Any) -> tuple[Element, Element]:
    drawing = drawing_of(report(COLUMNS, rows, chart, **more), ZoneInfo("UTC"), 12)
    assert drawing
    wide, narrow = fromstring(f"<both>{draw_inline(drawing)}</both>")
    return wide, narrow


def moment(n: int) -> str:
    return f"2026-11-18T02:{n:02}:00Z"


BOTH = Chart(kind="bar", x="name", y=("runtime", "longest"))
PICTURES: dict[str, tuple[list[dict[str, Any]], Any]] = {
    "bars": ([{"name": f"a_rather_long_name_{n}", "runtime": 4000.0 - n} for n in range(20)], "bar"),
    "two": ([{"name": "a job of a long name", "runtime": 300.0, "longest": 7000.0}] * 3, BOTH),
    "spans": ([{"name": f"n{n}", "start_time": moment(n), "runtime": 60.0} for n in range(12)], "gantt"),
    "lanes": (
        [
            {"name": f"job {n % 3}", "start_time": moment(n), "runtime": 50.0, "status": ("success", "failure")[n % 2]}
            for n in range(12)
        ],
        SPANS,
    ),
    "lines": ([{"name": f"2026-11-{n + 1:02}", "runtime": 90.0 + n, "longest": 400.0} for n in range(14)], "line"),
    "hostile": ([{"name": name, "runtime": 10.0 * n} for n, name in enumerate(HOSTILE)], "bar"),
}


def drawn(kind: str) -> tuple[Element, Element]:
    rows, chart = PICTURES[kind]
    return pieces(rows, chart if isinstance(chart, Chart) else _chart(chart))


def _chart(kind: Any) -> Chart:
    return Chart(kind=kind, x="start_time" if kind == "gantt" else "name", y=("runtime",))


@pytest.mark.parametrize("kind", PICTURES)
def test_a_strict_page_has_nothing_to_forbid_and_every_colour_is_the_pages(kind: str) -> None:
    style = (Path(dbt_discovery_web.__file__).parent / "static" / "card.css").read_text()
    style += (Path(dbt_discovery_web.__file__).parent / "static" / "style.css").read_text()
    for piece in drawn(kind):
        for element in piece.iter():
            assert element.tag in {"svg", "title", "desc", "rect", "line", "path", "circle", "text"}
            for name, value in element.attrib.items():
                assert name not in ("style", "href", "src")
                assert not name.startswith("on")
                assert "url(" not in value
                if name in ("fill", "stroke") and value != "none":
                    assert f"\n  {value.removeprefix('var(').removesuffix(')')}:" in style


def test_page_gives_its_charts_the_colours_of_both_themes() -> None:
    style = (Path(dbt_discovery_web.__file__).parent / "static" / "card.css").read_text()
    light, dark = THEMES["light"], THEMES["dark"]
    named = [*zip(PAGE.series, light.series, dark.series, strict=True)]
    named += [(PAGE.states[name], light.states[name], dark.states[name]) for name in PAGE.states]
    for name, by_day, by_night in named:
        assert f"{name.removeprefix('var(').removesuffix(')')}: light-dark({by_day}, {by_night});" in style


def test_both_forms_show_the_same_and_are_told_apart() -> None:
    wide, narrow = drawn("bars")
    assert (wide.get("class"), narrow.get("class")) == ("chart chart-wide", "chart chart-narrow")
    assert [part.tag for part in wide[:2]] == [part.tag for part in narrow[:2]] == ["title", "desc"]
    assert wide[1].text == narrow[1].text
    for piece in (wide, narrow):
        assert len(list(piece.iter("rect"))) == 12
        assert not [part for part in piece.iter() if "id" in part.attrib]  # a page may show a report twice
    assert float((narrow.get("viewBox") or "").split()[2]) < float((wide.get("viewBox") or "").split()[2])


def test_state_has_its_own_colour_and_what_failed_stands_out_of_its_lane() -> None:
    for piece in drawn("lanes"):
        bars = [each for each in piece.iter("rect") if each.find("title") is not None]
        assert len(bars) == 12
        heights = {each.get("fill"): {float(each.get("height") or 0) for each in bars} for each in bars}
        of_state = {state: PAGE.states[state] for state in ("success", "failure")}
        assert set(heights) == set(of_state.values())
        tall = {float(each.get("height") or 0) for each in bars if each.get("fill") == of_state["failure"]}
        low = {float(each.get("height") or 0) for each in bars if each.get("fill") == of_state["success"]}
        assert min(tall) > max(low)


@pytest.mark.browser
def test_in_a_browser_no_text_leaves_the_picture_or_runs_into_another() -> None:
    with opened_page() as (page, complaints):
        for kind, (rows, chart) in PICTURES.items():
            drawing = drawing_of(
                report(COLUMNS, rows, chart if isinstance(chart, Chart) else _chart(chart)), ZoneInfo("UTC"), 12
            )
            assert drawing
            page.set_content(f"<!doctype html><style>svg {{ font-family: sans-serif }}</style>{draw_inline(drawing)}")
            for form in ("wide", "narrow"):
                found = page.locator(f".chart-{form}").evaluate(
                    "chart => ({ width: chart.viewBox.baseVal.width, height: chart.viewBox.baseVal.height, boxes:"
                    " [...chart.querySelectorAll('text')].map(each => { const b = each.getBBox();"
                    " return [b.x, b.y, b.x + b.width, b.y + b.height, each.firstChild?.data] }) })"
                )
                for at, (x, y, right, bottom, text) in enumerate(found["boxes"]):
                    assert -1 <= x <= right <= found["width"] + 1, (kind, form, text)  # a j reaches out
                    assert 0 <= y <= bottom <= found["height"], (kind, form, text)
                    for x2, y2, right2, bottom2, other in found["boxes"][at + 1 :]:
                        apart = right <= x2 or right2 <= x or bottom - 4 <= y2 or bottom2 - 4 <= y
                        assert apart, (kind, form, text, other)
        assert complaints == []
