"""Tiers on a real Redis, as several processes would have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from dbt_discovery.cache.redis_link import RedisLink
from dbt_discovery.cache.redis_tier import RedisTier
from dbt_discovery.cache.tier import SharedKey
from pydantic import SecretStr

__all__ = ["AS_OF", "JOBS", "MODELS", "Timer", "kept", "tier_on"]

AS_OF = datetime(2026, 11, 18, 10, 30, 0, 123456, UTC)
MODELS = SharedKey("a1b2c3", "models", "0d1e2f")
JOBS = SharedKey("a1b2c3", "jobs", "334455")


class Timer:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def tier_on(url: str, timer: Callable[[], float] = monotonic) -> AsyncIterator[RedisTier]:
    """A tier as one process has it, closed at the end."""
    tier = RedisTier(RedisLink(SecretStr(url), timer=timer), timer=timer)
    try:
        yield tier
    finally:
        await tier.aclose()


async def kept(tier: RedisTier, key: SharedKey, body: Any, seconds: float = 60, *, complete: bool = True) -> None:
    """Asks for something now, and keeps the answer."""
    await tier.put({key: (body, complete)}, AS_OF, await tier.now(key.account), seconds)
