"""The page in a real browser, on a real server, from a question to its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery_web.app import create_app
from langchain_core.outputs import ChatResult
from playwright.sync_api import Page, Route, expect

from tests.servers.running import running
from tests.webapp.chromium import opened_page
from tests.webapp.scripted import Scripted, calling, saying

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]
QUESTION = "What were the longest-running jobs last week?"
HOSTILE = '<img src=x onerror="document.title=1"><b>orders</b>'


@pytest.fixture
def fresh_address(sandbox_account: Account, settings: Settings) -> Iterator[str]:
    """A server on the sandbox, with the offline chat model, that nobody has asked anything."""
    with running(create_app(settings, account=sandbox_account())) as address:
        yield address


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_a_question_gets_its_answer_and_its_thread_a_place(address: str, sandbox_account: Account) -> None:
    with sandbox_account() as account:
        report = account.run_report("longest_running_jobs", period="last_week")
    with opened_page() as (page, complaints):
        page.goto(f"{address}/chat")
        expect(page.locator(".source")).to_contain_text("Sandbox data")
        ask(page, QUESTION)
        expect(page.get_by_role("heading", name=QUESTION, level=2)).to_be_visible()
        expect(page.locator(".card .table tbody tr")).to_have_count(len(report.rows))
        expect(page.locator(".prose")).to_contain_text(report.finding)
        expect(page.locator(".card svg").first).to_be_attached()
        expect(page.get_by_role("status")).to_contain_text(report.finding)
        expect(page.locator("#threads [aria-current]")).to_have_text(QUESTION)
        expect(page.get_by_role("heading", name=QUESTION, level=1)).to_be_visible()
        page.get_by_role("link", name="Link to read").click()
        expect(page).to_have_url(re.compile(r"/read/[-\w]+$"))
        expect(page.locator(".card .table tbody tr")).to_have_count(len(report.rows))
        expect(page.get_by_role("textbox", name="Your question")).to_have_count(0)
        page.get_by_role("link", name="Go on with it").click()
        expect(page.get_by_label("Your question")).to_be_focused()
    assert complaints == []


def test_a_thread_is_there_again_after_a_reload_and_goes_when_deleted(fresh_address: str) -> None:
    with opened_page() as (page, complaints):
        page.goto(f"{fresh_address}/chat")
        page.get_by_role("button", name="Which models are slowest?").click()
        expect(page.locator(".card")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"thread="))
        answered = page.locator(".turn").inner_text()
        page.reload()
        expect(page.locator(".turn")).to_have_count(1)
        assert page.locator(".turn").inner_text() == answered

        page.once("dialog", lambda dialog: dialog.accept())
        page.locator("#threads li").hover()
        page.get_by_role("button", name="Delete conversation: Which models are slowest?").click()
        expect(page.get_by_role("heading", name="What would you like to know")).to_be_visible()
        expect(page.locator("#threads li")).to_have_count(0)
    assert complaints == []


def test_a_failed_request_is_said_in_place_and_can_be_tried_again(address: str) -> None:
    failures = [1]

    def fail_once(route: Route) -> None:
        if failures:
            failures.pop()
            route.abort()
        else:
            route.continue_()

    with opened_page() as (page, _):
        page.goto(f"{address}/chat")
        page.route("**/chat", fail_once)
        ask(page, QUESTION)
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".card")).to_have_count(1)
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator(".question")).to_have_count(1)


class Waiting(Scripted):
    """Says nothing until it may."""

    release: Any

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        self.release.wait(10)
        return super()._generate(*args, **kwargs)


def test_while_an_answer_is_worked_out_the_page_says_so(sandbox_account: Account, settings: Settings) -> None:
    release = Event()
    model = Waiting(steps=[saying("Here it is.")], release=release)
    with (
        running(create_app(settings, account=sandbox_account(), model=model)) as address,
        opened_page() as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".working")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Working it out…")
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_hidden()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        release.set()
        expect(page.locator(".prose")).to_have_text("Here it is.")
        expect(page.locator(".working")).to_have_count(0)
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        expect(page.get_by_label("Your question")).to_be_focused()
        expect(page.get_by_role("status")).to_have_text("Answer: Here it is.")
    assert complaints == []


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(width: int, address: str) -> None:
    with opened_page(width=width) as (page, _):
        for path in ("/chat", "/docs"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".answer")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_stay_text_and_links_are_safe(sandbox_account: Account, settings: Settings) -> None:
    account = sandbox_account()
    genuine = account.arun_report

    async def poisoned(name: str, *args: object, **given: object) -> Report:
        report = await genuine(name, *args, **given)  # type: ignore[arg-type]
        addresses = ["https://cloud.getdbt.com/runs/1", "javascript:document.title=1"]
        rows = [row | {"job_name": HOSTILE, "url": url} for row, url in zip(report.rows, addresses, strict=False)]
        source = report.source.model_copy(update={"kind": "dbt_cloud"})
        return report.model_copy(update={"rows": tuple(rows), "source": source, "notes": (HOSTILE,)})

    account.arun_report = poisoned  # type: ignore[method-assign, assignment]
    model = Scripted(steps=[calling("failed_runs"), saying(HOSTILE)])
    with (
        running(create_app(settings, account=account, model=model)) as address,
        opened_page() as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, HOSTILE)
        expect(page.locator(".prose")).to_have_text(HOSTILE)
        expect(page.locator(".notes")).to_have_text(HOSTILE)
        expect(page.locator(".question")).to_have_text(HOSTILE)
        expect(page.locator("#threads a")).to_have_text(HOSTILE)
        assert page.locator("main img, main b, nav b").count() == 0
        page.reload()
        expect(page.locator(".prose")).to_have_text(HOSTILE)
        assert page.locator("main img, main b, nav b").count() == 0
    assert complaints == []
