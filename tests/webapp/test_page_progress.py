"""The page while it waits: it hears the stream of its answer, and does without where there is none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.progress import told
from dbt_discovery_web.app import create_app
from playwright.sync_api import Route, expect

from tests.servers.running import running
from tests.webapp.chromium import opened_page
from tests.webapp.scripted import Scripted, calling, saying
from tests.webapp.test_page_in_browser import QUESTION, ask

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page_shows_how_far_a_long_fetch_has_come(
    width: int, scheme: str, sandbox_account: Account, settings: Settings
) -> None:
    account, release, counted = sandbox_account(), Event(), Event()
    genuine = account.arun_report

    async def slowly(*args: Any, **given: Any) -> Any:
        told("runs", "run", 4200, 10000)
        await asyncio.to_thread(counted.wait, 20)
        told("models", "model", 700)
        await asyncio.to_thread(release.wait, 20)
        return await genuine(*args, **given)

    account.arun_report = slowly  # type: ignore[method-assign]
    model = Scripted(steps=[calling("list_jobs", limit=2), saying("Here it is.")])
    with (
        running(create_app(settings, account=account, model=model)) as address,
        opened_page(width=width, scheme=scheme) as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".working")).to_have_text("Runs: 4,200 of 10,000 runs")
        expect(page.get_by_role("status")).to_have_text("Working it out…")  # a reader is not told each step
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        counted.set()
        expect(page.locator(".working")).to_have_text("Models: 700 models")
        release.set()
        expect(page.locator(".prose")).to_have_text("Here it is.")
        expect(page.locator(".working")).to_have_count(0)
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
    assert complaints == []


@pytest.fixture
def hello(sandbox_account: Account, settings: Settings) -> Any:
    return create_app(settings, account=sandbox_account(), model=Scripted(steps=[saying("Hello there.")] * 2))


def test_without_a_stream_the_plain_answer_does(hello: Any) -> None:
    def plainly(route: Route) -> None:
        route.continue_(headers=route.request.headers | {"accept": "application/json"})

    with running(hello) as address, opened_page() as (page, complaints):
        page.goto(f"{address}/chat")
        page.route("**/chat", plainly)
        ask(page, "Hello?")
        expect(page.locator(".prose")).to_have_text("Hello there.")
    assert complaints == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('event: tool_start\ndata: {"name": "dbt_list_jobs", "args": {}}\n\n', "broke off"),
        (
            ': ping\n\nevent: error\ndata: {"detail": "dbt Cloud cannot be reached."}\n\n',
            "dbt Cloud cannot be reached.",
        ),
    ],
)
def test_a_stream_without_an_answer_is_said_in_place_and_can_be_tried_again(body: str, words: str, hello: Any) -> None:
    with running(hello) as address, opened_page() as (page, complaints):
        page.goto(f"{address}/chat")
        page.route("**/chat", lambda route: route.fulfill(content_type="text/event-stream", body=body), times=1)
        ask(page, "Hello?")
        expect(page.get_by_role("alert")).to_contain_text(words)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".prose")).to_have_text("Hello there.")
    assert complaints == []
