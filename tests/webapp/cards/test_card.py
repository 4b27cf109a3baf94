"""Cards as HTML, drawn from reports made by hand and from the sandbox's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Report
from dbt_discovery.models.report import Alternative, Chart, Coverage, Reading
from dbt_discovery.reports import registry

from tests.webapp.cards.drawing import card_of, cloud
from tests.webapp.cards.html import Node, parsed
from tests.webapp.charts.examples import column, report, seconds

BARS = Chart(kind="bar", x="name", y=("runtime",))


def models(number: int, **more: Any) -> Report:
    """So many models, the slowest first."""
    rows = [
        {"name": f"m_{n}", "unique_id": f"model.p.m_{n}", "project_id": "7", "runtime": 4000.5 - n}
        for n in range(number)
    ]
    columns = [column("name"), column("kind"), seconds("runtime"), column("unique_id", type="id")]
    return report(columns, rows, BARS, **more)


def rows_of(card: Node) -> list[Node]:
    """The rows of its table; the one of tool calls comes after it."""
    return card.one("div", class_="table").one("tbody").all("tr")


def test_card_begins_with_the_finding_and_ends_with_what_it_rests_on() -> None:
    coverage = Coverage(unit="runs", considered=1234, left_out={"cancelled": 3, "never_started": 1}, complete=False)
    card = card_of(models(3, coverage=coverage, notes=("A note.",), filter="tag finance; model m", stale=True))
    assert card.one("h3", class_="card-title").text == "An example"
    assert card.one("p", class_="card-scope").text == "tag finance · model m"
    assert card.one("p", class_="card-finding").text == "a took longest: 5 min."
    basis = card.one("p", class_="basis")
    assert basis.text == (
        "Based on 1,234 runs · left out: 3 cancelled, 1 never started · incomplete: some data was not available · "
        "Sandbox data, as of 18 Nov 2026, 10:30 UTC · older data, as a refresh failed."
    )
    assert "incomplete" in basis.attributes["class"]
    assert card.one("ul", class_="notes").text == "A note."


def test_measure_stands_next_to_the_name_on_the_right_with_its_seconds() -> None:
    card = card_of(models(2))
    heads = card.all("thead")[0].all("th")
    assert [head.text for head in heads] == ["Name", "Runtime"]  # the kind is empty, the id has its name
    assert heads[1].attributes["class"] == "number"
    cell = rows_of(card)[0].one("td", class_="number")
    shown = cell.one("time")
    assert cell.text == "1 h 7 min"
    assert (shown.attributes["title"], shown.attributes["datetime"]) == ("4000.5 seconds", "PT4000.5S")
    assert cell.attributes["data-order"] == "4000.5"


def test_moments_are_of_the_zone_and_tell_utc() -> None:
    shown = report(
        [column("name"), column("start_time", type="datetime")], [{"start_time": "2026-11-18T23:05:09Z"}], None
    )
    card = card_of(shown, zone="Europe/Berlin")
    moment = rows_of(card)[0].one("time")
    assert moment.text == "19 Nov 2026, 00:05"
    assert moment.attributes == {"datetime": "2026-11-18T23:05:09Z", "title": "2026-11-18 23:05:09Z"}
    assert card.all("thead")[0].one("small").text == "Europe/Berlin"
    assert "as of 18 Nov 2026, 11:30 Europe/Berlin" in card.one("p", class_="basis").text


def test_filter_comes_with_nine_rows_and_the_cut_with_thirteen() -> None:
    for number, filtered, cut in ((8, False, False), (9, True, False), (12, True, False), (13, True, True)):
        card = card_of(models(number))
        assert bool(card.all("input", class_="filter")) == filtered
        assert bool(card.all("div", class_="cut")) == cut
        assert len(rows_of(card)) == number  # all are there for who has no script
    assert card.one("button", class_="more").text == "Show all 13 rows"


def test_rows_beyond_the_limit_are_said_and_a_click_away() -> None:
    shown = models(5, name="slowest_models", arguments={"limit": 5, "order_by": "max"}, total_rows=40)
    card = card_of(shown)
    assert card.one("p", class_="table-foot").text == "5 of 40 rows Show all 40"
    assert card.one("a", data_take="longer").attributes["href"] == "/browse/slowest_models?limit=40&order_by=max"
    many = card_of(shown.model_copy(update={"total_rows": 4000}))
    assert many.one("a", data_take="longer").text == "Show the first 500"
    assert "limit=500" in many.one("a", data_take="longer").attributes["href"]


def test_names_lead_to_their_pages_here() -> None:
    row = {
        "job_name": "Nightly", "job_id": "4", "project_name": "Shop", "project_id": "7", "run_id": "99",
        "name": "orders", "unique_id": "model.shop.orders", "tested_model": "raw", "tested_model_id": "source.shop.raw",
        "url": "https://ab123.us1.dbt.com/runs/99",
    }  # fmt: skip
    keys = ("name", "job_name", "project_name", "tested_model")
    columns = [*map(column, keys), column("run_id", type="id"), column("url", type="link")]
    shown = report(columns, [row], None)
    links = {link.text: link.attributes["href"] for link in rows_of(card_of(shown))[0].all("a")}
    assert links == {
        "orders": "/browse/models/7/model.shop.orders",
        "Nightly": "/browse/jobs/4",
        "Shop": "/browse/projects/7",
        "99": "/browse/runs/99",
    }


def test_only_dbt_cloud_has_pages_of_runs() -> None:
    columns = [column("start_time", type="datetime"), column("run_id", type="id"), column("url", type="link")]
    rows: list[dict[str, Any]] = [
        {"start_time": "2026-11-18T02:00:00Z", "run_id": "1", "url": "https://ab123.us1.dbt.com/runs/1"},
        {"start_time": "2026-11-18T03:00:00Z", "run_id": "2", "url": "javascript:alert(1)"},
        {"start_time": "2026-11-18T04:00:00Z", "run_id": "3", "url": None},
    ]
    shown = report(columns, rows, None)
    here = [f"/browse/runs/{n}" for n in (1, 1, 2, 2, 3, 3)]  # by its start, which names the row, and by its id
    assert [link.attributes["href"] for row in rows_of(card_of(shown)) for link in row.all("a")] == here
    card = card_of(cloud(shown))
    (outside,) = [link for row in rows_of(card) for link in row.all("a") if link.attributes["href"].startswith("http")]
    assert outside.attributes["href"] == "https://ab123.us1.dbt.com/runs/1"
    assert outside.attributes["rel"] == "noopener noreferrer"
    assert [head.text for head in card.all("thead")[0].all("th")] == ["Start time UTC", "Run id"]


def test_other_readings_are_links_that_ask_the_same_report() -> None:
    reading = (
        Reading(
            key="order_by", label="Longest by", value="average",
            alternatives=(Alternative(label="maximum", arguments={"period": "last_week", "order_by": "max"}),),
        ),
        Reading(key="runs", label="Runs", value="all"),
    )  # fmt: skip
    card = card_of(models(2, name="longest_running_jobs", reading=reading))
    chips = card.one("dl", class_="chips")
    assert chips.text == "Longest by average Or maximum"
    assert chips.one("a").attributes["href"] == "/browse/longest_running_jobs?period=last_week&order_by=max"
    assert chips.one("a").attributes["data-take"] == "order_by"
    assert card.one("dl", class_="settled").text == "Runsall"


def test_one_thing_with_much_to_tell_is_a_list_of_what_is_known() -> None:
    keys = [column(f"key_{n}") for n in range(8)]
    row = {"key_0": "a", "key_3": "b" * 300, "key_4": "select 1\nfrom x", "took": 61.5, "key_7": ""}
    card = card_of(report([*keys, seconds("took")], [row], None))
    facts = card.one("dl", class_="facts")
    assert [fact.text for fact in facts.all("dt")] == ["Key 0", "Key 3", "Key 4", "Took"]
    assert facts.all("dd")[1].text == "b" * 300
    assert facts.one("pre").raw == "select 1\nfrom x"
    assert facts.one("time").attributes["title"] == "61.5 seconds"
    assert not card.all("div", class_="table")


def test_chart_is_there_twice_with_a_text_and_only_where_it_helps() -> None:
    card = card_of(models(14))
    wide, narrow = card.all("svg")
    assert {wide.attributes["class"], narrow.attributes["class"]} == {"chart chart-wide", "chart chart-narrow"}
    for chart in (wide, narrow):
        assert chart.attributes["role"] == "img"
        name, told = (node for node in chart.children[:2] if not isinstance(node, str))
        assert (name.tag, name.text, told.tag) == ("title", "Chart: An example", "desc")
        assert told.text.startswith("a took longest: 5 min.")
    assert card.one("div", class_="plot").all("p")[0].text == "The first 12 of 14 rows are drawn."
    assert not [node for node in card.all() if "id" in node.attributes]  # a page may show a report twice
    assert not card_of(models(1)).all("svg")


def test_how_it_was_computed_is_folded_and_names_tool_arguments_time_and_rows() -> None:
    card = card_of(models(3, name="slowest_models", arguments={"limit": 3, "tags": ["a", "b"]}), seconds=0.0421)
    fold = card.all("details", class_="fold")[0]
    assert "open" not in fold.attributes
    assert registry()["slowest_models"].summary in fold.text
    assert [cell.text for cell in fold.one("tbody").one("tr").all() if cell.tag in ("th", "td")] == [
        "dbt_slowest_models", "limit: 3, tags: a + b", "42 ms", "3 rows",
    ]  # fmt: skip


def test_card_of_a_report_that_is_no_longer_known_is_drawn_all_the_same() -> None:
    reading = Reading(key="a", label="A", value="b", alternatives=(Alternative(label="c", arguments={"x": 1}),))
    card = card_of(models(3, reading=(reading,), arguments={"x": 2}, total_rows=9))
    assert card.one("p", class_="card-finding").text
    assert card.one("dl", class_="chips").one("a").attributes["href"] == "/browse/an_example"


@pytest.mark.parametrize("name", sorted(registry()))
async def test_every_report_has_a_card_with_all_its_rows(name: str, client: httpx.AsyncClient) -> None:
    sample = dict(registry()[name].sample)
    whole = (await client.get(f"/reports/{name}", params=sample)).json()
    answer = await client.get(f"/cards/{name}", params=sample)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    card = parsed(answer.text).one("article")
    assert card.one("p", class_="card-finding").text == " ".join(whole["finding"].split())
    shown = len(rows_of(card)) if card.all("div", class_="table") else len(card.all("dl", class_="facts"))
    assert shown == len(whole["rows"])
    assert len(card.all("div", class_="plot")) == (1 if whole["chart"] and len(whole["rows"]) > 1 else 0)
    assert not [node for node in card.all() if "style" in node.attributes]


async def test_a_card_refuses_what_its_report_refuses(client: httpx.AsyncClient) -> None:
    for path, status in (
        ("/cards/longest_job", 404),
        ("/cards/longest_running_jobs?period=someday", 422),
        ("/cards/longest_running_jobs?colour=red", 422),
    ):
        answer = await client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_every_other_reading_of_every_report_has_a_card(client: httpx.AsyncClient) -> None:
    taken = 0
    for name, declaration in registry().items():
        card = parsed((await client.get(f"/cards/{name}", params=dict(declaration.sample))).text).one("article")
        for link in (link for link in card.all("a") if "data-take" in link.attributes):
            path = link.attributes["href"].replace("/browse/", "/cards/")
            answer = await client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
            taken += 1
    assert taken > len(registry())


def test_account_makes_cards_without_a_server(sandbox_account: Callable[..., DbtAccount]) -> None:
    with sandbox_account() as account:
        jobs = account.run_report("list_jobs")
    assert len(rows_of(card_of(jobs))) == len(jobs.rows) == 17
