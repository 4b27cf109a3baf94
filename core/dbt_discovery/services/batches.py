"""Batches: many like questions in few requests, each with as many as dbt Cloud has shown to take."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from dbt_discovery.exceptions import ComplexityExceeded
from dbt_discovery.services.operation import Operation
from dbt_discovery.services.together import together

__all__ = ["Batch", "Batches"]

T = TypeVar("T")
Batch = Callable[[Sequence[Operation[T]]], Operation[Sequence[Any]]]
"""Makes one operation of several; its value is the data of each, for the operation itself to parse."""

_AT_ONCE = 8
"""Batches under way for one question: as many requests as the Discovery API gets at a time."""
_PROVEN = 10
"""Batches that have to fit, one after the other, before a larger one is tried again."""


class Batches:
    """Cuts questions into batches of a size that dbt Cloud takes. How it counts complexity is not published."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._fitted: dict[str, int] = {}

    async def send(
        self,
        operations: Iterable[Operation[T]],
        most: int,
        send: Callable[[Sequence[Operation[T]]], Awaitable[None]],
    ) -> None:
        """Sends operations in batches of at most `most`. What is too complex goes back to the front, in halves.

        Raises:
            ComplexityExceeded: A single operation is too complex.
        """
        line = deque(operations)

        async def work() -> None:
            while line:
                kind = line[0].name
                batch = [line.popleft() for _ in range(min(len(line), self._size(kind, most)))]
                try:
                    await send(batch)
                except ComplexityExceeded:
                    if len(batch) == 1:
                        raise
                    self._refused(kind, len(batch))
                    line.extendleft(reversed(batch))
                    await together(work(), work())
                else:
                    self._took(kind, len(batch))

        await together(*(work() for _ in range(min(len(line), _AT_ONCE))))

    def _size(self, kind: str, most: int) -> int:
        """The size to try for a kind of question, at most `most`."""
        return min(self._sizes.get(kind, most), most)

    def _refused(self, kind: str, size: int) -> None:
        """Takes down that a batch of `size` was too large: the next is half of it."""
        self._sizes[kind] = min(self._sizes.get(kind, size), max(1, size // 2))
        self._fitted[kind] = 0

    def _took(self, kind: str, size: int) -> None:
        """Takes down that a batch of `size` was answered; after ten full ones twice the size is tried."""
        if size < self._sizes.get(kind, size + 1):
            return
        self._fitted[kind] += 1
        if self._fitted[kind] >= _PROVEN:
            self._sizes[kind], self._fitted[kind] = self._sizes[kind] * 2, 0
