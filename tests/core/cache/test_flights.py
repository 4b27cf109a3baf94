"""Flights: who asks for the same at the same time shares one answer, and leaving is free."""

from __future__ import annotations

import asyncio

import pytest
from dbt_discovery.cache.flights import Flights


class Work:
    """Something slow to ask for, that counts how often it was begun and whether it was stopped."""

    def __init__(self) -> None:
        self.begun = self.stopped = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> str:
        self.begun += 1
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        return "answer"


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_hundred_callers_share_one_flight() -> None:
    flights, work = Flights(), Work()
    callers = [asyncio.create_task(flights.join("key", work)) for _ in range(100)]
    await settled()
    work.may_end.set()
    assert await asyncio.gather(*callers) == ["answer"] * 100
    assert work.begun == 1


async def test_other_keys_fly_on_their_own() -> None:
    flights, work = Flights(), Work()
    work.may_end.set()
    await asyncio.gather(flights.join("a", work), flights.join("b", work))
    assert work.begun == 2


async def test_a_flight_that_has_landed_is_not_joined() -> None:
    flights, work = Flights(), Work()
    work.may_end.set()
    await flights.join("key", work)
    await flights.join("key", work)
    assert work.begun == 2


async def test_one_of_two_that_leaves_does_not_stop_the_flight() -> None:
    flights, work = Flights(), Work()
    leaving, staying = (asyncio.create_task(flights.join("key", work)) for _ in range(2))
    await settled()
    leaving.cancel()
    await settled()
    assert leaving.cancelled()
    work.may_end.set()
    assert await staying == "answer"
    assert (work.begun, work.stopped) == (1, 0)


async def test_the_first_caller_may_be_the_one_that_leaves() -> None:
    flights, work = Flights(), Work()
    first = asyncio.create_task(flights.join("key", work))
    await settled()
    second = asyncio.create_task(flights.join("key", work))
    await settled()
    first.cancel()
    work.may_end.set()
    assert await second == "answer"
    assert work.begun == 1


async def test_the_flight_stops_when_the_last_has_left() -> None:
    flights, work = Flights(), Work()
    callers = [asyncio.create_task(flights.join("key", work)) for _ in range(3)]
    await settled()
    for caller in callers:
        caller.cancel()
    await settled()
    assert (work.begun, work.stopped) == (1, 1)


async def test_after_all_have_left_the_next_begins_anew() -> None:
    flights, work = Flights(), Work()
    caller = asyncio.create_task(flights.join("key", work))
    await settled()
    caller.cancel()
    await settled()
    work.may_end.set()
    assert await flights.join("key", work) == "answer"
    assert work.begun == 2


async def test_a_failure_reaches_everyone_and_is_not_kept() -> None:
    flights = Flights()
    begun = 0

    async def fail() -> None:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0)
        raise ValueError("no")

    results = await asyncio.gather(*(flights.join("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [ValueError] * 3
    with pytest.raises(ValueError, match="no"):
        await flights.join("key", fail)
    assert begun == 2
