"""How long an answer is kept, and where."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from threading import RLock
from typing import Any, Literal

from cachetools import LRUCache

from dbt_discovery.cache.entry import Entry, Question
from dbt_discovery.cache.lifetime import FINAL, MOST_LIVES, lifetime_of
from dbt_discovery.cache.statistics import CacheStatistics, Event, Tally, counted
from dbt_discovery.cache.weight import weight_of

__all__ = ["FINAL", "CacheScope", "CachingStrategy", "Entry", "Question"]

CacheScope = Literal["all", "projects", "models", "jobs", "runs"]
_MAX_BYTES = 256 * 2**20
_OVERHEAD = 512
"""Bytes that an entry takes beside its key and its value: itself, and its places in the store."""
_BRIDGED = 30.0
"""Seconds for which an old answer stands in for a new one that could not be had."""
_SWEPT = 8
"""How many of the oldest entries of what is missing are looked at whenever there is another."""


class _Store(LRUCache[Hashable, Entry]):
    """Entries, of which the least recently used goes when there is no room.

    Attributes:
        evicted: How many had to go.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.weight)
        self.evicted = 0

    def popitem(self) -> tuple[Hashable, Entry]:
        """Drops the least recently used."""
        self.evicted += 1
        return super().popitem()


class CachingStrategy:
    """Policy and store of answers: least recently used, bounded in bytes. Accounts may share one, in any threads.

    How long an answer counts as fresh depends on it. One that can no longer change lasts a day, one that is about to
    change as long as it says, and that something is not there half a minute. Every other lasts `cache_ttl`; if it comes
    back the same n times in a row, each `cache_ttl` or more after the last, (1 + n) times that, but never more than
    four times, until it changes.

    An answer that was fresh for `cache_ttl` or longer is given at once for as long again, at most five minutes, while
    somebody asks again behind it.

    Args:
        cache_ttl: Seconds an answer counts as fresh, unless it says otherwise itself.
        enable_caching: False keeps nothing; concurrent equal questions still share one request.
        max_bytes: Most memory to use, near enough. 10,000 models take 14 MiB; runs and their results are in the run
            store.
        timer: Seconds that only go forward; a fixed clock for reports must not keep answers for ever.

    Attributes:
        generation: How often something was invalidated.
        renewals: How often something known was asked for again and came: what began before may be older.
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
        self.generation = self.renewals = 0
        self._questions = 0
        self._invalidated: dict[str, int] = {}
        self._missing: dict[Hashable, None] = {}
        self._timer = timer
        self._lock = RLock()
        self._entries = _Store(max_bytes)
        self._tally = Tally()

    @property
    def longest(self) -> float:
        """Seconds after which any answer is asked for again, but for those that cannot change any more."""
        return lifetime_of(True, ttl=self.cache_ttl, lasts=None, complete=True, unchanged=0).longest

    def question(self, as_of: datetime) -> Question:
        """A question that is asked now, after all others of any account."""
        with self._lock:
            self._questions += 1
            return Question(as_of, self._questions)

    def get(self, key: Hashable) -> Entry | None:
        """The entry of a key, fresh or not."""
        with self._lock:
            return self._entries.get(key)

    def is_fresh(self, entry: Entry) -> bool:
        """Whether an entry will do without asking again."""
        return self._timer() < entry.expires

    def is_usable(self, entry: Entry) -> bool:
        """Whether an entry will do, fresh or while somebody asks again."""
        return self._timer() < max(entry.expires, entry.given_until)

    def lasts(self, entry: Entry) -> float:
        """Seconds for which an entry will still do without asking again; 0 when it no longer does."""
        return max(0.0, entry.expires - self._timer())

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

        An answer to an older question does not take the place of one to a newer, and one that was asked for before its
        scope was invalidated is not kept at all.

        Args:
            key: What was asked.
            value: The answer.
            question: When it was asked.
            scope: The part of the account it belongs to.
            complete: Whether nothing of it is missing.
            lasts: How long it stays fresh; `cache_ttl` where it does not say. Less than a day is never longer than
                `cache_ttl`: only what cannot change any more outlives it.
        """
        self.store(key, self.entry(key, value, question, scope=scope, complete=complete, lasts=lasts))

    def entry(
        self,
        key: Hashable,
        value: Any,
        question: Question,
        *,
        scope: str,
        complete: bool = True,
        lasts: timedelta | None = None,
    ) -> Entry:
        """An answer as an entry that came now, with how long it will do. It is not stored."""
        since = self._timer() - question.age
        unchanged = self._unchanged(self.get(key), value, since) if complete and lasts is None else 0
        life = lifetime_of(value, ttl=self.cache_ttl, lasts=lasts, complete=complete, unchanged=unchanged)
        expires = since + life.fresh
        return Entry(value, question, complete, scope, since, expires, expires + life.grace, life.longest, unchanged)

    def store(self, key: Hashable, entry: Entry) -> None:
        """Stores an entry, unless there is a newer one, or its scope was invalidated since it was asked for.

        One that is not kept, also for its size, still ends the older one in its place.
        """
        if not self.enable_caching:
            return
        weighed = replace(entry, weight=weight_of((key, entry.value)) + _OVERHEAD)
        number = entry.question.number
        with self._lock:
            known = self._entries.get(key)
            if known is not None and known.question.number > number:
                return
            self._entries.pop(key, None)
            invalidated = max(self._invalidated.get(scope, 0) for scope in ("all", entry.scope))
            if number > invalidated and weighed.weight <= self._entries.maxsize:
                self._entries[key] = weighed
                self.renewals += known is not None
                if not entry.there:
                    self._sweep(key)

    def renewed(self) -> None:
        """Takes down that something was renewed that is kept elsewhere."""
        with self._lock:
            self.renewals += 1

    def bridge(self, key: Hashable, entry: Entry) -> None:
        """Lets an entry that is no longer fresh stand for half a minute more, marked stale: a newer could not be had.

        So not everyone who asks waits for a dbt Cloud that does not answer.
        """
        with self._lock:
            if self._entries.get(key) is entry and not self.is_fresh(entry):
                until = self._timer() + min(_BRIDGED, self.cache_ttl)
                self._entries[key] = replace(entry, expires=until, given_until=until, stale=True)

    def end_grace(self, key: Hashable, entry: Entry) -> None:
        """Lets an entry be given no longer than it is fresh: it is not to be renewed, which who asks has to know."""
        with self._lock:
            if self._entries.get(key) is entry:
                self._entries[key] = replace(entry, given_until=entry.expires)

    def invalidate_cache(self, scope: CacheScope = "all", among: Callable[[Hashable], bool] = lambda key: True) -> int:
        """Drops every entry of a scope; returns how many there were. What is still under way is not kept either.

        Args:
            scope: The part of the account.
            among: Tells of a key of that scope whether its entry is to be dropped.
        """
        with self._lock:
            self.generation += 1
            self._invalidated[scope] = self._questions
            doomed = [key for key, entry in self._entries.items() if scope in ("all", entry.scope) and among(key)]
            for key in doomed:
                del self._entries[key]
            return len(doomed)

    def count(self, event: Event, times: int = 1) -> None:
        """Takes down that something happened, here and for every inquiry around."""
        if times:
            self._tally.add(event, times)
            counted(event, times)

    def statistics(self) -> CacheStatistics:
        """What was given so far, and what is kept."""
        tally = self._tally
        with self._lock:
            return CacheStatistics(
                hits=tally.hits,
                misses=tally.misses,
                stored=tally.stored,
                stale_served=tally.stale_served,
                bridged=tally.bridged,
                shared_hits=tally.shared_hits,
                flights_joined=tally.flights_joined,
                entries=len(self._entries),
                bytes=int(self._entries.currsize),
                evicted=self._entries.evicted,
            )

    def _sweep(self, missing: Hashable) -> None:
        """Takes down that something is missing, and drops the entries of what has been for longer than that counts."""
        self._missing.pop(missing, None)
        self._missing[missing] = None
        for key in list(islice(self._missing, _SWEPT)):
            entry = self._entries.get(key)
            if entry is None or entry.there:
                del self._missing[key]
            elif not self.is_fresh(entry):
                del self._missing[key], self._entries[key]

    def _unchanged(self, known: Entry | None, value: Any, since: float) -> int:
        """How often in a row a value came back the same. One that is asked for early, or read again, proves nothing."""
        if known is None or known.value != value:
            return 0
        return min(known.unchanged + (since - known.since >= self.cache_ttl), MOST_LIVES)
