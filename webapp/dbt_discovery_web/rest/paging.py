"""Paging: a collection in pages that neither lose nor repeat anything, even while it grows."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dbt_discovery import InvalidArgument
from pydantic import BaseModel, Field

__all__ = ["Keyed", "Order", "PageFields", "page_of"]

T = TypeVar("T")

Place = tuple[Any, str]
"""Where an item stands: its value of the sorted field, and its reference."""


class PageFields(BaseModel):
    """Which part of a collection, in which order."""

    limit: int = Field(
        default=100, ge=1, le=500, description="Most items to give; CSV and NDJSON have all unless it is given."
    )
    cursor: str | None = Field(
        default=None, max_length=4000, description="Where to go on: the `next` of the page before."
    )
    sort: str
    refresh: bool = Field(default=False, description="Ask dbt Cloud again for what is already known.")


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a collection: by a field, and by reference where that is equal."""

    field: str
    descending: bool

    @classmethod
    def of(cls, sort: str, fields: Sequence[str]) -> Order:
        """The order that `sort` names: a field, or `-field` for the greatest first.

        Raises:
            InvalidArgument: It names none of the fields.
        """
        field = sort.removeprefix("-")
        if field not in fields:
            raise InvalidArgument("sort", f"“{field}” cannot be sorted by. Choose one of {', '.join(sorted(fields))}.")
        return cls(field, sort.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True, slots=True)
class Keyed(Generic[T]):
    """An item with its value of the sorted field, and the reference that tells it from all others."""

    value: Any
    reference: str
    item: T

    @property
    def place(self) -> Place:
        """Where it stands: text sorts without regard to case; times, with or without milliseconds, by their digits."""
        value = self.value.removesuffix("Z").casefold() if isinstance(self.value, str) else self.value
        return value, self.reference


def page_of(
    items: Sequence[Keyed[T]], order: Order, cursor: str | None = None, limit: int | None = None
) -> tuple[list[T], str | None]:
    """One page of items in order, and the cursor of the next page, None at the end.

    A cursor holds the place of the last item given (its value of the sorted field, and its reference), not a count, so
    that items that come or go in between move nothing. Items without a value come last, either way round.

    Raises:
        InvalidArgument: The cursor is not one of this collection and order.
    """
    placed = [(each.place, each.item) for each in items]
    placed.sort(key=lambda each: each[0][1])
    known = [each for each in placed if each[0][0] is not None]
    known.sort(key=lambda each: each[0][0], reverse=order.descending)  # keeps equal values in order, also in reverse
    placed = known + [each for each in placed if each[0][0] is None]
    if cursor is not None:
        after = _read(cursor, order)
        try:
            placed = [each for each in placed if _is_later(each[0], after, order)]
        except TypeError as error:
            raise _bad_cursor() from error
    shown = placed[:limit]
    more = len(placed) > len(shown)
    return [item for _, item in shown], _write(order, shown[-1][0]) if more else None


def _is_later(place: Place, after: Place, order: Order) -> bool:
    (value, reference), (last, last_reference) = place, after
    if value == last:
        return reference > last_reference
    if value is None or last is None:
        return value is None
    return bool(value < last if order.descending else value > last)


def _write(order: Order, place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([str(order), *place]).encode()).decode().rstrip("=")


def _read(cursor: str, order: Order) -> Place:
    try:
        made_for, value, reference = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _bad_cursor() from error
    if made_for != str(order) or not isinstance(reference, str) or isinstance(value, list | dict):
        raise _bad_cursor()
    return value, reference


def _bad_cursor() -> InvalidArgument:
    return InvalidArgument(
        "cursor", "The cursor does not belong here: take the next of the page before, and keep the sort."
    )
