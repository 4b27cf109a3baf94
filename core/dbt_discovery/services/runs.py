"""Runs, over the Admin API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dbt_discovery.analysis.run_summary import RunCount, RunQuery, RunSums
from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.models.records import RunRecord, RunStep
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer
from dbt_discovery.services.parsing import parse_run, parse_run_steps
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.run_days import RunDays
from dbt_discovery.services.together import together

if TYPE_CHECKING:
    from dbt_discovery.history.store import StoreSession

__all__ = ["RunDetails", "RunService"]

_OPEN = timedelta(seconds=60)
"""How long an answer lasts that is about to change."""

Runs = tuple[RunRecord, ...]
RunDetails = tuple[RunRecord, tuple[RunStep, ...]]


class RunService:
    """Answers about runs: those of a period out of the run store, others as they are asked for."""

    def __init__(self, client: DbtClient, days: RunDays) -> None:
        self._client, self._days = client, days

    async def between(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[Runs]:
        """The runs that a query asks for, oldest first."""
        return await self._days.ask(query, lambda store: store.runs(query), refresh=refresh)

    async def counts(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[tuple[RunCount, ...]]:
        """How many of those runs there are of each job and kind."""
        return await self._days.ask(query, lambda store: store.counts(query), refresh=refresh)

    async def sums(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[RunSums]:
        """What those runs amount to."""

        async def find(store: StoreSession) -> RunSums:
            return RunSums(*await together(store.counts(query), store.measures(query)))

        return await self._days.ask(query, find, refresh=refresh)

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
        return await self._client.ask(self.details(run_id), refresh=refresh)

    def details(self, run_id: str) -> AdminOperation[RunDetails]:
        """What asks for one run with its steps."""
        return AdminOperation(
            name="run",
            variables=(("id", run_id), ("include_related", '["run_steps"]')),
            scope="runs",
            path="v2/accounts/{account}/runs/{id}/",
            parse=lambda row: (self._run(row), parse_run_steps(row)),
            lasts=lambda details: FINAL if details[0].status.final else _OPEN,
        )

    def _runs(self, rows: Sequence[dict[str, Any]]) -> Runs:
        return tuple(map(self._run, rows))

    def _run(self, row: dict[str, Any]) -> RunRecord:
        return parse_run(row, self._client.wire.run_url)
