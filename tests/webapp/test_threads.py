"""Threads: whose they are, and what becomes of them when the database or the account is out of order."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings, Source
from dbt_discovery.exceptions import PermissionDenied, Unreachable
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery_web.chat.conversation import NOT_KEPT
from dbt_discovery_web.database.storage import open_storage

from tests.conftest import NOW, on_both_databases
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]
SANDBOX = Source(kind="sandbox", host="cloud.getdbt.com", account_id="1", label="Sandbox data")
SHOP = Source(kind="artifacts", host="cloud.getdbt.com", account_id="1", label="Artifacts of coffee_shop")


def of_another_source(account: DbtAccount) -> DbtAccount:
    async def shop() -> Source:
        return SHOP

    account.aget_source = shop  # type: ignore[method-assign]
    return account


@on_both_databases
async def test_threads_of_another_source_are_as_if_they_were_not_there(
    sandbox_account: Account, settings: Settings
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
    async with opened(of_another_source(sandbox_account()), settings) as client:
        assert (await client.get("/chat/threads")).json() == {"items": [], "total": 0}
        assert thread not in (await client.get("/chat")).text
        for answer in (
            await client.get(f"/chat/threads/{thread}"),
            await client.get(f"/chat?thread={thread}"),
            await client.post("/chat", json={"message": "Go on", "thread_id": thread}),
            await client.delete(f"/chat/threads/{thread}"),
        ):
            assert answer.status_code == 404
    async with opened(sandbox_account(), settings) as client:
        assert (await client.get("/chat/threads")).json()["total"] == 1


async def test_threads_of_an_earlier_release_go_to_the_source_of_their_reports(tmp_path: Path) -> None:
    file = tmp_path / "chat.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            """
            CREATE TABLE threads (thread_id VARCHAR(36) PRIMARY KEY, title TEXT, created TEXT, updated TEXT);
            CREATE TABLE exchanges (
                exchange_id INTEGER PRIMARY KEY, thread_id TEXT, asked TEXT, question TEXT, answer JSON
            );
            INSERT INTO threads VALUES ('a', 'A', '1', '1'), ('b', 'B', '2', '2');
            """
        )
        answers = [("a", '{"reports": []}'), ("a", f'{{"reports": [{{"source": {SHOP.model_dump_json()}}}]}}')]
        rows = [*answers, ("b", '{"reports": []}')]
        database.executemany("INSERT INTO exchanges (thread_id, asked, question, answer) VALUES (?, '1', 'q', ?)", rows)
        database.commit()
    async with open_storage(DatabaseAddress("sqlite", file)) as storage:
        assert storage.lasting
        shop, sandbox = storage.threads.of(SHOP), storage.threads.of(SANDBOX)
        assert [thread.thread_id for thread in (await shop.latest())[0]] == ["b", "a"]
        assert [thread.thread_id for thread in (await sandbox.latest())[0]] == ["b"]
        await sandbox.add("b", "And?", {"reports": []})
        assert (await shop.latest())[1] == 1


async def broken(*args: Any, **options: Any) -> Any:
    raise Unreachable("dbt Cloud cannot be reached.")


@on_both_databases
async def test_an_account_that_cannot_be_asked_is_a_problem_and_the_thread_goes_on(
    sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()
    steps = [saying("Hello."), calling("list_jobs"), saying("Sorry."), calling("list_jobs", "call-2"), saying("Sorry.")]
    async with opened(account, settings, Scripted(steps=[*steps, saying("Better now.")])) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        account.arun_report = broken  # type: ignore[method-assign]
        for body in ({"message": "Which jobs?", "thread_id": thread}, {"message": "Which jobs?"}):
            answer = await client.post("/chat", json=body)
            assert answer.status_code == 503
            assert answer.json()["type"] == "/docs#unreachable"
        assert (await client.get("/chat/threads")).json()["total"] == 1
        again = await client.post("/chat", json={"message": "And now?", "thread_id": thread})
        assert again.json()["answer"] == "Better now."
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert [each["content"] for each in shown] == ["Hello", "Hello.", "And now?", "Better now."]


async def test_what_is_not_found_stays_an_answer(sandbox_account: Account, settings: Settings) -> None:
    model = Scripted(steps=[calling("list_jobs", projects=["nowhere"]), saying("There is none.")])
    async with opened(sandbox_account(), settings, model) as client:
        answer = await client.post("/chat", json={"message": "Which jobs?"})
        thread = (await client.get(f"/chat/threads/{answer.json()['thread_id']}")).json()
    assert (answer.status_code, answer.json()["failed"]) == (200, True)
    assert thread["messages"][1]["failed"] is True


async def test_a_model_that_meets_the_accounts_refusal_is_a_problem(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[PermissionDenied("The token may not do this.")])
    async with opened(sandbox_account(), settings, model) as client:
        answer = await client.post("/chat", json={"message": "Which jobs?"})
    assert (answer.status_code, answer.json()["type"]) == (502, "/docs#upstream")


def damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP TABLE exchanges")
        database.commit()


async def test_a_database_that_fails_while_it_is_used_costs_no_answer(
    sandbox_account: Account, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        damage(tmp_path / "chat.sqlite")
        answer = await client.post("/chat", json={"message": "Hello", "thread_id": thread})
        shown: httpx.Response = await client.get(f"/chat/threads/{thread}")
    assert answer.json()["answer"] == f"Hello.\n\n{NOT_KEPT}"
    assert (shown.status_code, shown.json()["type"]) == (503, "/docs#storage")
    assert "DBT_DISCOVERY_DATABASE_URL" in shown.json()["detail"]
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("statement", ["CREATE TABLE threads (needle TEXT)", "damaged"])
async def test_a_file_that_cannot_hold_threads_is_found_out_at_the_start(
    statement: str, sandbox_account: Account, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE filler (words TEXT)" if statement == "damaged" else statement)
        if statement == "damaged":
            database.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 20)
        database.commit()
    if statement == "damaged":
        content = bytearray(file.read_bytes())
        content[4096 * 3 : 4096 * 5] = b"\x7f" * 8192
        file.write_bytes(content)
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{file}")
    async with opened(sandbox_account(), settings) as client:
        assert (await client.post("/chat", json={"message": "Hello"})).status_code == 200
        assert (await client.get("/readyz")).json()["threads"] == "in memory"
    assert "in memory only" in caplog.text
