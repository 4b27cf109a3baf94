"""Memory: what was worked out before and may be asked for again, within bounds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """The things asked for latest, as many as together weigh no more than the limit. Threads may share it.

    Args:
        limit: What they may weigh together; what weighs more by itself is not kept.
        weight: What one of them weighs; 1 if left out.
    """

    def __init__(self, limit: int, weight: Callable[[T], int] = lambda _: 1) -> None:
        self._limit, self._weight = limit, weight
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing of that key: as it was made before, else made now."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if key not in self._kept and (weight := self._weight(made)) <= self._limit:
                self._kept[key] = made
                self._total += weight
                while self._total > self._limit:
                    self._total -= self._weight(self._kept.popitem(last=False)[1])
        return made

    def forget(self) -> None:
        """Drops everything."""
        with self._lock:
            self._kept.clear()
            self._total = 0
