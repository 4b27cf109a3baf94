"""Reading lists to their end, in each API's own way.

offset_pages      Admin API: pages by offset, all at the same time
newest_pages      Admin API: pages by offset, newest first, as far back as needed
connection_pages  Discovery API, environments: pages by the connection's cursor

A list may change while it is read. Every page by offset therefore begins where the one before ended, with its last row:
rows keep their order, so that two pages which share a row have skipped none between them. Where they share none, the
list is read again; and a list that never comes to rest is not complete, and says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt_discovery.progress import told
from dbt_discovery.services.operation import Payload
from dbt_discovery.services.promise import as_promised
from dbt_discovery.services.together import together

__all__ = ["JOB_PAGE_SIZE", "PAGE_SIZE", "GetPage", "SendPage", "connection_pages", "newest_pages", "offset_pages"]

PAGE_SIZE = 100
"""Most rows the Admin API gives at once."""
JOB_PAGE_SIZE = 100
"""Most rows of a job's list that the Discovery API gives at once; without a page size it gives all, or this many."""

_READINGS = 3
"""How often a list is read that changes while it is."""

GetPage = Callable[[dict[str, str]], Awaitable[Payload]]
SendPage = Callable[[str | None], Awaitable[Payload]]
Enough = Callable[[Sequence[Any]], bool]


@dataclass(slots=True)
class _Reading:
    """One reading of a list, page after page.

    Attributes:
        rows: Each row once, by id.
        pages: How many pages there were.
        unbroken: Whether each page shared a row with the one before.
        last: The latest page's rows.
        full: How many rows the first page had: as many as a page takes, if there is a second.
        totals: How many rows the list had, as each page said that did.
    """

    rows: dict[Any, Any] = field(default_factory=dict)
    pages: int = 0
    unbroken: bool = True
    last: list[Any] = field(default_factory=list)
    full: int = 0
    totals: list[int] = field(default_factory=list)

    def follows(self, page: Payload) -> bool:
        """Whether no row can be missing between the latest page and this one."""
        rows = _rows(page)
        if len(self.last) < 2 and not rows:
            return True
        return not self.pages or not {row["id"] for row in self.last}.isdisjoint(row["id"] for row in rows)

    def add(self, page: Payload) -> None:
        """Takes in the next page."""
        self.unbroken = self.unbroken and self.follows(page)
        self.last, known = _rows(page), len(self.rows)
        self.rows.update((row["id"], row) for row in self.last)
        self.full = self.full if self.pages else len(self.last)
        self.totals += _totals(page)
        if self.pages and len(self.rows) == known and len(self.last) >= self.full:
            self.unbroken = False  # a full page of rows that are known: the offset is not heeded
        self.pages += 1

    @property
    def ended(self) -> bool:
        """Whether there can be no page after the latest. Where nobody says how many rows there are, it has to be tried.

        Deployments may give fewer rows than asked for, so that a page is short only beside the first.
        """
        missing = not self.totals or len(self.rows) < self.totals[-1]
        return not missing and len(self.last) < (PAGE_SIZE if self.pages == 1 else self.full)

    @property
    def whole(self) -> bool:
        """Whether every row that was there all the time is here."""
        return self.unbroken and len(self.rows) >= min(self.totals, default=0)


async def offset_pages(name: str, get: GetPage, *, what: str = "rows", fetch: str = "") -> Payload:
    """Every row of an Admin API list: the first page tells the total, the others are fetched at the same time.

    Pages are asked for until one is not full, so that a list which grew, or does not tell its total, loses no row.
    They advance by the rows that came, not by those asked for. Of more than one page it tells how many of `what` came;
    `fetch` tells the list from others of the same under way.
    """
    before = None
    for _ in range(_READINGS):
        reading = await _read(name, get, what, fetch)
        if reading.whole or list(reading.rows) == before:  # the same again: it is not the reading that is at fault
            break
        before = list(reading.rows)
    return Payload(list(reading.rows.values()), complete=reading.whole)


async def _read(name: str, get: GetPage, what: str, fetch: str) -> _Reading:
    reading, first = _Reading(), await get(_page(0))
    with as_promised(name):
        reading.add(first)
    step = reading.full - 1
    offsets = range(step, reading.totals[0] - 1, step) if step > 0 and reading.totals else range(0)
    came = reading.full

    async def get_next(offset: int) -> Payload:
        nonlocal came
        page = await get(_page(offset))
        came = min(came + step, reading.totals[0])
        told(what, what.removesuffix("s"), came, reading.totals[0], fetch=fetch)
        return page

    for page in await together(*map(get_next, offsets)):
        with as_promised(name):
            reading.add(page)
    offset, known = offsets[-1] if offsets else 0, -1
    while reading.unbroken and reading.last and len(reading.rows) > known and not reading.ended:
        known, offset = len(reading.rows), offset + max(1, len(reading.last) - 1)
        page = await get(_page(offset))
        with as_promised(name):
            reading.add(page)
    return reading


async def newest_pages(name: str, get: GetPage, enough: Enough) -> Payload:
    """The rows of an Admin API list, newest first, up to a page after which the rest is not wanted.

    Rows that come in while it is read push the others back, which repeats some and loses none. Where so many were
    taken away that two pages share no row, the second is asked for again from further up.
    """
    reading, offset, retreats, known = _Reading(), 0, 0, -1
    while len(reading.rows) > known:
        page = await get(_page(offset))
        with as_promised(name):
            if not reading.follows(page) and retreats < _READINGS:
                offset, retreats = max(0, offset - PAGE_SIZE // 2), retreats + 1
                continue
            known, retreats = len(reading.rows), 0
            reading.add(page)
            if enough(reading.last):
                return Payload(list(reading.rows.values()), complete=reading.unbroken)
            if reading.ended:
                break
        offset += max(1, len(reading.last) - 1)
    return Payload(list(reading.rows.values()), complete=reading.whole)


async def connection_pages(name: str, send: SendPage, path: Sequence[str], fetch: str = "") -> Payload:
    """Every node of a Discovery connection, once. A cursor that does not move ends the list early, and it says so.

    From its second page on a list tells how far it has come: one page is over before anybody wonders. `fetch` tells it
    from others of that name under way.
    """
    nodes: dict[Any, Any] = {}
    cursor, seen = None, {"", "=="}
    while True:
        page = await send(cursor)
        with as_promised(name):
            connection = _at(page.data, path)
            if connection is None:
                return Payload(list(nodes.values()) if nodes else None, complete=not nodes)
            found = [edge["node"] for edge in connection["edges"]]
            nodes |= {node.get("uniqueId", len(nodes) + place): node for place, node in enumerate(found)}
            if cursor is not None:
                told(name, name.removesuffix("s"), len(nodes), connection.get("totalCount"), fetch=fetch)
            info = connection["pageInfo"]
            if not info["hasNextPage"]:
                return Payload(list(nodes.values()), complete=len(nodes) >= (connection.get("totalCount") or 0))
            cursor = info.get("endCursor")
            if cursor is None or cursor in seen or not found:
                return Payload(list(nodes.values()), complete=False)
            seen.add(cursor)


def _page(offset: int) -> dict[str, str]:
    return {"limit": str(PAGE_SIZE), "offset": str(offset)}


def _at(data: Any, path: Sequence[str]) -> Any:
    for key in path:
        data = (data or {}).get(key)
    return data


def _rows(page: Payload) -> list[Any]:
    return list(page.data["data"])


def _totals(page: Payload) -> list[int]:
    """How many rows the list has, if the page says so."""
    pagination = (page.data.get("extra") or {}).get("pagination") or {}
    return [int(pagination["total_count"])] if pagination.get("total_count") is not None else []
