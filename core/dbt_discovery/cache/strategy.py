"""How long an answer is kept, and where."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from cachetools import LRUCache

__all__ = ["FINAL", "CacheScope", "CachingStrategy", "Entry"]

CacheScope = Literal["all", "projects", "models", "jobs", "runs"]
FINAL = timedelta(days=1)
"""How long an answer lasts that can no longer change."""
_MAX_BYTES = 64 * 2**20
_OVERHEAD = 5
"""Bytes of Python objects for a byte of JSON: the measured ratio of parsed records to their answer's body."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer in the cache."""

    value: Any
    as_of: datetime
    complete: bool
    scope: str
    size: int
    asked: int
    expires: float


class CachingStrategy:
    """Policy and store of answers: least recently used, bounded in bytes.

    Args:
        cache_ttl: Seconds an answer counts as fresh, unless it says otherwise itself.
        enable_caching: False keeps nothing; concurrent equal questions still share one request.
        max_bytes: Most memory to use, estimated from the sizes of the answers.
        timer: Seconds that only go forward; a fixed clock for reports must not keep answers for ever.

    Attributes:
        generation: How often something was invalidated.
    """

    def __init__(
        self,
        cache_ttl: float = 300.0,
        enable_caching: bool = True,
        *,
        max_bytes: int = _MAX_BYTES,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cache_ttl = cache_ttl
        self.enable_caching = enable_caching
        self.generation = 0
        self._timer = timer
        self._entries: LRUCache[Hashable, Entry] = LRUCache(max_bytes, getsizeof=lambda entry: entry.size)

    def get(self, key: Hashable) -> Entry | None:
        """The entry of a key, fresh or not."""
        return self._entries.get(key)

    def should_refresh(self, key: Hashable) -> bool:
        """Whether the key has no entry, or one that is no longer fresh."""
        entry = self._entries.get(key)
        return entry is None or self._timer() >= entry.expires

    def update_timestamp(
        self,
        key: Hashable,
        value: Any,
        *,
        as_of: datetime,
        scope: str,
        size: int,
        complete: bool = True,
        lasts: timedelta | None = None,
        asked: int = 0,
    ) -> None:
        """Stores an answer that is fresh from now on; one larger than the whole cache is not kept.

        An answer to an older question does not take the place of one to a newer.

        Args:
            key: What was asked.
            value: The answer.
            as_of: When it was given, for people.
            scope: The part of the account it belongs to.
            size: Bytes of its body.
            complete: Whether nothing of it is missing.
            asked: Order of the questions: a later one has a greater number.
            lasts: How long it stays fresh; `cache_ttl` where it does not say. Less than a day is never longer than
                `cache_ttl`: only what cannot change any more outlives it.
        """
        seconds = self.cache_ttl
        if lasts is not None:
            seconds = lasts.total_seconds() if lasts >= FINAL else min(lasts.total_seconds(), self.cache_ttl)
        known = self._entries.get(key)
        if known and known.asked > asked:
            return
        entry = Entry(value, as_of, complete, scope, size * _OVERHEAD + 512, asked, self._timer() + seconds)
        if self.enable_caching and entry.size <= self._entries.maxsize:
            self._entries[key] = entry

    def invalidate_cache(self, scope: CacheScope = "all") -> int:
        """Drops every entry of a scope; returns how many there were.

        An answer that was asked for before this must not be stored after it: whoever asks remembers the `generation`
        in which it did, and compares.
        """
        self.generation += 1
        doomed = [key for key, entry in self._entries.items() if scope in ("all", entry.scope)]
        for key in doomed:
            del self._entries[key]
        return len(doomed)
