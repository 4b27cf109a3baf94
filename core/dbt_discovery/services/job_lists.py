"""Lists of job runs, read to their end although dbt Cloud may cut them.

Without a page size dbt Cloud gives a list whole, and is about to give a hundred rows of it (quirk 2). So a list of
exactly a hundred is read on along the cursors of its rows, all such lists of a question at the same time: a page of
each, then the next of those that go on. Where that cannot be done, the list is not complete, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from dbt_discovery.exceptions import QueryRejected
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, resting_on
from dbt_discovery.services.paging import JOB_PAGE_SIZE
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.result_queries import NodeList, Page, Place, Results, page_of_list, pages_of_lists

__all__ = ["JobLists"]

_LISTS_AT_ONCE = 20
_NO_CURSORS = ("paginationCursor", "Cannot query field", "Unknown argument")
"""What a deployment says that knows no cursors in the lists of a job yet (quirk 2)."""

logger = logging.getLogger(__name__)


class JobLists:
    """The rest of lists, and whether this deployment has cursors to read them by."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client
        self._cursors: dict[str, bool] = {}

    def have_cursors(self, nodes: NodeList) -> bool:
        """Whether rows of a list are known to have cursors."""
        return self._cursors.get(nodes.field, False)

    async def whole(
        self, nodes: NodeList, lists: Sequence[tuple[Place, Answer[Page | None]]], refresh: bool | Refresh
    ) -> list[Answer[Results | None]]:
        """The rows of lists, given the run of each and what came of it without a page size."""
        readings = [_Reading(place, answer) for place, answer in lists]
        while unread := [each for each in readings if each.goes_on]:
            for reading, page in zip(unread, await self._pages(nodes, unread, refresh), strict=True):
                reading.add(page)
        return [each.answer() for each in readings]

    async def _pages(
        self, nodes: NodeList, readings: Sequence[_Reading], refresh: bool | Refresh
    ) -> Sequence[Answer[Page | None] | None]:
        """The next page of each list; None of one that cannot be read on."""
        asked = [page_of_list(nodes, each.place, each.cursor) for each in readings]
        if self._cursors.get(nodes.field, True):
            try:
                pages = await self._client.ask_batched(
                    asked, pages_of_lists(nodes).query, _LISTS_AT_ONCE, refresh=refresh
                )
            except QueryRejected as error:
                logger.info("Lists of %d %s cannot be read on: %s", JOB_PAGE_SIZE, nodes.field, error)
                if any(words in str(error) for words in _NO_CURSORS):
                    self._cursors[nodes.field] = False
            else:
                self._cursors[nodes.field] = True
                return pages
        return [None] * len(asked)


class _Reading:
    """One list, page after page.

    Attributes:
        place: Its run.
        cursor: Where its next page begins; None for its beginning.
        goes_on: Whether there is a next page to ask for.
    """

    def __init__(self, place: Place, first: Answer[Page | None]) -> None:
        self.place = place
        self.cursor = first.value.cursor if first.value else None
        self._rows = first.value.rows if first.value else None
        self._answers = [first]
        self._seen = {self.cursor}
        self._cut = len(self._rows or ()) == JOB_PAGE_SIZE
        self.goes_on = self._cut and place.known

    def add(self, answer: Answer[Page | None] | None) -> None:
        """Takes in the next page. There is no page info: the last is the one that is not full.

        A row without a cursor, or a cursor that does not move, ends the list early.
        """
        if answer is None or answer.value is None:
            self.goes_on = False
            return
        page = answer.value
        known = {row.unique_id: row for row in self._rows or ()}
        self._rows = tuple((known | {row.unique_id: row for row in page.rows}).values())
        self._answers.append(answer)
        self._cut = len(page.rows) == JOB_PAGE_SIZE  # more than a page: it is not cut into pages at all
        self.goes_on = self._cut and page.cursor is not None and page.cursor not in self._seen
        self.cursor = page.cursor
        self._seen.add(page.cursor)

    def answer(self) -> Answer[Results | None]:
        """The rows that came, incomplete where more should have."""
        answer = resting_on(self._rows, self._answers, self._answers[0].as_of)
        return replace(answer, complete=answer.complete and not self._cut)
