"""Listings: an immutable sequence that says how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from dbt_discovery.models.report import Coverage

__all__ = ["Listing"]

T = TypeVar("T")


class Listing(Sequence[T]):
    """Things of the account, in order.

    Attributes:
        total: How many there are before any limit.
        as_of: The oldest moment at which what it rests on was fetched.
        stale: Whether a refresh failed and older knowledge is shown.
        coverage: What was considered and what was left out.
        notes: Sentences that a reader should know.
    """

    __slots__ = ("_items", "as_of", "coverage", "notes", "stale", "total")

    def __init__(
        self,
        items: Iterable[T],
        *,
        as_of: datetime,
        coverage: Coverage,
        total: int | None = None,
        stale: bool = False,
        notes: Iterable[str] = (),
    ) -> None:
        self._items = tuple(items)
        self.total = len(self._items) if total is None else total
        self.as_of = as_of
        self.stale = stale
        self.coverage = coverage
        self.notes = tuple(notes)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if isinstance(other, Listing) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        shown = f"{len(self)} of {self.total}" if len(self) < self.total else str(self.total)
        return f"<Listing of {shown}: {', '.join(map(repr, self._items[:3]))}{', …' if len(self) > 3 else ''}>"
