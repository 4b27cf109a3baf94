"""Threads over REST: searched, renamed, judged, and read by who has the link."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery_web.chat.threads_api import INTERRUPTED
from dbt_discovery_web.database.storage import open_storage

from tests.conftest import on_both_databases
from tests.servers.postgres_server import PostgresDatabase
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying
from tests.webapp.test_postgresql import stored

Account = Callable[..., DbtAccount]
HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}"


async def begin(client: httpx.AsyncClient, *questions: str) -> str:
    """A thread of some questions."""
    body: dict[str, Any] = {}
    for question in questions:
        body = {"thread_id": (await client.post("/chat", json=body | {"message": question})).json()["thread_id"]}
    return str(body["thread_id"])


async def titles(client: httpx.AsyncClient, words: str) -> list[str]:
    found = (await client.get("/chat/threads", params={"q": words})).json()
    assert found["total"] == len(found["items"])
    return [each["title"] for each in found["items"]]


@on_both_databases
async def test_a_thread_is_found_by_its_title_and_its_questions(client: httpx.AsyncClient) -> None:
    await begin(client, "Which jobs are slow?", "And which of Finance?")
    await begin(client, "100% of tests", "a_b")
    await begin(client, "Are sources fresh?")
    assert await titles(client, "") == ["Are sources fresh?", "100% of tests", "Which jobs are slow?"]
    assert await titles(client, "JOBS") == ["Which jobs are slow?"]
    assert await titles(client, "slow finance") == ["Which jobs are slow?"]  # one in the title, one in a question
    assert await titles(client, "fresh finance") == []
    assert await titles(client, "0%") == ["100% of tests"]
    assert await titles(client, "a_b") == ["100% of tests"]
    assert await titles(client, "axb") == await titles(client, "%%") == []
    assert await titles(client, "\0fresh") == ["Are sources fresh?"]


@on_both_databases
async def test_a_thread_can_be_renamed(client: httpx.AsyncClient) -> None:
    thread = await begin(client, "Which jobs are slow?")
    renamed = await client.patch(f"/chat/threads/{thread}", json={"title": " Slow  jobs "})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Slow jobs")
    await client.post("/chat", json={"message": "And now?", "thread_id": thread})
    assert await titles(client, "") == ["Slow jobs"]
    assert await titles(client, "which slow") == ["Slow jobs"]


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "  "}, {"title": "x" * 81}, {"title": "a", "b": 1}])
async def test_a_title_that_is_none_is_refused(body: dict[str, Any], client: httpx.AsyncClient) -> None:
    thread = await begin(client, "Which jobs are slow?")
    assert (await client.patch(f"/chat/threads/{thread}", json=body)).status_code == 422
    assert await titles(client, "") == ["Which jobs are slow?"]


@on_both_databases
async def test_a_verdict_is_kept_beside_its_answer(client: httpx.AsyncClient) -> None:
    thread = await begin(client, "First", "Second")
    path = f"/chat/threads/{thread}/answers/1/feedback"

    async def kept() -> list[Any]:
        messages = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
        return [message["feedback"] for message in messages[1::2]]

    up = {"verdict": "up", "comment": "So quick"}
    assert (await client.put(path, json=up | {"comment": " So\0 quick "})).json() == up
    assert await kept() == [None, up]
    assert (await client.put(path, json={"verdict": "down"})).json() == {"verdict": "down", "comment": ""}
    assert await kept() == [None, {"verdict": "down", "comment": ""}]
    taken_back = await client.put(path, json={"verdict": None, "comment": "Never mind"})
    assert taken_back.json() == {"verdict": None, "comment": ""}
    assert await kept() == [None, None]


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [
        ("0", {"verdict": "sideways"}, 422),
        ("0", {"comment": "none"}, 422),
        ("0", {"verdict": "up", "comment": "x" * 2001}, 422),
        ("-1", {"verdict": "up"}, 422),
        ("1", {"verdict": "up"}, 404),
        ("99999999999999", {"verdict": "up"}, 422),
    ],
)
async def test_a_verdict_that_is_none_is_refused(
    number: str, body: dict[str, Any], status: int, client: httpx.AsyncClient
) -> None:
    thread = await begin(client, "First")
    assert (await client.put(f"/chat/threads/{thread}/answers/{number}/feedback", json=body)).status_code == status


async def test_what_changes_a_thread_needs_one(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.patch("/chat/threads/none", json={"title": "a"}),
        await client.put("/chat/threads/none/answers/0/feedback", json={"verdict": "up"}),
        await client.get("/chat/threads/none/answers/0"),
        await client.get("/read/none"),
    ):
        assert answer.status_code == 404


async def test_a_link_to_read_shows_everything_and_lets_nobody_change_it(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[calling("list_jobs", limit=2), saying("These are they.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = await begin(client, HOSTILE)
        job = (await client.get("/reports/list_jobs?limit=2")).json()["rows"][0]["job_name"]
        judged = {"verdict": "down", "comment": HOSTILE}
        await client.put(f"/chat/threads/{thread}/answers/0/feedback", json=judged)
        read, chat = (await client.get(f"/read/{thread}")).text, (await client.get(f"/chat?thread={thread}")).text
        fragment = (await client.get(f"/chat/threads/{thread}/answers/0")).text
    for page in (read, chat):
        assert HOSTILE not in page
        assert unescape(page).count(HOSTILE) >= 3  # the title, the question and the comment
    for page in (read, chat, fragment):
        assert "These are they." in page
        assert job in page.replace("<wbr>", "")
    assert "Found not helpful" in read
    assert not [word for word in ("<form class", "<textarea", "suggestion", "edit", "again") if word in read]
    assert all(word in chat for word in ("<textarea", 'class="feedback"', "suggestion", "Edit this question"))
    assert fragment.split("<div", 1)[1] in chat.replace("\n  ", "\n") or 'class="outcome"' in fragment


async def test_the_page_of_a_question_without_an_answer_says_so(tmp_path: Path, sandbox_account: Account) -> None:
    from tests.conftest import NOW

    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{tmp_path}/chat.sqlite")
    async with opened(sandbox_account(), settings) as client:
        thread = await begin(client, "First")
        with closing(sqlite3.connect(tmp_path / "chat.sqlite")) as database:
            database.execute("UPDATE exchanges SET answer = 'null'")  # as a server that died leaves it
            database.commit()
        for path in (f"/chat?thread={thread}", f"/read/{thread}", f"/chat/threads/{thread}/answers/0"):
            assert INTERRUPTED in (await client.get(path)).text
        again = await client.post("/chat", json={"message": "First", "thread_id": thread, "replace": 0})
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert again.json()["answer"] == "Hello."
    assert [message["content"] for message in shown] == ["First", "Hello."]


async def test_the_chat_page_holds_the_question_of_its_address(client: httpx.AsyncClient) -> None:
    page = (await client.get("/chat", params={"q": f"Which jobs? {HOSTILE}"})).text
    assert unescape(page.split("<textarea", 1)[1].split(">", 1)[1].split("</textarea>")[0]) == f"Which jobs? {HOSTILE}"
    assert (await client.get("/chat/threads")).json()["total"] == 0  # it is not sent
    assert (await client.get("/chat", params={"q": "x" * 4001})).status_code == 422


_OLD = """
    CREATE TABLE threads (
        thread_id VARCHAR(36) PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
        source TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE exchanges (
        exchange_id {serial} PRIMARY KEY, thread_id VARCHAR(36) NOT NULL, asked TEXT NOT NULL,
        question TEXT NOT NULL, answer JSON NOT NULL
    );
    INSERT INTO threads VALUES ('a', 'A', '1', '1', '');
    INSERT INTO exchanges (thread_id, asked, question, answer) VALUES ('a', '1', 'Old?', '{{"answer": "Yes."}}');
"""


async def check_old(storage: Any) -> None:
    threads = storage.threads
    assert storage.lasting
    [old] = await threads.exchanges("a")
    assert (old.question, old.answer, old.turn_id, old.verdict) == ("Old?", {"answer": "Yes."}, None, None)
    await threads.judge(old, "up", "Still so")
    kept = await threads.ask("a", "New?", "turn")
    assert kept.number == 1
    old, new = await threads.exchanges("a")
    assert (old.verdict, old.comment, new.answer, new.turn_id) == ("up", "Still so", None, "turn")


async def test_a_file_of_an_earlier_release_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "chat.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_OLD.format(serial="INTEGER"))
    for _ in range(2):
        async with open_storage(DatabaseAddress("sqlite", file)) as storage:
            if len(await storage.threads.exchanges("a")) == 1:
                await check_old(storage)


async def test_a_postgresql_database_of_an_earlier_release_is_brought_up_to_date(postgres: PostgresDatabase) -> None:
    for statement in filter(str.strip, _OLD.format(serial="SERIAL").split(";\n")):
        postgres.execute(statement)
    async with stored(postgres.url) as storage:
        await check_old(storage)
