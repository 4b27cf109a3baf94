"""Paging: a collection in pages that neither lose nor repeat anything, even while it grows."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Any

from dbt_discovery import InvalidArgument
from pydantic import BaseModel, Field

__all__ = ["Keyed", "PageFields", "page_of"]

Place = tuple[Any, str]
"""Where an item stands: its value of the sorted field, and its reference."""


class PageFields(BaseModel):
    """Which part of a collection, in which order."""

    limit: int = Field(default=100, ge=1, le=500, description="Most items to give.")
    cursor: str | None = Field(
        default=None, max_length=4000, description="Where to go on: the `next` of the page before."
    )
    sort: str | None = Field(
        default=None, max_length=100, description="The field to sort by; with - in front, the greatest first."
    )
    refresh: bool = Field(default=False, description="Ask dbt Cloud again for what is already known.")


@dataclass(frozen=True, slots=True)
class Keyed:
    """An item with the reference that tells it from all others."""

    reference: str
    item: dict[str, Any]


def page_of(
    items: Sequence[Keyed], page: PageFields, fields: Sequence[str], default_sort: str
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of items in order, and the cursor of the next page, None at the end.

    A cursor holds the place of the last item given (its value of the sorted field, and its reference), not a count, so
    that items that come or go in between move nothing. Items without a value come last, either way round.

    Raises:
        InvalidArgument: The field cannot be sorted by, or the cursor is not one of this collection and order.
    """
    sort = page.sort or default_sort
    field, descending = sort.removeprefix("-"), sort.startswith("-")
    if field not in fields:
        raise InvalidArgument("sort", f"“{field}” cannot be sorted by. Choose one of {', '.join(sorted(fields))}.")

    def compare(one: Place, other: Place) -> int:
        (a, a_reference), (b, b_reference) = one, other
        if (a is None) != (b is None):
            return 1 if a is None else -1
        if a != b:
            return (1 if a > b else -1) * (-1 if descending else 1)
        return (a_reference > b_reference) - (a_reference < b_reference)

    def compare_placed(one: tuple[Place, Any], other: tuple[Place, Any]) -> int:
        return compare(one[0], other[0])

    placed = [((_orderable(each.item[field]), each.reference), each.item) for each in items]
    placed.sort(key=cmp_to_key(compare_placed))
    if page.cursor is not None:
        after = _read(page.cursor, sort)
        try:
            placed = [each for each in placed if compare(each[0], after) > 0]
        except TypeError as error:
            raise _bad_cursor() from error
    shown = placed[: page.limit]
    more = len(placed) > page.limit
    return [item for _, item in shown], _write(sort, shown[-1][0]) if more else None


def _orderable(value: Any) -> Any:
    """A value as it sorts: text without regard to case; times, with or without milliseconds, by their digits."""
    return value.removesuffix("Z").casefold() if isinstance(value, str) else value


def _write(sort: str, place: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, *place]).encode()).decode().rstrip("=")


def _read(cursor: str, sort: str) -> Place:
    try:
        made_for, value, reference = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _bad_cursor() from error
    if made_for != sort or not isinstance(reference, str) or isinstance(value, list | dict):
        raise _bad_cursor()
    return value, reference


def _bad_cursor() -> InvalidArgument:
    return InvalidArgument(
        "cursor", "The cursor does not belong here: take the next of the page before, and keep the sort."
    )
