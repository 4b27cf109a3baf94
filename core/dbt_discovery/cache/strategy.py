"""How long an answer is kept, and where."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Literal

from cachetools import LRUCache

from dbt_discovery.cache.weight import weight_of

__all__ = ["FINAL", "CacheScope", "CachingStrategy", "Entry", "Question"]

CacheScope = Literal["all", "projects", "models", "jobs", "runs"]
FINAL = timedelta(days=1)
"""How long an answer lasts that can no longer change."""
_MAX_BYTES = 256 * 2**20
_OVERHEAD = 512
"""Bytes that an entry takes beside its key and its value: itself, and its places in the store."""
_BRIDGED = 30.0
"""Seconds for which an old answer stands in for a new one that could not be had."""


@dataclass(frozen=True, slots=True)
class Question:
    """When something was asked.

    Attributes:
        as_of: The moment, for people.
        number: After how many questions.
        generation: After how many invalidations.
    """

    as_of: datetime
    number: int
    generation: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer in the cache.

    Attributes:
        value: What was answered.
        question: When it was asked.
        complete: Whether nothing of it is missing.
        scope: The part of the account it belongs to.
        weight: Bytes it takes.
        expires: Until when it is fresh.
        stale: Whether a newer one could not be had when it was last asked for.
    """

    value: Any
    question: Question
    complete: bool
    scope: str
    weight: int
    expires: float
    stale: bool = False


class CachingStrategy:
    """Policy and store of answers: least recently used, bounded in bytes. Accounts may share one, in any threads.

    Args:
        cache_ttl: Seconds an answer counts as fresh, unless it says otherwise itself.
        enable_caching: False keeps nothing; concurrent equal questions still share one request.
        max_bytes: Most memory to use, near enough. 256 MiB hold a hundred thousand runs, and three hundred thousand
            results of models in them.
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
        self._questions = 0
        self._timer = timer
        self._lock = RLock()
        self._entries: LRUCache[Hashable, Entry] = LRUCache(max_bytes, getsizeof=lambda entry: entry.weight)

    def question(self, as_of: datetime) -> Question:
        """A question that is asked now, after all others of any account."""
        with self._lock:
            self._questions += 1
            return Question(as_of, self._questions, self.generation)

    def get(self, key: Hashable) -> Entry | None:
        """The entry of a key, fresh or not."""
        with self._lock:
            return self._entries.get(key)

    def is_fresh(self, entry: Entry) -> bool:
        """Whether an entry will do without asking again."""
        return self._timer() < entry.expires

    def should_refresh(self, key: Hashable) -> bool:
        """Whether the key has no entry, or one that is no longer fresh."""
        entry = self.get(key)
        return entry is None or not self.is_fresh(entry)

    def update_timestamp(
        self,
        key: Hashable,
        value: Any,
        question: Question,
        *,
        scope: str,
        complete: bool = True,
        lasts: timedelta | None = None,
    ) -> None:
        """Stores an answer that is fresh from now on; one larger than the whole cache is not kept.

        An answer to an older question does not take the place of one to a newer, and one that was asked for before
        something was invalidated is not kept at all.

        Args:
            key: What was asked.
            value: The answer.
            question: When it was asked.
            scope: The part of the account it belongs to.
            complete: Whether nothing of it is missing.
            lasts: How long it stays fresh; `cache_ttl` where it does not say. Less than a day is never longer than
                `cache_ttl`: only what cannot change any more outlives it.
        """
        if not self.enable_caching:
            return
        seconds = self.cache_ttl
        if lasts is not None:
            seconds = lasts.total_seconds() if lasts >= FINAL else min(lasts.total_seconds(), self.cache_ttl)
        weight = weight_of((key, value)) + _OVERHEAD
        with self._lock:
            known = self._entries.get(key)
            newer = known is not None and known.question.number > question.number
            if question.generation == self.generation and not newer and weight <= self._entries.maxsize:
                self._entries[key] = Entry(value, question, complete, scope, weight, self._timer() + seconds)

    def bridge(self, key: Hashable, entry: Entry) -> None:
        """Lets an entry that is no longer fresh stand for half a minute more, marked stale: a newer could not be had.

        So not everyone who asks waits for a dbt Cloud that does not answer.
        """
        with self._lock:
            if self._entries.get(key) is entry and not self.is_fresh(entry):
                seconds = min(_BRIDGED, self.cache_ttl)
                self._entries[key] = replace(entry, expires=self._timer() + seconds, stale=True)

    def invalidate_cache(self, scope: CacheScope = "all") -> int:
        """Drops every entry of a scope; returns how many there were. What is still under way is not kept either."""
        with self._lock:
            self.generation += 1
            doomed = [key for key, entry in self._entries.items() if scope in ("all", entry.scope)]
            for key in doomed:
                del self._entries[key]
            return len(doomed)
