"""The web app over a hostile account: bodies, headers, events, figures and threads."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.models import chat_model

from tests.conftest import NOW
from tests.redteam.hostile import TEXTS
from tests.redteam.telling import DAYS
from tests.redteam.twins import Twin, Wardrobe
from tests.webapp.conftest import opened

PATHS = (
    "/projects",
    "/jobs",
    "/models?limit=200",
    "/runs?limit=50",
    "/reports/failed_runs?period=last_7_days",
    "/reports/failing_tests",
    "/reports/source_freshness",
    "/reports/list_models?limit=200",
)
FORMS = ("application/json", "text/csv", "application/x-ndjson")


@pytest.fixture
async def hostile(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on the hostile twin, with the offline model."""
    world = Twin(sandbox.generated_world(now=lambda: NOW, days=DAYS), Wardrobe(1, TEXTS.__getitem__))
    folder = tmp_path_factory.mktemp("chat")
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{folder}/chat.sqlite")
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    async with opened(account, settings, chat_model(settings, account)) as client:
        yield client


def check_headers(response: httpx.Response) -> None:
    for name, value in response.headers.raw:
        assert re.fullmatch(rb"[\w-]+", name)
        assert re.fullmatch(rb"[\x20-\x7e]*", value), (name, value)
    assert "set-cookie" not in response.headers
    assert "evil.example" not in str(response.headers)


async def test_every_form_of_every_answer_is_whole(hostile: httpx.AsyncClient) -> None:
    document = (await hostile.get("/openapi.json")).content
    for path in PATHS:
        for form in FORMS:
            response = await hostile.get(path, headers={"Accept": form})
            assert response.status_code == 200, response.text[:300]
            check_headers(response)
            if form == "application/json":
                response.json()
            elif form == "text/csv":
                header, *rows = csv.reader(io.StringIO(response.text, newline=""))
                assert {len(row) for row in rows} <= {len(header)}
            else:
                assert all(isinstance(json.loads(line), dict) for line in response.text.split("\n") if line)
    assert (await hostile.get("/openapi.json")).content == document, "no name reaches the document"


async def test_no_event_title_or_figure_is_forged(hostile: httpx.AsyncClient) -> None:
    stream = {"Accept": "text/event-stream"}
    for question in ("Which jobs do we have?", "What failed yesterday?", TEXTS["line ends"]):
        response = await hostile.post("/chat", json={"message": question}, headers=stream)
        check_headers(response)
        events = [event for event in response.text.split("\n\n") if event]
        assert all(re.fullmatch(r"event: \w+\ndata: [^\r\n]*", event) for event in events)
        assert [event.partition("\n")[0] for event in events].count("event: done") == 1
        words = "".join(
            json.loads(event.partition("data: ")[2])["text"] for event in events if event.startswith("event: token")
        )
        assert words == json.loads(events[-1].partition("data: ")[2])["answer"]
    threads = (await hostile.get("/chat/threads")).json()["items"]
    assert all(len(thread["title"].splitlines()) == 1 for thread in threads)
    await hostile.get("/jobs/%3Cscript%3E")
    figures = (await hostile.get("/metrics")).text
    assert not [text for text in TEXTS.values() if len(text) > 12 and text in figures]
    assert "3Cscript" not in figures
    assert "<script" not in figures


async def test_what_is_not_found_is_told_as_text(hostile: httpx.AsyncClient) -> None:
    for text in TEXTS.values():
        response = await hostile.get("/reports/job_details", params={"job": text})
        assert response.status_code in (404, 409, 422), response.text
        check_headers(response)
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["type"].startswith("/docs#")
