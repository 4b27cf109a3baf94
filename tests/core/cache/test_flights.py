"""Flights: who asks for the same at the same time shares one answer, and leaving is free."""

from __future__ import annotations

import asyncio
import gc
import traceback
from contextvars import ContextVar

import pytest
from dbt_discovery.cache.flights import Flights
from dbt_discovery.exceptions import NotFound


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


async def test_each_caller_gets_an_error_of_its_own() -> None:
    flights = Flights()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise NotFound("model", "order", near=["orders"]) from ValueError("why")

    results = await asyncio.gather(*(flights.join("key", fail) for _ in range(20)), return_exceptions=True)
    errors = [result for result in results if isinstance(result, NotFound)]
    assert len({id(error) for error in errors}) == 20
    ways = [[frame.name for frame in traceback.extract_tb(error.__traceback__)] for error in errors]
    assert ways == [["join", "fail"]] * 20
    for error in errors:
        assert str(error) == "There is no model “order” in this account. Did you mean “orders”?"
        assert error.near == ("orders",)
        assert str(error.__cause__) == "why"
        assert error.__context__ is None


async def test_a_flight_that_is_sent_off_goes_on_though_nobody_waits() -> None:
    flights, work = Flights(), Work()
    flights.send_off("key", work)
    flights.send_off("key", work)
    await settled()
    joining = asyncio.create_task(flights.join("key", work))
    await settled()
    joining.cancel()
    await settled()
    assert (work.begun, work.stopped) == (1, 0)
    last = asyncio.create_task(flights.join("key", work))
    await settled()
    work.may_end.set()
    assert await last == "answer"
    assert "key" not in flights


async def test_a_failure_of_a_flight_that_nobody_waits_for_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    flights = Flights()

    async def fail() -> None:
        raise ValueError("no")

    flights.send_off("key", fail)
    await settled()
    assert "key" not in flights
    gc.collect()
    assert caplog.text == ""


async def test_closing_stops_what_nobody_waits_for_and_no_other_flight() -> None:
    flights, alone, within, joined, own = Flights(), Work(), Work(), Work(), Work()

    async def outer() -> str:
        return await flights.join("within", within)

    flights.send_off("outer", outer)
    flights.send_off("alone", alone)
    flights.send_off("joined", joined)
    waiting = [asyncio.create_task(flights.join(key, work)) for key, work in (("joined", joined), ("own", own))]
    await settled()
    await flights.aclose()
    assert [each.stopped for each in (alone, within, joined, own)] == [1, 1, 0, 0]
    joined.may_end.set()
    own.may_end.set()
    assert await asyncio.gather(*waiting) == ["answer", "answer"]


async def test_a_flight_that_is_sent_off_belongs_to_nobody() -> None:
    flights, seen = Flights(), []
    whose = ContextVar("whose", default="nobody")
    whose.set("mine")

    async def look() -> None:
        seen.append(whose.get())

    flights.send_off("alone", look)
    await flights.join("joined", look)
    assert seen == ["nobody", "mine"]
