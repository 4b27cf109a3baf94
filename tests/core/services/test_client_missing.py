"""What is not there: remembered for half a minute, since it may be on its way."""

from __future__ import annotations

import traceback
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dbt_discovery import CachingStrategy, NotFound, Unreachable
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.services.client import DbtClient

from tests.core.upstream import Upstream, admin, wire_to

RUN = admin("v2/accounts/{account}/runs/{id}/", variables=(("id", "7"),), scope="runs", parse=lambda data: data["id"])


class Cloud:
    """Has no run, until it has one.

    Attributes:
        answer: What it answers.
        seconds: How far the cache's timer has come.
    """

    def __init__(self, ttl: float = 100) -> None:
        self.answer = httpx.Response(404, json={})
        self.seconds = 0.0
        self.upstream = Upstream(lambda request: self.answer)
        self.client = DbtClient(wire_to(self.upstream), CachingStrategy(ttl, timer=lambda: self.seconds))

    async def missing(self, **options: Any) -> NotFound:
        with pytest.raises(NotFound) as caught:
            await self.client.ask(RUN, **options)
        return caught.value

    @property
    def asked(self) -> int:
        return len(self.upstream.requests)


async def test_a_thing_that_is_not_there_is_asked_for_again_after_half_a_minute() -> None:
    cloud = Cloud()
    first = await cloud.missing()
    cloud.seconds = 29
    second = await cloud.missing()
    assert cloud.asked == 1
    assert str(second) == str(first)
    assert (second.kind, second.reference, second.near) == ("run", "7", ())
    cloud.answer = httpx.Response(200, json={"data": {"id": 7}})
    cloud.seconds = 30
    assert (await cloud.client.ask(RUN)).value == 7


@pytest.mark.parametrize(("ttl", "seconds"), [(10, 10), (0, 0)])
async def test_it_is_remembered_no_longer_than_anything_is(ttl: float, seconds: float) -> None:
    cloud = Cloud(ttl)
    await cloud.missing()
    cloud.seconds = seconds
    await cloud.missing()
    assert cloud.asked == 2


async def test_a_refresh_and_an_invalidation_of_its_scope_make_it_be_asked_for_again() -> None:
    cloud = Cloud()
    await cloud.missing()
    await cloud.missing(refresh=True)
    assert cloud.asked == 2
    await cloud.client.invalidate("jobs")
    await cloud.missing()
    assert cloud.asked == 2
    assert await cloud.client.invalidate("runs") == 1
    await cloud.missing()
    assert cloud.asked == 3


async def test_each_who_asks_gets_an_error_with_a_way_of_its_own() -> None:
    cloud = Cloud()
    errors = [await cloud.missing() for _ in range(5)]
    assert len({id(error) for error in errors}) == 5
    lengths = [len(traceback.extract_tb(error.__traceback__)) for error in errors[1:]]
    assert lengths == lengths[:1] * 4
    assert not any(error.__context__ or error.__cause__ for error in errors[1:])


async def test_that_it_is_not_there_does_not_stand_in_for_an_answer_that_fails() -> None:
    cloud = Cloud()
    await cloud.missing()
    cloud.seconds, cloud.answer = 31, httpx.Response(503)
    with pytest.raises(Unreachable):
        await cloud.client.ask(RUN)


async def test_what_is_gone_is_gone_for_the_next_who_asks_too() -> None:
    cloud = Cloud()
    gone, cloud.answer = cloud.answer, httpx.Response(200, json={"data": {"id": 7}})
    await cloud.client.ask(RUN)
    cloud.answer = gone
    await cloud.missing(refresh=True)
    await cloud.missing()
    assert cloud.asked == 2


@pytest.mark.parametrize(
    ("lasts", "ttl", "seconds"),
    [
        (None, 100, 30),
        (None, 10, 10),
        (timedelta(seconds=60), 100, 30),
        (timedelta(seconds=20), 100, 20),
        (FINAL, 100, 86_400),
    ],
)
async def test_no_value_lasts_half_a_minute_unless_it_cannot_come_any_more(
    lasts: timedelta | None, ttl: float, seconds: float
) -> None:
    cloud = Cloud(ttl)
    cloud.answer = httpx.Response(200, json={"data": {"id": None}})
    nothing = admin(parse=lambda data: data["id"], lasts=lambda value: lasts)
    await cloud.client.ask(nothing)
    cloud.seconds = seconds - 1
    await cloud.client.ask(nothing)
    assert cloud.asked == 1
    cloud.seconds = seconds + (300 if lasts is FINAL else 0)
    await cloud.client.ask(nothing)
    assert cloud.asked == 2
