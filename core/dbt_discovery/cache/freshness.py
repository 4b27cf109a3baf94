"""Freshness: until when an answer will do that was worked out of others.

`with freshness() as lasting:` takes down the earliest end among those of all answers that the code inside was given;
`lasting.left` is then how many seconds what it made of them may be given again, unless something was renewed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from threading import Lock

__all__ = ["Freshness", "freshness", "lasts", "unheard"]


class Freshness:
    """The earliest moment at which one of several answers will no longer do; never, while there are none.

    Answers may be given in any threads. Moments are those of the process's own monotonic clock.
    """

    def __init__(self) -> None:
        self._until = inf
        self._lock = Lock()

    @property
    def left(self) -> float:
        """Seconds until then; 0 when it has come."""
        return max(0.0, self._until - time.monotonic())

    def end_in(self, seconds: float) -> None:
        """Takes down that an answer will do for so many seconds from now."""
        until = time.monotonic() + seconds
        with self._lock:
            self._until = min(self._until, until)


_around: ContextVar[tuple[Freshness, ...]] = ContextVar("dbt_discovery_freshness", default=())


@contextmanager
def freshness() -> Iterator[Freshness]:
    """Takes down until when the answers will do that the code inside is given, on whichever loop that runs."""
    lasting = Freshness()
    token = _around.set((*_around.get(), lasting))
    try:
        yield lasting
    finally:
        _around.reset(token)


@contextmanager
def unheard() -> Iterator[None]:
    """Takes nothing down of what the code inside is given: who keeps it says itself for how long it will do."""
    token = _around.set(())
    try:
        yield
    finally:
        _around.reset(token)


def lasts(seconds: float) -> None:
    """Takes down, for whoever works out an answer of it, that one will do for so many seconds from now."""
    for lasting in _around.get():
        lasting.end_in(seconds)
