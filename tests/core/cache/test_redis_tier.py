"""Redis as the second tier: what one process knows, the others know."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from dbt_discovery.cache.packing import Packed, pack
from dbt_discovery.cache.redis_tier import RedisTier
from dbt_discovery.cache.tier import SharedKey, SharedTier
from redis.asyncio import Redis

from tests.core.cache.shared import AS_OF, JOBS, MODELS, Timer, kept, tier_on
from tests.servers.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(running: RedisServer) -> RedisServer:
    running.flush()
    return running


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
async def one(redis: RedisServer, timer: Timer) -> AsyncIterator[SharedTier]:
    async with tier_on(redis.url, timer) as tier:
        yield tier


@pytest.fixture
async def other(redis: RedisServer, timer: Timer) -> AsyncIterator[SharedTier]:
    async with tier_on(redis.url, timer) as tier:
        yield tier


async def test_what_one_process_keeps_another_gets(one: RedisTier, other: RedisTier) -> None:
    asked_at = await one.now(MODELS.account)
    body = {"models": [{"name": "orders", "runtime": 1.5, "tags": None}]}
    await one.put({MODELS: (body, True), JOBS: ([1], False)}, AS_OF, asked_at, 60)
    found = await other.get([JOBS, MODELS, SharedKey("a1b2c3", "models", "unknown")])
    assert set(found) == {MODELS, JOBS}
    entry = found[MODELS]
    assert (entry.body, entry.complete, entry.as_of, entry.asked_at) == (body, True, AS_OF, asked_at)
    assert 0 <= entry.age < 60
    assert (found[JOBS].body, found[JOBS].complete) == ([1], False)


async def test_clock_is_that_of_redis(one: RedisTier, redis: RedisServer) -> None:
    before, moment, after = [await one.now(MODELS.account) for _ in range(3)]
    assert before is not None
    assert moment is not None
    assert after is not None
    assert before < moment < after
    seconds = int(redis.command("TIME").split(b"\r\n")[2])
    assert after - 1 <= seconds <= after + 60


async def test_age_is_counted_from_when_it_was_asked_for(one: RedisTier) -> None:
    await one.now(MODELS.account)
    asked_at = await one.now(MODELS.account)
    await asyncio.sleep(0.05)
    await one.put({MODELS: (1, True)}, AS_OF, asked_at, 60)
    assert (await one.get([MODELS]))[MODELS].age >= 0.05


async def test_more_keys_than_fit_into_a_round_trip_are_all_found(one: RedisTier) -> None:
    keys = [SharedKey("a1b2c3", "runs", f"{number:x}") for number in range(257)]
    await one.put({key: (key.digest, True) for key in keys}, AS_OF, await one.now(MODELS.account), 60)
    found = await one.get([*keys, *keys])
    assert [found[key].body for key in keys] == [key.digest for key in keys]


async def test_accounts_and_scopes_do_not_mix(one: RedisTier) -> None:
    await kept(one, MODELS, "mine")
    for another in (replace(MODELS, account="d4"), replace(MODELS, scope="jobs"), replace(MODELS, digest="ff")):
        assert not await one.get([another])
    await kept(one, replace(MODELS, account="d4"), "theirs")
    both = await one.get([MODELS, replace(MODELS, account="d4")])
    assert [entry.body for entry in both.values()] == ["mine", "theirs"]


async def test_entries_end_when_their_time_is_up(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, 1, seconds=0.05)
    await kept(one, JOBS, 1, seconds=90)
    await asyncio.sleep(0.1)
    assert set(await one.get([MODELS, JOBS])) == {JOBS}
    left = redis.command("PTTL", "dbt-discovery:1:a1b2c3:jobs:334455")
    assert 60_000 < int(left[1:]) <= 90_000


async def test_nothing_stays_in_redis_for_ever(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, 1, seconds=10**9)
    await one.invalidate("a1b2c3", "jobs")
    async with one.flight(MODELS):
        names = redis.command("KEYS", "*").split(b"\r\n")[2::2]
        assert len(names) == 3
        for name in names:
            assert 0 < int(redis.command("TTL", name.decode())[1:]) <= 2 * 86_400


async def test_names_of_keys_hold_digests_and_scopes_and_no_more(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, {"name": "secret_model"})
    names = redis.command("KEYS", "*").split(b"\r\n")[2::2]
    assert set(names) == {b"dbt-discovery:1:a1b2c3:dropped", b"dbt-discovery:1:a1b2c3:models:0d1e2f"}


async def test_bodies_are_kept_small(one: RedisTier, redis: RedisServer) -> None:
    body = [{"uniqueId": f"model.shop.orders_{n}", "materializedType": "table"} for n in range(500)]
    await kept(one, MODELS, body)
    taken = int(redis.command("STRLEN", "dbt-discovery:1:a1b2c3:models:0d1e2f")[1:])
    assert 0 < taken < len(orjson.dumps(body)) / 5


async def test_body_that_is_too_large_is_not_shared_and_the_others_are(
    one: RedisTier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery.cache.redis_tier._LARGEST", 1000)
    bodies = {MODELS: ([hash(str(n)) for n in range(1000)], True), JOBS: ("small", True)}
    await one.put(bodies, AS_OF, await one.now(MODELS.account), 60)
    assert set(await one.get([MODELS, JOBS])) == {JOBS}


@pytest.mark.parametrize("keep", [0, -1, 0.0001])
async def test_what_is_to_be_kept_for_no_time_is_not_kept(one: RedisTier, keep: float) -> None:
    await kept(one, MODELS, 1, seconds=keep)
    assert not await one.get([MODELS])


async def test_what_was_asked_for_while_redis_was_away_is_not_kept(one: RedisTier) -> None:
    await one.now(MODELS.account)
    await one.put({MODELS: (1, True)}, AS_OF, None, 60)
    assert not await one.get([MODELS])


async def test_entry_that_something_else_wrote_is_none(one: RedisTier, redis: RedisServer) -> None:
    await one.now(MODELS.account)
    redis.command("SET", "dbt-discovery:1:a1b2c3:models:0d1e2f", "nonsense")
    assert not await one.get([MODELS])
    await kept(one, MODELS, 1)
    assert await one.get([MODELS])


async def test_answer_to_an_older_question_does_not_take_the_place_of_a_newer(one: RedisTier, other: RedisTier) -> None:
    earlier, later = await one.now(MODELS.account), await other.now(MODELS.account)
    await other.put({MODELS: ("newer", True)}, AS_OF, later, 60)
    await one.put({MODELS: ("older", True)}, AS_OF, earlier, 60)
    assert (await one.get([MODELS]))[MODELS].body == "newer"


@pytest.mark.parametrize(("scope", "left"), [("models", {JOBS}), ("jobs", {MODELS}), ("all", set()), ("runs", None)])
async def test_scope_is_dropped_for_every_process(
    one: RedisTier, other: RedisTier, scope: str, left: set[SharedKey] | None
) -> None:
    await kept(one, MODELS, 1)
    await kept(one, JOBS, 1)
    await other.invalidate("a1b2c3", scope)
    for tier in (one, other):
        assert set(await tier.get([MODELS, JOBS])) == ({MODELS, JOBS} if left is None else left)


async def test_another_accounts_answers_outlast_an_invalidation(one: RedisTier) -> None:
    await kept(one, MODELS, 1)
    await one.invalidate("d4e5f6", "all")
    assert await one.get([MODELS])


@pytest.mark.parametrize("scope", ["models", "all"])
async def test_what_was_asked_for_before_an_invalidation_is_not_kept_after_it(
    one: RedisTier, other: RedisTier, scope: str
) -> None:
    asked_at = await one.now(MODELS.account)
    await other.invalidate("a1b2c3", scope)
    await one.put({MODELS: ("old", True)}, AS_OF, asked_at, 60)
    assert not await one.get([MODELS])
    await kept(other, MODELS, "new")
    await one.put({MODELS: ("old", True)}, AS_OF, asked_at, 60)
    assert (await one.get([MODELS]))[MODELS].body == "new"


async def test_invalidation_counts_also_where_redis_clock_was_set_back(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, "old")
    ahead = str(int(await one.now(MODELS.account) or 0) + 1000)
    redis.command("HSET", "dbt-discovery:1:a1b2c3:dropped", "models", ahead)
    await one.invalidate("a1b2c3", "models")
    assert float(redis.command("HGET", "dbt-discovery:1:a1b2c3:dropped", "models").split()[1]) > int(ahead)
    assert not await one.get([MODELS])


async def test_after_redis_evicted_what_was_invalidated_no_answer_of_before_counts(
    one: RedisTier, other: RedisTier, redis: RedisServer
) -> None:
    await kept(one, MODELS, "old")
    await one.invalidate("a1b2c3", "all")
    redis.command("DEL", "dbt-discovery:1:a1b2c3:dropped")
    assert not await other.get([MODELS])
    await kept(other, JOBS, "new")
    assert set(await one.get([MODELS, JOBS])) == {JOBS}


async def test_after_redis_clock_was_set_back_sharing_begins_anew(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, "old")
    ahead = (await one.now(MODELS.account) or 0) + 1000
    redis.command("HSET", "dbt-discovery:1:a1b2c3:dropped", "since", str(ahead - 10))
    packed = pack(Packed("from the future", True, AS_OF, ahead))
    assert packed is not None
    async with Redis.from_url(redis.url) as client:
        await client.set("dbt-discovery:1:a1b2c3:models:0d1e2f", packed)
    assert not await one.get([MODELS])
    await kept(one, MODELS, "new")
    assert (await one.get([MODELS]))[MODELS].body == "new"


async def test_others_hear_once_what_was_dropped_and_who_dropped_it_does_not(
    one: RedisTier, other: RedisTier, timer: Timer
) -> None:
    assert await one.invalidated("a1b2c3") == await other.invalidated("a1b2c3") == frozenset()
    await one.invalidate("a1b2c3", "models")
    await one.invalidate("a1b2c3", "all")
    timer.now += 1
    assert await other.invalidated("a1b2c3") == {"models", "all"}
    assert await one.invalidated("a1b2c3") == frozenset()
    timer.now += 1
    assert await other.invalidated("a1b2c3") == frozenset()
    await other.invalidate("a1b2c3", "models")
    timer.now += 1
    assert await one.invalidated("a1b2c3") == {"models"}
    assert await other.invalidated("d4e5f6") == frozenset()


async def test_process_that_begins_hears_nothing_of_what_was_dropped_before(one: RedisTier, other: RedisTier) -> None:
    await one.invalidate("a1b2c3", "models")
    assert await other.invalidated("a1b2c3") == frozenset()


async def test_redis_is_looked_at_for_news_once_a_second_at_most(
    one: RedisTier, other: RedisTier, timer: Timer, redis: RedisServer
) -> None:
    def looks() -> int:
        calls = redis.command("INFO", "commandstats").partition(b"cmdstat_hgetall:calls=")[2]
        return int(calls.partition(b",")[0] or 0)

    await other.invalidated("a1b2c3")
    await one.invalidate("a1b2c3", "models")
    before = looks()
    timer.now += 0.9
    assert await asyncio.gather(*(other.invalidated("a1b2c3") for _ in range(50))) == [frozenset()] * 50
    assert looks() == before
    timer.now += 0.2
    heard = await asyncio.gather(*(other.invalidated("a1b2c3") for _ in range(50)))
    assert sorted(map(len, heard)) == [0] * 49 + [1]
    assert looks() == before + 1


async def test_one_key_is_read_in_one_round_trip(one: RedisTier, redis: RedisServer) -> None:
    await kept(one, MODELS, 1)
    packets = redis.command("INFO", "stats").partition(b"total_reads_processed:")[2]
    await one.get([MODELS, JOBS])
    after = redis.command("INFO", "stats").partition(b"total_reads_processed:")[2]
    asking_itself = 2  # for the statistics: the first one's end, and the second's beginning
    assert int(after.split()[0]) - int(packets.split()[0]) <= 1 + asking_itself


async def test_unix_socket_will_do(redis: RedisServer) -> None:
    async with tier_on(redis.unix_url) as tier:
        await kept(tier, MODELS, [1])
        assert (await tier.get([MODELS]))[MODELS].body == [1]


async def test_moment_for_people_is_given_in_utc(one: RedisTier) -> None:
    await one.put(
        {MODELS: (1, True)}, datetime.fromisoformat("2026-11-18T12:30:00+02:00"), await one.now(MODELS.account), 60
    )
    as_of = (await one.get([MODELS]))[MODELS].as_of
    assert as_of == datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
    assert as_of.tzinfo is UTC
