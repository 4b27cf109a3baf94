"""Everyone can use the pages: axe-core finds nothing serious on any of them, light and dark, narrow and wide."""

from __future__ import annotations

from itertools import cycle
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.webapp.chromium import opened_page
from tests.webapp.test_page_in_browser import QUESTION, ask

pytestmark = pytest.mark.browser

PAGES = {
    "the index": "/",
    "what a search finds": "/?q=revenue",
    "what needs attention": "/browse/attention",
    "a report with bars": "/browse/longest_running_jobs?period=last_week&limit=5",
    "a report with a line": "/browse/runtime_trend?job=Finance%20nightly%20build&period=last_14_days",
    "a report with states": "/browse/failed_runs?period=last_week",
    "a report of facts": "/browse/job_details?job=Finance%20nightly%20build",
    "a report with a fault": "/browse/failed_runs?jobs=Finance%20nigthly&limit=5",
    "a report without a subject": "/browse/critical_path",
    "a project": "/browse/projects/Marketing",
    "a job": "/browse/jobs/Finance%20nightly%20build",
    "a model": "/browse/models/fct_revenue",
    "a run": "/browse/runs/83896417804544",
    "an unknown job": "/browse/jobs/nightly",
    "the API": "/docs",
    "an unknown conversation": "/read/nothing",
}
Scheme = Literal["light", "dark"]
SERIOUS = ("serious", "critical")


def found(page: Page) -> list[str]:
    """What axe-core finds serious or critical: the rule, where, and why."""
    violations: list[dict[str, Any]] = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for each in violations
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def unfold(page: Page) -> None:
    """Shows what is folded, so that it is examined too: of the API page, whose operations are all drawn alike, some."""
    page.locator("details").evaluate_all("all => all.slice(0, 16).forEach(each => (each.open = true))")


def test_the_examiner_finds_what_is_wrong() -> None:
    with opened_page() as (page, _):
        page.set_content(
            "<html lang=en><title>A</title><main><h1>A</h1><button></button><p style='color:#bbb'>Some words</p>"
        )
        assert sorted(each.partition(":")[0] for each in found(page)) == ["button-name", "color-contrast"]


@pytest.mark.parametrize(("width", "schemes"), [(360, ("light", "dark")), (1280, ("dark", "light"))])
def test_no_page_of_reports_keeps_anyone_out(width: int, schemes: tuple[Scheme, Scheme], address: str) -> None:
    """Each page is seen narrow and wide, once light and once dark, and every other page the other way round."""
    faults = {}
    with opened_page(width=width) as (page, _):
        for (name, path), scheme in zip(PAGES.items(), cycle(schemes), strict=False):
            page.emulate_media(color_scheme=scheme)
            page.goto(address + path)
            assert page.locator(".field-fault").count() == ("fault" in name), name
            if path == "/":
                expect(page.locator("#attention .concern")).to_have_count(4, timeout=20_000)
            unfold(page)
            faults[name] = found(page)
    assert faults == {name: [] for name in PAGES}


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_no_state_of_a_conversation_keeps_anyone_out(width: int, scheme: str, address: str) -> None:
    faults = {}
    with opened_page(width=width, scheme=scheme) as (page, _):
        page.goto(f"{address}/chat")
        faults["empty"] = found(page)
        page.get_by_label("Your question").press_sequentially("/list")
        expect(page.get_by_role("listbox", name="Reports")).to_be_visible()
        faults["slash"] = found(page)
        page.keyboard.press("Escape")
        ask(page, QUESTION)
        expect(page.locator(".card")).to_have_count(1, timeout=20_000)
        page.get_by_role("button", name="Good answer").click()
        unfold(page)
        faults["answered"] = found(page)
        page.get_by_label("Your question").focus()
        page.keyboard.press("ArrowUp")
        expect(page.locator(".editing")).to_be_visible()
        faults["edited"] = found(page)
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Link to read").click()
        expect(page.get_by_role("link", name="Go on with it")).to_be_visible()
        faults["read"] = found(page)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        faults["keys"] = found(page)
        page.keyboard.press("Escape")
        page.goto(f"{address}/chat")
        page.route("**/chat", lambda route: route.abort())
        ask(page, QUESTION)
        expect(page.get_by_role("alert")).to_be_visible()
        faults["failed"] = found(page)
    assert faults == {name: [] for name in faults}
