"""Lists of runs: those created in some days, by whatever way a deployment has to them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dbt_discovery.exceptions import QueryRejected
from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer
from dbt_discovery.services.parsing import RUN_FIELDS, parse_run
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.values import to_moment

__all__ = ["RunLists"]

_FIRST = 9
"""Days of the first list: a week, and the days in which its first and last runs may have been created."""
_MOST = 92
_RUNS = 10_000
"""About how many runs a list has: all of them are in memory until it is read to its end."""
_SLACK = timedelta(days=1)
"""How much older all runs of a page have to be than the first day wanted: ids only roughly follow `created_at`."""
_LARGEST_ID = 2**63 - 1
"""GraphQL calls it a BigInt."""
_NO_RANGES = ("created_at", "without a reason")
"""What a refusal says that is about the range of time, or may be: one for another reason may pass."""

logger = logging.getLogger(__name__)

Runs = tuple[RunRecord, ...]


class RunLists:
    """Asks for runs by the days in which they were created.

    Older deployments do not know `created_at__range`. Where it is refused, the list of all runs is read newest first,
    as far back as needed; and once that has shown to be the reason, ranges are not tried again.
    """

    def __init__(self, client: DbtClient) -> None:
        self._client = client
        self._days_at_once, self._ranges = _FIRST, True

    def next_days(self, line: Sequence[date]) -> tuple[date, ...]:
        """The days at the front of a line, newest first, that one list brings; they are given in order."""
        if not self._ranges:
            return tuple(reversed(line))
        most = min(len(line), self._days_at_once)
        together = next((n for n in range(1, most) if line[n] != line[0] - timedelta(days=n)), most)
        return tuple(reversed(line[:together]))

    async def runs_of(self, days: Sequence[date], *, refresh: bool | Refresh = False) -> Answer[Runs]:
        """The runs created in some days, which are given in order."""
        answer = await self._runs_of(days, refresh)
        busy = max(1.0, len(answer.value) / len(days))
        self._days_at_once = min(_MOST, max(1, int(_RUNS / busy)))
        return answer

    async def _runs_of(self, days: Sequence[date], refresh: bool | Refresh) -> Answer[Runs]:
        if self._ranges:
            try:
                return await self._client.ask(self._between(days[0], days[-1]), refresh=refresh)
            except QueryRejected as error:
                logger.info("Runs are read newest first, because a range of time was refused: %s", error)
                self._ranges = not any(words in str(error) for words in _NO_RANGES)
        answer, wanted = await self._client.ask(self._newest(days[0]), refresh=refresh), frozenset(days)
        return replace(answer, value=tuple(run for run in answer.value if run.created_at.date() in wanted))

    def _between(self, first: date, last: date) -> AdminOperation[Runs]:
        end = _midnight(last + timedelta(days=1)) - timedelta(microseconds=1)
        return AdminOperation(
            name="runs_of_days",
            variables=(
                ("created_at__range", f'["{_midnight(first).isoformat()}","{end.isoformat()}"]'),
                ("order_by", "id"),
            ),
            scope="runs",
            path="v2/accounts/{account}/runs/",
            paged=True,
            fields=RUN_FIELDS,
            parse=self._parsed,
            kept=False,
        )

    def _newest(self, first: date) -> AdminOperation[Runs]:
        """The runs since a day, from the newest of all back to before that day."""
        before = _midnight(first) - _SLACK
        return AdminOperation(
            name=f"runs_since_{first}",
            variables=(("order_by", "-id"),),
            scope="runs",
            path="v2/accounts/{account}/runs/",
            paged=True,
            enough=lambda rows: bool(rows) and all(_created(row) < before for row in rows),
            fields=RUN_FIELDS,
            parse=self._parsed,
            kept=False,
        )

    def _parsed(self, rows: Sequence[dict[str, Any]]) -> Runs:
        return tuple(_numbered(parse_run(row, self._client.wire.run_url)) for row in rows)


def _numbered(run: RunRecord) -> RunRecord:
    """A run, whose ids are numbers that a database can hold.

    Raises:
        ValueError: They are not.
    """
    own = (run.job_id, run.project_id, run.environment_id)
    for each in (run.run_id, *filter(None, own)):
        if int(each) > _LARGEST_ID:
            raise ValueError(f"{each} is too large for an id")
    return run


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _created(row: dict[str, Any]) -> datetime:
    """When a run was created; one that does not say might be new."""
    return to_moment(row.get("created_at")) or datetime.max.replace(tzinfo=UTC)
