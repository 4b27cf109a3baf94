"""The report browser in a real browser: what moves, with scripts and without."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from playwright.sync_api import Page, Route, expect

from tests.servers.running import running
from tests.webapp.browse.conftest import Account
from tests.webapp.chromium import opened_page

pytestmark = pytest.mark.browser

PAGES = {
    "index": "/",
    "found": "/?q=revenue",
    "attention": "/browse/attention",
    "report": "/browse/longest_running_jobs?period=last_week&limit=5",
    "faulty report": "/browse/failed_runs?jobs=Finance%20nigthly&limit=5",
    "subject": "/browse/critical_path",
    "job": "/browse/jobs/Finance%20nightly%20build",
    "model": "/browse/models/fct_revenue",
    "project": "/browse/projects/Marketing",
    "run": "/browse/runs/83896417804544",
    "problem": "/browse/jobs/nightly",
}


@pytest.fixture
def account(sandbox_account: Account) -> DbtAccount:
    return sandbox_account()


@pytest.fixture
def fresh_address(account: DbtAccount, settings: Settings) -> Iterator[str]:
    """A server on the sandbox that has fetched nothing yet."""
    with running(create_app(settings, account=account)) as address:
        yield address


def stays(page: Page) -> None:
    """Marks the page, so that a load of another one can be seen."""
    page.evaluate("window.stayed = true")


def has_stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def test_a_form_is_answered_in_place_and_back_leads_to_what_was_before(address: str) -> None:
    with opened_page() as (page, complaints):
        page.goto(f"{address}/browse/longest_running_jobs?period=last_week")
        stays(page)
        before = page.locator(".card-finding").inner_text()
        page.get_by_label("Sort by").select_option("total")
        page.get_by_role("spinbutton", name="Rows").fill("3")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/browse/longest_running_jobs?period=last_week&order_by=total&limit=3")
        expect(page.locator(".card .table tbody tr")).to_have_count(3)
        expect(page.get_by_role("spinbutton", name="Rows")).to_be_focused()
        expect(page.locator("#status")).to_have_text(page.locator(".card-finding").inner_text())
        assert page.locator(".card-finding").inner_text() != before

        page.go_back()
        expect(page.locator(".card-finding")).to_have_text(before)
        expect(page.get_by_role("spinbutton", name="Rows")).to_have_value("10")
        expect(page.get_by_label("Sort by")).to_have_value("avg")
        assert has_stayed(page)
        page.reload()
        expect(page.locator(".card-finding")).to_have_text(before)
    assert complaints == []


def test_another_reading_fills_in_the_form_too(address: str) -> None:
    with opened_page() as (page, complaints):
        page.goto(f"{address}/browse/longest_running_jobs?period=last_week")
        stays(page)
        page.get_by_role("link", name="longest single run").click()
        expect(page).to_have_url(re.compile("order_by=max"))
        expect(page.get_by_label("Sort by")).to_have_value("max")
        expect(page.locator(".card-finding")).to_contain_text("one run took")
        assert page.evaluate("document.activeElement.dataset.take") == "order_by"
        assert has_stayed(page)
    assert complaints == []


def test_what_is_wrong_is_told_at_its_field_and_mended_with_a_click(address: str) -> None:
    with opened_page() as (page, _):
        page.goto(f"{address}/browse/failed_runs")
        stays(page)
        page.get_by_role("combobox", name="Jobs").fill("Finance nigthly build")
        page.get_by_role("button", name="Show", exact=True).click()
        fault = page.locator("#field-jobs-fault")
        expect(fault).to_contain_text("There is no job “Finance nigthly build”")
        expect(page.get_by_role("combobox", name="Jobs, 1")).to_be_focused()
        expect(page.locator(".card")).to_have_count(0)
        fault.get_by_role("link", name="Finance nightly build").click()
        expect(page.locator(".card-scope")).to_contain_text("Finance nightly build")
        expect(page.get_by_role("combobox", name="Jobs, 1")).to_have_value("Finance nightly build")
        assert has_stayed(page)


def test_a_server_that_is_gone_is_said_in_place(address: str) -> None:
    def gone(route: Route) -> None:
        route.abort()

    with opened_page() as (page, _):
        page.goto(f"{address}/browse/list_jobs")
        page.route("**/browse/**", gone)
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        expect(page.locator("#result")).not_to_have_attribute("aria-busy", "true")


def test_a_list_grows_as_it_is_filled_in_and_suggests_what_fits(
    fresh_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery_web.browse.suggestions.AT_ONCE", 5)
    with opened_page() as (page, complaints):
        page.goto(f"{fresh_address}/browse/list_models")
        page.get_by_text("More filters").click()
        fields = page.locator("#field-models input")
        expect(fields).to_have_count(1)
        fields.first.press_sequentially("fct_reve")
        expect(fields).to_have_count(2)
        expect(page.locator("#names-models option").first).to_have_attribute("value", "fct_revenue")
        fields.first.fill("fct_revenue")
        fields.nth(1).fill("fct_invoices")
        page.keyboard.press("Enter")
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
        expect(page).to_have_url(re.compile(r"\?models=fct_revenue&models=fct_invoices$"))
        expect(fields).to_have_count(3)
    assert complaints == []


def test_a_period_is_either_chosen_or_written(address: str) -> None:
    with opened_page() as (page, complaints):
        page.goto(f"{address}/browse/list_runs?period=yesterday")
        page.get_by_label("Another period").fill("2026-11-16")
        expect(page.locator("#field-period")).to_have_value("")
        page.locator("#field-period").select_option("last_week")
        expect(page.get_by_label("Another period")).to_have_value("")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page).to_have_url(re.compile(r"\?period=last_week$"))
    assert complaints == []


def test_the_first_page_tells_what_needs_attention_and_filters_as_one_writes(address: str) -> None:
    with opened_page() as (page, complaints):
        page.goto(address)
        expect(page.locator("#attention .concern")).to_have_count(4)
        page.keyboard.press("/")
        search = page.get_by_role("searchbox")
        expect(search).to_be_focused()
        search.press_sequentially("slowest")
        expect(page.get_by_role("link", name="Slowest models")).to_be_visible()
        expect(page.get_by_role("link", name="Queue times")).to_be_hidden()
        expect(page.get_by_role("heading", name="Sources")).to_be_hidden()
        search.fill("Finance data qual")
        expect(page.locator("#none")).to_be_visible()
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Finance data quality").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Finance data quality")
    assert complaints == []


def test_everything_works_without_scripts(address: str) -> None:
    with opened_page() as (page, _):
        page.context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
        page.goto(address)
        page.get_by_role("link", name="See what needs attention now").click()
        page.locator(".concern").first.get_by_role("link").nth(1).click()
        page.locator(".section svg.strip a").last.click()
        page.locator(".crumbs").get_by_role("link").last.click()
        page.locator(".resource-nav").get_by_role("link", name="Job reliability").click()
        page.locator("#field-period").select_option("last_week")
        page.get_by_label("Sort by").select_option("recovery")
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url(re.compile(r"period=last_week&order_by=recovery&job_ids=\d+$"))
        assert page.locator(".card-finding").inner_text()
        assert page.locator("#field-period").input_value() == "last_week"


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1400, "dark")])
def test_every_page_fits_its_window_without_a_complaint(width: int, scheme: str, address: str) -> None:
    with opened_page(width=width, scheme=scheme) as (page, complaints):
        for name, path in PAGES.items():
            page.goto(address + path)
            beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert beyond <= 0, f"{name} is {beyond} pixels too wide"
            assert page.locator("h1").count() == 1
    assert [each for each in complaints if "404" not in each] == []


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_jumps_when_what_needs_attention_comes(width: int, fresh_address: str) -> None:
    with opened_page(width=width) as (page, _):
        page.goto(fresh_address)
        expect(page.locator("#attention .concern")).to_have_count(4)
        shifts = page.evaluate(
            """new Promise(tell => {
                const shifts = [];
                const told = source => source.node?.outerHTML?.slice(0, 120);
                const add = list =>
                    list.getEntries().forEach(each => shifts.push([each.value, each.sources.map(told)]));
                new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
                requestAnimationFrame(() => setTimeout(() => tell(shifts), 200));
            })"""
        )
        assert sum(value for value, _ in shifts) < 0.01, shifts


def test_a_page_begins_before_its_slowest_part_is_known(account: DbtAccount, settings: Settings) -> None:
    release = Event()
    run_report = account.arun_report

    async def slowly(name: str, *args: Any, **given: Any) -> Any:
        if name == "runtime_trend":
            await asyncio.to_thread(release.wait, 60)
        return await run_report(name, *args, **given)

    account.arun_report = slowly  # type: ignore[method-assign]
    with (
        running(create_app(settings, account=account)) as address,
        opened_page() as (page, complaints),
    ):
        try:
            page.goto(address + PAGES["job"], wait_until="commit")
            expect(page.locator("#runs .strip")).to_be_visible()
            assert page.locator("#trend").count() == page.locator("#slowest").count() == 0
        finally:
            release.set()
        expect(page.locator("#trend .card")).to_be_visible()
        expect(page.locator("#models .things")).to_be_visible()
    assert complaints == []


def test_bars_and_their_names_stay_inside(address: str) -> None:
    with opened_page(width=360) as (page, _):
        for path in (PAGES["run"], PAGES["job"]):
            page.goto(address + path)
            outside = page.locator("svg.gantt-bars").evaluate_all(
                """all => all.flatMap(svg => {
                    const whole = svg.getBoundingClientRect();
                    return [...svg.querySelectorAll("rect")].map(bar => bar.getBoundingClientRect())
                        .filter(box => box.left < whole.left - 1 || box.right > whole.right + 1 || box.width === 0);
                })"""
            )
            assert outside == []
            assert page.locator("svg.gantt-bars rect").count() > 5
