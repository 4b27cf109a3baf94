"""The page while a model writes: its words appear as they come, and give way to the whole answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from playwright.sync_api import Page, Route, expect

from tests.servers.running import running
from tests.webapp.chromium import opened_page
from tests.webapp.scripted import calling, saying
from tests.webapp.test_page_in_browser import HOSTILE, QUESTION, ask
from tests.webapp.writing import Writing

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]
WORDS = f"These are the jobs. One is {HOSTILE}.\n\nThey are in no order. That is all."


def paragraphs(page: Page) -> list[str]:
    return page.locator(".prose p").all_inner_texts()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_words_appear_while_the_model_writes(
    width: int, scheme: str, sandbox_account: Account, settings: Settings
) -> None:
    halfway, end = Event(), Event()

    async def between(written: str) -> None:
        for gate, words in ((halfway, "They are"), (end, "That is")):
            if words in written:
                await asyncio.to_thread(gate.wait, 20)

    model = Writing(steps=[calling("list_jobs", limit=2), saying(WORDS)], between=between)
    with (
        running(create_app(settings, account=sandbox_account(), model=model)) as address,
        opened_page(width=width, scheme=scheme) as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_have_text(f"These are the jobs. One is {HOSTILE}.")
        expect(page.locator(".working")).to_be_visible()
        expect(page.get_by_role("status")).to_have_text("Working it out…")  # a reader is told the whole, once
        assert page.locator("main img, main b").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        halfway.set()
        expect(page.locator(".writing")).to_contain_text("They are in no order.")
        assert paragraphs(page) == [f"These are the jobs. One is {HOSTILE}.", "They are in no order."]
        end.set()
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
        expect(page.locator(".writing")).to_have_count(0)
        expect(page.locator(".answer")).to_have_count(1)
        assert "\n\n".join(paragraphs(page)) == WORDS
    assert complaints == []


def test_what_was_written_of_an_answer_that_broke_off_stays_until_it_is_asked_again(
    sandbox_account: Account, settings: Settings
) -> None:
    def broken(route: Route) -> None:
        body = 'event: token\ndata: {"text": "Half of"}\n\nevent: token\ndata: {"text": " it."}\n\n'
        route.fulfill(content_type="text/event-stream", body=body)

    model: Any = Writing(steps=[saying("The whole of it.")])
    with (
        running(create_app(settings, account=sandbox_account(), model=model)) as address,
        opened_page() as (page, complaints),
    ):
        page.goto(f"{address}/chat")
        page.route("**/chat", broken, times=1)
        ask(page, QUESTION)
        expect(page.get_by_role("alert")).to_contain_text("broke off")
        expect(page.locator(".prose")).to_have_text("Half of it.")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".prose")).to_have_text("The whole of it.")
    assert complaints == []
