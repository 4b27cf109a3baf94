"""A second tier in memory, for several clients of a test to share, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from dbt_discovery.cache.tier import SharedEntry, SharedKey
from dbt_discovery.services.hosts import endpoints_for
from dbt_discovery.services.wire import Wire
from pydantic import SecretStr

from tests.core.upstream import NOW, TOKEN, Upstream

__all__ = ["FakeStore", "FakeTier", "NetworkedWire", "idle"]


class FakeStore:
    """What all processes see.

    Attributes:
        seconds: Its clock.
        away: Whether it is out of reach.
        kept: Bodies as text, by key: whether complete, when asked for, and until when they are kept.
        reads: How often it was asked for entries.
    """

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.away = False
        self.kept: dict[SharedKey, tuple[str, bool, datetime, float, float]] = {}
        self.reads = 0
        self.locks: dict[SharedKey, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.drops: list[tuple[str, str, object]] = []


class FakeTier:
    """One process's way to the store."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.closed = False
        self._seen = 0

    async def now(self, account: str) -> float | None:
        return None if self.store.away else self.store.seconds

    async def get(self, keys: Sequence[SharedKey]) -> Mapping[SharedKey, SharedEntry]:
        await asyncio.sleep(0)
        self.store.reads += 1
        found, now = {}, self.store.seconds
        for key in [] if self.store.away else keys:
            if key in self.store.kept and now < self.store.kept[key][4]:
                body, complete, as_of, asked_at, _ = self.store.kept[key]
                found[key] = SharedEntry(json.loads(body), complete, as_of, asked_at, now - asked_at)
        return found

    async def put(
        self, entries: Mapping[SharedKey, tuple[Any, bool]], as_of: datetime, asked_at: float | None, keep: float
    ) -> None:
        await asyncio.sleep(0)
        if self.store.away or asked_at is None:
            return
        for key, (body, complete) in entries.items():
            self.store.kept[key] = (json.dumps(body), complete, as_of, asked_at, self.store.seconds + keep)

    @asynccontextmanager
    async def flight(self, key: SharedKey) -> AsyncIterator[None]:
        if self.store.away:
            yield
        else:
            async with self.store.locks[key]:
                yield

    async def invalidated(self, account: str) -> frozenset[str]:
        new, self._seen = self.store.drops[self._seen :], len(self.store.drops)
        return frozenset(scope for whose, scope, by in new if whose == account and by is not self)

    async def invalidate(self, account: str, scope: str) -> None:
        self.store.drops.append((account, scope, self))
        for key in list(self.store.kept):
            if key.account == account and scope in ("all", key.scope):
                del self.store.kept[key]

    async def aclose(self) -> None:
        self.closed = True


class NetworkedWire(Wire):
    """A wire to a test's upstream that says that every process can reach it."""

    def __init__(self, upstream: Upstream, account_id: str = "1", token: str = TOKEN) -> None:
        super().__init__(endpoints_for(None), SecretStr(token), account_id, lambda: NOW, upstream)

    @property
    def identity(self) -> tuple[Hashable, ...]:
        endpoints, _, account_id = super().identity
        return endpoints, None, account_id


async def idle() -> None:
    """Waits until nothing goes on behind the test's back any more."""
    for _ in range(5000):
        if asyncio.all_tasks() == {asyncio.current_task()}:
            return
        await asyncio.sleep(0.001)
    raise AssertionError("something goes on and on")
