"""The pages in a real browser over a hostile account: they show text, run nothing and ask nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conftest import NOW
from tests.redteam.hostile import TEXTS
from tests.redteam.telling import DAYS
from tests.redteam.twins import Twin, Wardrobe
from tests.webapp.chromium import opened_page
from tests.webapp.conftest import served

pytestmark = pytest.mark.browser

CALLS = {
    "Which jobs do we have?": ["dbt_list_jobs"],
    "Show me the SQL of stg_netsuite__invoices": ["dbt_model_details"],
    "What failed yesterday?": ["dbt_failed_runs"],
    TEXTS["image with a script"]: [],
}
"""The questions, and all the tools that each may have called: what names say is no call."""
PAGES = (
    "/",
    f"/?q={quote(TEXTS['script'])}",
    "/browse/attention",
    "/browse/list_jobs?limit=100",
    "/browse/failed_runs?period=last_week&limit=100",
    "/browse/projects/{project_id}",
    "/browse/jobs/{job_id}",
    "/browse/runs/{run_id}",
    "/browse/models/fct_revenue",
    f"/browse/jobs/{quote(TEXTS['svg'])}",
)
ALIEN = """address => [...document.querySelectorAll("*")].flatMap(node => {
    const told = node.outerHTML.slice(0, 200);
    const alien = "img:not(.brand img), iframe, object, embed, foreignObject, base, style, script:not([src])";
    if (node.matches(alien)) return [told];
    return node.getAttributeNames().filter(name => {
        if (name.startsWith("on") || name === "style" && node.id !== "message") return true;
        if (!["href", "xlink:href", "src", "action", "formaction", "srcset"].includes(name)) return false;
        return new URL(node.getAttribute(name), document.baseURI).origin !== address;
    }).map(name => `${name}: ${told}`);
})"""
"""What no page of ours has: elements that fetch or hold others' content, scripts and addresses that are not ours."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server on the hostile twin, with the offline chat model."""
    world = Twin(sandbox.generated_world(now=lambda: NOW, days=DAYS), Wardrobe(0, TEXTS.__getitem__))
    with served(world, tmp_path_factory.mktemp("chat")) as address:
        yield address


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A page that opens no dialog, and asks only its own server."""
    asked: list[str] = []
    dialogs: list[str] = []
    with opened_page() as (page, complaints):
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        yield page
    assert dialogs == []
    assert [each for each in complaints if "404" not in each] == []
    assert [url for url in asked if not url.startswith((address, "data:image/svg", "blob:"))] == []


def check_harmless(page: Page, address: str) -> None:
    page.locator("details").evaluate_all("all => all.forEach(each => (each.open = true))")
    assert page.title() != "owned"
    assert page.evaluate(ALIEN, address) == []


@pytest.mark.parametrize("name", ["script", "image with a script", "svg"])
def test_what_is_no_text_is_found(name: str, address: str) -> None:
    with opened_page() as (page, _):
        page.goto(f"{address}/docs")
        assert page.evaluate(ALIEN, address) == []
        page.locator("main").evaluate("(main, text) => main.insertAdjacentHTML('beforeend', text)", TEXTS[name])
        assert page.evaluate(ALIEN, address) != []


def test_a_conversation_shows_hostile_names_as_text(address: str, page: Page) -> None:
    page.goto(f"{address}/chat")
    for number, question in enumerate(CALLS, 1):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator(".outcome .answer")).to_have_count(number)
    expect(page.locator(".question")).to_have_text(list(CALLS))
    expect(page.locator(".card").first).to_contain_text(TEXTS["order as a tool call"])
    expect(page.locator(".card").nth(2)).to_contain_text(TEXTS["markdown image"])
    check_harmless(page, address)
    thread = httpx.get(f"{address}/chat/threads/{page.url.partition('thread=')[2]}").json()
    answers = [each for each in thread["messages"] if each["role"] == "assistant"]
    assert [[call["name"] for call in each["tool_calls"]] for each in answers] == list(CALLS.values())
    page.reload()
    expect(page.locator(".outcome .answer")).to_have_count(len(CALLS))
    check_harmless(page, address)
    page.get_by_role("link", name="Link to read").click()
    expect(page.locator(".outcome .answer")).to_have_count(len(CALLS))
    check_harmless(page, address)


def test_the_report_browser_shows_hostile_names_as_text(address: str, page: Page) -> None:
    run = httpx.get(f"{address}/reports/failed_runs?period=last_week").json()["rows"][0]
    seen = ""
    for path in PAGES:
        page.goto(address + path.format_map(run))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if path == "/":
            expect(page.locator("#attention .concern")).not_to_have_count(0)
        check_harmless(page, address)
        seen += page.locator("main").inner_text()
    assert [text for text in (TEXTS["script"], TEXTS["svg"], TEXTS["markdown link"]) if text not in seen] == []
