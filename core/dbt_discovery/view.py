"""A view of an account: all of its projects, or some. Every door asks through one."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from dbt_discovery.connection import Connection
from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.home import HomeLoop, at_home, blocking
from dbt_discovery.inquiry import LATEST_RUNS, Inquiry
from dbt_discovery.measures import count_left_out, counts
from dbt_discovery.models.filters import (
    Filter,
    JobFilter,
    ModelFilter,
    ProjectFilter,
    RunFilter,
    SearchFilter,
    narrowed_to,
)
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.report import Coverage, Report, Source
from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import ReportArguments
from dbt_discovery.resolver import JOBS, PROJECTS, model_resolver
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.rankings import JobRanking, ModelRanking
from dbt_discovery.resources.run import Run
from dbt_discovery.settings import Settings
from dbt_discovery.vocabulary import Vocabulary

__all__ = ["AccountView"]

T = TypeVar("T")
H = TypeVar("H", bound=Handle[Any])


class AccountView:
    """All or some of an account's projects, and all that can be asked of them.

    Every method that asks comes in two forms: `await view.aget_jobs()` on any event loop, and `view.get_jobs()`.
    They raise `NotFound` and `AmbiguousName` for names in filters, and `UpstreamError` when dbt Cloud does not answer.
    """

    def __init__(self, connection: Connection, project_ids: Iterable[str] | None = None) -> None:
        self._connection = connection
        self._visible = None if project_ids is None else frozenset(project_ids)

    @property
    def home(self) -> HomeLoop:
        """The loop that does the asking."""
        return self._connection.home

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._connection.settings

    @property
    def requests(self) -> int:
        """How many requests were sent to dbt Cloud so far."""
        return self._connection.wire.requests

    @property
    def identity(self) -> Hashable:
        """What tells this account from others: where it is reached, and its id."""
        return self._connection.wire.identity

    def view(self, project_ids: Iterable[str]) -> AccountView:
        """The view of some of the projects in this one, by id."""
        wanted = frozenset(project_ids)
        return AccountView(self._connection, wanted if self._visible is None else wanted & self._visible)

    def now(self) -> datetime:
        """The moment it is for this account."""
        return self.settings.now()

    @at_home
    async def aget_projects(
        self, filter: ProjectFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Project]:
        """The projects, by name."""
        wanted, inquiry = narrowed_to(ProjectFilter, filter), self._inquire(refresh)
        projects, environments, jobs, homes = await asyncio.gather(
            inquiry.select_projects(wanted), inquiry.environments(), inquiry.jobs(), inquiry.state_environments(wanted)
        )
        counts = await asyncio.gather(*(inquiry.model_count(home.environment_id) for home in homes))
        models = {home.project_id: number for home, number in zip(homes, counts, strict=True)}
        handles = [
            Project(
                record,
                self,
                environments=tuple(e for e in environments.values() if e.project_id == record.project_id),
                model_count=models.get(record.project_id),
                job_count=sum(job.project_id == record.project_id for job in jobs),
            )
            for record in projects
        ]
        handles.sort(key=lambda project: (project.name.casefold(), project.project_id))
        return inquiry.listing(handles, Coverage(unit="models", considered=sum(number or 0 for number in counts)))

    @at_home
    async def aget_jobs(self, filter: JobFilter | SearchFilter | None = None, *, refresh: bool = False) -> Listing[Job]:
        """The jobs, by name; runtime bounds apply to a job's latest run that is over."""
        wanted, inquiry = narrowed_to(JobFilter, filter), self._inquire(refresh)
        jobs = await inquiry.select_jobs(wanted)
        kept = [Job(job, self) for job in jobs]
        kept = [job for job in kept if wanted.admits_runtime(job.last_run_runtime)]
        coverage = Coverage(unit="runs", considered=sum(job.record.last_run is not None for job in kept))
        return inquiry.listing(sorted(kept, key=lambda job: (job.name.casefold(), job.job_id)), coverage)

    @at_home
    async def aget_models(
        self, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Model]:
        """The models, by name; runtime bounds apply to a model's last successful build."""
        wanted, inquiry = narrowed_to(ModelFilter, filter), self._inquire(refresh)
        records = await inquiry.select_models(wanted)
        names = {project.project_id: project.name for project in await inquiry.projects()}
        kept = [
            Model(record, self, project_name=names.get(record.project_id, record.project_id))
            for record in records
            if wanted.admits_runtime(record.last_success_runtime)
        ]
        kept.sort(key=lambda model: (model.name.casefold(), model.project_id))
        return inquiry.listing(kept, Coverage(unit="models", considered=len(kept)))

    @at_home
    async def aget_runs(
        self,
        limit: int | None = None,
        filter: RunFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[Run]:
        """The runs of a period, newest first; without a period, those of the last seven days."""
        wanted, inquiry = narrowed_to(RunFilter, filter), self._inquire(refresh)
        jobs = {job.job_id: job for job in await inquiry.select_jobs(wanted)}
        span = inquiry.span(wanted.period or inquiry.assumed_period(list(jobs.values())))
        runs = [
            run
            for run in await inquiry.select_runs(wanted, span, list(jobs.values()))
            if wanted.admits_runtime(run.runtime)
        ]
        runs.sort(key=lambda run: (run.began, int(run.run_id)), reverse=True)
        handles = [Run(run, self, job_name=jobs[run.job_id].name) for run in runs]
        coverage = Coverage(unit="runs", considered=sum(map(counts, runs)), left_out=count_left_out(runs))
        if wanted.period is None:
            inquiry.notes.append(f"No period was named: {span.label}.")
        return inquiry.listing(handles, coverage, limit)

    @at_home
    async def alatest_runs(
        self, job: Job, last_n: int, filter: RunFilter | None = None, *, refresh: bool = False
    ) -> Listing[Run]:
        """The newest runs of a job that a filter keeps, whenever they were, newest first.

        Raises:
            InvalidArgument: `last_n` is less than one, or more than the newest runs that are looked through.
        """
        if not 1 <= last_n <= LATEST_RUNS:
            raise InvalidArgument("last_n", f"last_n takes 1 to {LATEST_RUNS}: name a period for more.")
        wanted, inquiry = filter or RunFilter(), self._inquire(refresh)
        (runs,) = await inquiry.latest_runs([job.record])
        kept = [run for run in runs if wanted.admits_runtime(run.runtime)]
        kept = [run for run in kept if not wanted.run_status or run.status in wanted.run_status]
        coverage = Coverage(unit="runs", considered=sum(map(counts, kept)), left_out=count_left_out(kept))
        return inquiry.listing([Run(run, self, job_name=job.name) for run in kept], coverage, last_n)

    @at_home
    async def aget_project(self, reference: str | int, *, refresh: bool = False) -> Project:
        """The project of this id or name."""
        projects = await self.aget_projects(refresh=refresh)
        return _handle(projects, PROJECTS.find(str(reference), [project.record for project in projects]))

    @at_home
    async def aget_job(self, reference: str | int, *, refresh: bool = False) -> Job:
        """The job of this id or name."""
        jobs = await self.aget_jobs(refresh=refresh)
        return _handle(jobs, JOBS.find(str(reference), [job.record for job in jobs]))

    @at_home
    async def aget_model(self, reference: str, *, refresh: bool = False) -> Model:
        """The model of this unique_id, `project_name.model_name` or name."""
        models = await self.aget_models(refresh=refresh)
        names = {model.project_id: model.project_name for model in models}
        return _handle(models, model_resolver(names).find(reference, [model.record for model in models]))

    @at_home
    async def aget_run(self, reference: str | int, *, refresh: bool = False) -> Run:
        """The run of this id."""
        inquiry = self._inquire(refresh)
        record, _ = await inquiry.run(str(reference))
        names = {job.job_id: job.name for job in await inquiry.jobs()}
        return Run(record, self, job_name=names.get(record.job_id, record.job_id))

    @at_home
    async def arun_report(self, name: str, arguments: ReportArguments | None = None, /, **given: Any) -> Report:
        """The report called `name`.

        Args:
            name: Its name, such as `slowest_models`.
            arguments: Its arguments, already checked; instead of `given`.
            given: Its arguments by name, `refresh` among them.

        Raises:
            InvalidArgument: An argument is unknown or not of its form.
            NotFound: There is no such report.
        """
        declaration = find_report(name)
        checked = arguments if arguments is not None else declaration.parse(given)
        if not isinstance(checked, declaration.arguments):
            raise InvalidArgument("arguments", f"{name} takes {declaration.arguments.__name__}.")
        return await declaration.run(self._inquire(checked.refresh), checked, self._connection.wire.source)

    @at_home
    async def aget_slowest_models(
        self,
        slowest_n: int = 10,
        last_n_runs: int = 1,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[ModelRanking]:
        """The models that take longest, slowest first: the rows of the report `slowest_models`."""
        report = await self._rank("slowest_models", filter, slowest_n, last_n_runs, refresh)
        homes = {row["environment_id"] for row in report.rows}
        parts = await asyncio.gather(*(self.aget_models(ModelFilter(environment=home)) for home in homes))
        models = {(model.environment_id, model.unique_id): model for part in parts for model in part}
        ranked = [
            ModelRanking(
                models[row["environment_id"], row["unique_id"]], row["runtime"], row["max_runtime"], row["runs"]
            )
            for row in report.rows
        ]
        return report.listing(ranked)

    @at_home
    async def aget_longest_running_jobs(
        self,
        longest_n: int = 10,
        last_n_runs: int | None = None,
        filter: RunFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[JobRanking]:
        """The jobs whose runs take longest, longest first: the rows of the report `longest_running_jobs`."""
        report = await self._rank("longest_running_jobs", filter, longest_n, last_n_runs, refresh)
        jobs = {job.job_id: job for job in await self.aget_jobs()}
        ranked = [
            JobRanking(jobs[row["job_id"]], **{field: row[field] for field in JobRanking.MEASURES})
            for row in report.rows
        ]
        return report.listing(ranked)

    @at_home
    async def avocabulary(self) -> Vocabulary:
        """The names of everything in view."""
        return await Vocabulary.of(self._inquire(False))

    @at_home
    async def aget_source(self) -> Source:
        """Who answers: dbt Cloud, a sandbox, or artifacts."""
        return await self._connection.wire.source()

    get_projects = blocking(aget_projects)
    get_jobs = blocking(aget_jobs)
    get_models = blocking(aget_models)
    get_runs = blocking(aget_runs)
    latest_runs = blocking(alatest_runs)
    get_project = blocking(aget_project)
    get_job = blocking(aget_job)
    get_model = blocking(aget_model)
    get_run = blocking(aget_run)
    run_report = blocking(arun_report)
    get_slowest_models = blocking(aget_slowest_models)
    get_longest_running_jobs = blocking(aget_longest_running_jobs)
    vocabulary = blocking(avocabulary)
    get_source = blocking(aget_source)

    async def _rank(
        self, name: str, filter: Filter | None, limit: int, last_n_runs: int | None, refresh: bool
    ) -> Report:
        """A ranking's report."""
        given = filter.given() if filter else {}
        runs = {} if last_n_runs is None else {"last_n_runs": last_n_runs}
        return await self.arun_report(name, **given, **runs, limit=limit, refresh=refresh)

    def _inquire(self, refresh: bool) -> Inquiry:
        return self._connection.inquire(self._visible, refresh=refresh)


def _handle(handles: Sequence[H], record: object) -> H:
    return next(handle for handle in handles if handle.record is record)
