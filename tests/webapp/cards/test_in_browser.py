"""Cards in a real browser: sorted, filtered, read in another way, copied from, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery.reports import registry
from dbt_discovery_web.app import create_app
from dbt_discovery_web.cards import Card
from dbt_discovery_web.frame import frame_of, templates
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, Route, expect

from tests.servers.running import running
from tests.webapp.chromium import opened_page

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]
LONGEST = "longest_running_jobs?period=last_week&limit=17"
PAGE = (
    '{% extends "base.html" %}{% block body %}<main id="main"><h1>A card</h1>{% set level = 2 %}'
    '{% include "card.html" %}</main>{% endblock %}'
)


def with_cards(app: FastAPI, account: DbtAccount) -> FastAPI:
    """The app with a page for each report that holds its card and nothing else."""
    page = templates.env.from_string(PAGE)

    @app.get("/card/{name}", include_in_schema=False)
    async def card(name: str, request: Request) -> HTMLResponse:
        report = await account.arun_report(name, registry()[name].parse(dict(request.query_params)))
        shown = Card.of(report, zone=account.settings.zone, origin=str(request.base_url))
        return HTMLResponse(page.render(request=request, card=shown, **await frame_of(account)))

    return app


@pytest.fixture(scope="module")
def address(common_account: DbtAccount, common_settings: Settings) -> Iterator[str]:
    app = create_app(common_settings, account=common_account)
    with running(with_cards(app, common_account)) as address:
        yield f"{address}/card"


@pytest.fixture(scope="module")
def longest(world: sandbox.World, common_settings: Settings) -> Report:
    with DbtAccount(transport=sandbox.transport(world), settings=common_settings) as own:
        return own.run_report("longest_running_jobs", period="last_week", limit=17)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page whose console has nothing to complain of."""
    with opened_page() as (page, complaints):
        yield page
        assert complaints == []


def names(page: Page) -> list[str]:
    """The names of the rows that can be seen, from the top."""
    return page.locator(".table tbody tr:visible th").all_inner_texts()


def test_a_click_on_a_head_sorts_and_the_third_gives_the_servers_order_again(
    address: str, page: Page, longest: Report
) -> None:
    page.goto(f"{address}/{LONGEST}")
    page.get_by_role("button", name="Show all 17 rows").click()
    server = [row["job_name"] for row in longest.rows]
    queued = [row["job_name"] for row in sorted(longest.rows, key=lambda row: -row["avg_queued"])]
    assert names(page) == server
    head = page.get_by_role("columnheader", name="Average queued")
    expect(head).not_to_have_attribute("aria-sort", re.compile("."))
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names(page) == queued
    page.keyboard.press("Enter")  # the focus stays on the head
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert names(page) == queued[::-1]
    page.get_by_role("button", name="Job").click()
    expect(head).not_to_have_attribute("aria-sort", re.compile("."))
    assert names(page) == sorted(server, key=str.casefold)
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    expect(page.locator("[aria-sort]")).to_have_count(0)
    assert names(page) == server


def test_what_is_not_known_comes_last_in_both_orders(address: str, page: Page) -> None:
    page.goto(f"{address}/list_runs?period=yesterday&limit=50")
    page.locator(".more").click()
    for order in ("descending", "ascending"):
        page.get_by_role("button", name="Runtime").click()
        expect(page.get_by_role("columnheader", name="Runtime")).to_have_attribute("aria-sort", order)
        known = [text != "–" for text in page.locator(".table tbody tr td:nth-child(4)").all_inner_texts()]
        assert known == sorted(known, reverse=True)
        assert not all(known)


def test_twelve_rows_are_seen_until_all_are_asked_for_and_sorting_takes_the_first_of_all(
    address: str, page: Page, longest: Report
) -> None:
    page.goto(f"{address}/{LONGEST}")
    assert names(page) == [row["job_name"] for row in longest.rows[:12]]
    page.get_by_role("button", name="Runs", exact=True).click()
    most = sorted((row["runs"] for row in longest.rows), reverse=True)[:12]
    assert page.locator(".table tbody tr:visible td:nth-child(5)").all_inner_texts() == [f"{n:,}" for n in most]
    page.get_by_role("button", name="Show all 17 rows").press("Enter")
    expect(page.locator(".table tbody tr:visible")).to_have_count(17)
    expect(page.locator(".table tbody tr").nth(12)).to_be_focused()
    expect(page.get_by_role("button", name="Show all 17 rows")).to_have_count(0)


def test_the_filter_finds_rows_beyond_the_cut_and_says_how_many(address: str, page: Page, longest: Report) -> None:
    page.goto(f"{address}/{LONGEST}")
    field = page.get_by_role("searchbox", name="Filter rows")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("MARKETING prod")
    found = [
        row["job_name"]
        for row in longest.rows
        if "marketing" in f"{row['job_name']} {row['project_name']}".lower() and row["environment_name"] == "Production"
    ]
    assert names(page) == found
    assert any(row["job_name"] in found for row in longest.rows[12:])
    expect(page.locator(".extent")).to_have_text(f"{len(found)} of 17 rows")
    expect(page.get_by_role("status")).to_have_text(f"{len(found)} of 17 rows")
    field.fill("no such job")
    expect(page.locator(".extent")).to_have_text("0 of 17 rows")
    field.press("Escape")
    expect(field).to_have_value("")
    assert len(names(page)) == 12
    expect(page.locator(".extent")).to_have_text("17 rows")


def test_another_reading_comes_in_place_and_leads_back(address: str, page: Page) -> None:
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    page.evaluate(
        "window.stays = true; addEventListener('card-changed', (event) => (window.changed = event.detail.page))"
    )
    page.get_by_text("Copy as").click()
    page.get_by_role("link", name="Or longest single run").press("Enter")
    expect(page.locator(".card-finding")).to_contain_text("one run took")
    expect(page.get_by_role("columnheader").nth(1)).to_have_text("Longest")
    expect(page.get_by_role("status")).to_contain_text("one run took")
    expect(page.locator(".copies")).to_be_visible()  # what was open is open
    expect(page.get_by_role("link", name="Or average run time")).to_be_focused()
    assert "order_by=max" in page.evaluate("window.changed")
    page.keyboard.press("Enter")
    expect(page.locator(".card-finding")).to_contain_text("on average")
    page.get_by_role("link", name="Show all 17").click()
    expect(page.locator(".table tbody tr")).to_have_count(17)
    assert page.evaluate("window.stays"), "no other page was opened"


def test_a_reading_that_cannot_be_had_is_said_in_the_card(address: str) -> None:
    with opened_page() as (page, _):
        page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
        page.route("**/cards/**", lambda route: route.abort())
        page.get_by_role("link", name="Or last 7 days").click()
        expect(page.get_by_role("alert")).to_have_text("The server does not answer. Is it still running?")
        page.unroute("**/cards/**")

        def refuse(route: Route) -> None:
            route.fulfill(status=503, content_type="application/problem+json", body='{"detail": "Not <b>now</b>."}')

        page.route("**/cards/**", refuse)
        page.get_by_role("link", name="Or last 7 days").click()
        expect(page.get_by_role("alert")).to_have_text("Not <b>now</b>.")
        page.unroute("**/cards/**")
        page.get_by_role("link", name="Or last 7 days").click()
        expect(page.locator(".card-scope")).to_have_text("last 7 days")
        expect(page.get_by_role("alert")).to_have_count(0)


def test_the_last_of_two_clicks_counts(address: str, page: Page) -> None:
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    held: list[Route] = []
    page.route("**/cards/*order_by=max*", lambda route: held.append(route))
    page.get_by_role("link", name="Or longest single run").click()
    expect(page.locator(".card")).to_have_attribute("aria-busy", "true")
    page.get_by_role("link", name="Or total run time").click()
    expect(page.get_by_role("columnheader").nth(1)).to_have_text("Total")
    assert held
    expect(page.locator(".card")).not_to_have_attribute("aria-busy", "true")


def test_what_is_copied_is_what_is_shown(address: str, page: Page) -> None:
    origin = address.removesuffix("/card")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=origin)
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    page.get_by_text("Copy as").click()
    for label, key in (("curl", "curl"), ("Command line", "command"), ("Python", "python"), ("Tool call", "tool")):
        page.get_by_role("button", name=f"Copy {label}").click()
        expect(page.locator(f"[data-copy={key}]")).to_contain_text("Copied")
        shown = page.get_by_role("region", name=label, exact=True).text_content()
        assert page.evaluate("navigator.clipboard.readText()") == shown
    assert page.get_by_role("region", name="curl").text_content() == (
        f"curl -s '{origin}/reports/longest_running_jobs?period=last_week&limit=5'"
    )


def test_without_the_clipboard_the_text_is_selected(address: str, page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    page.get_by_text("Copy as").click()
    page.get_by_role("button", name="Copy Tool call").click()
    expect(page.locator("[data-copy=tool]")).to_contain_text("Selected")
    assert page.evaluate("getSelection().toString()").startswith('{"name": "dbt_longest_running_jobs"')


def test_files_are_downloaded_by_their_names(address: str, page: Page, longest: Report) -> None:
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    for label, ending in (("CSV of all rows", "csv"), ("Markdown", "md"), ("SVG of the chart", "svg")):
        with page.expect_download() as downloading:
            page.get_by_role("link", name=label).click()
        assert downloading.value.suggested_filename == f"longest_running_jobs.{ending}"
        if ending == "csv":
            assert len(Path(downloading.value.path()).read_text().splitlines()) == 1 + len(longest.rows)


def test_without_scripts_everything_is_there(address: str) -> None:
    with opened_page() as (page, _):
        page.route("**/*.js", lambda route: route.abort())
        page.goto(f"{address}/{LONGEST}")
        expect(page.locator(".table tbody tr:visible")).to_have_count(17)
        expect(page.locator(".filter")).to_be_hidden()
        expect(page.locator(".theme")).to_be_hidden()
        page.get_by_text("Copy as").click()
        expect(page.get_by_role("region", name="Command line")).to_be_visible()
        expect(page.locator("[data-copy=curl]")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1400])
@pytest.mark.parametrize(
    "name", ["longest_running_jobs", "runtime_trend", "critical_path", "job_details", "failed_runs"]
)
def test_a_card_fits_every_window_and_its_chart_can_be_read(width: int, name: str, address: str) -> None:
    query = "&".join(f"{key}={value}" for key, value in registry()[name].sample.items())
    with opened_page(width=width) as (page, complaints):
        page.goto(f"{address}/{name}?{query}")
        for fold in page.locator(".fold > summary").all():
            fold.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for pre in page.locator(".copies pre").all():
            box = pre.bounding_box()
            assert box
            assert box["x"] + box["width"] <= width
        if page.locator(".chart").count():
            seen = page.locator(".chart:visible")
            expect(seen).to_have_count(1)
            size = seen.evaluate("chart => chart.getBoundingClientRect().width / chart.viewBox.baseVal.width * 11")
            assert 9.5 <= size <= 17, "of the smallest letters, in pixels"
    assert complaints == []


def test_a_chart_wears_the_colours_of_the_page(address: str, page: Page) -> None:
    page.goto(f"{address}/longest_running_jobs?period=last_week&limit=5")
    fill = "() => getComputedStyle(document.querySelector('.chart-wide rect')).fill"
    ground = "() => getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(fill) == "rgb(217, 99, 44)"
    button = page.locator(".theme")
    for theme, bar, behind in (
        ("light", "rgb(217, 99, 44)", "rgb(255, 255, 255)"),
        ("dark", "rgb(239, 131, 84)", "rgb(23, 22, 20)"),
    ):
        button.click()
        expect(button).to_have_accessible_name(f"Theme: {theme}")
        assert (page.evaluate(fill), page.evaluate(ground)) == (bar, behind)
    page.reload()
    assert page.evaluate(ground) == "rgb(23, 22, 20)"
    button.click()
    expect(button).to_have_accessible_name("Theme: system")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_a_question_mark_shows_the_keys_but_not_while_one_writes(address: str, page: Page) -> None:
    page.goto(f"{address}/{LONGEST}")
    field = page.get_by_role("searchbox")
    field.press_sequentially("?/")
    expect(field).to_have_value("?/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    field.blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Keys")).to_be_focused()
