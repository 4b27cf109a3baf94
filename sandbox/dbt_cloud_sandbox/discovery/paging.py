"""Pages: connections of the environment endpoint, and cursors of the job endpoint."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

from dbt_cloud_sandbox.discovery.rows import Row

MAX_FIRST = 500
MAX_JOB_FIRST = 100


def cursor(place: int) -> str:
    """The cursor of the row at a place."""
    return base64.b64encode(f"row:{place}".encode()).decode()


def connection(rows: Sequence[Row], first: int | None, after: str | None) -> dict[str, Any]:
    """One page of at most 500 rows.

    Raises:
        GraphQLError: For more than 500, fewer than none, or a cursor that is not one.
    """
    size = _size(first, MAX_FIRST) if first is not None else MAX_FIRST
    start = _place_after(after)
    page = rows[start : start + size]
    edges = [{"cursor": cursor(start + place), "node": row} for place, row in enumerate(page)]
    return {
        "totalCount": len(rows),
        "edges": edges,
        "pageInfo": {
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": start + len(page) < len(rows),
            "hasPreviousPage": start > 0 and bool(rows),
        },
    }


def slice_of(rows: Sequence[Row], first: int | None, after: str | None, *, capped: bool = False) -> list[Row]:
    """One page of a job's list: at most 100 rows with ``first``; without, all that are left, or 100 when capped.

    Raises:
        GraphQLError: For more than 100, fewer than none, or a cursor that is not one.
    """
    start = _place_after(after)
    most = MAX_JOB_FIRST if capped else len(rows)
    end = start + (most if first is None else _size(first, MAX_JOB_FIRST))
    return [{**row, "paginationCursor": cursor(start + place)} for place, row in enumerate(rows[start:end])]


def _size(first: int, most: int) -> int:
    if first > most:
        raise GraphQLError(f"The 'first' argument must not be more than {most}, but is {first}.")
    if first < 0:
        raise GraphQLError(f"The 'first' argument must not be negative, but is {first}.")
    return first


def _place_after(after: str | None) -> int:
    if after is None:
        return 0
    try:
        kind, _, place = base64.b64decode(after, validate=True).decode().partition(":")
        if kind == "row":
            return int(place) + 1
    except (binascii.Error, ValueError):
        pass
    raise GraphQLError(f"Invalid cursor: {after!r}.")
