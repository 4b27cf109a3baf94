"""Statistics: where answers came from, counted for a cache as a whole and for one inquiry.

`with counting() as tally:` counts what the code inside asks of accounts; `str(tally)` then reads like “12 answers from
memory, 3 of dbt Cloud in 14 requests”.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from dbt_discovery.words import count

__all__ = ["CacheStatistics", "Event", "Tally", "counted", "counting"]

Event = Literal["hits", "misses", "stored", "stale_served", "shared_hits", "bridged", "flights_joined", "requests"]


@dataclass(slots=True)
class Tally:
    """Where answers came from, counted in any threads. Every answer is a hit or a miss.

    Attributes:
        hits: Answers from memory.
        misses: Answers that memory did not have, or that had to be new.
        stored: Days of runs, and results of runs, that the run store had.
        stale_served: Those of them all that had outlived their time and were given while somebody asked again.
        shared_hits: Misses that the second tier had.
        bridged: Misses for which a known answer stood in, because dbt Cloud did not give one.
        flights_joined: Requests not sent because the same was under way.
        requests: Requests sent to dbt Cloud.
    """

    hits: int = 0
    misses: int = 0
    stored: int = 0
    stale_served: int = 0
    shared_hits: int = 0
    bridged: int = 0
    flights_joined: int = 0
    requests: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def add(self, event: Event, times: int = 1) -> None:
        """Takes down that something happened."""
        with self._lock:
            setattr(self, event, getattr(self, event) + times)

    def __str__(self) -> str:
        asked = self.misses - self.shared_hits - self.bridged
        parts = [f"{count(self.hits, 'answer')} from memory"]
        parts += [f"{self.stored:,} from the run store"] if self.stored else []
        parts += [f"{self.shared_hits:,} from the shared cache"] if self.shared_hits else []
        parts += [f"{self.bridged:,} kept from before"] if self.bridged else []
        return ", ".join([*parts, f"{asked:,} of dbt Cloud in {count(self.requests, 'request')}"])


@dataclass(frozen=True, slots=True)
class CacheStatistics:
    """What a cache has done so far, and what it holds.

    Attributes:
        hits: Answers given from memory.
        misses: Answers that memory did not have, or that had to be new.
        stored: Days of runs, and results of runs, that the run store had.
        stale_served: Answers given though they had outlived their time, while somebody asked again.
        bridged: Answers that stood in for those that dbt Cloud did not give.
        shared_hits: Answers taken from the second tier.
        flights_joined: Requests not sent because the same was under way.
        entries: Answers in memory.
        bytes: What they take, near enough.
        evicted: Answers dropped for want of room.
    """

    hits: int
    misses: int
    stored: int
    stale_served: int
    bridged: int
    shared_hits: int
    flights_joined: int
    entries: int
    bytes: int
    evicted: int


_tallies: ContextVar[tuple[Tally, ...]] = ContextVar("dbt_discovery_tallies", default=())


@contextmanager
def counting() -> Iterator[Tally]:
    """Counts what the code inside asks of accounts, on whichever loop that runs.

    A request that was sent for somebody else, and that it only waits for too, is not its own; nor is one that goes on
    behind its back.
    """
    tally = Tally()
    token = _tallies.set((*_tallies.get(), tally))
    try:
        yield tally
    finally:
        _tallies.reset(token)


def counted(event: Event, times: int = 1) -> None:
    """Takes down for every inquiry around that something happened."""
    for tally in _tallies.get():
        tally.add(event, times)
