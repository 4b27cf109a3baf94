"""Answers that have outlived their time: given at once, and asked for again while nobody waits."""

from __future__ import annotations

import asyncio
import gc
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dbt_discovery import CachingStrategy, DbtAccount, NotFound, PermissionDenied, Settings
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.progress import told, watch
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Operation

from tests.core.shared import idle
from tests.core.tiny import TinyCloud
from tests.core.upstream import NOW, Upstream, admin, wire_to

COUNT = admin(parse=lambda data: data["count"])
SQUARES = AliasedField(name="Squares", field="square(count: $count)", text="")


def square(n: int) -> Operation[int]:
    return Operation(name="square", variables=(("count", n),), scope="models", parse=lambda part: part)


class Cloud:
    """Answers with the number of the request, once it may.

    Attributes:
        failure: What it answers instead.
        gate: Opens when it may answer.
        seconds: How far the cache's timer has come.
    """

    def __init__(self, ttl: float = 100) -> None:
        self.failure: httpx.Response | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.seconds = 0.0
        self.stopped = 0
        self.upstream = Upstream(self)
        self.client = DbtClient(wire_to(self.upstream), CachingStrategy(ttl, timer=lambda: self.seconds))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        number = self.asked
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if self.failure:
            return self.failure
        if request.method == "POST":
            names = json.loads(request.content)["variables"]
            return httpx.Response(200, json={"data": {f"r{name[5:]}": number for name in names}})
        return httpx.Response(200, json={"data": {"count": number}})

    @property
    def asked(self) -> int:
        return len(self.upstream.requests)

    async def met(self, times: int) -> None:
        """Waits until it was asked so many times."""
        for _ in range(5000):
            if self.asked >= times:
                break
            await asyncio.sleep(0.001)
        assert self.asked == times


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


async def test_it_is_given_at_once_and_the_next_is_the_new_one(cloud: Cloud) -> None:
    first = await cloud.client.ask(COUNT)
    cloud.seconds = 100
    cloud.gate.clear()
    assert await cloud.client.ask(COUNT) == first
    assert not first.stale
    await cloud.met(2)
    cloud.gate.set()
    await idle()
    assert (await cloud.client.ask(COUNT)).value == 2
    assert cloud.asked == 2


async def test_a_hundred_who_get_it_send_one_request_behind_it(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    cloud.seconds = 150
    cloud.gate.clear()
    for _ in range(2):
        answers = await asyncio.gather(*(cloud.client.ask(COUNT) for _ in range(50)))
        assert {answer.value for answer in answers} == {1}
    cloud.gate.set()
    await idle()
    assert cloud.asked == 2
    assert cloud.client.caching.statistics().stale_served == 100


@pytest.mark.parametrize(
    ("ttl", "lasts", "age", "given"),
    [
        (100, None, 199, True),
        (100, None, 200, False),
        (1000, None, 1299, True),
        (1000, None, 1300, False),
        (100, FINAL, 86_400 + 299, True),
        (100, FINAL, 86_400 + 300, False),
        (100, timedelta(seconds=60), 60, False),
        (30, timedelta(seconds=60), 30, False),
        (0, None, 0, False),
        (0, FINAL, 86_400, False),
    ],
)
async def test_it_is_given_for_as_long_again_but_not_where_it_was_about_to_change(
    ttl: float, lasts: timedelta | None, age: float, given: bool
) -> None:
    cloud = Cloud(ttl)
    operation = admin(lasts=lambda value: lasts)
    await cloud.client.ask(operation)
    cloud.seconds = age
    assert (await cloud.client.ask(operation)).value == {"count": 1 if given else 2}
    await idle()
    assert cloud.asked == 2


async def test_what_is_not_complete_is_not_given_again() -> None:
    page = {"data": [{"id": 1}], "extra": {"pagination": {"total_count": 2}}}
    seconds, upstream = [0.0], Upstream(lambda request: httpx.Response(200, json=page))
    client = DbtClient(wire_to(upstream), CachingStrategy(100, timer=lambda: seconds[0]))
    await client.ask(admin(paged=True))
    asked, seconds[0] = len(upstream.requests), 100
    await client.ask(admin(paged=True))
    assert len(upstream.requests) == 2 * asked


async def test_a_refresh_waits_for_the_new_one(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    cloud.seconds = 150
    assert (await cloud.client.ask(COUNT, refresh=True)).value == 2


async def test_one_who_asks_when_its_grace_is_over_joins_what_was_sent_behind_it(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    cloud.seconds = 150
    cloud.gate.clear()
    await cloud.client.ask(COUNT)
    await cloud.met(2)
    cloud.seconds = 250
    waiting = asyncio.create_task(cloud.client.ask(COUNT))
    leaving = asyncio.create_task(cloud.client.ask(COUNT))
    for _ in range(50):
        await asyncio.sleep(0)
    leaving.cancel()
    cloud.gate.set()
    assert (await waiting).value == 2
    assert (cloud.asked, cloud.stopped) == (2, 0)


async def test_a_failure_behind_it_marks_it_stale_for_half_a_minute(cloud: Cloud) -> None:
    first = await cloud.client.ask(COUNT)
    cloud.seconds, cloud.failure = 110, httpx.Response(200, content=b"{}")
    assert not (await cloud.client.ask(COUNT)).stale
    await idle()
    assert cloud.client.caching.statistics().bridged == 1
    asked = cloud.asked
    answer = await cloud.client.ask(COUNT)
    assert (answer.value, answer.stale) == (first.value, True)
    cloud.seconds, cloud.failure = 139, None
    assert (await cloud.client.ask(COUNT)).stale
    assert cloud.asked == asked
    cloud.seconds = 140
    assert (await cloud.client.ask(COUNT)).value == asked + 1, "what is marked stale is given for no longer than that"


@pytest.mark.parametrize(("status", "kind"), [(403, PermissionDenied), (404, NotFound)])
async def test_a_refusal_behind_it_is_told_to_the_next_who_asks(
    cloud: Cloud, status: int, kind: type[Exception]
) -> None:
    thing = admin("v2/accounts/{account}/runs/{id}/", variables=(("id", "7"),))
    await cloud.client.ask(thing)
    cloud.seconds, cloud.failure = 110, httpx.Response(status, json={})
    await cloud.client.ask(thing)
    await idle()
    assert cloud.asked == 2
    with pytest.raises(kind):
        await cloud.client.ask(thing)


async def test_a_fault_of_our_own_behind_it_is_met_by_the_next_who_asks(cloud: Cloud) -> None:
    lasts: list[Any] = [None]
    thing = admin(lasts=lambda value: lasts[0] / 1 if lasts[0] else None)
    await cloud.client.ask(thing)
    cloud.seconds, lasts[0] = 110, "ours"
    await cloud.client.ask(thing)
    await idle()
    assert cloud.asked == 2
    with pytest.raises(TypeError):
        await cloud.client.ask(thing)


async def test_of_a_batch_what_is_given_and_what_is_missing_are_asked_for_apart(cloud: Cloud) -> None:
    async def ask(*numbers: int) -> list[int]:
        answers = await cloud.client.ask_batched([square(n) for n in numbers], SQUARES.query, 10)
        return [answer.value for answer in answers]

    assert await ask(1, 2, 3) == [1, 1, 1]
    cloud.seconds = 150
    *given, new = await ask(1, 2, 3, 4)
    assert given == [1, 1, 1]
    assert new > 1
    await idle()
    assert cloud.asked == 3
    assert sorted(map(len, cloud.upstream.variables)) == [1, 3, 3]
    assert 1 not in await ask(1, 2, 3, 4)
    assert cloud.asked == 3


async def test_what_two_overlapping_batches_give_is_asked_for_once(cloud: Cloud) -> None:
    for wanted in ([1, 2, 3, 4], [1, 2, 3], [2, 3, 4]):
        await cloud.client.ask_batched([square(n) for n in wanted], SQUARES.query, 10)
        cloud.seconds = 150
        cloud.gate.clear()
    cloud.gate.set()
    await idle()
    assert cloud.asked == 3
    assert sorted(sorted(each.values()) for each in cloud.upstream.variables) == [[1, 2, 3], [1, 2, 3, 4], [4]]


async def test_who_watches_hears_nothing_of_what_goes_on_behind() -> None:
    seconds, heard = [0.0], []

    async def answer(request: httpx.Request) -> httpx.Response:
        told("things", "thing", len(upstream.requests))
        return httpx.Response(200, json={"data": 1})

    upstream = Upstream(answer)
    client = DbtClient(wire_to(upstream), CachingStrategy(100, timer=lambda: seconds[0]))
    for seconds[0] in (0.0, 150.0):
        with watch(heard.append):
            await client.ask(admin())
            await idle()
    assert (len(upstream.requests), [step.done for step in heard]) == (2, [1])


async def test_closing_the_account_stops_what_goes_on_behind(caplog: pytest.LogCaptureFixture) -> None:
    seconds, cloud, held = [0.0], TinyCloud(), asyncio.Event()
    gates: list[asyncio.Event] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        if not gates:
            return await cloud.handle_async_request(request)
        held.set()
        await gates[0].wait()
        raise AssertionError("never answered")

    async with DbtAccount(
        transport=Upstream(answer),
        account_id=1,
        settings=Settings(fixed_now=NOW),
        caching_strategy=CachingStrategy(timer=lambda: seconds[0]),
    ) as account:
        before = await account.aget_jobs()
        seconds[0] = 400
        gates.append(asyncio.Event())
        assert list(await account.aget_jobs()) == list(before)
        await asyncio.wait_for(held.wait(), 5)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_closing_an_account_with_a_loop_of_its_own_stops_it_too(caplog: pytest.LogCaptureFixture) -> None:
    seconds, cloud = [0.0], TinyCloud()
    with DbtAccount(
        transport=cloud,
        account_id=1,
        settings=Settings(fixed_now=NOW),
        caching_strategy=CachingStrategy(timer=lambda: seconds[0]),
    ) as account:
        before = account.get_jobs()
        seconds[0] = 400
        assert list(account.get_jobs()) == list(before)
    gc.collect()
    assert caplog.text == ""
