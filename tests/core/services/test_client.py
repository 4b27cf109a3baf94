"""The client: what is known is not asked for again, and a failure is bridged only where that is honest."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dbt_discovery import (
    CachingStrategy,
    NotFound,
    PermissionDenied,
    RateLimited,
    Unauthorized,
    UnexpectedResponse,
    Unreachable,
)
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.upstream import NOW, TOKEN, Upstream, admin, rows, wire_to


class Cloud:
    """Answers a counter; or, while `failure` is set, that."""

    def __init__(self) -> None:
        self.failure: httpx.Response | Exception | None = None
        self.upstream = Upstream(self)
        self.seconds = 0.0
        self.client = self.another_client()

    def another_client(self, caching: CachingStrategy | None = None, account_id: str = "1") -> DbtClient:
        return DbtClient(
            wire_to(self.upstream, account_id), caching or CachingStrategy(100, timer=lambda: self.seconds)
        )

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if isinstance(self.failure, Exception):
            raise self.failure
        return self.failure or httpx.Response(200, json={"data": {"count": len(self.upstream.requests)}})

    @property
    def asked(self) -> int:
        return len(self.upstream.requests)


COUNT = admin(parse=lambda data: data["count"])


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


async def test_a_known_answer_sends_nothing(cloud: Cloud) -> None:
    first, second = await cloud.client.ask(COUNT), await cloud.client.ask(COUNT)
    assert first == second
    assert (first.value, first.as_of, first.stale, first.complete) == (1, NOW, False, True)
    assert cloud.asked == 1


async def test_other_variables_are_another_question(cloud: Cloud) -> None:
    values = [(await cloud.client.ask(admin(variables=(("order_by", by),)))).value["count"] for by in ("id", "-id")]
    assert values == [1, 2]


async def test_refresh_asks_again_and_replaces_what_was_known(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    assert (await cloud.client.ask(COUNT, refresh=True)).value == 2
    assert (await cloud.client.ask(COUNT)).value == 2


async def test_an_answer_is_asked_for_again_when_its_time_has_passed(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    cloud.seconds = 99
    assert (await cloud.client.ask(COUNT)).value == 1
    cloud.seconds = 200  # as long again it would be given while dbt Cloud is asked
    assert (await cloud.client.ask(COUNT)).value == 2


async def test_an_answer_may_decide_how_long_it_lasts(cloud: Cloud) -> None:
    brief = admin(lasts=lambda value: timedelta(seconds=10 if value["count"] == 1 else 50))
    await cloud.client.ask(brief)
    cloud.seconds = 10
    assert (await cloud.client.ask(brief)).value == {"count": 2}
    cloud.seconds = 59
    assert (await cloud.client.ask(brief)).value == {"count": 2}
    cloud.seconds = 60
    assert (await cloud.client.ask(brief)).value == {"count": 3}


async def test_switched_off_every_question_is_asked(cloud: Cloud) -> None:
    client = cloud.another_client(CachingStrategy(enable_caching=False))
    assert [(await client.ask(COUNT)).value for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("caching", [True, False])
async def test_hundred_equal_questions_at_once_are_one_request(cloud: Cloud, caching: bool) -> None:
    client = cloud.another_client(CachingStrategy(enable_caching=caching))
    answers = await asyncio.gather(*(client.ask(COUNT) for _ in range(100)))
    assert {answer.value for answer in answers} == {1}
    assert cloud.asked == 1


PASSING: list[Any] = [
    httpx.Response(503),
    httpx.Response(429),
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.Response(200, content=b"<html>"),
    httpx.Response(200, json={"data": {"no": "count"}}),
]


@pytest.mark.parametrize("failure", PASSING, ids=str)
async def test_a_failed_refresh_serves_what_is_known_and_says_so(cloud: Cloud, failure: Any) -> None:
    known = await cloud.client.ask(COUNT)
    cloud.failure = failure
    answer = await cloud.client.ask(COUNT, refresh=True)
    assert (answer.value, answer.as_of, answer.stale) == (known.value, known.as_of, True)


async def test_an_outdated_answer_is_served_too_when_dbt_cloud_is_away(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    cloud.seconds, cloud.failure = 1000, httpx.Response(503)
    assert (await cloud.client.ask(COUNT)).stale
    cloud.seconds, cloud.failure = 1030, None
    answer = await cloud.client.ask(COUNT)
    assert not answer.stale
    assert answer.value > 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [(PASSING[0], Unreachable), (PASSING[1], RateLimited), (PASSING[2], Unreachable), (PASSING[5], UnexpectedResponse)],
    ids=["503", "429", "refused", "other form"],
)
async def test_with_nothing_known_a_failure_is_told(cloud: Cloud, failure: Any, kind: type[Exception]) -> None:
    cloud.failure = failure
    with pytest.raises(kind):
        await cloud.client.ask(COUNT)


@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (403, PermissionDenied), (404, NotFound)])
async def test_a_refused_token_or_a_vanished_thing_is_not_hidden_behind_what_is_known(
    cloud: Cloud, status: int, kind: type[Exception]
) -> None:
    thing = admin("v2/accounts/{account}/runs/{id}/", variables=(("id", "7"),))
    await cloud.client.ask(thing)
    cloud.failure = httpx.Response(status, json={})
    with pytest.raises(kind):
        await cloud.client.ask(thing, refresh=True)


async def test_a_failure_is_not_kept(cloud: Cloud) -> None:
    cloud.failure = httpx.Response(404, json={})
    with pytest.raises(Exception, match="account"):
        await cloud.client.ask(COUNT)
    cloud.failure = None
    assert (await cloud.client.ask(COUNT)).value == 2


async def test_one_of_two_that_ask_may_leave(cloud: Cloud) -> None:
    leaving, staying = (asyncio.create_task(cloud.client.ask(COUNT)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).value == 1
    assert cloud.asked == 1


async def test_the_request_stops_when_nobody_waits_for_it() -> None:
    stopped = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise
        raise AssertionError("never awaited so long")

    client = DbtClient(wire_to(answer), CachingStrategy())
    callers = [asyncio.create_task(client.ask(COUNT)) for _ in range(2)]
    await asyncio.sleep(0.01)
    for caller in callers:
        caller.cancel()
    await asyncio.wait_for(stopped.wait(), 5)


async def test_two_accounts_that_share_a_strategy_keep_their_answers_apart(cloud: Cloud) -> None:
    shared = CachingStrategy()
    one, other = cloud.another_client(shared, "1"), cloud.another_client(shared, "2")
    assert [(await client.ask(COUNT)).value for client in (one, other, one, other)] == [1, 2, 1, 2]


async def test_an_invalidation_makes_it_ask_again(cloud: Cloud) -> None:
    await cloud.client.ask(COUNT)
    assert cloud.client.caching.invalidate_cache("runs") == 0
    assert (await cloud.client.ask(COUNT)).value == 1
    assert cloud.client.caching.invalidate_cache("jobs") == 1
    assert (await cloud.client.ask(COUNT)).value == 2


async def test_an_answer_that_is_not_complete_is_never_kept_for_good() -> None:
    page = {"data": [{"id": 1}], "extra": {"pagination": {"total_count": 2}}}
    seconds, upstream = [0.0], Upstream(lambda request: httpx.Response(200, json=page))
    client = DbtClient(wire_to(upstream), CachingStrategy(100, timer=lambda: seconds[0]))
    short = admin(paged=True, lasts=lambda rows: FINAL)
    assert not (await client.ask(short)).complete
    asked = len(upstream.requests)
    seconds[0] = 99
    await client.ask(short)
    assert len(upstream.requests) == asked
    seconds[0] = 100
    await client.ask(short)
    assert len(upstream.requests) > asked


async def test_one_who_was_told_that_dbt_cloud_is_away_lets_the_others_wait_no_more_for_half_a_minute(
    cloud: Cloud,
) -> None:
    known = await cloud.client.ask(COUNT)
    cloud.seconds, cloud.failure = 1000, httpx.ConnectError("refused")
    await cloud.client.ask(COUNT)
    asked = cloud.asked
    cloud.seconds = 1029
    again = await cloud.client.ask(COUNT)
    assert (again.value, again.as_of, again.stale) == (known.value, known.as_of, True)
    assert cloud.asked == asked
    cloud.failure = None
    assert not (await cloud.client.ask(COUNT, refresh=True)).stale
    assert not (await cloud.client.ask(COUNT)).stale
    cloud.seconds, cloud.failure, asked = 2000, httpx.ConnectError("refused"), cloud.asked
    await cloud.client.ask(COUNT)
    cloud.seconds += 30
    await cloud.client.ask(COUNT)
    assert cloud.asked == asked + 6, "two questions, each tried three times"


async def test_an_answer_is_as_of_when_it_was_asked_for() -> None:
    moments = iter(NOW + timedelta(minutes=n) for n in range(10))
    upstream = Upstream(lambda request: rows(request, 250))
    wire = Wire(endpoints_for(None), SecretStr(TOKEN), "1", lambda: next(moments), upstream)
    client = DbtClient(wire, CachingStrategy())
    assert (await client.ask(admin(paged=True))).as_of == NOW
    assert (await client.ask(admin(paged=True))).as_of == NOW
    assert (await client.ask(admin(paged=True), refresh=True)).as_of == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("fault", [TypeError("ours"), KeyError("ours"), AttributeError("ours")], ids=repr)
async def test_a_fault_of_our_own_is_not_blamed_on_dbt_cloud_nor_bridged(cloud: Cloud, fault: Exception) -> None:
    for operation in (COUNT, admin(name="list", paged=True)):
        cloud.failure = None if operation is COUNT else httpx.Response(200, json={"data": []})
        await cloud.client.ask(operation)
        cloud.failure = fault
        with pytest.raises(type(fault), match="ours"):
            await cloud.client.ask(operation, refresh=True)
