"""A Redis that is gone, slow, emptied, not Redis at all, or closed to us: never an error, one line in the log."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from dbt_discovery import ConfigurationError
from dbt_discovery.cache.redis_health import examine
from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import RedisTier
from pydantic import SecretStr

from tests.core.cache.shared import AS_OF, MODELS, Timer, kept, tier_on
from tests.servers.redis_server import RedisServer, redis_server
from tests.servers.running import closed_port

PASSWORD = "p4ssw0rd-of-redis"


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis"), PASSWORD) as server:
        yield server


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
async def tier(redis: RedisServer, timer: Timer, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RedisTier]:
    caplog.set_level(logging.DEBUG)
    async with tier_on(redis.url, timer) as tier:
        yield tier
    assert PASSWORD not in caplog.text


def said(caplog: pytest.LogCaptureFixture, level: int = logging.INFO) -> list[tuple[str, str]]:
    """What the cache has logged."""
    return [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name.startswith("dbt_discovery.cache") and record.levelno >= level
    ]


async def knows_nothing(tier: RedisTier) -> None:
    """Every method does as if there were no other process."""
    assert await tier.now(MODELS.account) is None
    assert not await tier.get([MODELS])
    await tier.put({MODELS: (1, True)}, AS_OF, 1.0, 60)
    async with tier.flight(MODELS):
        pass
    assert await tier.invalidated(MODELS.account) == frozenset()


@pytest.mark.parametrize("fate", ["kill", "pause"])
async def test_redis_that_is_away_costs_one_warning_and_comes_back_by_itself(
    redis: RedisServer, tier: RedisTier, timer: Timer, caplog: pytest.LogCaptureFixture, fate: str
) -> None:
    await kept(tier, MODELS, "known")
    getattr(redis, fate)()
    await knows_nothing(tier)
    timer.now += 6
    await knows_nothing(tier)
    ((level, message),) = said(caplog)
    assert level == "WARNING"
    assert f"redis://127.0.0.1:{redis.port}/0" in message
    assert "DBT_CACHE_URL" in message
    redis.start() if fate == "kill" else redis.resume()
    await knows_nothing(tier)  # it is left alone for five seconds
    timer.now += 6
    assert await tier.now(MODELS.account) is not None
    assert [level for level, _ in said(caplog)] == ["WARNING", "INFO"]
    assert "is back" in said(caplog)[1][1]
    assert bool(await tier.get([MODELS])) == (fate == "pause")
    await kept(tier, MODELS, "new")
    assert (await tier.get([MODELS]))[MODELS].body == "new"
    assert len(said(caplog)) == 2


async def test_each_outage_has_a_warning_of_its_own(
    redis: RedisServer, tier: RedisTier, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert await tier.now(MODELS.account) is not None
        redis.pause()
        assert await tier.now(MODELS.account) is None
        redis.resume()
        timer.now += 6
    assert await tier.now(MODELS.account) is not None
    assert [level for level, _ in said(caplog)] == ["WARNING", "INFO"] * 2


async def test_slow_redis_costs_one_timeout_and_not_one_for_each_question(redis: RedisServer, tier: RedisTier) -> None:
    await tier.now(MODELS.account)
    redis.pause()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert not any(await asyncio.gather(*(tier.get([MODELS]) for _ in range(200))))
    for _ in range(20):
        assert await tier.now(MODELS.account) is None
    assert loop.time() - begun < 20 * 0.5  # each by itself would have taken half a second


async def test_only_one_question_tries_whether_redis_is_back(
    redis: RedisServer, tier: RedisTier, timer: Timer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tier.now(MODELS.account)
    redis.kill()
    await tier.now(MODELS.account)
    tries = 0
    really = RedisLink._answer

    async def counted(self: RedisLink, question: object) -> object:
        nonlocal tries
        tries += 1
        return await really(self, question)  # type: ignore[arg-type]

    monkeypatch.setattr(RedisLink, "_answer", counted)
    timer.now += 6
    await asyncio.gather(*(tier.get([MODELS]) for _ in range(50)))
    assert tries == 1


async def test_answer_to_an_older_question_does_not_end_an_outage(
    redis: RedisServer, tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    await tier.now(MODELS.account)
    answered = asyncio.Event()
    asking = asyncio.create_task(tier._link.ask(lambda _: answered.wait(), None))
    await asyncio.sleep(0)
    redis.kill()
    assert await tier.now(MODELS.account) is None
    answered.set()
    assert await asking
    assert await tier.now(MODELS.account) is None
    assert [level for level, _ in said(caplog)] == ["WARNING"]


async def test_loop_that_was_busy_is_not_taken_for_a_slow_redis(
    tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    await kept(tier, MODELS, 1)
    asking = asyncio.create_task(tier.get([MODELS]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    time.sleep(0.8)  # noqa: ASYNC251 -- that is what a busy loop is
    assert await asking
    assert not said(caplog)


async def test_redis_emptied_in_mid_flight_forgets_and_keeps_again(
    redis: RedisServer, tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    asked_at = await tier.now(MODELS.account)
    redis.flush()
    await tier.put({MODELS: ("asked for before", True)}, AS_OF, asked_at, 60)
    assert not await tier.get([MODELS])
    await tier.now(MODELS.account)  # from now on it remembers; what was invalidated before that it may have forgotten
    assert not await tier.get([MODELS])
    await kept(tier, MODELS, "asked for after")
    assert (await tier.get([MODELS]))[MODELS].body == "asked for after"
    assert not said(caplog)


async def test_what_was_invalidated_while_redis_was_away_is_dropped_when_it_is_back(
    redis: RedisServer, tier: RedisTier, timer: Timer
) -> None:
    async with tier_on(redis.url, timer) as other:
        await kept(other, MODELS, "old")
        await other.invalidated(MODELS.account)
        redis.pause()
        assert await tier.now(MODELS.account) is None
        await tier.invalidate(MODELS.account, "models")
        redis.resume()
        timer.now += 6
        assert not await tier.get([MODELS])
        assert not await other.get([MODELS])
        assert await other.invalidated(MODELS.account) == {"models"}
        assert await tier.invalidated(MODELS.account) == frozenset()


async def test_what_others_dropped_during_an_outage_is_heard_of_after_it(
    redis: RedisServer, tier: RedisTier, timer: Timer
) -> None:
    redis.pause()
    assert await tier.invalidated(MODELS.account) == frozenset()  # its first look
    redis.resume()
    async with tier_on(redis.url) as other:
        await other.invalidate(MODELS.account, "runs")
    timer.now += 6
    assert await tier.invalidated(MODELS.account) == {"runs"}


async def test_cancelled_question_leaves_nothing_to_the_next(redis: RedisServer, tier: RedisTier) -> None:
    await kept(tier, MODELS, "right")
    for pause in (0, 0, 0.0001, 0.0005, 0.001, 0.002):
        asking = [asyncio.create_task(tier.now(MODELS.account)) for _ in range(20)]
        await asyncio.sleep(pause)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        assert (await tier.get([MODELS]))[MODELS].body == "right"


async def test_redis_that_refuses_is_said_once_and_is_not_away(
    redis: RedisServer, tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    await kept(tier, MODELS, "known")
    redis.command("CONFIG", "SET", "maxmemory", "1")
    for _ in range(3):
        await kept(tier, MODELS, "new")
    assert (await tier.get([MODELS]))[MODELS].body == "known"
    ((level, message),) = said(caplog)
    assert (level, "OOM" in message or "maxmemory" in message) == ("WARNING", True)


async def test_what_redis_refuses_to_drop_is_not_read_from_it(redis: RedisServer, tier: RedisTier) -> None:
    for scope in ("models", "all"):
        await kept(tier, MODELS, "old")
        redis.command("CONFIG", "SET", "maxmemory", "1")
        await tier.invalidate(MODELS.account, scope)
        assert not await tier.get([MODELS])
        redis.command("CONFIG", "SET", "maxmemory", "0")
        assert not await tier.get([MODELS])
        await kept(tier, MODELS, "new")
        assert (await tier.get([MODELS]))[MODELS].body == "new"


async def test_wrong_password_is_said_without_showing_it(
    redis: RedisServer, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with tier_on(redis.url.replace(PASSWORD, "wr0ng-s3cret"), timer) as tier:
        await knows_nothing(tier)
        ((level, message),) = said(caplog)
        assert (level, "password" in message, "DBT_CACHE_URL" in message) == ("WARNING", True, True)
        with pytest.raises(ConfigurationError, match="does not accept the user and password") as refused:
            await examine(tier._link)
        assert "wr0ng-s3cret" not in caplog.text + str(refused.value)
        assert refused.value.__cause__ is None
        redis.command("CONFIG", "SET", "requirepass", "wr0ng-s3cret")
        timer.now += 6
        assert await tier.now(MODELS.account) is not None


@asynccontextmanager
async def says(answer: bytes) -> AsyncIterator[str]:
    """The address of a server that answers the same to everything, and closes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x03\x00\x02\x02\x50",
        b":many\r\n",
        b"*3\r\n$x\r\n",
        b"+OK",
        b"\xff\xfe\r\n",
        b"",
    ],
)
async def test_server_that_is_no_redis_is_survived(
    answer: bytes, timer: Timer, caplog: pytest.LogCaptureFixture
) -> None:
    async with says(answer) as url, tier_on(url, timer) as tier:
        await knows_nothing(tier)
        assert [level for level, _ in said(caplog)] == ["WARNING"]
        with pytest.raises(ConfigurationError, match=url):
            await examine(tier._link)


async def test_port_where_nobody_listens(timer: Timer, caplog: pytest.LogCaptureFixture) -> None:
    async with tier_on(f"redis://127.0.0.1:{closed_port()}", timer) as tier:
        await knows_nothing(tier)
        assert [level for level, _ in said(caplog)] == ["WARNING"]
        with pytest.raises(ConfigurationError, match="DBT_CACHE_URL"):
            await examine(tier._link)


async def test_closed_link_answers_nothing_and_is_not_an_outage(
    tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    await tier.now(MODELS.account)
    await tier.aclose()
    await knows_nothing(tier)
    await tier.aclose()
    assert not said(caplog)


async def test_closing_does_not_wait_for_a_redis_that_is_held_up(
    redis: RedisServer, tier: RedisTier, caplog: pytest.LogCaptureFixture
) -> None:
    await tier.now(MODELS.account)
    asking = asyncio.create_task(tier.get([MODELS]))
    await asyncio.sleep(0)
    redis.pause()
    async with asyncio.timeout(10):
        await tier.aclose()
        assert not await asking
    assert not said(caplog)


async def test_doctor_sees_version_memory_and_keys(redis: RedisServer, tier: RedisTier) -> None:
    for number in range(3):
        await kept(tier, MODELS.__class__("a1b2c3", "runs", str(number)), number)
    redis.command("SET", "somebody-elses", "1")
    redis.command("CONFIG", "SET", "maxmemory", "100mb")
    health = await examine(tier._link)
    assert redis.command("INFO", "server").find(f"redis_version:{health.version}\r\n".encode()) > 0
    assert health.address == f"redis://127.0.0.1:{redis.port}/0"
    assert health.keys == int(redis.command("DBSIZE")[1:]) - 1 == 4
    assert health.all_keys_seen
    assert health.max_memory == 100 * 2**20
    assert 0 < health.used_memory < health.max_memory
    assert 0 < health.latency < 10


async def test_doctor_counts_no_longer_than_a_short_look_takes(
    redis: RedisServer, tier: RedisTier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dbt_discovery.cache.redis_health._LOOKS", 1)
    redis.command("EVAL", '\'for i=1,5000 do redis.call("SET","dbt-discovery:1:x:"..i,1) end\'', "0")
    health = await examine(tier._link)
    assert not health.all_keys_seen
    assert 500 < health.keys < 5000


@pytest.mark.parametrize("url", ["redis://u:s3cret@h:1?colour=blue", "redis://u:s3cret@h:1?socket_timeout=soon"])
def test_option_that_is_not_known_is_an_error_without_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DBT_CACHE_URL") as refused:
        RedisLink(SecretStr(url))
    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:s3cret@cache.example:6380/2", "redis://cache.example:6380/2"),
        ("rediss://:s3cret@cache.example?ssl_cert_reqs=none", "rediss://cache.example"),
        ("unix://user:s3cret@/run/redis.sock?db=1", "unix:///run/redis.sock"),
        ("redis://cache.example?password=s3cret", "redis://cache.example"),
    ],
)
def test_address_is_shown_without_user_password_and_options(url: str, shown: str) -> None:
    assert RedisLink(SecretStr(url)).address == shown


def test_missing_client_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'dbt-discovery\[redis\]'"):
        RedisLink(SecretStr("redis://localhost"))
