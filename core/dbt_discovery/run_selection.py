"""Selection of runs: those of a stretch of time that filters keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from dbt_discovery.analysis.run_summary import RunCount, RunQuery, RunSums
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import Filter, JobFields, RunFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.selection import Selection
from dbt_discovery.words import count

__all__ = ["RunSelection"]

_LONG = timedelta(days=31)
"""A period from which on it pays to ask first how far back the runs go."""
_RUNS_KEPT = timedelta(days=365)
"""How long dbt Cloud keeps runs (quirk 3)."""


class RunSelection(Selection):
    """The account's records that filters keep, its runs among them."""

    async def select_jobs_of_runs(self, wanted: Filter) -> Sequence[JobRecord]:
        """The jobs whose runs a filter may keep: those it names, wherever they run now.

        A job may have moved to another environment; its runs are of the one they ran in. A name that several jobs have
        means first the one that runs in the environment asked for.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        if await self.homes(wanted) is None:
            return await self.select_jobs(wanted)
        nameless = wanted.model_copy(update={"jobs": (), "job_ids": ()})
        anywhere = await self.select_jobs(nameless.model_copy(update={"environment": None}))
        if not (isinstance(wanted, JobFields) and wanted.names_jobs):
            return anywhere
        references, resolver = (*wanted.jobs, *wanted.job_ids), await self._job_resolver()
        named = self.meant(resolver, references, await self.select_jobs(nameless), await self.jobs())
        return [job for job in named if job in anywhere]

    async def select_runs(
        self, wanted: Filter, span: TimeRange, jobs: Sequence[JobRecord], statuses: Sequence[RunStatus] = ()
    ) -> list[RunRecord]:
        """The runs of `jobs` that started in a stretch of time and that the filter keeps by status and environment.

        `statuses` stand in for those of a filter that has none.
        """
        query = replace(await self._query(wanted, span), job_ids=tuple(job.job_id for job in jobs))
        if statuses:
            query = replace(query, statuses=tuple(statuses))
        if not (isinstance(wanted, JobFields) and wanted.names_jobs):
            await self.count_runs(wanted, span)  # which tells of those that belong to no job any more
        runs = self.take(await self._services.directory.runs(query, refresh=self._refresh))
        return list(runs)

    async def runs_before(
        self, wanted: Filter, span: TimeRange, lead: timedelta, jobs: Sequence[JobRecord]
    ) -> list[RunRecord]:
        """The runs of `jobs` in the time before a stretch, for what they tell of its beginning.

        There are none where dbt Cloud no longer keeps all of that time; nothing inside the question is missing then.
        """
        start, homes = span.start - lead, await self.homes(wanted)
        if not jobs or self.now - start > _RUNS_KEPT:
            return []
        query = RunQuery(
            start=start,
            end=span.start,
            environment_ids=None if homes is None else tuple(homes),
            job_ids=tuple(job.job_id for job in jobs),
        )
        runs = self.take(await self._services.directory.runs(query, refresh=self._refresh))
        return list(runs)

    async def count_runs(self, wanted: Filter, span: TimeRange) -> tuple[RunCount, ...]:
        """How many runs of each job started in a stretch of time that the filter keeps by status and environment."""
        query = await self._query(wanted, span)
        counted = self.take(await self._services.directory.counts(query, refresh=self._refresh))
        await self._miss_deleted_jobs(wanted, counted)
        return counted

    async def sum_runs(self, wanted: Filter, span: TimeRange) -> RunSums:
        """What those runs amount to; worked out where they are stored, however many they are."""
        query = await self._query(wanted, span)
        sums = self.take(await self._services.directory.sums(query, refresh=self._refresh))
        await self._miss_deleted_jobs(wanted, sums.counts)
        return sums

    async def kept_runs(self, wanted: Filter, runs: Sequence[RunRecord]) -> list[RunRecord]:
        """The runs that a filter keeps by status, and by the environment in which they ran."""
        statuses = wanted.run_status if isinstance(wanted, RunFields) else ()
        kept = [run for run in runs if not statuses or run.status in statuses]
        homes = await self.homes(wanted)
        return [run for run in kept if homes is None or run.environment_id in homes]

    # Inside

    async def _retained(self, start: datetime) -> datetime:
        """The moment from which on there are runs: a long period need not be asked for days before the first."""
        if self.now - start < _LONG:
            return start
        if self.now - start > _RUNS_KEPT and (await self._services.client.wire.source()).kind == "dbt_cloud":
            self.lack(f"dbt Cloud keeps runs for {_RUNS_KEPT.days} days; older ones are missing.")
        first = self.take(await self._services.directory.oldest(refresh=self._refresh))
        return max(start, first.created_at if first else self.now)

    async def _query(self, wanted: Filter, span: TimeRange) -> RunQuery:
        """The runs of a stretch of time that a filter keeps by status and environment."""
        homes = await self.homes(wanted)
        return RunQuery(
            start=await self._retained(span.start),
            end=span.end,
            statuses=wanted.run_status if isinstance(wanted, RunFields) else (),
            environment_ids=None if homes is None else tuple(homes),
        )

    async def _miss_deleted_jobs(self, wanted: Filter, counted: Sequence[RunCount]) -> None:
        """Says how many runs belong to jobs that dbt Cloud no longer lists: no report can name or count them."""
        if isinstance(wanted, JobFields) and wanted.names_jobs:
            return
        known = {job.job_id for job in await self.jobs()}
        projects = {project.project_id for project in await self.select_projects(wanted)}
        if lost := sum(each.runs for each in counted if each.job_id not in known and each.project_id in projects):
            self.lack(f"{count(lost, 'run')} of jobs that no longer exist cannot be counted.")
