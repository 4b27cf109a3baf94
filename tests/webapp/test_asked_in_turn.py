"""Questions in their turn: one that is sent too early, and one that takes the place of the first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dbt_discovery import DbtAccount, Settings
from playwright.sync_api import expect

from tests.webapp.scripted import Scripted, saying
from tests.webapp.test_page_in_browser import QUESTION, ask
from tests.webapp.test_talking_in_browser import Held, chat

pytestmark = pytest.mark.browser

Account = Callable[..., DbtAccount]


def test_a_question_that_is_sent_too_early_is_asked_next(sandbox_account: Account, settings: Settings) -> None:
    model = Held.before("They are", saying("The second."))
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_have_text("These are the jobs.")
        page.get_by_label("Your question").fill("And then?")
        page.keyboard.press("Enter")
        expect(page.locator("#hint")).to_contain_text("asked once the answer is there")
        expect(page.locator(".question")).to_have_text([QUESTION])
        model.gate.set()
        expect(page.locator(".question")).to_have_text([QUESTION, "And then?"])
        expect(page.locator(".prose").last).to_have_text("The second.")
        expect(page.get_by_label("Your question")).to_have_value("")
        expect(page.locator("#hint")).to_contain_text("Enter to ask")


def test_what_is_written_on_is_not_asked_by_itself(sandbox_account: Account, settings: Settings) -> None:
    model = Held.before("They are")
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, QUESTION)
        expect(page.locator(".writing")).to_have_text("These are the jobs.")
        page.get_by_label("Your question").fill("And")
        page.keyboard.press("Enter")
        page.keyboard.type(" then?")
        model.gate.set()
        expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        expect(page.get_by_label("Your question")).to_have_value("And then?")
        expect(page.locator(".question")).to_have_text([QUESTION])


def test_a_conversation_is_named_after_the_question_in_place_of_the_first(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[saying("Red."), saying("Blue.")])
    with chat(sandbox_account(), settings, model) as (page, _):
        ask(page, "First")
        expect(page.get_by_role("button", name="Ask this again")).to_be_visible()
        page.get_by_label("Your question").focus()
        page.keyboard.press("ArrowUp")
        expect(page.locator(".editing")).to_be_visible()
        ask(page, "Second")
        expect(page.locator(".prose")).to_have_text("Blue.")
        for _ in range(2):
            expect(page.get_by_role("heading", level=1)).to_have_text("Second")
            expect(page.locator("#threads a")).to_have_text(["Second"])
            page.reload()
