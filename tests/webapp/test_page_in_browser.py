"""The page in a real browser, on a real server, from a question to its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery_web.app import create_app
from langchain_core.outputs import ChatResult
from playwright.sync_api import Page, Route, expect

from tests.servers.running import running
from tests.webapp.chromium import chromium_path, opened_page
from tests.webapp.scripted import Scripted, calling, saying

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]
QUESTION = "What were the longest-running jobs last week?"
HOSTILE = '<img src=x onerror="document.title=1"><b>orders</b>'


@pytest.fixture(autouse=True)
def _browser() -> None:
    chromium_path()


@pytest.fixture
def address(sandbox_account: Account, settings: Settings) -> Iterator[str]:
    """A server on the sandbox, with the offline chat model."""
    with running(create_app(settings, account=sandbox_account())) as address:
        yield address


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_a_question_gets_its_answer_table_tools_and_banner(
    address: str, tmp_path: Path, sandbox_account: Account
) -> None:
    with sandbox_account() as account:
        report = account.run_report("longest_running_jobs", period="last_week")
    with opened_page(tmp_path / "profile") as (page, complaints):
        page.goto(address)
        expect(page).to_have_url(f"{address}/chat")
        expect(page.locator(".source")).to_contain_text("Sandbox data")
        ask(page, QUESTION)

        expect(page.get_by_role("heading", name=QUESTION)).to_be_visible()
        expect(page.locator(".prose")).to_contain_text(report.rows[0]["job_name"])
        first = page.locator(".report tbody tr").first
        expect(first.locator("th")).to_have_text(report.rows[0]["job_name"])
        measure = first.locator("td").first
        assert measure.get_attribute("title") == f"{report.rows[0]['avg_runtime']} seconds"
        assert measure.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
        expect(page.locator(".basis")).to_contain_text(f"Based on {report.coverage.considered} runs")
        expect(page.locator(".basis")).to_contain_text("as of 18 Nov 2026")

        tools = page.get_by_role("region", name="Tools used")
        expect(tools).to_be_hidden()
        page.get_by_text("How this was computed").click()
        expect(tools).to_contain_text("dbt_longest_running_jobs")
        expect(tools).to_contain_text("last_week")
        expect(tools).to_contain_text(f"{len(report.rows)} rows")
    assert complaints == []


def test_a_thread_is_there_again_after_a_reload_and_goes_when_deleted(address: str, tmp_path: Path) -> None:
    with opened_page(tmp_path / "profile") as (page, complaints):
        page.goto(f"{address}/chat")
        page.get_by_role("button", name="Which models are slowest?").click()
        expect(page.locator(".answer")).to_have_count(1)
        expect(page).to_have_url(re.compile(r"thread="))
        answered = page.locator(".answer").inner_text()
        page.reload()
        expect(page.locator(".answer")).to_have_text(re.compile(re.escape(answered.split("\n")[0])))
        assert page.locator(".answer").inner_text() == answered

        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Delete conversation: Which models are slowest?").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("#threads li")).to_have_count(0)
    assert complaints == []


def test_another_way_to_take_the_question_is_one_click_away(address: str, tmp_path: Path) -> None:
    with opened_page(tmp_path / "profile") as (page, complaints):
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        page.get_by_role("button", name="longest single run").click()
        expect(page.locator(".report .finding")).to_contain_text("one run took")
        expect(page.locator(".report thead th").nth(1)).to_have_text("Longest")
    assert complaints == []


def test_a_failed_request_is_said_in_place_and_can_be_tried_again(address: str, tmp_path: Path) -> None:
    failures = [1]

    def fail_once(route: Route) -> None:
        if failures:
            failures.pop()
            route.abort()
        else:
            route.continue_()

    with opened_page(tmp_path / "profile") as (page, _):
        page.goto(f"{address}/chat")
        page.route("**/chat", fail_once)
        ask(page, QUESTION)
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".answer")).to_have_count(1)
        expect(page.get_by_role("alert")).to_have_count(0)
        expect(page.locator(".question")).to_have_count(1)


class Waiting(Scripted):
    """Says nothing until it may."""

    release: Any

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        self.release.wait(10)
        return super()._generate(*args, **kwargs)


def test_while_an_answer_is_worked_out_the_page_says_so(
    sandbox_account: Account, settings: Settings, tmp_path: Path
) -> None:
    release = Event()
    model = Waiting(steps=[saying("Here it is.")], release=release)
    with (
        running(create_app(settings, account=sandbox_account(), model=model)) as address,
        opened_page(tmp_path / "profile") as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".working")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Working it out…")
        expect(page.get_by_role("button", name="Ask")).to_be_disabled()
        release.set()
        expect(page.locator(".prose")).to_have_text("Here it is.")
        expect(page.locator(".working")).to_have_count(0)
        expect(page.get_by_role("button", name="Ask")).to_be_enabled()
        expect(page.get_by_role("status")).to_have_text("Answer: Here it is.")
    assert complaints == []


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(width: int, address: str, tmp_path: Path) -> None:
    with opened_page(tmp_path / "profile", width=width) as (page, _):
        for path in ("/chat", "/docs"):
            page.goto(address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".answer")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_stay_text_and_links_are_safe(
    sandbox_account: Account, settings: Settings, tmp_path: Path
) -> None:
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
        opened_page(tmp_path / "profile") as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, HOSTILE)
        expect(page.locator(".prose")).to_have_text(HOSTILE)
        expect(page.locator(".notes")).to_have_text(HOSTILE)
        expect(page.locator(".report td", has_text=HOSTILE)).to_have_count(2)
        assert page.locator("main img, main b").count() == 0
        links = page.locator(".report td a")
        expect(links).to_have_count(1)
        assert links.get_attribute("rel") == "noopener noreferrer"
        assert links.get_attribute("href") == "https://cloud.getdbt.com/runs/1"
    assert complaints == []


def test_the_finding_stands_out_also_after_a_caveat(
    sandbox_account: Account, settings: Settings, tmp_path: Path
) -> None:
    def answering(messages: list[Any]) -> Any:
        return saying(f"I left something out.\n\n{messages[-1].artifact['finding']}\n\nHow I read it: all.")

    model = Scripted(steps=[calling("list_jobs"), answering])
    with (
        running(create_app(settings, account=sandbox_account(), model=model)) as address,
        opened_page(tmp_path / "profile") as (page, _),
    ):
        page.goto(f"{address}/chat")
        ask(page, "Which jobs are there?")
        expect(page.locator(".prose p")).to_have_count(3)
        sizes = [
            float(size.removesuffix("px"))
            for size in page.locator(".prose p").evaluate_all("all => all.map((p) => getComputedStyle(p).fontSize)")
        ]
    assert sizes[1] > sizes[0] == sizes[2]
