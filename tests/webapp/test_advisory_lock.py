"""The lock of a thread in PostgreSQL, which keeps the turns of different processes in order."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator

import pytest
from dbt_discovery.history.address import parse_address
from dbt_discovery_web.database.advisory_lock import advisory_lock
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tests.servers.postgres_server import PostgresDatabase


def connected(url: str) -> AsyncEngine:
    address = parse_address(url)
    assert address is not None
    return create_async_engine(address.async_url(), pool_pre_ping=True)


@pytest.fixture
async def engine(postgres: PostgresDatabase) -> AsyncIterator[AsyncEngine]:
    engine = connected(postgres.url)
    yield engine
    await engine.dispose()


async def until_there_are(locks: str, number: int, postgres: PostgresDatabase) -> None:
    """Returns when so many advisory locks are `granted`, or `NOT granted`."""
    counted = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND {locks}"
    async with asyncio.timeout(10):
        while postgres.execute(counted) != [(number,)]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_turns_of_a_thread_follow_each_other_in_the_order_in_which_they_were_asked_for(
    engine: AsyncEngine, postgres: PostgresDatabase
) -> None:
    taken: list[int] = []

    async def turn(number: int) -> None:
        async with advisory_lock(engine, "one"):
            taken.append(number)
            await asyncio.sleep(0.01)
            assert taken[-1] == number

    async with advisory_lock(engine, "one"):
        turns = []
        for number in range(4):
            turns.append(asyncio.create_task(turn(number)))
            await until_there_are("NOT granted", number + 1, postgres)
        assert taken == []
    await asyncio.gather(*turns)
    assert taken == [0, 1, 2, 3]


async def test_turns_of_different_threads_do_not_wait(engine: AsyncEngine) -> None:
    async with asyncio.timeout(10), advisory_lock(engine, "one"), advisory_lock(engine, "two"):
        pass


async def test_one_who_gives_up_waiting_leaves_the_lock_to_others(
    engine: AsyncEngine, postgres: PostgresDatabase
) -> None:
    async def turn() -> None:
        async with advisory_lock(engine, "one"):
            await asyncio.sleep(60)

    holder = asyncio.create_task(turn())
    await until_there_are("granted", 1, postgres)
    waiter = asyncio.create_task(turn())
    await until_there_are("NOT granted", 1, postgres)
    for task in (waiter, holder):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(10), advisory_lock(engine, "one"):
        pass
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def die_with_the_lock(url: str) -> None:
    async def take() -> None:
        async with advisory_lock(connected(url), "one"):
            os._exit(0)

    asyncio.run(take())


async def test_lock_ends_with_a_process_that_dies(engine: AsyncEngine, postgres: PostgresDatabase) -> None:
    process = multiprocessing.get_context("spawn").Process(target=die_with_the_lock, args=(postgres.url,))
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    async with asyncio.timeout(10), advisory_lock(engine, "one"):
        pass


@pytest.mark.parametrize("limit", ["idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout"])
async def test_server_that_ends_what_takes_long_ends_no_turn(
    limit: str, engine: AsyncEngine, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.execute(f"ALTER DATABASE {postgres.name} SET {limit} = '400ms'")

    async def turn() -> None:
        async with advisory_lock(engine, "one"):
            await asyncio.sleep(0.6)

    await asyncio.gather(turn(), turn())
    assert caplog.text == ""


async def test_lock_that_is_lost_ends_no_turn_and_can_be_had_again(
    engine: AsyncEngine, postgres: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    async with advisory_lock(engine, "one"):
        postgres.disconnect()
    (record,) = caplog.records
    assert "A lock was lost before it was let go" in record.getMessage()
    async with asyncio.timeout(10), advisory_lock(engine, "one"):
        pass
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
