"""Runs, over the Admin API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.models.records import RunRecord, RunStep
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer
from dbt_discovery.services.parsing import parse_run, parse_run_steps

__all__ = ["RunService"]

_LEAD = timedelta(hours=24)
"""How long before a period a run may be created that starts in it."""
_OPEN = timedelta(seconds=60)
"""How long an answer lasts that is about to change."""

RunDetails = tuple[RunRecord, tuple[RunStep, ...]]


class RunService:
    """Answers about runs. A period's runs are fetched in whole UTC days of `created_at`."""

    def __init__(self, client: DbtClient, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    async def started_between(
        self, start: datetime, end: datetime, *, refresh: bool = False
    ) -> list[Answer[tuple[RunRecord, ...]]]:
        """The runs created in the days that hold every run which starts between two moments, a day an answer."""
        last = min(end - timedelta(microseconds=1), self._clock())
        first = (start - _LEAD).astimezone(UTC).date()
        days = [first + timedelta(days=n) for n in range((last.astimezone(UTC).date() - first).days + 1)]
        return await asyncio.gather(*(self._client.ask(self._day(day), refresh=refresh) for day in days))

    async def oldest(self, *, refresh: bool = False) -> Answer[RunRecord | None]:
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

    async def latest_of_job(self, job_id: str, count: int, *, refresh: bool = False) -> Answer[tuple[RunRecord, ...]]:
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

    async def run(self, run_id: str, *, refresh: bool = False) -> Answer[RunDetails]:
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

    def _day(self, day: date) -> AdminOperation[tuple[RunRecord, ...]]:
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

    def _lasts(self, day_ends: datetime, runs: Sequence[RunRecord]) -> timedelta:
        passed = self._clock() >= day_ends + timedelta(minutes=1)
        return FINAL if passed and all(run.status.final for run in runs) else _OPEN

    def _runs(self, rows: Sequence[dict[str, Any]]) -> tuple[RunRecord, ...]:
        return tuple(map(self._run, rows))

    def _run(self, row: dict[str, Any]) -> RunRecord:
        return parse_run(row, self._client.wire.run_url)
