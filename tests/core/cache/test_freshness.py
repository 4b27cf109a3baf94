"""Freshness: what rests on several answers lasts as long as the first of them that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from math import inf
from types import SimpleNamespace

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import CachingStrategy, DbtAccount, Settings, Unreachable
from dbt_discovery.cache import freshness as module
from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.freshness import freshness, lasts
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.sharing import shared

from tests.conftest import NOW
from tests.core.recount import production
from tests.core.services.test_client import COUNT, Cloud
from tests.core.services.test_client_missing import Cloud as Missing
from tests.core.services.test_directory import metadata_only
from tests.core.services.test_run_days import Cloud as Days
from tests.core.services.test_run_days import since
from tests.core.services.test_run_results import Cloud as Results
from tests.core.upstream import admin

DOWN = httpx.Response(503)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock by which freshness ends, standing still."""
    clock = SimpleNamespace(now=5000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
async def days() -> AsyncIterator[Days]:
    days = Days()
    yield days
    await days.store.aclose()


@pytest.fixture
async def results() -> AsyncIterator[Results]:
    results = Results()
    yield results
    await results.store.aclose()


def test_what_rests_on_nothing_lasts_for_ever() -> None:
    with freshness() as lasting:
        pass
    assert lasting.left == inf


def test_the_first_to_end_ends_it_and_then_nothing_is_left(clock: SimpleNamespace) -> None:
    with freshness() as lasting:
        for seconds in (20, 5, 60):
            lasts(seconds)
    assert lasting.left == 5
    clock.now += 4
    assert lasting.left == 1
    clock.now += 10
    assert lasting.left == 0


def test_who_is_told_inside_tells_who_is_around_and_nobody_later() -> None:
    with freshness() as outer:
        with freshness() as inner:
            lasts(7)
        lasts(9)
    lasts(1)
    assert (outer.left, inner.left) == (7, 7)


async def test_an_answer_lasts_as_long_as_the_cache_gives_it() -> None:
    cloud = Cloud()
    with freshness() as lasting:
        await cloud.client.ask(COUNT)
    assert lasting.left == 100
    cloud.seconds = 40
    with freshness() as lasting:
        await cloud.client.ask(COUNT)
    assert lasting.left == 60


@pytest.mark.parametrize(("says", "left"), [(timedelta(seconds=7), 7), (timedelta(hours=1), 100), (FINAL, 86_400)])
async def test_an_answer_that_says_for_how_long_it_lasts_does(says: timedelta, left: float) -> None:
    with freshness() as lasting:
        await Cloud().client.ask(admin(lasts=lambda value: says))
    assert lasting.left == left


async def test_one_that_is_given_though_its_time_has_come_lasts_no_longer() -> None:
    cloud = Cloud()
    await cloud.client.ask(COUNT)
    cloud.seconds = 150
    with freshness() as lasting:
        assert (await cloud.client.ask(COUNT)).value == 1
    assert lasting.left == 0
    await cloud.client.aclose()


async def test_one_that_stands_for_another_lasts_until_that_is_asked_for_again() -> None:
    cloud = Cloud()
    await cloud.client.ask(COUNT)
    cloud.seconds, cloud.failure = 500, DOWN
    with freshness() as lasting:
        assert (await cloud.client.ask(COUNT)).stale
    assert lasting.left == 30


async def test_that_there_is_no_such_thing_lasts_half_a_minute() -> None:
    cloud = Missing()
    for _ in range(2):
        with freshness() as lasting:
            await cloud.missing()
        assert lasting.left == 30
    assert cloud.asked == 1


async def test_whoever_goes_on_without_an_answer_has_nothing_that_lasts() -> None:
    cloud = Cloud()
    cloud.failure = DOWN
    with freshness() as lasting, pytest.raises(Unreachable):
        await cloud.client.ask(COUNT)
    assert lasting.left == 0


async def test_where_nothing_is_cached_nothing_lasts() -> None:
    with freshness() as lasting:
        await Cloud().another_client(CachingStrategy(enable_caching=False)).ask(COUNT)
    assert lasting.left == 0


async def test_days_that_are_over_last_for_ever_and_an_open_one_a_minute(days: Days) -> None:
    past = since(7)
    past = type(past)(past.start, past.start + timedelta(days=3))
    for _ in range(2):
        with freshness() as lasting:
            await days.ask(past)
        assert lasting.left == inf
    with freshness() as lasting:
        await days.ask(since(3))
    assert lasting.left == pytest.approx(60, abs=0.1)
    days.seconds += 45
    with freshness() as lasting:
        await days.ask(since(3))
    assert lasting.left == pytest.approx(15, abs=0.1)


async def test_an_open_day_that_cannot_be_asked_for_lasts_until_it_is_tried_again(days: Days) -> None:
    await days.ask(since(3))
    days.seconds += 100
    days.faults["ranges"] = DOWN
    with freshness() as lasting:
        assert (await days.ask(since(3))).stale
    assert lasting.left == pytest.approx(30, abs=0.1)


async def test_results_of_runs_last_unless_some_may_still_come(results: Results) -> None:
    known, long_over = results.in_discovery(1), results.add(2)
    with freshness() as lasting:
        await results.ask(known, long_over)
    assert lasting.left == inf
    just_over = results.add(3, finished="2026-11-18 10:25")
    with freshness() as lasting:
        await results.ask(known, just_over)
    assert lasting.left == 30


class Desk:
    """Answers a question that lasts twelve seconds, when it is let."""

    def __init__(self) -> None:
        self.questions = Flights()
        self.opened = asyncio.Event()

    async def standpoint(self) -> str:
        return "here"

    @shared
    async def answer(self, what: str) -> str:
        await self.opened.wait()
        lasts(12)
        return what


async def test_who_joins_a_question_is_told_how_long_its_answer_lasts() -> None:
    desk = Desk()

    async def ask() -> float:
        with freshness() as lasting:
            await desk.answer("a")
        return lasting.left

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    await asyncio.sleep(0)
    desk.opened.set()
    assert await asyncio.gather(*asking) == [12, 12, 12]
    assert desk.questions.joined == 2


async def test_what_was_found_elsewhere_lasts_no_longer_than_the_refusal_stands(world: World) -> None:
    homes = tuple(str(home.id) for home in production(world))
    async with metadata_only(world, environment_ids=homes) as account:
        account.caching_strategy.cache_ttl = 10_000
        with freshness() as lasting:
            await account.aget_projects()
        assert 200 < lasting.left <= 300


@pytest.mark.parametrize("name", ["longest_running_jobs", "list_models", "failing_tests", "source_freshness"])
async def test_a_report_lasts_as_long_as_the_least_lasting_of_what_it_rests_on(name: str, world: World) -> None:
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        for _ in range(2):
            with freshness() as lasting:
                await account.arun_report(name)
            assert 0 < lasting.left <= 300
        account.caching_strategy.invalidate_cache()
        with freshness() as one, freshness() as other:
            await asyncio.gather(account.arun_report(name), account.arun_report(name, limit=1))
        assert 0 < one.left == other.left
