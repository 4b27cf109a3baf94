"""Days of runs: what is missing is fetched, once, newest first; what cannot change any more never again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_discovery import QueryRejected, Unreachable
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.history.address import MEMORY
from dbt_discovery.history.records import StoredDay
from dbt_discovery.history.store import RunStore, StoreSession
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.progress import Progress, watch
from dbt_discovery.services import run_lists
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.run_days import RunDays

from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, wire_to

TODAY = NOW.date()
DOWN = httpx.Response(503)


def since(days: int) -> RunQuery:
    """Everything since midnight so many days ago: one day more is needed, whose runs may have started late."""
    return RunQuery(datetime.combine(TODAY - timedelta(days=days), datetime.min.time(), UTC), NOW)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


class Cloud(TinyCloud):
    """A run a day at eight, and one that is running today; how often each day was asked for.

    Attributes:
        seconds: What the clock shows that days age by.
        gate: Answers wait until it is open.
    """

    def __init__(self, caching: CachingStrategy | None = None) -> None:
        super().__init__()
        self.runs = [run(1000 - n, f"{ago(n)} 08:00:00", f"{ago(n)} 08:10:00") for n in range(60)]
        self.runs.append(run(2000, f"{TODAY} 10:20:00", None))
        self.seconds = 1_000_000.0
        self._arrived = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.client = DbtClient(wire_to(self), caching or CachingStrategy())
        self.store = RunStore(MEMORY)
        self.days = RunDays(self.client, lambda: self.store, lambda: NOW, self.timer)

    def timer(self) -> float:
        """The clock that days age by: it never stands still."""
        self.seconds += 0.0001
        return self.seconds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._arrived.set()
        response = await super().handle_async_request(request)
        await self.gate.wait()
        return response

    def _answer_one(self, request: httpx.Request) -> httpx.Response:
        fault = self.faults.get("ranges")
        return fault if fault and "created_at__range" in request.url.params else super()._answer_one(request)

    @property
    def lists(self) -> list[tuple[date, date]]:
        """First and last day of each list that was asked for, in order."""
        ranges = [request.url.params.get("created_at__range") for request in self.requests]
        ends = [[datetime.fromisoformat(end).date() for end in json.loads(each)] for each in ranges if each]
        return [(first, last) for first, last in ends]

    async def ask(self, query: RunQuery, refresh: bool | Refresh = False) -> Answer[tuple[RunRecord, ...]]:
        return await self.days.ask(query, lambda session: session.runs(query), refresh=refresh)

    async def asked(self, lists: int = 1) -> None:
        """Waits until so many lists were asked for."""
        async with asyncio.timeout(20):
            while len(self.lists) < lists:
                self._arrived.clear()
                await self._arrived.wait()


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    cloud = Cloud()
    yield cloud
    await cloud.store.aclose()


@pytest.fixture
async def uncached() -> AsyncIterator[Cloud]:
    cloud = Cloud(CachingStrategy(enable_caching=False))
    yield cloud
    await cloud.store.aclose()


def ids(answer: Answer[tuple[RunRecord, ...]]) -> list[int]:
    return [int(run.run_id) for run in answer.value]


# What is fetched


async def test_a_period_takes_the_days_that_hold_it_and_the_one_before_as_one_list(cloud: Cloud) -> None:
    answer = await cloud.ask(since(2))
    assert ids(answer) == [998, 999, 1000, 2000]
    assert cloud.lists == [(ago(3), TODAY)]
    assert (answer.complete, answer.stale, answer.as_of) == (True, False, NOW)


async def test_only_missing_days_are_fetched_and_newest_first(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lists, "_FIRST", 3)
    monkeypatch.setattr(run_lists, "_RUNS", 4)  # so that the later lists are of four days
    cloud.days = RunDays(cloud.client, lambda: cloud.store, lambda: NOW, cloud.timer)
    await cloud.ask(RunQuery(at(ago(6)), at(ago(5))))
    assert cloud.lists == [(ago(7), ago(6))]
    cloud.requests.clear()
    answer = await cloud.ask(since(20))
    assert ids(answer) == [*range(980, 1001), 2000]
    assert cloud.lists[0] == (ago(3), TODAY)
    assert sorted(cloud.lists, reverse=True) == [
        (ago(3), TODAY),
        (ago(5), ago(4)),
        (ago(10), ago(8)),  # of three, as today has two runs
        (ago(14), ago(11)),
        (ago(18), ago(15)),
        (ago(21), ago(19)),
    ]


def at(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


async def test_lists_grow_as_long_as_they_are_short(cloud: Cloud) -> None:
    await cloud.ask(since(58))
    assert cloud.lists == [(ago(8), TODAY), (ago(59), ago(9))]


async def test_a_period_ahead_of_now_needs_no_more_days_than_there_are(cloud: Cloud) -> None:
    answer = await cloud.ask(RunQuery(at(TODAY), NOW + timedelta(days=40)))
    assert ids(answer) == [1000, 2000]
    assert cloud.lists == [(ago(1), TODAY)]


async def test_a_period_that_has_not_begun_needs_nothing(cloud: Cloud) -> None:
    answer = await cloud.ask(RunQuery(NOW + timedelta(days=5), NOW + timedelta(days=6)))
    assert (ids(answer), answer.complete) == ([], True)
    assert not cloud.lists


async def test_a_run_that_began_a_day_after_it_was_created_is_found(cloud: Cloud) -> None:
    cloud.runs.append(run(3000, f"{TODAY} 06:00:00", f"{TODAY} 06:10:00", created_at=f"{ago(1)} 06:30:00"))
    assert ids(await cloud.ask(since(0))) == [3000, 1000, 2000]


async def test_days_are_told_as_they_come(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_lists, "_RUNS", 20)
    steps: list[Progress] = []
    with watch(steps.append):
        await cloud.ask(since(30))
    days = [(step.done, step.total) for step in steps if step.what == "days of runs"]
    assert days[0] == (9, 32)
    assert days[-1] == (32, 32)
    assert days == sorted(days)


# What is final


async def test_a_day_that_has_passed_with_all_its_runs_over_is_never_asked_for_again(cloud: Cloud) -> None:
    await cloud.ask(since(3))
    cloud.requests.clear()
    cloud.seconds += 10**7
    cloud.client.caching.invalidate_cache("all")
    await cloud.ask(since(3), refresh=True)
    assert cloud.lists == [(TODAY, TODAY)]


@pytest.mark.parametrize("status", [1, 2, 3, 99])
async def test_a_day_with_a_run_that_is_not_over_stays_open_until_it_is(cloud: Cloud, status: int) -> None:
    cloud.runs.append(run(900, f"{ago(3)} 09:00:00", None, status=status))
    await cloud.ask(since(4))
    cloud.requests.clear()
    cloud.seconds += 61
    cloud.runs[-1] = run(900, f"{ago(3)} 09:00:00", f"{ago(0)} 09:00:00")
    answer = await cloud.ask(since(4))
    assert cloud.lists == [(TODAY, TODAY), (ago(3), ago(3))]
    assert {run.run_id: run.status for run in answer.value}["900"] is RunStatus.SUCCESS
    cloud.requests.clear()
    cloud.seconds += 61
    await cloud.ask(since(4))
    assert cloud.lists == [(TODAY, TODAY)]


async def test_a_day_that_ended_a_moment_ago_is_still_open() -> None:
    cloud, midnight = Cloud(), at(TODAY)
    for passed, expected in ((timedelta(seconds=599), False), (timedelta(seconds=600), True)):
        now = midnight + passed
        cloud.client.wire.now = lambda now=now: now
        cloud.days = RunDays(cloud.client, lambda: cloud.store, lambda now=now: now, cloud.timer)
        await cloud.ask(RunQuery(at(ago(1)), now), refresh=True)
        assert (await stored(cloud, ago(1))).final is expected
    await cloud.store.aclose()


async def stored(cloud: Cloud, day: date) -> StoredDay:
    async def look(session: StoreSession) -> StoredDay:
        return (await session.days([day]))[day]

    return await cloud.days.in_session(look)


async def test_a_list_that_was_cut_makes_no_day_final(cloud: Cloud) -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        page = TinyCloud._answer_one(cloud, request)
        if "created_at__range" not in request.url.params:
            return page
        body = page.json()
        body["extra"]["pagination"]["total_count"] = 500  # but there are no more
        return httpx.Response(200, json=body)

    cloud._answer = cut
    answer = await cloud.ask(since(1))
    assert not answer.complete
    assert not (await stored(cloud, ago(1))).final
    assert not (await stored(cloud, ago(1))).complete


# What may change


async def test_an_open_day_is_asked_for_again_after_a_minute(cloud: Cloud) -> None:
    await cloud.ask(since(2))
    cloud.requests.clear()
    cloud.seconds += 59
    await cloud.ask(since(2))
    assert not cloud.lists
    cloud.seconds += 1
    cloud.runs[-1] = run(2000, f"{TODAY} 10:20:00", f"{TODAY} 10:29:00", status=20)
    cloud.runs.append(run(2001, f"{TODAY} 10:28:00", None))
    del cloud.runs[0]  # today's first, which somebody removed
    answer = await cloud.ask(since(2))
    assert cloud.lists == [(TODAY, TODAY)]
    assert ids(answer) == [998, 999, 2000, 2001]
    assert answer.value[2].status is RunStatus.FAILURE


async def test_an_open_day_is_asked_for_again_when_something_was_invalidated_or_on_a_refresh(cloud: Cloud) -> None:
    await cloud.ask(since(2))
    cloud.requests.clear()
    cloud.seconds += 1
    cloud.client.caching.invalidate_cache("runs")
    cloud.seconds += 1
    await cloud.ask(since(2))
    assert cloud.lists == [(TODAY, TODAY)]
    cloud.seconds += 1
    await cloud.ask(since(2))
    assert len(cloud.lists) == 1
    await cloud.ask(since(2), refresh=True)
    assert cloud.lists == [(TODAY, TODAY)] * 2


async def test_a_refresh_asks_once_for_all_parts_of_an_inquiry(cloud: Cloud) -> None:
    refresh = Refresh(True)
    await cloud.ask(since(2), refresh)
    await cloud.ask(since(1), refresh)
    await cloud.ask(since(4), refresh)
    assert cloud.lists == [(ago(3), TODAY), (ago(5), ago(4))]


async def test_a_short_ttl_makes_open_days_short_lived_too() -> None:
    cloud = Cloud(CachingStrategy(10))
    await cloud.ask(since(2))
    cloud.seconds += 10
    await cloud.ask(since(2))
    assert cloud.lists == [(ago(3), TODAY), (TODAY, TODAY)]
    await cloud.store.aclose()


async def test_without_any_ttl_open_days_are_asked_for_each_time_and_final_ones_once() -> None:
    cloud = Cloud(CachingStrategy(0))
    for _ in range(3):
        assert ids(await cloud.ask(since(2))) == [998, 999, 1000, 2000]
    assert cloud.lists == [(ago(3), TODAY), (TODAY, TODAY), (TODAY, TODAY)]
    await cloud.store.aclose()


async def test_without_caching_every_day_is_asked_for_once_an_inquiry(uncached: Cloud) -> None:
    for inquiry in (Refresh(False), Refresh(False)):
        await uncached.ask(since(2), inquiry)
        await uncached.ask(since(2), inquiry)
    assert uncached.lists == [(ago(3), TODAY)] * 2


async def test_a_day_that_another_process_asked_for_is_as_old_as_that(cloud: Cloud) -> None:
    other = RunDays(cloud.client, lambda: cloud.store, lambda: NOW, cloud.timer)
    await cloud.ask(since(2))
    cloud.requests.clear()
    cloud.seconds += 40
    await other.ask(since(2), lambda session: session.runs(since(2)))
    assert not cloud.lists
    cloud.seconds += 20
    await other.ask(since(2), lambda session: session.runs(since(2)))
    assert cloud.lists == [(TODAY, TODAY)]
    await cloud.ask(since(2))
    assert len(cloud.lists) == 1


async def test_a_day_that_came_from_another_process_is_as_old_as_it_says(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = DbtClient.ask_batched

    async def shared(client: DbtClient, *question: Any, **how: Any) -> list[Answer[Any]]:
        return [replace(each, as_of=NOW - timedelta(seconds=40)) for each in await ask(client, *question, **how)]

    monkeypatch.setattr(DbtClient, "ask_batched", shared)
    assert (await cloud.ask(since(2))).as_of == NOW - timedelta(seconds=40)
    cloud.seconds += 19
    await cloud.ask(since(2))
    assert len(cloud.lists) == 1
    cloud.seconds += 1
    await cloud.ask(since(2))
    assert len(cloud.lists) == 2


# dbt Cloud cannot be asked


async def test_known_days_bridge_a_failure_and_are_marked(cloud: Cloud) -> None:
    first = await cloud.ask(since(2))
    cloud.client.wire.now = lambda: NOW + timedelta(hours=1)
    cloud.requests.clear()
    cloud.seconds += 61
    cloud.faults["ranges"] = DOWN
    answer = await cloud.ask(since(2))
    assert ids(answer) == ids(first)
    assert (answer.stale, answer.as_of, answer.complete) == (True, NOW, True)
    tried = len(cloud.requests)
    cloud.seconds += 29
    assert (await cloud.ask(since(2))).stale
    assert len(cloud.requests) == tried  # for half a minute it is left alone
    cloud.seconds += 1
    assert (await cloud.ask(since(2))).stale
    assert len(cloud.requests) > tried
    cloud.faults.clear()
    cloud.seconds += 31
    answer = await cloud.ask(since(2))
    assert (answer.stale, answer.as_of) == (False, NOW + timedelta(hours=1))


async def test_final_days_alone_are_never_stale(cloud: Cloud) -> None:
    query = RunQuery(at(ago(5)), at(ago(2)))
    await cloud.ask(query)
    cloud.faults["ranges"] = DOWN
    cloud.seconds += 10**6
    answer = await cloud.ask(query, refresh=True)
    assert (answer.stale, len(answer.value)) == (False, 3)


async def test_a_failed_refresh_is_tried_once_an_inquiry_and_marks_all_its_parts(cloud: Cloud) -> None:
    await cloud.ask(since(2))
    cloud.faults["ranges"] = DOWN
    refresh = Refresh(True)
    assert (await cloud.ask(since(2), refresh)).stale
    tried = len(cloud.requests)
    assert (await cloud.ask(since(1), refresh)).stale
    assert len(cloud.requests) == tried


async def test_a_day_that_came_elsewhere_since_is_not_stale(cloud: Cloud) -> None:
    await cloud.ask(since(2))
    cloud.faults["ranges"] = DOWN
    assert (await cloud.ask(since(2), refresh=True)).stale
    cloud.faults.clear()
    cloud.seconds += 1
    other = RunDays(cloud.client, lambda: cloud.store, lambda: NOW, cloud.timer)
    await other.ask(since(2), lambda session: session.runs(since(2)), refresh=True)
    assert not (await cloud.ask(since(2))).stale


async def test_a_day_that_is_not_known_at_all_is_told_as_a_failure_and_what_came_before_is_kept(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_lists, "_RUNS", 5)
    answer, left = cloud._answer, iter(range(2))
    cloud._answer = lambda request: answer(request) if not is_list(request) or next(left, None) is not None else DOWN
    with pytest.raises(Unreachable):
        await cloud.ask(since(30))
    cloud._answer = answer
    kept = {day for day in (ago(n) for n in range(32)) if await known(cloud, day)}
    assert {ago(n) for n in range(9)} <= kept < {ago(n) for n in range(32)}
    cloud.requests.clear()
    assert len((await cloud.ask(since(30))).value) == 32
    assert {day for first, last in cloud.lists for day in days(first, last)} == {ago(n) for n in range(32)} - kept


def is_list(request: httpx.Request) -> bool:
    return "created_at__range" in request.url.params


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


async def known(cloud: Cloud, day: date) -> bool:
    async def look(session: StoreSession) -> bool:
        return bool(await session.days([day]))

    return await cloud.days.in_session(look)


async def test_a_refusal_for_good_is_told_though_the_days_are_known(cloud: Cloud) -> None:
    await cloud.ask(since(2))
    cloud._answer = lambda request: httpx.Response(400, json={"status": {"user_message": "no"}, "data": None})
    with pytest.raises(QueryRejected):
        await cloud.ask(since(2), refresh=True)
