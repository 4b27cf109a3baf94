"""Alone: the second tier of a process that shares its answers with no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Any

from dbt_discovery.cache.tier import SharedEntry, SharedKey

__all__ = ["Alone"]


class Alone:
    """A `SharedTier` that knows nothing and keeps nothing."""

    async def now(self, account: str) -> float | None:
        """No clock."""
        return None

    async def get(self, keys: Sequence[SharedKey]) -> Mapping[SharedKey, SharedEntry]:
        """No entries."""
        return {}

    async def put(
        self, entries: Mapping[SharedKey, tuple[Any, bool]], as_of: datetime, asked_at: float | None, keep: float
    ) -> None:
        """Keeps nothing."""

    def flight(self, key: SharedKey) -> AbstractAsyncContextManager[None]:
        """A turn that is free at once."""
        return nullcontext()

    async def invalidated(self, account: str) -> frozenset[str]:
        """Nobody else invalidates anything."""
        return frozenset()

    async def invalidate(self, account: str, scope: str) -> None:
        """There is nothing to drop."""

    async def aclose(self) -> None:
        """There is nothing to close."""
