"""A database of a store: made where it is missing, made anew where it has another form, and never asked on the loop."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery.history.database import Database
from dbt_discovery.history.runs import put_days
from dbt_discovery.history.sources import claim
from dbt_discovery.history.store import RunStore
from sqlalchemy import Connection, text

from tests.core.history.records import DAY, EVER, ORIGIN, a_run, page_of, whole_day


def run(connection: Connection, statement: str) -> list[Any]:
    done = connection.execute(text(statement))
    return list(done.scalars()) if done.returns_rows else []


async def test_what_was_put_in_is_there_for_the_next_process(
    address: DatabaseAddress, caplog: pytest.LogCaptureFixture
) -> None:
    first = RunStore(address)
    await first.session(ORIGIN, page_of).put_days([whole_day()], [a_run()])
    await first.aclose()
    second = RunStore(address)
    expected = () if address.kind == "memory" else (a_run(),)
    assert await second.session(ORIGIN, page_of).runs(EVER) == expected
    assert second.lasting is (address.kind != "memory")
    await second.aclose()
    assert not caplog.records


@pytest.mark.parametrize(
    "changes",
    [
        ["UPDATE store_version SET version = 4000", "ALTER TABLE stored_runs RENAME COLUMN runtime TO seconds"],
        ["UPDATE store_version SET version = 0", "DROP TABLE stored_node_lists", "DROP TABLE stored_sources"],
        ["DROP TABLE stored_runs"],
    ],
    ids=["of the future", "of the past", "not whole"],
)
async def test_a_store_of_another_form_is_emptied_and_filled_anew_and_nothing_else_is(
    changes: list[str], address: DatabaseAddress, caplog: pytest.LogCaptureFixture
) -> None:
    if address.kind == "memory":
        pytest.skip("ends with its store")
    store = RunStore(address)
    session = store.session(ORIGIN, page_of)
    await session.put_days([whole_day()], [a_run()])
    database = session.database
    for statement in (
        "CREATE TABLE threads (title TEXT)",
        "INSERT INTO threads VALUES ('Why did it fail?')",
        *changes,
    ):
        await database.write(run, statement)
    await store.aclose()
    store = RunStore(address)
    session = store.session(ORIGIN, page_of)
    assert await session.days([DAY]) == {}
    await session.put_days([whole_day()], [a_run(2)])
    assert await session.runs(EVER) == (a_run(2),)
    assert await session.database.read(run, "SELECT title FROM threads") == ["Why did it fail?"]
    await store.aclose()
    (record,) = caplog.records
    assert record.getMessage() == f"The run store in {address.shown} has another form, and is filled anew."
    again = RunStore(address)
    assert await again.session(ORIGIN, page_of).runs(EVER) == (a_run(2),)
    await again.aclose()
    assert len(caplog.records) == 1


async def test_the_loop_goes_on_while_a_database_works(store: RunStore) -> None:
    database = store.session(ORIGIN, page_of).database
    released = threading.Event()

    def wait(connection: Connection) -> str:
        assert released.wait(20)
        return threading.current_thread().name

    waiting = asyncio.create_task(database.read(wait))
    await asyncio.sleep(0.01)
    released.set()
    assert (await waiting).startswith("dbt-discovery-store")


async def test_a_question_that_is_given_up_while_the_tables_are_made_leaves_the_others_alone(store: RunStore) -> None:
    session = store.session(ORIGIN, page_of)
    first = asyncio.create_task(session.days([DAY]))
    others = [asyncio.create_task(session.days([DAY])) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*others) == [{}, {}, {}]
    assert first.cancelled()


async def test_what_fails_is_rolled_back(store: RunStore) -> None:
    session = store.session(ORIGIN, page_of)
    await session.put_days([whole_day()], [a_run(1)])

    def fail_after_a_change(connection: Connection) -> None:
        run(connection, "DELETE FROM stored_runs")
        raise KeyError("in the middle")

    with pytest.raises(KeyError, match="in the middle"):
        await session.database.write(fail_after_a_change)
    assert await session.runs(EVER) == (a_run(1),)


async def test_writers_wait_for_each_other(address: DatabaseAddress) -> None:
    stores = [RunStore(address) for _ in range(4)]
    runs = [a_run(n) for n in range(300)]
    await asyncio.gather(
        *(store.session(ORIGIN, page_of).put_days([whole_day()], runs) for store in stores for _ in range(5)),
        *(store.session(ORIGIN, page_of).clear("mine") for store in stores),
    )
    for store in stores:
        session = store.session(ORIGIN, page_of)
        assert len(await session.runs(EVER)) == (300 if await session.days([DAY]) else 0)
        await store.aclose()


async def test_what_two_put_at_once_is_never_mixed(address: DatabaseAddress) -> None:
    """The second begins while the first has not ended: nothing of the first may outlive it."""
    if address.kind == "memory":
        pytest.skip("has a single writer")
    first, second = RunStore(address), RunStore(address)
    one, other = first.session(ORIGIN, page_of), second.session(ORIGIN, page_of)
    await one.put_days([whole_day()], [a_run(9)])
    put, released = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> None:
        claim(connection, ORIGIN)
        put_days(connection, ORIGIN.source_id, [whole_day()], [a_run(1), a_run(2)], page_of)
        put.set()
        assert released.wait(20)

    slow = asyncio.create_task(one.database.write(slowly))
    assert await asyncio.to_thread(put.wait, 20)
    quick = asyncio.create_task(other.put_days([whole_day()], [a_run(2)]))
    await asyncio.sleep(0.2)
    released.set()
    await asyncio.gather(slow, quick)
    assert await one.runs(EVER) == (a_run(2),)
    await first.aclose()
    await second.aclose()


async def test_what_waits_for_a_database_that_fails_meanwhile_is_told_at_once(file: Path) -> None:
    database = Database(DatabaseAddress("sqlite", file))
    begun, released, tried = threading.Barrier(5), threading.Event(), []

    def fail(connection: Connection) -> None:
        begun.wait(20)
        assert released.wait(20)
        raise OSError("the disk is gone")

    def be_late(connection: Connection) -> None:
        tried.append(connection)

    busy = [asyncio.create_task(database.read(fail)) for _ in range(4)]
    await asyncio.to_thread(begun.wait, 20)
    late = [asyncio.create_task(database.read(be_late)) for _ in range(50)]
    await asyncio.sleep(0.01)
    released.set()
    told = await asyncio.gather(*busy, *late, return_exceptions=True)
    assert all(isinstance(each, OSError) for each in told)
    assert not tried
    await database.read(be_late)
    assert len(tried) == 1
    await database.aclose()
