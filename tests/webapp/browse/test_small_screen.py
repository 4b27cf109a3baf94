"""The report browser where there is little room: what is asked for comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.webapp.chromium import opened_page

pytestmark = pytest.mark.browser


@pytest.fixture
def small(address: str) -> Iterator[tuple[Page, str]]:
    """A page on a phone, and the address of a server on the sandbox."""
    with opened_page(width=360) as (page, complaints):
        yield page, address
        assert complaints == []


def test_a_form_is_folded_once_there_is_an_answer_and_again_after_the_next(small: tuple[Page, str]) -> None:
    page, address = small
    page.goto(f"{address}/browse/longest_running_jobs?period=last_week&limit=5")
    order, unfold = page.get_by_label("Sort by"), page.get_by_role("button", name="Change what is asked")
    expect(order).to_be_hidden()
    expect(page.locator(".card-finding")).to_be_in_viewport()
    unfold.click()
    expect(unfold).to_be_hidden()
    expect(page.get_by_label("Period", exact=True)).to_be_focused()
    order.select_option("max")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".card-finding")).to_contain_text("one run took")
    expect(unfold).to_be_focused()
    expect(page.locator(".card-finding")).to_be_in_viewport()
    expect(order).to_be_hidden()
    page.goto(f"{address}/browse/critical_path")
    expect(page.get_by_label("Job", exact=True)).to_be_visible()


def test_what_leads_on_from_a_job_stands_below_what_is_told_of_it(small: tuple[Page, str]) -> None:
    page, address = small
    page.goto(f"{address}/browse/jobs/Finance%20nightly%20build")
    expect(page.locator("#models .things")).to_be_visible()
    tops = page.locator(".on-page, #models, .onward").evaluate_all(
        "all => Object.fromEntries(all.map(each => [each.id || each.className, each.getBoundingClientRect().top]))"
    )
    assert tops["on-page"] < tops["models"] < tops["onward"]
    page.get_by_role("link", name="What takes longest").click()
    expect(page.locator("#slowest h2")).to_be_in_viewport()
