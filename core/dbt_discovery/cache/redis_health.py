"""How the shared Redis is: for the doctor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import PREFIX

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisHealth", "examine"]

_LOOKS = 50
"""Most times that the list of keys is read on; each brings about a thousand."""
_PINGS = 3


@dataclass(frozen=True, slots=True)
class RedisHealth:
    """A Redis that answers.

    Attributes:
        address: Where it is, without user and password.
        version: Its version.
        latency: Seconds that it takes to answer, at best.
        used_memory: Bytes that it uses.
        max_memory: Bytes that it may use; None where it may use all.
        keys: How many of its keys are dbt Discovery's.
        all_keys_seen: Whether those are all, and not just what a short look found.
    """

    address: str
    version: str
    latency: float
    used_memory: int
    max_memory: int | None
    keys: int
    all_keys_seen: bool


async def examine(link: RedisLink, timer: Callable[[], float] = time.perf_counter) -> RedisHealth:
    """Looks at a Redis, also at one that is left alone because it was away.

    Raises:
        ConfigurationError: It does not answer, refuses the password, or is no Redis; the message says which.
    """

    async def ping(redis: Redis) -> float:
        begun = timer()
        await redis.echo("")
        return timer() - begun

    latency = min([await link.insist(ping) for _ in range(_PINGS)])
    about = await link.insist(lambda redis: redis.info())
    keys, cursor = 0, 0
    for _ in range(_LOOKS):
        cursor, found = await link.insist(lambda redis, at=cursor: redis.scan(at, match=f"{PREFIX}:*", count=1000))  # type: ignore[misc]
        keys += len(found)
        if not cursor:
            break
    return RedisHealth(
        address=link.address,
        version=str(about["redis_version"]),
        latency=latency,
        used_memory=int(about["used_memory"]),
        max_memory=int(about["maxmemory"]) or None,
        keys=keys,
        all_keys_seen=not cursor,
    )
