"""Names that somebody gave to a model on purpose, in every form in which a card shows or hands them on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery.models.report import Alternative, Chart, Reading, ReportPeriod
from dbt_discovery_web.charts.text import clean
from dbt_discovery_web.rendering.words import one_line

from tests.conftest import NOW
from tests.webapp.cards.drawing import card_of, cloud
from tests.webapp.cards.html import Node, parsed
from tests.webapp.charts.examples import column, report, seconds
from tests.webapp.conftest import opened

NAMES = (
    '<img src=x onerror="alert(1)">',
    "'\"><script>alert(1)</script>",
    "</td></tr></table></article><h1>",
    "{{7*7}}{% include 'x' %}",
    '=HYPERLINK("http://evil.example";"click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\tx",
    "-2",
    "![x](http://evil.example/p.png)",
    "evil\u202egnp.exe",
    "a\x00b\x1b[31mc",
    "x\nselect 1 <b>",
    "|a|b|",
)
TAGS = {
    *("article", "header", "h3", "a", "p", "dl", "div", "dt", "dd", "span", "svg", "title", "desc", "rect", "line"),
    *("text", "table", "thead", "tbody", "tr", "th", "td", "button", "input", "time", "details", "summary", "pre"),
    *("code", "footer", "ul", "li", "wbr", "small"),
}


def hostile(**more: Any) -> Report:
    """A report in which every word that anybody may have written is hostile."""
    rows = [
        {
            "name": name, "unique_id": f"model.p.{name}", "project_id": name, "runtime": 90.0 + n, "status": name,
            "error": name * 20, "run_id": name, "url": f"https://ab123.us1.dbt.com/{name}", "start_time": name,
        }
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    columns = [
        *(column("name"), seconds("runtime"), column("status"), column("error"), column("start_time", type="datetime")),
        *(column("run_id", type="id"), column("url", type="link"), column("unique_id", type="id")),
    ]
    mark = NAMES[0]
    reading = (
        Reading(
            key=mark, label=mark, value=mark, alternatives=(Alternative(label=mark, arguments={"models": [mark]}),)
        ),
        Reading(key=mark, label=mark, value=mark),
    )
    words = {"title": mark, "finding": f"{mark} took longest.", "filter": f"model {mark}", "notes": NAMES}
    period = ReportPeriod(label=mark, start=NOW, end=NOW, timezone="UTC")
    told = {"name": "list_models", "arguments": {"models": list(NAMES)}, "reading": reading, "period": period}
    return report(columns, rows, Chart(kind="bar", x="name", y=("runtime",)), **words | told | more)


@pytest.mark.parametrize("of_cloud", [False, True])
def test_hostile_names_are_text_on_a_card(of_cloud: bool) -> None:
    card = card_of(cloud(hostile()) if of_cloud else hostile())
    for node in card.all():
        assert node.tag in TAGS
        assert not [name for name in node.attributes if name.startswith("on") or name in ("style", "src", "srcset")]
        address = node.attributes.get("href", "/browse/")
        assert address.startswith(("/browse/", "/reports/", "/docs#", "https://ab123.us1.dbt.com/"))
        assert of_cloud or not address.startswith("https:")
    names = [row.all("th")[0].text for row in card.one("div", class_="table").one("tbody").all("tr")]
    assert names == [one_line(name) if "\n" not in name else "x…x select 1 <b>" for name in NAMES]


def test_hostile_names_are_text_in_the_chart() -> None:
    for chart in card_of(hostile()).all("svg"):
        words = chart.raw
        assert all(clean(name) in words for name in NAMES[:3])
        assert not [node for node in chart.all() if node.tag in ("script", "img", "a", "style", "foreignobject", "use")]


@pytest.fixture
async def poisoned(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app whose every report is the hostile one."""
    account = sandbox_account()

    async def answer(*_: object, **__: object) -> Report:
        return hostile()

    account.arun_report = answer  # type: ignore[method-assign]
    async with opened(account, settings) as client:
        yield client


async def test_hostile_names_are_text_in_every_form(poisoned: httpx.AsyncClient) -> None:
    card = parsed((await poisoned.get("/cards/list_models")).text)
    assert not card.all("img") + card.all("script") + card.all("h1")

    rows = list(csv.DictReader(io.StringIO((await poisoned.get("/reports/list_models/rows.csv")).text)))
    assert len(rows) == len(NAMES)
    for row in rows:
        assert not row["name"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[4]["name"] == '\'=HYPERLINK("http://evil.example";"click")'

    whole = (await poisoned.get("/reports/list_models")).json()
    assert [row["name"] for row in whole["rows"]] == list(NAMES)

    markdown = (await poisoned.get("/reports/list_models/report.md")).text
    assert "<img" not in markdown
    assert "<script" not in markdown
    assert "![" not in markdown.replace("\\[", "")
    table = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1, "no name brings a column of its own"

    picture = (await poisoned.get("/reports/list_models/chart.svg")).text
    assert "<img" not in picture
    assert "<script" not in picture
    assert json.loads((await poisoned.get("/reports/list_models/chart.vega.json")).text)["data"]["values"]


def test_name_is_broken_only_where_a_word_ends() -> None:
    shown = report([column("name")], [{"name": "stg_a__<b>"}], None)
    cell: Node = card_of(shown).one("div", class_="table").one("tbody").one("th")
    assert cell.raw == "stg_a__<b>"
    assert len(cell.all("wbr")) == 3
