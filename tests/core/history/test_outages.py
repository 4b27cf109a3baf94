"""A database that fails while it is used: memory stands in for it, until it takes runs again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import ConfigurationError
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.history.address import MEMORY, DatabaseAddress, parse_address
from dbt_discovery.history.records import StoreLost
from dbt_discovery.history.store import RunStore, StoreSession
from dbt_discovery.history.tables import RUNS
from dbt_discovery.services.client import DbtClient
from sqlalchemy import Engine, event, text

from tests.core.history.cloud import EXPECTED, PERIOD, Cloud
from tests.core.history.failing import AWAY, BACK, Timer, ask, locked, opened, warnings
from tests.core.history.records import DAY, ORIGIN, page_of, whole_day
from tests.core.upstream import wire_to
from tests.servers.postgres_server import PostgresDatabase

# PostgreSQL


async def test_a_server_that_goes_away_and_comes_back_costs_two_warnings(
    postgres: PostgresDatabase, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    async with opened(postgres.url, timer) as store:
        await ask(cloud, store, timer)
        postgres.leave()
        for _ in range(3):
            await ask(cloud, store, timer)
            timer.seconds += 61
        assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]
        postgres.come_back()
        fetched = cloud.lists
        await ask(cloud, store, timer)
        assert len(warnings(caplog)) == 2
        assert warnings(caplog)[1].endswith("again.")
        assert cloud.lists == fetched + 1  # today, which had become too old
        assert store.lasting
    assert "not-for-any-log" not in caplog.text


async def test_connections_that_were_cut_are_made_again(
    postgres: PostgresDatabase, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    async with opened(postgres.url, timer) as store:
        await ask(cloud, store, timer)
        postgres.disconnect()
        await ask(cloud, store, timer)
        assert store.lasting
    assert not warnings(caplog)


async def test_a_server_that_does_not_let_us_write_is_done_without(
    postgres: PostgresDatabase, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    async with opened(postgres.url, timer) as store:
        await ask(cloud, store, timer)
        postgres.execute(f"ALTER DATABASE {postgres.name} SET default_transaction_read_only = on")
        postgres.disconnect()
        for _ in range(3):
            timer.seconds += 61
            await ask(cloud, store, timer)
        assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]


async def test_a_table_that_another_process_holds_is_waited_for_and_then_done_without(
    postgres: PostgresDatabase, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    address = parse_address(postgres.url)
    assert address is not None
    holder = RunStore(address)
    async with opened(postgres.url, timer) as store:
        await ask(cloud, store, timer)
        held, released = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def hold(connection: Any) -> None:
            connection.execute(text("LOCK TABLE stored_days IN ACCESS EXCLUSIVE MODE"))
            loop.call_soon_threadsafe(held.set)
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result()

        holding = asyncio.create_task(holder.session(ORIGIN, page_of).database.read(hold))
        await held.wait()
        await ask(cloud, store, timer)
        assert [message[: len(AWAY)] for message in warnings(caplog)] == [AWAY]
        released.set()
        await holding
        timer.seconds += 61
        await ask(cloud, store, timer)
        assert store.lasting
    await holder.aclose()


# In the middle of a question


async def test_a_hundred_questions_to_a_database_that_fails_try_it_once(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud, tried = Cloud(), 0

    def refused(connection: Any, _: object) -> None:
        nonlocal tried
        if connection.execute("PRAGMA database_list").fetchone()[2]:
            tried += 1
            raise sqlite3.OperationalError("out of reach")

    event.listen(Engine, "connect", refused)
    try:
        async with opened(file, timer) as store:
            runs = cloud.service(store, timer)
            await asyncio.gather(*(runs.between(PERIOD) for _ in range(100)))
            assert tried == 1
            timer.seconds += 61
            await asyncio.gather(*(runs.between(PERIOD) for _ in range(100)))
            assert tried == 2
    finally:
        event.remove(Engine, "connect", refused)
    assert len(warnings(caplog)) == 1


async def test_a_database_that_failed_is_tried_by_one_question_a_minute(file: Path, timer: Timer) -> None:
    async with opened(file, timer) as store:
        own = store.session(ORIGIN, page_of).database
        await store.lose(own, "gone")
        assert [store.session(ORIGIN, page_of).database is own for _ in range(3)] == [False] * 3
        for _ in range(2):
            timer.seconds += 60
            assert [store.session(ORIGIN, page_of).database is own for _ in range(3)] == [True, False, False]


async def test_tables_that_were_dropped_meanwhile_are_made_again(
    address: DatabaseAddress, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    if address.kind == "memory":
        pytest.skip("nobody else can drop them")
    cloud, store, other = Cloud(), RunStore(address, timer), RunStore(address)
    await ask(cloud, store, timer)
    await other.session(ORIGIN, page_of).database.write(lambda connection: RUNS.drop(connection))
    await ask(cloud, store, timer)
    assert not store.lasting
    timer.seconds += 61
    await ask(cloud, store, timer)
    assert store.lasting
    fetched = cloud.lists
    await ask(cloud, store, timer)
    assert cloud.lists == fetched
    assert [message.partition(" in ")[0] for message in warnings(caplog)] == [
        "Runs are kept",
        "The run store",
        "Runs are kept",
    ]
    await store.aclose()
    await other.aclose()


async def test_a_file_that_takes_the_place_of_a_damaged_one_is_used(file: Path, timer: Timer) -> None:
    cloud = Cloud()
    async with opened(file, timer) as store:
        await ask(cloud, store, timer)
        other = RunStore(DatabaseAddress("sqlite", file))
        await other.session(ORIGIN, page_of).database.write(lambda connection: RUNS.drop(connection))
        await other.aclose()
        await ask(cloud, store, timer)
        remove(file)
        timer.seconds += 61
        await ask(cloud, store, timer)
        assert store.lasting
        assert file_is_there(file)


def remove(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def file_is_there(file: Path) -> bool:
    return file.exists()


async def test_questions_that_are_under_way_when_the_database_comes_back_are_answered(
    file: Path, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    cloud = Cloud()
    async with opened(file, timer) as store:
        runs = cloud.service(store, timer)
        with locked_from_the_start(file):
            await runs.between(PERIOD)
        for _ in range(5):  # a busy machine may be slower than the store's patience here, and is tried once a minute
            timer.seconds += 61
            answers = await asyncio.gather(*(cloud.answers(store, timer) for _ in range(20)))
            assert all(answer == EXPECTED for answer in answers)
            if store.lasting:
                break
        assert store.lasting
        told = warnings(caplog)  # twenty that write at once may lock each other out, and then it comes back twice
        assert told[0].startswith(AWAY)
        assert told[-1] == BACK.format(file)


@contextmanager
def locked_from_the_start(file: Path) -> Iterator[None]:
    sqlite3.connect(file).close()
    with locked(file):
        yield


async def test_what_was_put_in_before_a_switch_is_never_missed_after_it(
    file: Path, timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails after the days are there, and before they are added up: nothing is added up elsewhere."""
    cloud, measures, failures = Cloud(), StoreSession.measures, iter([True])

    async def failing(session: StoreSession, query: Any) -> Any:
        if next(failures, False):
            await session._store.lose(session.database, "gone")
            raise StoreLost
        return await measures(session, query)

    async with opened(file, timer) as store:
        monkeypatch.setattr(StoreSession, "measures", failing)
        answer = await cloud.service(store, timer).sums(PERIOD)
        assert {job_id: each.runs for job_id, each in answer.value.measures.items()} == EXPECTED["measures"]


async def test_a_store_that_is_emptied_in_the_middle_of_a_question_is_filled_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud, measures, emptied = Cloud(), StoreSession.measures, iter([True])

    async def emptying(session: StoreSession, query: Any) -> Any:
        if next(emptied, False):
            await session.clear("all")
        return await measures(session, query)

    monkeypatch.setattr(StoreSession, "measures", emptying)
    answer = await cloud.service(store, Timer()).sums(PERIOD)
    assert {job_id: each.runs for job_id, each in answer.value.measures.items()} == EXPECTED["measures"]


# Memory


async def test_a_store_in_memory_that_is_full_begins_anew(
    timer: Timer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cloud, other = Cloud(busy=300), Cloud(busy=300)
    other.client = DbtClient(wire_to(other, "2"), CachingStrategy())
    roomy = RunStore(MEMORY, timer)
    await cloud.answers(roomy, timer)
    size, _ = await roomy.session(ORIGIN, page_of).describe()
    await roomy.aclose()
    monkeypatch.setattr("dbt_discovery.history.database._MOST_PAGES", int(1.5 * size / 4096))
    store = RunStore(MEMORY, timer)
    for each in (cloud, cloud, other, other):
        assert await each.answers(store, timer) == each.expected
    assert warnings(caplog) == ["The run store in memory begins anew: database or disk is full."]
    assert await cloud.answers(store, timer) == cloud.expected
    await store.aclose()


async def test_a_question_that_does_not_fit_into_memory_says_what_to_do(
    timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery.history.database._MOST_PAGES", 24)
    cloud, store = Cloud(busy=600), RunStore(MEMORY, timer)
    with pytest.raises(ConfigurationError, match=r"not even in memory .*full.* DBT_DISCOVERY_DATABASE_URL"):
        await cloud.service(store, timer).between(PERIOD)
    await store.aclose()


async def test_a_store_that_is_closed_is_not_replaced(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = RunStore(DatabaseAddress("sqlite", file))
    session = store.session(ORIGIN, page_of)
    await session.put_days([whole_day()], [])
    await store.aclose()
    with pytest.raises(StoreLost, match="closed"):
        await session.days([DAY])
    assert not warnings(caplog)
