"""The page in a real browser over a hostile account: it shows text, runs nothing and asks nobody else."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from playwright.sync_api import expect

from tests.conftest import NOW
from tests.redteam.hostile import TEXTS
from tests.redteam.telling import DAYS
from tests.redteam.twins import Twin, Wardrobe
from tests.servers.running import running
from tests.webapp.chromium import chromium_path, opened_page

pytestmark = pytest.mark.browser

QUESTIONS = ("Which jobs do we have?", "Show me the SQL of stg_netsuite__invoices", "What failed yesterday?")


def test_the_page_shows_hostile_names_as_text(tmp_path: Path) -> None:
    chromium_path()
    world = Twin(sandbox.generated_world(now=lambda: NOW, days=DAYS), Wardrobe(0, TEXTS.__getitem__))
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{tmp_path}/chat.sqlite")
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    asked: list[str] = []
    dialogs: list[str] = []
    with (
        running(create_app(settings, account=account)) as address,
        opened_page(tmp_path / "profile") as (page, complaints),
    ):
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(f"{address}/chat")
        pictures = page.locator("img, iframe, object, embed, foreignObject").count()
        for number, question in enumerate((*QUESTIONS, TEXTS["image with a script"]), 1):
            page.get_by_label("Your question").fill(question)
            page.keyboard.press("Enter")
            # The page sends no question while it still writes an answer.
            expect(page.locator(".answer:not(.writing)")).to_have_count(number)
        expect(page.locator(".report").first).to_contain_text("dbt_cancel_run")
        assert page.title() != "owned"
        assert page.locator("img, iframe, object, embed, foreignObject").count() == pictures
        attributes = page.locator("*").evaluate_all(
            "all => all.flatMap(e => e.getAttributeNames()).filter(name => name.startsWith('on'))"
        )
        assert attributes == []
        addresses = page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
        assert {urlsplit(each).scheme for each in addresses} <= {"http", "https"}
        page.reload()
        expect(page.locator(".answer")).to_have_count(len(QUESTIONS) + 1)
    assert dialogs == []
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "data:image/svg", "blob:"))] == []
