"""Turns in Redis: of several processes that want to ask for the same thing, one does, and the others wait."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from dbt_discovery.cache.redis_link import RedisLink

__all__ = ["RedisTurns"]

_LIVES = 10.0
"""Seconds until a turn ends whose process is gone."""
_RENEWED = 3.0
"""Seconds between two signs of life of whoever has the turn."""
_PATIENCE = 60.0
"""Longest wait for a turn, in seconds: work that takes so long is better done twice than not at all."""
_FIRST_LOOK, _LOOK = 0.005, 0.05
"""Seconds between two looks of those who wait: few at first, then twice as many each time, up to a limit."""

_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_GIVE_BACK = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""

logger = logging.getLogger(__name__)


class RedisTurns:
    """Turns that end when their holder gives them back, or is gone for ten seconds.

    The work itself never fails for want of a turn: where Redis is away, forgets the turn or has given it to somebody
    else, it goes on all the same.

    Args:
        link: The Redis.
        timer: Seconds that only go forward.
    """

    def __init__(self, link: RedisLink, timer: Callable[[], float]) -> None:
        self._link = link
        self._timer = timer
        self._alive: set[asyncio.Task[Any]] = set()
        self._over: set[asyncio.Task[Any]] = set()

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """The time of one turn."""
        holder = uuid4().hex
        try:
            await self._take(key, holder)
            alive = _begin(self._stay_alive(key, holder), self._alive)
            try:
                yield
            finally:
                alive.cancel()
        finally:  # in the background, since whoever leaves may be cancelled; also where taking it was cut short
            _begin(self._link.run(_GIVE_BACK, [key], [holder], 0), self._over)

    async def aclose(self) -> None:
        """Waits until all turns that are over have been given back. The others end when their time is up."""
        for task in self._alive:
            task.cancel()
        while tasks := self._alive | self._over:
            await asyncio.wait(tasks)

    async def _take(self, key: str, holder: str) -> None:
        gives_up, pause = self._timer() + _PATIENCE, _FIRST_LOOK
        while not await self._link.run(_TAKE, [key], [holder, int(_LIVES * 1000)], 1):
            if self._timer() >= gives_up:
                logger.info(
                    "Another process has been asking for the same thing for %g s: no longer waiting.", _PATIENCE
                )
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LOOK)

    async def _stay_alive(self, key: str, holder: str) -> None:
        """Keeps the turn for as long as it is this holder's. While Redis is away, that is not known."""
        held = True
        while held:
            await asyncio.sleep(_RENEWED)
            held = await self._link.run(_RENEW, [key], [holder, int(_LIVES * 1000)], True)


def _begin(work: Coroutine[Any, Any, Any], tasks: set[asyncio.Task[Any]]) -> asyncio.Task[Any]:
    """Starts a task, which a set holds until it is done."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task
