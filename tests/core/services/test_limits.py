"""Limits: silence after a 429, for as long as it asks for, and an end to it."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from dbt_discovery import RateLimited
from dbt_discovery.services.budget import RequestBudget, budget_of
from dbt_discovery.services.limits import ApiLimits, retry_after

from tests.core.tiny import TinyCloud

START = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that sleeping moves on; nobody really waits."""
    clock, really = Clock(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)
        await really(0)

    monkeypatch.setattr("dbt_discovery.services.limits.asyncio.sleep", sleep)
    return clock


def limits_of(clock: Clock, per_minute: int = 3, concurrency: int = 100, budget: RequestBudget | None = None) -> Any:
    return ApiLimits("Admin API", concurrency, budget or RequestBudget(per_minute), clock)


async def begun(limits: ApiLimits, clock: Clock) -> float:
    """Seconds after which a request went off."""
    async with limits.turn():
        return (clock.now - START).total_seconds()


async def test_as_many_requests_go_at_once_as_fit_into_a_minute_and_the_others_wait(clock: Clock) -> None:
    limits = limits_of(clock, per_minute=3)
    times = await asyncio.gather(*(begun(limits, clock) for _ in range(8)))
    assert times[:3] == [0, 0, 0]
    assert all(60 <= time < 62 for time in times[3:6])
    assert all(120 <= time < 124 for time in times[6:])


async def test_in_no_minute_are_there_more_requests_than_fit(clock: Clock) -> None:
    limits = limits_of(clock, per_minute=5)
    sent = []
    for pause in [0, 20, 20, 15, 0, 1, 0, 0, 30, 0, 0, 7, 0, 0, 0, 0, 50, 0]:
        clock.now += timedelta(seconds=pause)
        sent.append(await begun(limits, clock))
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[5:], strict=False))
    assert sent[:5] == [0, 20, 40, 55, 55]
    assert sent[5] == 60  # the first has left the minute


async def test_those_who_wait_go_in_the_order_in_which_they_asked(clock: Clock) -> None:
    limits, order = limits_of(clock, per_minute=2), []

    async def ask(number: int) -> None:
        async with limits.turn():
            order.append(number)

    await asyncio.gather(*(ask(number) for number in range(11)))
    assert order == list(range(11))


async def test_who_stops_waiting_gives_the_place_to_the_next() -> None:
    budget = RequestBudget(1)
    first, second, third = object(), object(), object()
    assert budget.enter(first, START) == timedelta()
    assert budget.enter(second, START) == timedelta(seconds=60)
    assert budget.enter(third, START) == timedelta(seconds=60)
    budget.leave(second)
    assert budget.enter(third, START + timedelta(seconds=60)) == timedelta()


async def test_a_cancelled_caller_does_not_hold_up_those_behind_it(clock: Clock) -> None:
    limits = limits_of(clock, per_minute=1)
    await begun(limits, clock)
    leaving, staying = (asyncio.create_task(begun(limits, clock)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert 60 <= await staying < 62


async def test_accounts_that_share_a_budget_share_its_minute_and_its_silence(clock: Clock) -> None:
    budget = RequestBudget(2)
    one, other = limits_of(clock, budget=budget), limits_of(clock, budget=budget)
    assert [await begun(one, clock), await begun(other, clock)] == [0, 0]
    assert await begun(one, clock) >= 60
    one.cool_down(timedelta(seconds=40))
    with pytest.raises(RateLimited):
        await begun(other, clock)


async def test_who_waits_for_room_learns_of_a_silence(clock: Clock) -> None:
    limits = limits_of(clock, per_minute=1)
    await begun(limits, clock)
    waiting = asyncio.create_task(begun(limits, clock))
    await asyncio.sleep(0)
    limits.cool_down(None)
    with pytest.raises(RateLimited):
        await waiting
    assert clock.now < START + timedelta(seconds=10)


def test_a_budget_used_by_several_threads_lets_through_what_fits_and_no_more() -> None:
    budget, gone = RequestBudget(50), []

    def press() -> None:
        for _ in range(40):
            ticket = object()
            if not budget.enter(ticket, START):
                gone.append(ticket)
            budget.leave(ticket)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(gone) == 50


def test_a_clock_that_was_set_back_does_not_stop_everything() -> None:
    budget = RequestBudget(1)
    assert not budget.enter(object(), START)
    assert not budget.enter(object(), START - timedelta(hours=1))


class Holder:
    """Whoever shares a budget."""


def test_an_address_has_one_budget_in_the_process_the_smallest_that_a_living_holder_was_given() -> None:
    one, careful, other = Holder(), Holder(), Holder()
    budget = budget_of(one, "https://one-budget.test", 100)
    assert budget_of(careful, "https://one-budget.test", 50) is budget
    assert budget_of(other, "https://one-budget.test", 70) is budget
    assert budget_of(other, "https://another.test", 500) is not budget
    assert budget.per_minute == 50
    del careful
    gc.collect()
    assert budget.per_minute == 70


async def test_an_account_that_is_gone_no_longer_slows_those_that_stay(clock: Clock) -> None:
    staying, leaving = Holder(), Holder()
    budget = budget_of(staying, "https://slowed.test", 3)
    budget_of(leaving, "https://slowed.test", 1)
    limits = limits_of(clock, budget=budget)
    assert [await begun(limits, clock) for _ in range(2)] == [0, 60]
    del leaving
    gc.collect()
    assert [await begun(limits, clock) for _ in range(2)] == [60, 60]


def test_a_transport_of_ones_own_has_budgets_of_its_own_which_go_with_it() -> None:
    one, other = (httpx.MockTransport(lambda request: httpx.Response(200)) for _ in range(2))
    holder = Holder()
    budget = budget_of(holder, "https://one.test", 5, one)
    assert budget_of(holder, "https://one.test", 5, one) is budget
    assert budget_of(holder, "https://two.test", 5, one) is not budget
    assert budget_of(holder, "https://one.test", 5, other) is not budget
    assert budget_of(holder, "https://one.test", 5) is not budget
    gone = weakref.ref(budget)
    del one, budget
    gc.collect()
    assert gone() is None


async def test_the_settings_say_how_many_requests_a_minute_each_api_takes() -> None:
    cloud = TinyCloud()
    async with cloud.account(metadata_requests_per_minute=7, admin_requests_per_minute=9) as account:
        endpoints, other = account._connection.wire.endpoints, Holder()
        assert budget_of(other, endpoints.discovery, 10**6, cloud).per_minute == 7
        assert budget_of(other, endpoints.admin, 10**6, cloud).per_minute == 9


@pytest.mark.parametrize(("wait", "seconds"), [(None, 300), (timedelta(seconds=42), 42), (timedelta(hours=1), 3600)])
async def test_cooling_down_lasts_until_the_clock_has_passed(
    clock: Clock, wait: timedelta | None, seconds: int
) -> None:
    limits = limits_of(clock)
    assert limits.cool_down(wait).retry_at == START + timedelta(seconds=seconds)
    clock.now += timedelta(seconds=seconds - 31)
    with pytest.raises(RateLimited) as refused:
        await begun(limits, clock)
    assert refused.value.retry_at == START + timedelta(seconds=seconds)
    clock.now += timedelta(seconds=1)
    assert await begun(limits, clock) == seconds  # what is left of it is waited out


async def test_a_short_silence_is_waited_out_by_everybody(clock: Clock) -> None:
    limits = limits_of(clock)
    limits.cool_down(timedelta(seconds=12.5))
    assert await asyncio.gather(*(begun(limits, clock) for _ in range(3))) == [12.5] * 3


async def test_who_waits_out_a_short_silence_learns_that_it_has_become_a_long_one(clock: Clock) -> None:
    limits = limits_of(clock)
    limits.cool_down(timedelta(seconds=12))
    waiting = asyncio.create_task(begun(limits, clock))
    await asyncio.sleep(0)
    limits.cool_down(None)
    with pytest.raises(RateLimited):
        await waiting
    assert clock.now < START + timedelta(seconds=10)


def test_a_shorter_silence_does_not_end_a_longer_one(clock: Clock) -> None:
    limits = limits_of(clock)
    limits.cool_down(timedelta(hours=1))
    assert limits.cool_down(None).retry_at == START + timedelta(hours=1)


def test_the_sentence_names_the_api_and_the_moment(clock: Clock) -> None:
    error = limits_of(clock).cool_down(None)
    assert "Admin API" in str(error)
    assert "10:35:00 UTC" in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0),
        ({"x-rate-limit-retry-after-seconds": "7"}, 7),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": ""}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    wait = retry_after(httpx.Response(429, headers=headers), START)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("later", "seconds"), [(100, 100), (-3600, 0)])
def test_retry_after_may_be_a_date(later: int, seconds: int) -> None:
    moment = format_datetime(START + timedelta(seconds=later), usegmt=True)
    assert retry_after(httpx.Response(429, headers={"Retry-After": moment}), START) == timedelta(seconds=seconds)
