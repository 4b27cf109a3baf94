"""The link to Redis: it asks, and leaves a Redis alone that does not answer.

ask     what Redis answers, or something else while it is away; never an error
insist  what Redis answers, or an error that says what to check
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from dbt_discovery.exceptions import ConfigurationError

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisLink"]

_CONNECT = 1.0
"""Seconds that a first connection may take, beside the answer."""
_ANSWER = 0.5
"""Seconds within which Redis answers, or counts as away."""
_LATE = 0.1
"""A timeout that comes later than this is the event loop's own doing: it was busy, and the answer may lie there."""
_LEFT_ALONE = 5.0
"""Seconds between two looks whether a Redis that was away is back."""
_PLACES = 8
"""Questions at a time, and so connections."""
_CHECK = "Check DBT_CACHE_URL."

T = TypeVar("T")
D = TypeVar("D")
logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Outage:
    """A time during which Redis is away.

    Attributes:
        look_at: When the next question may see whether it is back; all others go without until then.
    """

    look_at: float


class RedisLink:
    """A Redis that may be away.

    It belongs to one event loop, on which it connects when it is first asked. An outage costs one timeout and one line
    in the log, however much is asked during it; the end of it another line.

    Args:
        url: Where Redis is: `redis://`, `rediss://` or `unix://`.
        timer: Seconds that only go forward.

    Attributes:
        address: Where Redis is, without user, password and options.

    Raises:
        ConfigurationError: The extra `redis` is not installed, or the URL is not right.
    """

    def __init__(self, url: SecretStr, *, timer: Callable[[], float] = time.monotonic) -> None:
        self.address = _address(url)
        self._redis = _client(url)
        self._timer = timer
        self._places = asyncio.Semaphore(_PLACES)
        self._outage: _Outage | None = None
        self._refusals: set[str] = set()
        self._met = False
        self._closed = False

    async def ask(self, question: Callable[[Redis], Awaitable[T]], otherwise: D) -> T | D:
        """What Redis answers to a question, or something else: while it is away, or where it refuses."""
        from redis.exceptions import RedisError, ResponseError

        if self._left_alone():
            return otherwise
        async with self._places:
            if self._left_alone():  # since another question found out
                return otherwise
            if outage := self._outage:
                outage.look_at = self._timer() + _LEFT_ALONE
            try:
                answer = await self._answer(question)
            except ResponseError as error:
                self._back(outage)
                self._refused(error)
                return otherwise
            except (RedisError, OSError, EOFError, ValueError, RuntimeError) as error:
                self._lost(error)
                return otherwise
            self._back(outage)
            return answer

    async def insist(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """What Redis answers to a question.

        Raises:
            ConfigurationError: It does not; the message says why.
        """
        from redis.exceptions import RedisError

        try:
            return await self._answer(question)
        except (RedisError, OSError, EOFError, ValueError, RuntimeError) as error:
            raise ConfigurationError(f"Redis at {self.address} is of no use: {_reason(error)}. {_CHECK}") from None

    async def run(self, script: str, keys: list[str], arguments: list[str | bytes | float], otherwise: D) -> Any | D:
        """What a script answers, which Redis runs in one piece; or something else while it is away."""
        return await self.ask(lambda redis: redis.eval(script, len(keys), *keys, *arguments), otherwise)

    async def aclose(self) -> None:
        """Closes every connection. What is asked from now on goes unanswered."""
        self._closed = True
        with suppress(Exception):  # a connection that is lost need not be closed
            async with asyncio.timeout(_CONNECT):
                await self._redis.aclose()

    def _left_alone(self) -> bool:
        return self._closed or (self._outage is not None and self._timer() < self._outage.look_at)

    async def _answer(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """The answer in time. Where the loop was too busy to see whether it came in time, it is asked for again."""
        loop = asyncio.get_running_loop()
        for attempt in (1, 2):
            deadline = loop.time() + (_ANSWER if self._met else _CONNECT + _ANSWER)
            try:
                async with asyncio.timeout_at(deadline):
                    answer = await question(self._redis)
            except TimeoutError:
                if attempt == 2 or loop.time() < deadline + _LATE:
                    raise
            else:
                self._met = True
                return answer
        raise AssertionError("the second attempt ends in an answer or an error")

    def _lost(self, error: Exception) -> None:
        if self._closed:
            return
        self._met = False
        if self._outage is None:
            logger.warning(
                "Redis at %s is away (%s): until it is back, each process asks dbt Cloud for itself. %s",
                self.address,
                _reason(error),
                _CHECK,
            )
            self._outage = _Outage(0.0)
        self._outage.look_at = self._timer() + _LEFT_ALONE

    def _back(self, outage: _Outage | None) -> None:
        """Ends an outage in which the question was asked that was answered; older questions say nothing of it."""
        if outage is not None and outage is self._outage:
            self._outage = None
            self._refusals.clear()
            logger.info("Redis at %s is back.", self.address)

    def _refused(self, error: Exception) -> None:
        """Redis is there and will not do it, as when it is full: said once for each reason."""
        code = str(error).partition(" ")[0]
        if code not in self._refusals:
            self._refusals.add(code)
            logger.warning("Redis at %s refuses what it is asked for: %s", self.address, _first_line(error))


def _client(url: SecretStr) -> Redis:
    try:
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.connection import parse_url
    except ImportError:
        raise ConfigurationError(
            "DBT_CACHE_URL names a Redis, and the client for it is not installed: run pip install "
            "'dbt-discovery[redis]'."
        ) from None
    ours: dict[str, Any] = {"protocol": 2, "decode_responses": False, "socket_timeout": None}
    ours["socket_connect_timeout"] = None  # how long to wait is decided here, for a question as a whole
    try:
        pool = ConnectionPool(**{**parse_url(url.get_secret_value()), **ours})
        pool.make_connection()  # type: ignore[no-untyped-call]  # connects nothing yet, but looks at the options
    except (TypeError, ValueError, AttributeError):
        raise ConfigurationError(
            "DBT_CACHE_URL has a part or an option that Redis's client does not know. Such as redis://host:6379/0 "
            "will do."
        ) from None
    return Redis.from_pool(pool)


def _address(url: SecretStr) -> str:
    """A URL as it may be shown."""
    parts = urlsplit(url.get_secret_value())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _reason(error: Exception) -> str:
    from redis.exceptions import AuthenticationError, InvalidResponse
    from redis.exceptions import TimeoutError as RedisTimeout

    match error:
        case AuthenticationError():
            return "it does not accept the user and password"
        case InvalidResponse() | ValueError():
            return "what answers there is no Redis"
        case TimeoutError() | RedisTimeout():
            return "no answer in time"
        case _:
            return _first_line(error)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]
