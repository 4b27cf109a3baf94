from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery.models.report import Chart
from dbt_discovery_web.charts import THEMES, Theme, draw_svg, drawing_of

from tests.webapp.charts.examples import HOSTILE, column, report, seconds
from tests.webapp.chromium import opened_page

UTC = ZoneInfo("UTC")
SVG = "{http://www.w3.org/2000/svg}"
BARS = Chart(kind="bar", x="name", y=("runtime",))
SPANS = Chart(kind="gantt", x="start_time", y=("runtime",))
LINES = Chart(kind="line", x="start", y=("runtime", "longest"))


def picture(rows: list[dict[str, Any]], chart: Chart = BARS, theme: Theme = "light", **more: Any) -> str:
    columns = [column("name"), column("start_time", type="datetime"), seconds("runtime"), seconds("longest")]
    drawing = drawing_of(report(columns, rows, chart, **more), UTC)
    assert drawing
    return draw_svg(drawing, theme)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


NAMES = [{"name": name, "runtime": 10.0 * n} for n, name in enumerate(HOSTILE)]
PICTURES = {
    "bars": picture([{"name": f"m{n}", "runtime": 300.0 - n} for n in range(40)]),
    "changes": picture([{"name": f"m{n}", "runtime": (-1) ** n * 300.0} for n in range(4)]),
    "side by side": picture(
        [{"name": "a job", "runtime": 300.0, "longest": 700.0}], Chart(kind="bar", x="name", y=("runtime", "longest"))
    ),
    "spans": picture(
        [{"name": f"n{n}", "start_time": f"2026-11-18T02:{n:02}:00Z", "runtime": 60.0} for n in range(12)], SPANS
    ),
    "lines": picture(
        [{"start": f"2026-11-{n + 1:02}", "runtime": 90.0 + n, "longest": None if n % 5 else 400.0} for n in range(14)],
        LINES,
    ),
    "hostile": picture(NAMES, title=HOSTILE[0], finding=HOSTILE[1] * 20),
    "nothing": picture([]),
    "dark": picture(NAMES, theme="dark"),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_picture_needs_nothing_that_a_strict_page_would_not_allow(kind: str) -> None:
    root = parsed(PICTURES[kind])
    allowed = {"svg", "title", "desc", "rect", "line", "path", "circle", "text"}
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in allowed
        for name, value in element.attrib.items():
            assert name not in ("style", "class", "href", "src")
            assert not name.startswith("on")
            assert "url(" not in value


@pytest.mark.parametrize("kind", PICTURES)
def test_picture_says_what_it_is_and_what_it_shows(kind: str) -> None:
    root = parsed(PICTURES[kind])
    assert root.get("role") == "img"
    title, desc = root[0], root[1]
    assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == desc.get("id")
    assert title.text
    assert desc.text


def test_description_is_the_finding_and_what_is_not_drawn() -> None:
    assert parsed(PICTURES["bars"])[1].text == "a took longest: 5 min. The first 30 of 40 rows are drawn."
    assert parsed(PICTURES["nothing"])[1].text == "a took longest: 5 min. No row fits the question."


def test_values_stand_at_the_ends_of_their_bars() -> None:
    root = parsed(picture([{"name": "a", "runtime": 300.0}, {"name": "b", "runtime": 150.0}, {"name": "c"}]))
    bars = [each for each in root.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    assert [bar.findtext(f"{SVG}title") for bar in bars] == ["a: 5 min", "b: 2 min 30 s"]
    widths = [float(bar.get("width", 0)) for bar in bars]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
    ends = {text.text: float(text.get("x", 0)) for text in root.iter(f"{SVG}text")}
    for bar, value in zip(bars, ["5 min", "2 min 30 s"], strict=True):
        assert ends[value] == pytest.approx(float(bar.get("x", 0)) + float(bar.get("width", 0)) + 6, abs=0.1)
    assert "–" in texts(root)


def test_long_names_are_shortened_and_whole_in_their_title() -> None:
    name = "int_orders_joined_with_payments_and_with_everything_else_there_is"
    root = parsed(picture([{"name": name, "runtime": 3.0}]))
    (label,) = [each for each in root.iter(f"{SVG}text") if (each.text or "").startswith("int_")]
    assert label.text is not None
    assert label.text.endswith("…")
    assert label.findtext(f"{SVG}title") == name


def test_hostile_names_stay_text() -> None:
    svg = PICTURES["hostile"]
    assert "<script" not in svg
    assert "<img" not in svg
    assert len(svg) < 60_000
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800-\udfff\ufffe]", svg)


def test_a_gap_parts_a_line() -> None:
    values = [1.0, 2.0, None, 3.0, None, 4.0, 5.0]
    rows = [{"start": f"2026-11-{n + 1:02}", "runtime": value} for n, value in enumerate(values)]
    root = parsed(picture(rows, LINES))
    paths = [each.get("d", "") for each in root.iter(f"{SVG}path")]
    assert [path.count("L") + 1 for path in paths] == [2, 2]
    assert len(list(root.iter(f"{SVG}circle"))) == 5


def test_lines_can_be_told_apart_without_colours() -> None:
    root = parsed(PICTURES["lines"])
    dashes = {each.get("stroke-dasharray") for each in root.iter(f"{SVG}line") if each.get("stroke-width") == "2"}
    assert len(dashes) == 2


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_the_contrast_that_wcag_asks_for(theme: Theme) -> None:
    palette = THEMES[theme]
    assert all(contrast(each, palette.ground) >= 4.5 for each in (palette.ink, palette.soft))
    assert all(contrast(each, palette.ground) >= 3 for each in (*palette.series, *palette.states.values()))
    assert len(set(palette.series)) == 6


@pytest.mark.browser
def test_in_a_browser_no_text_leaves_the_picture_or_runs_into_another() -> None:
    with opened_page() as (page, complaints):
        for kind, svg in PICTURES.items():
            page.set_content(f"<!doctype html><body>{svg}</body>")
            boxes = page.evaluate(
                "[...document.querySelectorAll('text')].map(each => {"
                " const b = each.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height, each.firstChild?.data]})"
            )
            _, _, width, height = (float(each) for each in parsed(svg).get("viewBox", "").split())
            for x, y, right, bottom, text in boxes:
                assert 0 <= x <= right <= width, (kind, text)
                assert 0 <= y <= bottom <= height, (kind, text)
            for at, (x, y, right, bottom, text) in enumerate(boxes):
                for x2, y2, right2, bottom2, other in boxes[at + 1 :]:
                    apart = right <= x2 or right2 <= x or bottom - 4 <= y2 or bottom2 - 4 <= y
                    assert apart, (kind, text, other)
        assert page.evaluate("document.scripts.length") == 0
        assert complaints == []
