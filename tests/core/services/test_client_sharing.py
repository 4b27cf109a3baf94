"""What the client's callers share: flights, one inquiry's refresh, and a strategy between accounts and threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import CachingStrategy, DbtAccount, PermissionDenied, Settings
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.tiny import TinyCloud, job
from tests.core.upstream import NOW, Upstream, admin, discovery, wire_to

THING = admin()
ONE = discovery(name="one", variables=(("n", 7),))


class Slow:
    """Answers each request with its number, once that is let go."""

    def __init__(self, caching: CachingStrategy | None = None) -> None:
        self.seconds = 0.0
        self.upstream = Upstream(self)
        self.gates: list[asyncio.Event] = []
        caching = caching or CachingStrategy(100, timer=lambda: self.seconds)
        self.client = DbtClient(wire_to(self.upstream), caching)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        number = len(self.gates)
        self.gates.append(asyncio.Event())
        await self.gates[number].wait()
        return httpx.Response(200, json={"data": {"r0": number}})

    def ask(self, refresh: bool | Refresh = False) -> asyncio.Task[Any]:
        return asyncio.create_task(self.client.ask(THING, refresh=refresh))

    def ask_batched(self, refresh: bool | Refresh = False) -> asyncio.Task[Any]:
        return asyncio.create_task(self.client.ask_batched([ONE], _together, 4, refresh=refresh))

    async def asked(self, times: int) -> None:
        """Waits until there were so many requests, and for a moment more."""
        await _until(lambda: len(self.gates) >= times)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(self.gates) == times


def _together(operations: Sequence[Operation[Any]]) -> Operation[list[Any]]:
    return discovery(name="several", aliases=["r0"], parse=lambda data: [data["r0"]])


async def _until(holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


async def test_who_asks_beside_a_refresh_joins_it() -> None:
    slow = Slow()
    for ask in (slow.ask, slow.ask_batched):
        begun = len(slow.gates)
        refresh, beside = ask(True), None
        await slow.asked(begun + 1)
        beside = ask()
        await slow.asked(begun + 1)
        slow.gates[-1].set()
        assert await refresh == await beside


async def test_a_refresh_does_not_join_an_older_question_whose_answer_does_not_replace_its_own() -> None:
    for ask in ("ask", "ask_batched"):
        slow = Slow()
        old = getattr(slow, ask)()
        await slow.asked(1)
        joined, new = getattr(slow, ask)(), getattr(slow, ask)(True)
        await slow.asked(2)
        slow.gates[1].set()
        brought = await new
        slow.gates[0].set()
        assert await old == await joined != brought
        assert await getattr(slow, ask)() == brought
        await slow.asked(2)


async def test_an_inquiry_refreshes_a_thing_once_also_where_it_asks_twice_at_a_time() -> None:
    slow = Slow()
    for ask in (slow.ask, slow.ask_batched):
        begun = len(slow.gates)
        first = ask()
        await slow.asked(begun + 1)
        slow.gates[-1].set()
        before, refresh = await first, Refresh(True)
        together = [ask(refresh), ask(refresh)]
        await slow.asked(begun + 2)
        slow.gates[-1].set()
        one, two = await asyncio.gather(*together)
        assert one == two != before
        later = ask(refresh)
        await slow.asked(begun + 2)
        assert await later == one


async def test_another_inquiry_refreshes_again_and_one_that_wants_no_refresh_never() -> None:
    slow = Slow()
    for times, refresh in ((1, Refresh(True)), (2, Refresh(True)), (2, Refresh(False))):
        asking = slow.ask(refresh)
        await slow.asked(times)
        slow.gates[-1].set()
        await asking


async def test_a_refresh_that_failed_is_not_tried_again_by_the_same_inquiry() -> None:
    failure: list[httpx.Response] = []
    upstream = Upstream(lambda request: failure[0] if failure else httpx.Response(200, json={"data": 1}))
    client, refresh = DbtClient(wire_to(upstream), CachingStrategy()), Refresh(True)
    await client.ask(THING)
    failure.append(httpx.Response(200, content=b"{}"))
    assert (await client.ask(THING, refresh=refresh)).stale
    asked = len(upstream.requests)
    await client.ask(THING, refresh=refresh)
    assert len(upstream.requests) == asked


def test_accounts_that_share_a_strategy_see_each_others_newer_answers() -> None:
    seconds, cloud = [0.0], TinyCloud()
    shared = CachingStrategy(timer=lambda: seconds[0])
    with _account(cloud, shared) as one, _account(cloud, shared) as other:
        for _ in range(5):
            one.get_jobs(refresh=True)
        cloud.jobs.append(job(2))
        assert len(other.get_jobs(refresh=True)) == 2
        assert (len(one.get_jobs()), len(other.get_jobs())) == (2, 2)
        seconds[0] = 1000
        other.get_jobs()
        asked = other.requests + one.requests
        assert (len(one.get_jobs()), len(other.get_jobs())) == (2, 2)
        assert other.requests + one.requests == asked


def test_accounts_in_two_threads_may_share_a_strategy() -> None:
    cloud, failures, start = TinyCloud(), list[BaseException](), Barrier(2)
    shared = CachingStrategy(max_bytes=20_000)

    def work() -> None:
        try:
            with _account(cloud, shared) as account:
                start.wait()
                for n in range(40):
                    assert len(account.get_jobs(refresh=n % 3 == 0)) == 1
                    account.get_projects()
                    account.invalidate_cache("jobs" if n % 2 else "all")
        except BaseException as error:
            failures.append(error)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_token_sees_nothing_that_another_with_more_rights_has_asked_for(world: sandbox.World) -> None:
    transport, shared = sandbox.transport(world), CachingStrategy()

    def account(token: str, account_id: str | None = None) -> DbtAccount:
        settings = Settings(fixed_now=NOW)
        return DbtAccount(token, account_id, transport=transport, caching_strategy=shared, settings=settings)

    with account("good") as one:
        named = one.get_jobs()
        with account("metadata-only", one.account_id) as other, pytest.raises(PermissionDenied):
            other.get_jobs()
        with account("good", one.account_id) as same:
            assert same.get_jobs() == named
            assert same.requests == 0, "the same token shares"


@pytest.mark.parametrize("token", ["s3cret-t0ken", "another"])
async def test_the_cache_never_holds_a_token(token: str) -> None:
    upstream = Upstream(lambda request: httpx.Response(200, json={"data": 1}))
    wire = Wire(endpoints_for(None), SecretStr(token), "1", lambda: NOW, upstream)
    assert token not in repr(wire.access)
    assert wire.access[: len(wire.identity)] == wire.identity
    assert len(wire.access) == len(wire.identity) + 1


def _account(cloud: TinyCloud, shared: CachingStrategy) -> DbtAccount:
    settings = Settings(fixed_now=NOW)
    return DbtAccount("any", 1, transport=cloud, settings=settings, caching_strategy=shared)
