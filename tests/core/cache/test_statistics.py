"""Statistics: what a cache gave and holds, and what one inquiry took."""

from __future__ import annotations

import asyncio
from threading import Thread

import dbt_cloud_sandbox as sandbox
import httpx
from dbt_discovery import CachingStrategy, DbtAccount, Settings
from dbt_discovery.cache.statistics import CacheStatistics, Tally, counted, counting
from dbt_discovery.services.client import DbtClient

from tests.core.shared import idle
from tests.core.upstream import NOW, Upstream, admin, rows, wire_to

COUNT = admin()


def client(upstream: Upstream) -> DbtClient:
    return DbtClient(wire_to(upstream), CachingStrategy(100))


async def slow(request: httpx.Request) -> httpx.Response:
    await asyncio.sleep(0.01)
    return httpx.Response(200, json={"data": 1})


async def test_hits_misses_and_flights_joined_are_counted() -> None:
    asking = client(Upstream(slow))
    await asyncio.gather(*(asking.ask(COUNT) for _ in range(5)))
    await asking.ask(COUNT)
    await asking.ask(COUNT, refresh=True)
    statistics = asking.caching.statistics()
    assert (statistics.hits, statistics.misses, statistics.flights_joined) == (1, 6, 4)
    assert (statistics.entries, statistics.evicted, statistics.bridged, statistics.shared_hits) == (1, 0, 0, 0)
    assert statistics.bytes > 500


def test_what_had_to_go_is_counted() -> None:
    strategy = CachingStrategy(max_bytes=20_000)
    for n in range(30):
        strategy.update_timestamp(n, "x" * 4000, strategy.question(NOW), scope="jobs")
    statistics = strategy.statistics()
    assert statistics.entries + statistics.evicted == 30
    assert 0 < statistics.entries * 4000 < statistics.bytes <= 20_000
    strategy.invalidate_cache()
    assert strategy.statistics() == CacheStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, evicted=statistics.evicted)


async def test_an_inquiry_counts_its_own_answers_and_requests() -> None:
    asking = client(Upstream(lambda request: rows(request, 250)))
    with counting() as first:
        await asking.ask(admin(paged=True))
        await asking.ask(admin(paged=True))
    with counting() as second:
        await asking.ask(admin(paged=True))
    assert (first.hits, first.misses, first.requests) == (1, 1, 3)
    assert (second.hits, second.misses, second.requests) == (1, 0, 0)
    assert str(first) == "1 answer from memory, 1 of dbt Cloud in 3 requests"
    assert str(second) == "1 answer from memory, 0 of dbt Cloud in 0 requests"


async def test_who_joins_a_flight_does_not_count_its_requests() -> None:
    asking = client(Upstream(slow))

    async def inquire() -> Tally:
        with counting() as tally:
            await asking.ask(COUNT)
        return tally

    one, other = await asyncio.gather(inquire(), inquire())
    assert (one.misses, one.requests, one.flights_joined) == (1, 1, 0)
    assert (other.misses, other.requests, other.flights_joined) == (1, 0, 1)


async def test_what_goes_on_behind_an_answer_is_no_request_of_the_inquiry() -> None:
    seconds, upstream = [0.0], Upstream(slow)
    asking = DbtClient(wire_to(upstream), CachingStrategy(100, timer=lambda: seconds[0]))
    await asking.ask(COUNT)
    seconds[0] = 150
    with counting() as tally:
        await asking.ask(COUNT)
        await idle()
    assert len(upstream.requests) == 2
    assert (tally.hits, tally.stale_served, tally.requests) == (1, 1, 0)


async def test_what_stands_in_for_an_answer_is_told_apart() -> None:
    answers = [httpx.Response(200, json={"data": 1}), httpx.Response(200, content=b"{}")]
    asking = client(Upstream(lambda request: answers[0]))
    await asking.ask(COUNT)
    answers.pop(0)
    with counting() as tally:
        await asking.ask(COUNT, refresh=True)
    assert (tally.misses, tally.bridged) == (1, 1)
    assert str(tally) == "0 answers from memory, 1 kept from before, 0 of dbt Cloud in 1 request"


def test_an_inquiry_within_another_counts_for_both() -> None:
    with counting() as outer:
        counted("hits", 2)
        with counting() as inner:
            counted("hits")
    counted("hits")
    assert (outer.hits, inner.hits) == (3, 1)


def test_an_account_on_a_loop_of_its_own_counts_for_who_asks_it() -> None:
    world = sandbox.generated_world(days=3, now=lambda: NOW)
    with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        with counting() as tally:
            account.get_jobs()
            account.get_jobs()
        assert tally.requests == account.requests > 0
        assert tally.hits > 0


def test_threads_lose_no_count() -> None:
    strategy = CachingStrategy()

    def work() -> None:
        for _ in range(2000):
            strategy.count("hits")

    working = [Thread(target=work) for _ in range(8)]
    for each in working:
        each.start()
    for each in working:
        each.join()
    assert strategy.statistics().hits == 8 * 2000
