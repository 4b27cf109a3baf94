"""One flight between several processes, whatever becomes of them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest
from dbt_discovery.cache.redis_tier import RedisTier

from tests.core.cache.shared import AS_OF, JOBS, MODELS, Timer, kept, tier_on
from tests.servers.redis_server import RedisServer, redis_server

TURN = "dbt-discovery:1:a1b2c3:models:0d1e2f:turn"

PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from dbt_discovery.cache import redis_turn
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import RedisTier
from dbt_discovery.cache.tier import SharedKey
from pydantic import SecretStr

KEY = SharedKey("a1b2c3", "models", "0d1e2f")

async def ask(tier):
    async with tier.flight(KEY):
        if found := await tier.get([KEY]):
            return f"shared {found[KEY].body}"
        asked_at = await tier.now(KEY.account)
        await asyncio.sleep(0.2)
        await tier.put({KEY: (sys.argv[2], True)}, datetime.now(UTC), asked_at, 60)
        return f"asked {sys.argv[2]}"

async def hold(tier):
    async with tier.flight(KEY):
        print("holds", flush=True)
        await asyncio.sleep(60)

async def main(work):
    tier = RedisTier(RedisLink(SecretStr(sys.argv[1])))
    print(await work(tier), flush=True)
    await tier.aclose()

"""


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def one(redis: RedisServer) -> AsyncIterator[RedisTier]:
    async with tier_on(redis.url) as tier:
        yield tier


@pytest.fixture
async def other(redis: RedisServer) -> AsyncIterator[RedisTier]:
    async with tier_on(redis.url) as tier:
        yield tier


@asynccontextmanager
async def process(code: str, *arguments: str) -> AsyncIterator[Process]:
    """A process that runs some code; ended with the test."""
    running = await create_subprocess_exec(
        sys.executable, "-W", "error", "-c", PROCESS + code, *arguments, stdout=PIPE, stderr=PIPE
    )
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


async def test_of_two_that_ask_one_asks_upstream_and_the_other_gets_its_answer(
    one: RedisTier, other: RedisTier
) -> None:
    asked = []

    async def ask(tier: RedisTier, name: str) -> str:
        async with tier.flight(MODELS):
            found = await tier.get([MODELS])
            if not found:
                asked.append(name)
                await asyncio.sleep(0.1)
                await kept(tier, MODELS, name)
                return name
            return str(found[MODELS].body)

    answers = await asyncio.gather(*(ask(tier, str(n)) for n in range(10) for tier in (one, other)))
    assert len(asked) == 1
    assert set(answers) == set(asked)


async def test_of_four_processes_one_asks_upstream(redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        names = ["a", "b", "c", "d"]
        code = "asyncio.run(main(ask))"
        every = [await stack.enter_async_context(process(code, redis.url, name)) for name in names]
        said = [(await each.communicate())[0].decode().strip() for each in every]
        assert [each.returncode for each in every] == [0] * 4
    (asked,) = [line for line in said if line.startswith("asked")]
    assert sorted(said) == sorted([asked] + [asked.replace("asked", "shared")] * 3)


async def test_turn_of_a_process_that_was_killed_is_free_when_its_time_is_up(
    redis: RedisServer, one: RedisTier
) -> None:
    async with process("redis_turn._LIVES = 0.7\nasyncio.run(main(hold))", redis.url) as holder:
        assert holder.stdout
        assert await holder.stdout.readline() == b"holds\n"
        holder.kill()
        await holder.wait()
        assert redis.command("EXISTS", TURN) == b":1\r\n"
        async with asyncio.timeout(10), one.flight(MODELS):
            assert not await one.get([MODELS])


async def test_turn_lives_for_ten_seconds_at_most_without_a_sign_of_life(redis: RedisServer, one: RedisTier) -> None:
    async with one.flight(MODELS):
        assert 9_000 < int(redis.command("PTTL", TURN)[1:]) <= 10_000


async def test_turn_is_kept_for_as_long_as_the_work_takes(
    redis: RedisServer, one: RedisTier, other: RedisTier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery.cache.redis_turn._LIVES", 0.4)
    monkeypatch.setattr("dbt_discovery.cache.redis_turn._RENEWED", 0.05)
    order, begun = [], asyncio.Event()

    async def work(tier: RedisTier, name: str, seconds: float) -> None:
        async with tier.flight(MODELS):
            order.append(f"{name} begins")
            begun.set()
            await asyncio.sleep(seconds)
            order.append(f"{name} ends")

    first = asyncio.create_task(work(one, "first", 1.2))
    await begun.wait()
    await work(other, "second", 0)
    await first
    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_other_questions_have_turns_of_their_own(one: RedisTier, other: RedisTier) -> None:
    async with asyncio.timeout(10), one.flight(MODELS), other.flight(JOBS):
        pass


async def test_turn_is_given_back_also_where_the_work_fails_or_is_cancelled(
    redis: RedisServer, one: RedisTier, other: RedisTier
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with one.flight(MODELS):
            _ = 1 / 0

    async def work() -> None:
        async with one.flight(MODELS):
            await asyncio.sleep(60)

    for pause in (0.0, 0.001, 0.05):
        task = asyncio.create_task(work())
        await asyncio.sleep(pause)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5), other.flight(MODELS):
        pass
    await one.aclose()
    await other.aclose()
    assert redis.command("EXISTS", TURN) == b":0\r\n"


async def test_who_is_cancelled_in_the_line_leaves_the_turn_to_its_holder(
    redis: RedisServer, one: RedisTier, other: RedisTier
) -> None:
    async with one.flight(MODELS):
        waiting = asyncio.create_task(other.flight(MODELS).__aenter__())
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await other.aclose()
        assert redis.command("EXISTS", TURN) == b":1\r\n"


async def test_nobody_waits_for_ever(redis: RedisServer, one: RedisTier) -> None:
    timer = Timer()
    async with one.flight(MODELS), tier_on(redis.url, timer) as impatient:
        entering = asyncio.create_task(_enter(impatient))
        await asyncio.sleep(0.2)
        assert not entering.done()
        timer.now += 61
        async with asyncio.timeout(5):
            await entering
        assert redis.command("EXISTS", TURN) == b":1\r\n"  # still the one's


async def _enter(tier: RedisTier) -> None:
    async with tier.flight(MODELS):
        pass


async def test_turn_that_was_lost_is_not_taken_from_whoever_has_it_now(
    redis: RedisServer, one: RedisTier, other: RedisTier
) -> None:
    async with one.flight(MODELS):
        redis.flush()
        async with asyncio.timeout(5), other.flight(MODELS):
            holder = redis.command("GET", TURN)
            await one.put({MODELS: (1, True)}, AS_OF, await one.now(MODELS.account), 60)
            assert redis.command("GET", TURN) == holder
    await one.aclose()


@pytest.mark.parametrize("fate", ["pause", "kill", "flush"])
async def test_work_goes_on_whatever_becomes_of_redis(redis: RedisServer, one: RedisTier, fate: str) -> None:
    async with asyncio.timeout(10), one.flight(MODELS):
        getattr(redis, fate)()
        result = 42
    assert result == 42
    async with asyncio.timeout(10), one.flight(MODELS):
        pass
