"""Batches: how many questions of a kind fit into one request."""

from __future__ import annotations

__all__ = ["BatchSizes"]

_PROVEN = 10
"""Batches that have to fit, one after the other, before a larger one is tried again."""


class BatchSizes:
    """What dbt Cloud has shown of the size that it takes. How it counts complexity is not published."""

    def __init__(self) -> None:
        self._sizes: dict[str, int] = {}
        self._fitted: dict[str, int] = {}

    def of(self, kind: str, most: int) -> int:
        """The size to try for a kind of question, at most `most`."""
        return min(self._sizes.get(kind, most), most)

    def refused(self, kind: str, size: int) -> None:
        """Takes down that a batch of `size` was too large: the next is half of it."""
        self._sizes[kind] = min(self._sizes.get(kind, size), max(1, size // 2))
        self._fitted[kind] = 0

    def fitted(self, kind: str, size: int) -> None:
        """Takes down that a batch of `size` was answered; after ten full ones twice the size is tried."""
        if size < self._sizes.get(kind, size + 1):
            return
        self._fitted[kind] += 1
        if self._fitted[kind] >= _PROVEN:
            self._sizes[kind], self._fitted[kind] = self._sizes[kind] * 2, 0
