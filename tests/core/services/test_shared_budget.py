"""Budgets that processes share: a minute's requests and a 429's silence, on a real Redis."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from dbt_discovery import RateLimited
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.services.budget import RequestBudget
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.limits import ApiLimits
from dbt_discovery.services.shared_budget import RedisBudget, Room, SharedBudget
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.upstream import NOW, TOKEN, Upstream, admin
from tests.servers.redis_server import RedisServer, redis_server

ADDRESS = "https://abc123.us1.dbt.com"
MINUTE = timedelta(seconds=60)
START = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(running: RedisServer) -> RedisServer:
    running.flush()
    return running


@asynccontextmanager
async def budget_on(url: str) -> AsyncIterator[RedisBudget]:
    """The shared budget as one process has it."""
    link = RedisLink(SecretStr(url))
    try:
        yield RedisBudget(link)
    finally:
        await link.aclose()


@pytest.fixture
async def one(redis: RedisServer) -> AsyncIterator[RedisBudget]:
    async with budget_on(redis.url) as budget:
        yield budget


@pytest.fixture
async def other(redis: RedisServer) -> AsyncIterator[RedisBudget]:
    async with budget_on(redis.url) as budget:
        yield budget


async def test_what_fits_into_a_minute_goes_whoever_sends_it_and_the_rest_waits(
    one: RedisBudget, other: RedisBudget
) -> None:
    rooms = await asyncio.gather(*(each.enter(ADDRESS, 7) for _ in range(10) for each in (one, other)))
    assert sum(not room.wait for room in rooms) == 7
    assert all(timedelta(seconds=50) < room.wait <= MINUTE for room in rooms if room.wait)
    assert not any(room.silence for room in rooms)


async def test_room_is_there_again_when_the_first_has_left_the_minute(
    one: RedisBudget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery.services.shared_budget.MINUTE", timedelta(seconds=0.2))
    assert await one.enter(ADDRESS, 2) == Room()
    await asyncio.sleep(0.1)
    assert await one.enter(ADDRESS, 2) == Room()
    wait = (await one.enter(ADDRESS, 2)).wait
    assert timedelta() < wait <= timedelta(seconds=0.1)
    await asyncio.sleep(wait.total_seconds() + 0.001)
    assert await one.enter(ADDRESS, 2) == Room()
    assert (await one.enter(ADDRESS, 2)).wait


async def test_each_process_keeps_to_its_own_number_and_counts_what_all_have_sent(
    one: RedisBudget, other: RedisBudget
) -> None:
    assert [bool((await one.enter(ADDRESS, 5)).wait) for _ in range(4)] == [False] * 4
    assert (await other.enter(ADDRESS, 3)).wait
    assert not (await one.enter(ADDRESS, 5)).wait
    assert (await one.enter(ADDRESS, 5)).wait
    assert not (await other.enter(ADDRESS, 6)).wait


async def test_addresses_have_budgets_of_their_own_and_are_not_shown(one: RedisBudget, redis: RedisServer) -> None:
    assert not (await one.enter(ADDRESS, 1)).wait
    assert not (await one.enter("https://other.us1.dbt.com", 1)).wait
    await one.silence(ADDRESS, MINUTE)
    keys = redis.command("KEYS", "*").split(b"\r\n")[2::2]
    assert len(keys) == 3
    assert all(b"dbt.com" not in key and key.startswith(b"dbt-discovery:1:api:") for key in keys)
    for key in keys:
        assert 0 < int(redis.command("PTTL", key.decode())[1:]) <= 60_000


async def test_silence_is_shared_and_the_longest_counts(one: RedisBudget, other: RedisBudget) -> None:
    await one.silence(ADDRESS, timedelta(seconds=40))
    await other.silence(ADDRESS, timedelta(seconds=5))
    await other.silence(ADDRESS, timedelta())
    room = await other.enter(ADDRESS, 100)
    assert timedelta(seconds=30) < room.silence <= timedelta(seconds=40)
    await other.silence(ADDRESS, timedelta(minutes=5))
    assert (await one.enter(ADDRESS, 100)).silence > timedelta(seconds=280)
    assert await one.enter("https://other.us1.dbt.com", 100) == Room()


async def test_silence_ends(one: RedisBudget) -> None:
    await one.silence(ADDRESS, timedelta(milliseconds=50))
    assert (await one.enter(ADDRESS, 1)).silence
    await asyncio.sleep(0.1)
    assert await one.enter(ADDRESS, 1) == Room()


async def test_clock_of_redis_that_was_set_back_does_not_stop_everything(one: RedisBudget, redis: RedisServer) -> None:
    assert not (await one.enter(ADDRESS, 1)).wait
    (key,) = redis.command("KEYS", "*").split(b"\r\n")[2::2]
    redis.command("LSET", key.decode(), "0", str((int(redis.command("TIME").split(b"\r\n")[2]) + 3600) * 10**6))
    assert not (await one.enter(ADDRESS, 1)).wait


async def test_out_of_reach_lets_everything_go(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        async with budget_on(server.url) as budget:
            await budget.silence(ADDRESS, timedelta(hours=1))
            assert (await budget.enter(ADDRESS, 1)).silence
            server.pause()
            assert await budget.enter(ADDRESS, 1) == Room()
            await budget.silence(ADDRESS, timedelta(hours=2))
            assert await budget.enter(ADDRESS, 1) == Room()


PROCESS = """
import asyncio, sys
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.services.shared_budget import RedisBudget
from pydantic import SecretStr

async def main():
    link = RedisLink(SecretStr(sys.argv[1]))
    rooms = await asyncio.gather(*(RedisBudget(link).enter("https://a.test", 50) for _ in range(40)))
    await link.aclose()
    print(sum(not room.wait for room in rooms))

asyncio.run(main())
"""


async def test_processes_together_send_what_fits_and_no_more(redis: RedisServer) -> None:
    every = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", PROCESS, redis.url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [(await each.communicate())[0] for each in every]
    assert sum(map(int, said)) == 50


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Told:
    """A shared budget that answers as it is told, and takes down what it is asked."""

    def __init__(self, *rooms: Room) -> None:
        self.rooms = list(rooms)
        self.entered: list[tuple[str, int]] = []
        self.silenced: list[tuple[str, timedelta]] = []

    async def enter(self, address: str, per_minute: int) -> Room:
        self.entered.append((address, per_minute))
        return self.rooms.pop(0) if self.rooms else Room()

    async def silence(self, address: str, wait: timedelta) -> None:
        self.silenced.append((address, wait))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that sleeping moves on; nobody really waits."""
    clock, really = Clock(), asyncio.sleep

    async def sleep(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)
        await really(0)

    monkeypatch.setattr("dbt_discovery.services.limits.asyncio.sleep", sleep)
    return clock


def limits_of(clock: Clock, shared: SharedBudget, budget: RequestBudget | None = None) -> ApiLimits:
    return ApiLimits("Admin API", 20, budget or RequestBudget(9), clock, address=ADDRESS, shared_budget=shared)


async def begun(limits: ApiLimits, clock: Clock) -> float:
    """Seconds after which a request went off."""
    async with limits.turn():
        return (clock.now - START).total_seconds()


async def test_shared_budget_is_asked_once_for_a_request_that_may_go(clock: Clock) -> None:
    shared = Told()
    limits = limits_of(clock, shared)
    assert [await begun(limits, clock) for _ in range(3)] == [0, 0, 0]
    assert shared.entered == [(ADDRESS, 9)] * 3


async def test_request_waits_as_long_as_the_shared_budget_says_and_asks_it_again(clock: Clock) -> None:
    shared = Told(Room(wait=timedelta(seconds=12.5)), Room(wait=timedelta(seconds=2)))
    assert await begun(limits_of(clock, shared), clock) == 14.5
    assert len(shared.entered) == 3


async def test_waiting_for_the_others_takes_one_place_in_the_own_budget(clock: Clock) -> None:
    shared = Told(Room(wait=timedelta(seconds=3)), Room(wait=timedelta(seconds=3)))
    limits = limits_of(clock, shared, RequestBudget(2))
    assert [await begun(limits, clock), await begun(limits, clock)] == [6, 6]


async def test_another_process_long_silence_is_an_error_and_known_from_then_on(clock: Clock) -> None:
    shared = Told(Room(silence=timedelta(minutes=4)))
    limits = limits_of(clock, shared)
    for _ in range(2):
        with pytest.raises(RateLimited) as refused:
            await begun(limits, clock)
        assert refused.value.retry_at == START + timedelta(minutes=4)
    assert len(shared.entered) == 1
    clock.now += timedelta(minutes=5)
    assert await begun(limits, clock) == 300


async def test_another_process_short_silence_is_waited_out(clock: Clock) -> None:
    shared = Told(Room(silence=timedelta(seconds=20)))
    assert await begun(limits_of(clock, shared), clock) == 20
    assert len(shared.entered) == 2


async def test_who_waits_for_the_others_learns_of_a_silence_of_its_own_process(clock: Clock) -> None:
    limits = limits_of(clock, Told(Room(wait=timedelta(seconds=50))))
    waiting = asyncio.create_task(begun(limits, clock))
    for _ in range(3):
        await asyncio.sleep(0)
    limits.cool_down(None)
    with pytest.raises(RateLimited):
        await waiting
    assert clock.now < START + timedelta(seconds=10)


async def test_429_silences_every_process() -> None:
    shared = Told()
    refuses = Upstream(lambda request: httpx.Response(429, headers={"Retry-After": "120"}))
    wire = Wire(
        endpoints_for("abc123.us1.dbt.com"),
        SecretStr(TOKEN),
        "1",
        lambda: NOW,
        refuses,
        real_clock=lambda: START,
        shared_budget=shared,
    )
    with pytest.raises(RateLimited):
        await wire.collect(admin())
    await wire.aclose()
    assert shared.entered == [(wire.endpoints.admin, 5000)]
    assert shared.silenced == [(wire.endpoints.admin, timedelta(seconds=120))]


async def test_two_processes_on_one_redis_meet_one_429_between_them(one: RedisBudget, other: RedisBudget) -> None:
    refuses = Upstream(lambda request: httpx.Response(429))
    answers = Upstream(lambda request: httpx.Response(200, json={"data": []}))
    for upstream, budget in ((refuses, one), (answers, other)):
        wire = Wire(endpoints_for(None), SecretStr(TOKEN), "1", lambda: NOW, upstream, shared_budget=budget)
        with pytest.raises(RateLimited):
            await wire.collect(admin())
        await wire.aclose()
    assert len(refuses.requests) == 1
    assert not answers.requests
