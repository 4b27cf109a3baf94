"""What a person does with an answer: stops it, comes back to it, asks again, goes on from it, says how it was."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from threading import Event
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from playwright.sync_api import Page, expect

from tests.servers.running import running
from tests.webapp.chromium import opened_page
from tests.webapp.scripted import Scripted, calling, saying
from tests.webapp.test_page_in_browser import QUESTION, ask
from tests.webapp.writing import Writing

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]
ANSWERED = ".outcome .prose"
"""The words of an answer when the whole of it is there; before, they may be seen while it is still worked out."""
WORDS = "These are the jobs. They are in no order. That is all."


@contextmanager
def chat(account: DbtAccount, settings: Settings, model: Any = None) -> Iterator[tuple[Page, str]]:
    """The chat page, whose console has nothing to complain of."""
    app = create_app(settings, account=account, model=model)
    with running(app) as address, opened_page() as (page, complaints):
        page.goto(f"{address}/chat")
        yield page, address
        assert complaints == []


class Held(Writing):
    """Writes until it comes to some words, and goes on when it may."""

    gate: Any

    @classmethod
    def before(cls, words: str, *steps: Any) -> Held:
        gate = Event()

        async def between(written: str) -> None:
            if words in written:
                await asyncio.to_thread(gate.wait, 20)

        return cls(steps=[calling("list_jobs", limit=2), saying(WORDS), *steps], between=between, gate=gate)


@pytest.mark.parametrize("way", ["button", "key"])
def test_an_answer_can_be_stopped_and_keeps_what_had_been_said(
    way: str, sandbox_account: Account, settings: Settings
) -> None:
    model = Held.before("They are", saying("The whole of it."))
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_have_text("These are the jobs.")
        page.get_by_role("button", name="Stop").click() if way == "button" else page.keyboard.press("Escape")
        expect(page.locator(".prose")).to_contain_text("Stopped, as you asked.")
        expect(page.locator(".prose")).to_contain_text("These are the jobs.")
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        expect(page.get_by_label("Your question")).to_be_focused()
        page.reload()
        expect(page.locator(".prose")).to_contain_text("Stopped, as you asked.")
        model.gate.set()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".prose")).to_have_text("The whole of it.")
        expect(page.locator(".turn")).to_have_count(1)


def test_an_answer_goes_on_after_a_reload(sandbox_account: Account, settings: Settings) -> None:
    model = Held.before("They are")
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_have_text("These are the jobs.")
        page.reload()
        expect(page.locator(".question")).to_have_text(QUESTION)
        expect(page.locator(".writing")).to_have_text("These are the jobs.")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        model.gate.set()
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
        expect(page.locator(".prose")).to_have_text(WORDS)
        expect(page.locator(".turn")).to_have_count(1)
    assert len(model.seen) == 2


def test_a_question_that_was_interrupted_is_there_and_can_be_asked_again(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[saying("Hello."), saying("Hello again.")])
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, "So?")
        expect(page.locator(ANSWERED)).to_have_text("Hello.")
        with closing(sqlite3.connect(str(settings.database_url).removeprefix("sqlite:///"))) as database:
            database.execute("UPDATE exchanges SET answer = 'null'")  # as a server that died leaves it
            database.commit()
        page.reload()
        expect(page.locator(".failure")).to_contain_text("was interrupted before it was answered")
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(ANSWERED)).to_have_text("Hello again.")
        page.reload()
        expect(page.locator(".turn")).to_have_count(1)
        expect(page.locator(".prose")).to_have_text("Hello again.")
    assert [message.text for message in model.seen[-1][1:]] == ["So?"]  # the first never was, for the agent


def test_the_last_question_can_be_put_in_other_words(sandbox_account: Account, settings: Settings) -> None:
    model = Scripted(steps=[saying(f"{colour}.") for colour in ("Red", "Blue", "Green", "Grey")])
    with chat(sandbox_account(), settings, model) as (page, _):
        for number, question in enumerate(("First", "Second")):
            ask(page, question)
            expect(page.locator(ANSWERED)).to_have_count(number + 1)
        page.keyboard.press("ArrowUp")
        field = page.get_by_label("Your question")
        expect(field).to_have_value("Second")
        expect(page.locator(".editing")).to_be_visible()
        page.keyboard.press("Escape")
        expect(field).to_have_value("")
        page.locator(".turn").last.hover()
        page.get_by_role("button", name="Edit this question").last.click()
        field.fill("Second, please")
        page.keyboard.press("Enter")
        expect(page.locator(ANSWERED)).to_have_text(["Red.", "Green."])
        expect(page.locator(".question")).to_have_text(["First", "Second, please"])
        page.reload()
        expect(page.locator(".question")).to_have_text(["First", "Second, please"])
        expect(page.locator(".prose")).to_have_text(["Red.", "Green."])
    assert [message.text for message in model.seen[-1][1:]] == ["First", "Red.", "Second, please"]


def test_what_is_suggested_goes_on_from_the_answer(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings) as (page, _):
        ask(page, QUESTION)
        offered = page.get_by_label("You may go on with").get_by_role("button")
        expect(offered).to_have_count(3)
        page.get_by_role("button", name="And the week before?").click()
        expect(page.locator(".card")).to_have_count(2)
        expect(page.locator(".question").last).to_have_text("And the week before?")
        expect(page.locator(".suggestions").first).to_be_hidden()  # only the last answer is gone on from
        expect(page.locator(".prose").last).to_contain_text("from Mon 2 to Sun 8 Nov 2026")


def test_a_report_is_run_by_its_name_with_the_keyboard_alone(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings, Scripted(steps=[])) as (page, _):
        field = page.get_by_label("Your question")
        expect(field).to_be_focused()
        menu = page.get_by_role("listbox", name="Reports")
        page.keyboard.type("/")
        expect(menu.get_by_role("option")).to_have_count(26)
        expect(page.get_by_role("status")).to_contain_text("26 reports")
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        page.keyboard.type("list")
        expect(menu.get_by_role("option")).to_have_count(4)
        page.keyboard.press("ArrowDown")
        chosen = menu.get_by_role("option", selected=True)
        expect(field).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
        page.keyboard.press("ArrowUp")
        expect(chosen).to_contain_text("/list_jobs")
        page.keyboard.press("Enter")
        expect(field).to_have_value("/list_jobs ")
        expect(page.locator("#hint")).to_contain_text('projects="Finance Analytics"')
        page.keyboard.type("limit=2")
        page.keyboard.press("Enter")
        expect(page.locator(".card .table tbody tr")).to_have_count(2)
        expect(page.locator(".author")).to_contain_text("without a model")
        ask(page, "/list_jobs limit=many")
        expect(page.locator(".prose").last).to_contain_text("I could not answer that. limit")


def test_threads_are_searched_and_renamed_with_the_keyboard(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings, Scripted(steps=[saying("Hello.")] * 2)) as (page, address):
        for question in ("Slow jobs?", "Flaky tests?"):
            page.goto(f"{address}/chat")
            ask(page, question)
            expect(page.locator(ANSWERED)).to_have_text("Hello.")
        titles = page.locator("#threads a")
        expect(titles).to_have_text(["Flaky tests?", "Slow jobs?"])
        page.get_by_label("Search conversations").fill("JOBS")
        expect(titles).to_have_text(["Slow jobs?"])
        expect(page.get_by_role("status")).to_have_text("1 conversation found")
        page.get_by_label("Search conversations").fill("")
        expect(titles).to_have_count(2)
        page.locator("#threads a").first.focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Rename conversation: Flaky tests?")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.type("Which tests flicker")
        page.keyboard.press("Enter")
        expect(titles.first).to_have_text("Which tests flicker")
        expect(titles.first).to_be_focused()
        expect(page.get_by_role("heading", level=1)).to_have_text("Which tests flicker")
        page.reload()
        expect(titles.first).to_have_text("Which tests flicker")


def test_a_verdict_and_its_comment_are_there_again(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings, Scripted(steps=[saying("Hello.")])) as (page, _):
        ask(page, "So?")
        good, bad = page.get_by_role("button", name="Good answer"), page.get_by_role("button", name="Bad answer")
        expect(page.get_by_label("What was good or bad")).to_be_hidden()
        good.click()
        expect(good).to_have_attribute("aria-pressed", "true")
        page.get_by_label("What was good or bad").fill("So quick")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Comment kept.")
        page.reload()
        expect(good).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_label("What was good or bad")).to_have_value("So quick")
        bad.click()
        expect(good).to_have_attribute("aria-pressed", "false")
        bad.click()
        expect(bad).to_have_attribute("aria-pressed", "false")
        expect(page.get_by_label("What was good or bad")).to_be_hidden()


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings, Scripted(steps=[saying("Hello.")])) as (page, _):
        page.get_by_label("Your question").fill("日本")
        for event in ({"isComposing": True}, {"keyCode": 229}):
            page.locator("#message").evaluate(
                "(field, given) => field.dispatchEvent("
                "new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...given }))",
                event,
            )
        expect(page.locator(".turn")).to_have_count(0)
        expect(page.get_by_label("Your question")).to_have_value("日本")
        page.keyboard.press("Enter")
        expect(page.locator(".prose")).to_have_text("Hello.")


def test_a_question_in_the_address_waits_to_be_sent(sandbox_account: Account, settings: Settings) -> None:
    with chat(sandbox_account(), settings, Scripted(steps=[saying("Hello.")])) as (page, address):
        page.goto(f"{address}/chat?q=Which%20jobs%3F")
        expect(page.get_by_label("Your question")).to_have_value("Which jobs?")
        expect(page.locator(".turn")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator(".question")).to_have_text("Which jobs?")
        expect(page).to_have_url(re.compile(r"\?thread="))


def test_words_that_are_being_written_are_in_no_live_region(sandbox_account: Account, settings: Settings) -> None:
    model = Held.before("They are")
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_be_visible()
        assert page.locator("[role=log]").count() == 1
        nearest = "node => node.closest('[aria-live], [role=log], [role=status]').getAttribute('aria-live')"
        assert page.locator(".writing").evaluate(nearest) == "off"
        model.gate.set()
        expect(page.get_by_role("status")).to_have_text(f"Answer: {WORDS}")


def test_a_touch_screen_is_not_given_a_keyboard_that_nobody_asked_for(
    sandbox_account: Account, settings: Settings
) -> None:
    app = create_app(settings, account=sandbox_account(), model=Scripted(steps=[saying("Hello.")] * 2))
    with running(app) as address, opened_page(width=360) as (page, complaints):
        devtools = page.context.new_cdp_session(page)
        devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        devtools.send("Emulation.setEmulatedMedia", {"features": [{"name": "hover", "value": "none"}]})
        page.goto(f"{address}/chat")
        if not page.evaluate("matchMedia('(hover: none)').matches"):
            pytest.skip("This browser cannot stand for a touch screen.")
        expect(page.get_by_role("button", name="Which models are slowest?")).to_be_visible()
        expect(page.get_by_label("Your question")).not_to_be_focused()
        page.get_by_role("button", name="Which models are slowest?").click()
        expect(page.locator(".prose")).to_have_text("Hello.")
        expect(page.get_by_label("Your question")).not_to_be_focused()
        assert complaints == []
