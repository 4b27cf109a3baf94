"""Runs, over the Admin API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.exceptions import QueryRejected
from dbt_discovery.models.records import RunRecord, RunStep
from dbt_discovery.services.client import Batch, DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer, Operation
from dbt_discovery.services.parsing import parse_run, parse_run_steps
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.together import together
from dbt_discovery.services.values import to_moment

__all__ = ["RunDetails", "RunService"]

logger = logging.getLogger(__name__)

_LEAD = timedelta(hours=24)
"""How long before a period a run may be created that starts in it."""
_OPEN = timedelta(seconds=60)
"""How long an answer lasts that is about to change."""

_NO_RANGES = ("created_at", "without a reason")
"""What a refusal says that is about the range of time, or may be: one for another reason may pass."""

_SLACK = timedelta(days=1)
"""How much older all runs of a page have to be than the first day wanted: ids only roughly follow `created_at`."""

Runs = tuple[RunRecord, ...]
RunDetails = tuple[RunRecord, tuple[RunStep, ...]]


class RunService:
    """Answers about runs. A period's runs are fetched in whole UTC days of `created_at`."""

    def __init__(self, client: DbtClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._ranges = True

    async def started_between(
        self, start: datetime, end: datetime, *, refresh: bool | Refresh = False
    ) -> list[Answer[Runs]]:
        """The runs created in the days that hold every run which starts between two moments, a day an answer.

        Older deployments do not know `created_at__range`. Where it is refused, the days are filled from one walk along
        the list, newest first; and once that has shown to be the reason, it is not tried again.
        """
        last = min(end - timedelta(microseconds=1), self._clock())
        first = (start - _LEAD).astimezone(UTC).date()
        days = [first + timedelta(days=n) for n in range((last.astimezone(UTC).date() - first).days + 1)]
        asked: dict[Operation[Runs], date] = {self._day(day): day for day in days}
        if self._ranges:
            try:
                return await together(*(self._client.ask(each, refresh=refresh) for each in asked))
            except QueryRejected as error:
                logger.info("Runs are read newest first, because a range of time was refused: %s", error)
                self._ranges = not any(words in str(error) for words in _NO_RANGES)
        walk: Batch[Runs] = lambda wanted: self._walk([asked[each] for each in wanted])  # noqa: E731
        return await self._client.ask_batched(list(asked), walk, len(asked), refresh=refresh)

    async def oldest(self, *, refresh: bool | Refresh = False) -> Answer[RunRecord | None]:
        """The first run that dbt Cloud still has."""
        return await self._client.ask(
            AdminOperation(
                name="oldest_run",
                variables=(("order_by", "created_at"), ("limit", "1"), ("offset", "0")),
                scope="runs",
                path="v2/accounts/{account}/runs/",
                parse=lambda rows: self._run(rows[0]) if rows else None,
            ),
            refresh=refresh,
        )

    async def latest_of_job(self, job_id: str, count: int, *, refresh: bool | Refresh = False) -> Answer[Runs]:
        """The `count` newest runs of a job, newest first."""
        return await self._client.ask(
            AdminOperation(
                name="runs_of_job",
                variables=(
                    ("job_definition_id", job_id),
                    ("order_by", "-created_at"),
                    ("limit", str(count)),
                    ("offset", "0"),
                ),
                scope="runs",
                path="v2/accounts/{account}/runs/",
                parse=self._runs,
                lasts=lambda runs: _OPEN,
            ),
            refresh=refresh,
        )

    async def run(self, run_id: str, *, refresh: bool | Refresh = False) -> Answer[RunDetails]:
        """One run with its steps.

        Raises:
            NotFound: There is no such run.
        """
        return await self._client.ask(
            AdminOperation(
                name="run",
                variables=(("id", run_id), ("include_related", '["run_steps"]')),
                scope="runs",
                path="v2/accounts/{account}/runs/{id}/",
                parse=lambda row: (self._run(row), parse_run_steps(row)),
                lasts=lambda details: FINAL if details[0].status.final else _OPEN,
            ),
            refresh=refresh,
        )

    def _day(self, day: date) -> AdminOperation[Runs]:
        start = datetime.combine(day, time(), UTC)
        span = (start.isoformat(), (start + timedelta(days=1, microseconds=-1)).isoformat())
        return AdminOperation(
            name="runs_of_day",
            variables=(("created_at__range", f'["{span[0]}","{span[1]}"]'), ("order_by", "id")),
            scope="runs",
            path="v2/accounts/{account}/runs/",
            paged=True,
            parse=self._runs,
            lasts=lambda runs: self._lasts(start + timedelta(days=1), runs),
        )

    def _walk(self, days: Sequence[date]) -> AdminOperation[list[Runs]]:
        """The runs of some days, from the newest run of all back to before the first day."""
        before = datetime.combine(min(days), time(), UTC) - _SLACK

        def parse(rows: Sequence[dict[str, Any]]) -> list[Runs]:
            found: dict[date, list[RunRecord]] = {day: [] for day in days}
            for run in reversed(self._runs(rows)):
                found.get(run.created_at.date(), []).append(run)
            return [tuple(found[day]) for day in days]

        return AdminOperation(
            name=f"runs_since_{min(days)}",
            variables=(("order_by", "-id"),),
            scope="runs",
            path="v2/accounts/{account}/runs/",
            paged=True,
            enough=lambda rows: bool(rows) and all(_created(row) < before for row in rows),
            parse=parse,
        )

    def _lasts(self, day_ends: datetime, runs: Sequence[RunRecord]) -> timedelta:
        passed = self._clock() >= day_ends + timedelta(minutes=1)
        return FINAL if passed and all(run.status.final for run in runs) else _OPEN

    def _runs(self, rows: Sequence[dict[str, Any]]) -> Runs:
        return tuple(map(self._run, rows))

    def _run(self, row: dict[str, Any]) -> RunRecord:
        return parse_run(row, self._client.wire.run_url)


def _created(row: dict[str, Any]) -> datetime:
    """When a run was created; one that does not say might be new."""
    return to_moment(row.get("created_at")) or datetime.max.replace(tzinfo=UTC)
