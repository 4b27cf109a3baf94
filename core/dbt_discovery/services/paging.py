"""Reading lists to their end, in each API's own way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from dbt_discovery.services.operation import Payload

__all__ = ["PAGE_SIZE", "connection_pages", "offset_pages"]

PAGE_SIZE = 100
"""Most rows the Admin API gives at once."""

GetPage = Callable[[dict[str, str]], Awaitable[Payload]]
SendPage = Callable[[str | None], Awaitable[Payload]]


async def offset_pages(get: GetPage) -> Payload:
    """Every row of an Admin API list: the first page tells the total, the others are fetched at the same time.

    Rows are told apart by id, so that a list that shifts while it is read repeats none. Pages are asked for until
    one is not full: a list that grew, or that does not tell its total, loses no row either. Pages advance by the rows
    that were received, not by those asked for.
    """
    first = await get({"limit": str(PAGE_SIZE), "offset": "0"})
    rows, size, total = _rows(first), first.size, _total(first)
    step = len(rows)
    offsets = range(step, total, step) if step else ()
    for page in await asyncio.gather(*(get(_page(offset)) for offset in offsets)):
        rows += _rows(page)
        size += page.size
        step = len(_rows(page))
    unique = {row["id"]: row for row in rows}
    while step == PAGE_SIZE:
        page = await get(_page(len(rows)))
        known = len(unique)
        rows += _rows(page)
        unique |= {row["id"]: row for row in _rows(page)}
        size, step = size + page.size, len(_rows(page))
        if step and len(unique) == known:  # the offset is not heeded: the same page would come for ever
            return Payload(list(unique.values()), size, complete=False)
    return Payload(list(unique.values()), size, complete=len(unique) >= total)


def _page(offset: int) -> dict[str, str]:
    return {"limit": str(PAGE_SIZE), "offset": str(offset)}


async def connection_pages(send: SendPage, path: Sequence[str]) -> Payload:
    """Every node of a Discovery connection. A cursor that does not move ends the list early, and it says so."""
    nodes: list[Any] = []
    size, cursor, seen = 0, None, set[str]()
    while True:
        page = await send(cursor)
        size += page.size
        connection = page.data
        for key in path:
            connection = (connection or {}).get(key)
        if connection is None:
            return Payload(None, size)
        nodes += [edge["node"] for edge in connection["edges"]]
        info = connection["pageInfo"]
        if not info["hasNextPage"]:
            return Payload(nodes, size, complete=len(nodes) >= (connection.get("totalCount") or 0))
        cursor = info.get("endCursor")
        if not cursor or cursor in seen or not connection["edges"]:
            return Payload(nodes, size, complete=False)
        seen.add(cursor)


def _rows(page: Payload) -> list[Any]:
    return list(page.data["data"])


def _total(page: Payload) -> int:
    pagination = (page.data.get("extra") or {}).get("pagination") or {}
    return int(pagination.get("total_count") or 0)
