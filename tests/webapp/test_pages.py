"""The pages as the server gives them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web import dependencies
from dbt_discovery_web.chat.starters import starters

from tests.conftest import NOW
from tests.webapp.conftest import opened

HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}"


async def test_the_chat_page_shows_the_source_and_questions_to_start_with(client: httpx.AsyncClient) -> None:
    page = unescape((await client.get("/chat")).text)
    assert "Sandbox data" in page
    assert "<noscript>" in page
    for kind, questions in starters().items():
        assert f"<h2>{kind}</h2>" in page
        assert all(f">{question}</button>" in page for question in questions)


@pytest.mark.parametrize("path", ["/", "/browse/list_jobs", "/chat", "/docs"])
async def test_a_page_holds_no_inline_script_or_style_and_no_other_origin(path: str, client: httpx.AsyncClient) -> None:
    page = (await client.get(path)).text
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert all(address.startswith(("/", "#")) for address in re.findall(r'(?:src|href)="([^"]*)"', page))


async def test_static_files_name_no_other_origin() -> None:
    static = Path(__import__("dbt_discovery_web").__file__ or "").parent / "static"
    for file in static.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://\w|innerHTML|insertAdjacentHTML|outerHTML|document\.write", text), file.name


async def test_the_page_of_a_thread_names_it_and_an_unknown_one_is_not_found(client: httpx.AsyncClient) -> None:
    thread = (await client.post("/chat", json={"message": "Remember this"})).json()["thread_id"]
    page = (await client.get(f"/chat?thread={thread}")).text
    assert f'data-thread="{thread}"' in page
    assert 'aria-current="page">Remember this<' in page
    missing = await client.get("/chat?thread=none")
    assert missing.status_code == 404
    assert "does not exist" in missing.text


async def test_a_hostile_title_stays_text(client: httpx.AsyncClient) -> None:
    await client.post("/chat", json={"message": HOSTILE})
    page = (await client.get("/chat")).text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "{{7*7}}" in page


async def test_artifacts_are_shown_as_what_they_are(settings: Settings, artifacts: Path) -> None:
    world = sandbox.artifacts_world(artifacts, now=lambda: NOW)
    async with opened(DbtAccount(transport=sandbox.transport(world), settings=settings), settings) as client:
        page = (await client.get("/chat")).text
    assert "source-artifacts" in page
    assert world.label in page


async def test_an_account_that_cannot_be_asked_is_said_in_the_banner(
    sandbox_account: Callable[..., DbtAccount], settings: Settings
) -> None:
    async with opened(sandbox_account(token="invalid"), settings) as client:
        page = await client.get("/chat")
    assert page.status_code == 200
    assert 'class="source source-fault"' in page.text


async def test_the_docs_page_describes_every_operation(client: httpx.AsyncClient) -> None:
    page = (await client.get("/docs")).text
    api = (await client.get("/openapi.json")).json()
    for path, methods in api["paths"].items():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
            assert operation["summary"]
            assert operation["tags"]
        assert path in page
    assert "list of scheduled | ci | merge | adaptive | other" in page
    assert "eventType" in page  # of the body of a webhook, which is read by hand
    assert "<code>application/json</code>, <code>text/csv</code>, <code>application/x-ndjson</code>, by" in page


async def test_the_page_opens_while_dbt_cloud_is_silent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits that long")

    monkeypatch.setattr(dependencies, "PATIENCE", 0.05)
    account = DbtAccount("token", "1", transport=httpx.MockTransport(silent), settings=settings)
    async with opened(account, settings) as client:
        page = await client.get("/chat")
        probe = await client.get("/readyz")
    assert page.status_code == 200
    assert "has not answered yet" in page.text
    assert probe.status_code == 503
    assert "has not answered yet" in probe.json()["detail"]
