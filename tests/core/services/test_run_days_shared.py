"""Days of runs that several ask for at the same time: each is fetched once, and leaving is free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from dbt_discovery import Unreachable
from dbt_discovery.progress import Progress, watch
from dbt_discovery.services import run_lists

from tests.core.services.test_run_days import DOWN, TODAY, Cloud, ago, days, ids, known, since


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    monkeypatch.setattr(run_lists, "_RUNS", 8)  # lists of eight days, after a first one of nine
    cloud = Cloud()
    yield cloud
    cloud.gate.set()
    await cloud.store.aclose()


def days_asked(cloud: Cloud) -> list[object]:
    return sorted(day for first, last in cloud.lists for day in days(first, last))


async def test_a_hundred_questions_at_once_ask_as_often_as_one(cloud: Cloud) -> None:
    await Cloud.ask(cloud, since(40))
    alone = Cloud()
    answers = await asyncio.gather(*(alone.ask(since(40)) for _ in range(100)))
    assert len(alone.requests) == len(cloud.requests)
    assert all(ids(answer) == ids(answers[0]) for answer in answers)
    assert len(answers[0].value) == 42
    await alone.store.aclose()


async def test_periods_that_overlap_share_their_days(cloud: Cloud) -> None:
    answers = await asyncio.gather(*(cloud.ask(since(n)) for n in (5, 30, 1, 20, 40, 12)))
    assert [len(answer.value) for answer in answers] == [7, 32, 3, 22, 42, 14]
    assert days_asked(cloud) == sorted(ago(n) for n in range(42))


async def test_a_short_question_does_not_wait_for_the_rest_of_a_long_one(cloud: Cloud) -> None:
    long = asyncio.create_task(cloud.ask(since(40)))
    await cloud.asked()
    first = cloud.requests[0]
    short = asyncio.create_task(cloud.ask(since(1)))
    answer = cloud._answer

    async def all_but_the_first(request: object) -> object:
        if request is not first:
            await asyncio.Event().wait()
        return answer(request)  # type: ignore[arg-type]

    cloud._answer = all_but_the_first  # type: ignore[assignment]
    assert ids(await short) == [999, 1000, 2000]
    assert not long.done()
    long.cancel()
    await asyncio.gather(long, return_exceptions=True)


@pytest.mark.parametrize("leaving", [0, 1])
async def test_who_leaves_takes_nothing_from_the_other(cloud: Cloud, leaving: int) -> None:
    await cloud.client.wire.source()
    cloud.gate.clear()
    tasks = [asyncio.create_task(cloud.ask(since(30))) for _ in range(2)]
    await cloud.asked()
    await asyncio.sleep(0.01)
    tasks.pop(leaving).cancel()
    await asyncio.sleep(0.01)
    cloud.gate.set()
    assert len((await tasks[0]).value) == 32
    assert days_asked(cloud) == sorted(ago(n) for n in range(32))


async def test_a_refresh_is_not_taken_for_done_when_the_one_that_fetched_it_left(cloud: Cloud) -> None:
    await cloud.ask(since(1))
    cloud.requests.clear()
    cloud.gate.clear()
    one, other = (asyncio.create_task(cloud.ask(since(1), refresh=True)) for _ in range(2))
    await cloud.asked()
    await asyncio.sleep(0.01)
    one.cancel()
    cloud.runs.append({**cloud.runs[0], "id": 4000})
    cloud.gate.set()
    await other
    assert cloud.lists == [(TODAY, TODAY)]


async def test_a_question_that_is_given_up_keeps_the_lists_that_had_come(cloud: Cloud) -> None:
    answer = cloud._answer

    async def slow_after_the_first(request: object) -> object:
        if len(cloud.lists) > 1:
            await asyncio.Event().wait()
        return answer(request)  # type: ignore[arg-type]

    cloud._answer = slow_after_the_first  # type: ignore[assignment]
    asking = asyncio.create_task(cloud.ask(since(40)))
    await cloud.asked(2)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    cloud._answer = answer
    assert [n for n in range(42) if await known(cloud, ago(n))] == list(range(9))
    cloud.requests.clear()
    assert len((await cloud.ask(since(40))).value) == 42
    assert days_asked(cloud) == sorted(ago(n) for n in range(9, 42))


async def test_a_failure_is_told_to_all_who_wait_and_then_tried_again(cloud: Cloud) -> None:
    cloud.faults["ranges"] = DOWN
    outcomes = await asyncio.gather(*(cloud.ask(since(5)) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
    tried = len(cloud.lists)
    cloud.faults.clear()
    assert len((await cloud.ask(since(5))).value) == 7
    assert len(cloud.lists) == tried + 1
    assert len(set(cloud.lists)) == 1


async def test_a_refresh_does_not_join_an_older_fetch(cloud: Cloud) -> None:
    await cloud.ask(since(1))
    cloud.requests.clear()
    cloud.seconds += 61
    cloud.gate.clear()
    plain = asyncio.create_task(cloud.ask(since(1)))
    await cloud.asked()
    fresh = asyncio.create_task(cloud.ask(since(1), refresh=True))
    later = asyncio.create_task(cloud.ask(since(1)))
    await cloud.asked(2)
    cloud.gate.set()
    await asyncio.gather(plain, fresh, later)
    assert cloud.lists == [(TODAY, TODAY)] * 2


async def test_what_was_asked_for_before_an_invalidation_is_not_joined_after_it(cloud: Cloud) -> None:
    await cloud.ask(since(1))
    cloud.requests.clear()
    cloud.seconds += 61
    cloud.gate.clear()
    before = asyncio.create_task(cloud.ask(since(1)))
    await cloud.asked()
    cloud.seconds += 1
    cloud.client.caching.invalidate_cache("runs")
    after = asyncio.create_task(cloud.ask(since(1)))
    await cloud.asked(2)
    cloud.gate.set()
    await asyncio.gather(before, after)
    assert cloud.lists == [(TODAY, TODAY)] * 2


async def test_who_joins_hears_how_far_it_has_come(cloud: Cloud) -> None:
    steps: list[Progress] = []

    async def watched() -> None:
        with watch(steps.append):
            await cloud.ask(since(30))

    await asyncio.gather(cloud.ask(since(30)), watched())
    days_told = [step.done for step in steps if step.what == "days of runs"]
    assert days_told[-1] == 32
    assert len(days_told) > 1
