"""Conversations in PostgreSQL, where that differs from a file: others use it too, and it may leave and come back."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing

import psycopg
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.history.address import parse_address
from dbt_discovery_web.chat.conversation import NOT_KEPT
from dbt_discovery_web.chat.threads_api import INTERRUPTED
from dbt_discovery_web.database.storage import Storage, open_storage
from langchain_core.messages import AIMessage

from tests.conftest import NOW, on_both_databases
from tests.servers.postgres_server import PASSWORD, PostgresDatabase
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]


@pytest.fixture
def settings(postgres: PostgresDatabase) -> Settings:
    return Settings(fixed_now=NOW, database_url=postgres.url)


async def test_database_that_cannot_be_reached_at_the_start_means_memory_and_a_warning(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.leave()
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        assert (await client.get(f"/chat/threads/{thread}")).status_code == 200
        assert (await client.get("/readyz")).json()["threads"] == "in memory"
    (warning,) = [record.getMessage() for record in caplog.records if "in memory only" in record.getMessage()]
    assert f"/{postgres.name}" in warning
    assert "not currently accepting connections" in warning
    assert "DBT_DISCOVERY_DATABASE_URL" in warning
    assert PASSWORD not in caplog.text


async def test_another_programs_tables_are_left_alone(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.execute("CREATE TABLE threads (needle TEXT)")
    async with opened(sandbox_account(), settings) as client:
        assert (await client.post("/chat", json={"message": "Hello"})).status_code == 200
    assert "another program's data" in caplog.text
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert postgres.execute(tables) == [("threads",)]


async def test_database_that_leaves_is_a_problem_until_it_is_back(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        postgres.leave()
        for answer in (
            await client.get("/chat/threads"),
            await client.get(f"/chat/threads/{thread}"),
            await client.post("/chat", json={"message": "Hello", "thread_id": thread}),
            await client.post("/chat", json={"message": "Hello"}),
            await client.delete(f"/chat/threads/{thread}"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (503, "/docs#storage")
            assert "not currently accepting connections" in answer.json()["detail"]
            assert PASSWORD not in answer.text
        postgres.come_back()
        answer = await client.post("/chat", json={"message": "And now?", "thread_id": thread})
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert answer.json()["answer"] == "Hello."
    assert [message["content"] for message in shown] == ["Hello", "Hello.", "And now?", "Hello."]
    assert "Traceback" not in caplog.text
    assert PASSWORD not in caplog.text


async def test_connections_that_ended_meanwhile_are_not_noticed(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        postgres.disconnect()
        answer = await client.post("/chat", json={"message": "Go on", "thread_id": thread})
    assert (answer.status_code, answer.json()["answer"]) == (200, "Hello.")
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


async def test_database_that_leaves_during_a_turn_costs_no_answer(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    def leaving(_: object) -> AIMessage:
        postgres.leave()
        return saying("They are these.")

    model = Scripted(steps=[saying("Hello."), calling("list_jobs"), leaving, saying("Better now.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        answer = await client.post("/chat", json={"message": "Which jobs?", "thread_id": thread})
        assert answer.json()["answer"] == f"They are these.\n\n{NOT_KEPT}"
        assert len(answer.json()["reports"]) == 1
        postgres.come_back()
        again = await client.post("/chat", json={"message": "And now?", "thread_id": thread})
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert again.json()["answer"] == "Better now."
    assert [message["content"] for message in shown] == [
        *("Hello", "Hello.", "Which jobs?", INTERRUPTED, "And now?", "Better now."),
    ]
    assert "Traceback" not in caplog.text
    assert PASSWORD not in caplog.text


async def test_what_the_agent_cannot_read_is_a_problem_until_it_can(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        postgres.execute("ALTER TABLE checkpoints RENAME TO elsewhere")
        answer = await client.post("/chat", json={"message": "Go on", "thread_id": thread})
        assert (answer.status_code, answer.json()["type"]) == (503, "/docs#storage")
        assert 'relation "checkpoints" does not exist' in answer.json()["detail"]
        postgres.execute("ALTER TABLE elsewhere RENAME TO checkpoints")
        answer = await client.post("/chat", json={"message": "Go on", "thread_id": thread})
    assert answer.json()["answer"] == "Hello."
    assert "Traceback" not in caplog.text


async def test_connection_that_ends_while_the_agent_reads_is_not_used_again(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        with closing(psycopg.connect(postgres.url)) as other:
            other.execute("LOCK TABLE checkpoints")
            asked = asyncio.create_task(client.post("/chat", json={"message": "Go on", "thread_id": thread}))
            async with asyncio.timeout(10):
                while postgres.execute("SELECT count(*) FROM pg_locks WHERE NOT granted") != [(1,)]:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            # its connection alone: without who holds the table, it might be quick enough to read it
            postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        answer = await asked
        assert (answer.status_code, answer.json()["type"]) == (503, "/docs#storage")
        answer = await client.post("/chat", json={"message": "Go on", "thread_id": thread})
    assert answer.json()["answer"] == "Hello."
    assert "Traceback" not in caplog.text


async def test_agent_keeps_one_checkpoint_of_a_thread_and_nothing_it_no_longer_needs(
    sandbox_account: Account, settings: Settings, postgres: PostgresDatabase
) -> None:
    count = "SELECT (SELECT count(*) FROM checkpoints), (SELECT count(*) FROM checkpoint_blobs)"
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        after_one = postgres.execute(count)
        for _ in range(3):
            await client.post("/chat", json={"message": "Go on", "thread_id": thread})
        assert postgres.execute(count) == after_one
        assert after_one[0][0] == 1
        await client.delete(f"/chat/threads/{thread}")
        assert postgres.execute(count) == [(0, 0)]


@on_both_databases
async def test_words_may_hold_any_character(sandbox_account: Account, database_url: str) -> None:
    settings = Settings(fixed_now=NOW, database_url=database_url)
    model = Scripted(steps=[saying("So\0 so."), saying("Well.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "Wh\0at? 🤷"})).json()["thread_id"]
        assert (await client.post("/chat", json={"message": "So?", "thread_id": thread})).status_code == 200
        shown = (await client.get(f"/chat/threads/{thread}")).json()
        assert (shown["title"], shown["messages"][1]["content"]) == ("What? 🤷", "So\0 so.")
        assert (await client.get("/chat/threads/%00")).status_code == 404


def stored(url: str) -> AbstractAsyncContextManager[Storage]:
    address = parse_address(url)
    assert address is not None
    return open_storage(address)


def keep(url: str, words: str) -> None:
    """What a process does with a database: makes the tables, and keeps something in them."""

    async def main() -> None:
        async with stored(url) as storage:
            assert storage.lasting
            await storage.threads.begin(words)

    asyncio.run(main())


async def test_many_may_start_on_an_empty_database_at_once(postgres: PostgresDatabase) -> None:
    async def start(_: int) -> bool:
        async with stored(postgres.url) as storage:
            return storage.lasting

    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=keep, args=(postgres.url, f"Process {n}")) for n in range(2)]
    for process in processes:
        process.start()
    assert all(await asyncio.gather(*map(start, range(6))))
    for process in processes:
        await asyncio.to_thread(process.join, 60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert postgres.execute("SELECT count(*) FROM threads") == [(2,)]


async def test_more_turns_than_connections_take_place_one_after_the_other(postgres: PostgresDatabase) -> None:
    async def turn(storage: Storage, n: int) -> None:
        async with storage.threads.turn(f"thread {n}"):
            assert await storage.threads.find("none") is None

    async with asyncio.timeout(30), stored(postgres.url) as storage:
        await asyncio.gather(*(turn(storage, n) for n in range(100)))
