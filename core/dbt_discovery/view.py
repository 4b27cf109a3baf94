"""A view of an account: all of its projects, or some. Every door asks through one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.home import at_home, blocking
from dbt_discovery.inquiry import LATEST_RUNS, Inquiry
from dbt_discovery.models.filters import (
    Filter,
    JobFilter,
    ModelFilter,
    ProjectFields,
    ProjectFilter,
    RunFilter,
    SearchFilter,
    narrowed_to,
)
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.models.references import checked_reference
from dbt_discovery.models.report import Coverage, Report
from dbt_discovery.questions.containment import jobs_with, models_of_jobs
from dbt_discovery.questions.project_contents import contents_of_projects
from dbt_discovery.questions.run_contents import count_models
from dbt_discovery.questions.runs_of_period import runs_of_period
from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import MOST_ROWS
from dbt_discovery.resolver import PROJECTS, job_resolver, model_resolver
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.narrowing import checked_number
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.rankings import JobRanking, ModelRanking
from dbt_discovery.resources.run import Run
from dbt_discovery.sharing import shared
from dbt_discovery.viewpoint import Viewpoint

__all__ = ["AccountView"]

T = TypeVar("T")
H = TypeVar("H", bound=Handle[Any])


class AccountView(Viewpoint):
    """All or some of an account's projects, and all that can be asked of them.

    Every method that asks comes in two forms: `await view.aget_jobs()` on any event loop, and `view.get_jobs()`.
    They raise `NotFound` and `AmbiguousName` for names in filters, and `UpstreamError` when dbt Cloud does not answer.
    """

    def view(
        self, projects: ProjectFields | SearchFilter | Iterable[Project | str | int] | Project | str | int
    ) -> AccountView:
        """The view of some of the projects in this one: named by id, name or handle, or those that a filter keeps.

        A name that no project has is told with the first question.

        Raises:
            InvalidArgument: No project is named, or the filter narrows by more than projects.
        """
        if isinstance(projects, Filter):
            return AccountView(self._connection, self._scope.within(narrowed_to(ProjectFields, projects)))
        wanted = ProjectFields(projects=projects)
        if not wanted.projects:
            raise InvalidArgument("projects", "A view of no project would show nothing: name at least one.")
        return AccountView(self._connection, self._scope.within(wanted))

    @at_home
    @shared
    async def aget_projects(
        self, filter: ProjectFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Project]:
        """The projects, by name. An environment keeps those that have such a one, and counts its models and jobs."""
        wanted, inquiry = narrowed_to(ProjectFilter, filter), self.inquire(refresh)
        found = await contents_of_projects(inquiry, wanted)
        handles = [
            Project(
                each.project,
                self,
                environments=each.environments,
                model_count=each.model_count,
                job_count=each.job_count,
            )
            for each in found
        ]
        coverage = Coverage(unit="models", considered=sum(each.model_count or 0 for each in found))
        return inquiry.listing(handles, coverage)

    @at_home
    @shared
    async def aget_jobs(self, filter: JobFilter | SearchFilter | None = None, *, refresh: bool = False) -> Listing[Job]:
        """The jobs, by name.

        Runtime bounds apply to a job's latest run that is over. Fields of models keep the jobs that build such a model,
        by their latest run with results.
        """
        wanted, inquiry = narrowed_to(JobFilter, filter), self.inquire(refresh)
        jobs = await jobs_with(inquiry, wanted, await inquiry.select_jobs(wanted))
        kept = [Job(job, self) for job in jobs]
        kept = [job for job in kept if wanted.admits_runtime(job.last_run_runtime)]
        coverage = Coverage(unit="runs", considered=sum(job.record.last_run is not None for job in kept))
        return inquiry.listing(sorted(kept, key=lambda job: (job.name.casefold(), job.job_id)), coverage)

    @at_home
    @shared
    async def aget_models(
        self, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Model]:
        """The models, by name; runtime bounds apply to a model's last successful build.

        Where jobs are named, they are the models that these build, as their environments have them.
        """
        wanted, inquiry = narrowed_to(ModelFilter, filter), self.inquire(refresh)
        found = await models_of_jobs(inquiry, wanted, await inquiry.select_models(wanted))
        records = [record for record in found if wanted.admits_runtime(record.last_success_runtime)]
        kept = await self.models_of(inquiry, records)
        kept.sort(key=lambda model: (model.name.casefold(), model.project_id))
        return inquiry.listing(kept, Coverage(unit="models", considered=len(kept)))

    @at_home
    @shared
    async def aget_runs(
        self,
        limit: int | None = None,
        filter: RunFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[Run]:
        """The runs of a period, newest first; without a period, those of the last seven days.

        Runtime bounds apply to a run's own runtime. Fields of models keep the runs that hold such a model.
        """
        wanted, inquiry = narrowed_to(RunFilter, filter), self.inquire(refresh)
        found = await runs_of_period(inquiry, wanted)
        handles = [Run(run, self, job_name=found.jobs[run.job_id].name) for run in found.runs]
        coverage = Coverage(unit="runs", considered=len(handles))
        if found.assumed:
            inquiry.tell(f"No period was named: {found.span.label}.")
        return inquiry.listing(handles, coverage, limit)

    @at_home
    async def aget_project(self, reference: Project | str | int, *, refresh: bool = False) -> Project:
        """The project of this id or name, or that a handle means."""
        wanted, projects = checked_reference("project", reference), await self.aget_projects(refresh=refresh)
        return _handle(projects, PROJECTS.find(wanted, [project.record for project in projects]))

    @at_home
    async def aget_job(self, reference: Job | str | int, *, refresh: bool = False) -> Job:
        """The job of this id or name, or that a handle means."""
        wanted, inquiry = checked_reference("job", reference), self.inquire(refresh)
        jobs = await inquiry.select_jobs(JobFilter())
        resolver = job_resolver(await inquiry.projects(), (await inquiry.environments()).values())
        return Job(resolver.find(wanted, jobs), self)

    @at_home
    async def aget_model(self, reference: Model | ModelRun | str, *, refresh: bool = False) -> Model:
        """The model of this unique_id, `project_name.model_name` or name, or that a handle means."""
        wanted, models = checked_reference("model", reference), await self.aget_models(refresh=refresh)
        names = {model.project_id: model.project_name for model in models}
        return _handle(models, model_resolver(names).find(wanted, [model.record for model in models]))

    @at_home
    async def aget_run(self, reference: Run | ModelRun | str | int, *, refresh: bool = False) -> Run:
        """The run of this id, or that a handle means, with the number of its models."""
        wanted, inquiry = checked_reference("run", reference), self.inquire(refresh)
        record, _ = await inquiry.run(wanted)
        names = {job.job_id: job.name for job in await inquiry.jobs()}
        models = await count_models(inquiry, record)
        return Run(record, self, job_name=names.get(record.job_id, record.job_id), model_count=models)

    @at_home
    @shared
    async def aget_slowest_models(
        self,
        slowest_n: int = 10,
        last_n_runs: int = 1,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[ModelRanking]:
        """The models that take longest, slowest first: the rows of the report `slowest_models`."""
        checked_number("slowest_n", slowest_n, MOST_ROWS, optional=False)
        checked_number("last_n_runs", last_n_runs, 20, optional=False)
        given = narrowed_to(SearchFilter, filter).given()
        inquiry = self.inquire(refresh)
        given |= {"limit": slowest_n, "last_n_runs": last_n_runs}
        report = await self.rank(inquiry, "slowest_models", given)
        return await self.ranked_models(inquiry, report)

    @at_home
    @shared
    async def aget_longest_running_jobs(
        self,
        longest_n: int = 10,
        last_n_runs: int | None = None,
        filter: RunFilter | SearchFilter | None = None,
        model_filter: ModelFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[JobRanking]:
        """The jobs whose runs take longest, longest first: the rows of the report `longest_running_jobs`.

        With a `model_filter`, of those jobs alone that build a model which it keeps.
        """
        checked_number("longest_n", longest_n, MOST_ROWS, optional=False)
        checked_number("last_n_runs", last_n_runs, LATEST_RUNS)
        given, inquiry = narrowed_to(SearchFilter, filter).given(), self.inquire(refresh)
        if model_filter is not None:
            wanted = narrowed_to(ModelFilter, model_filter, "model_filter")
            building = await jobs_with(inquiry, wanted, await inquiry.select_jobs_of_runs(filter or JobFilter()))
            if not building:
                return inquiry.listing([], Coverage(unit="runs", considered=0))
            given |= {"jobs": (), "job_ids": [job.job_id for job in building]}
        given |= {"limit": longest_n, "last_n_runs": last_n_runs}
        report = await self.rank(inquiry, "longest_running_jobs", given)
        jobs = {job.job_id: job for job in await inquiry.jobs()}
        ranked = [
            JobRanking(Job(jobs[row["job_id"]], self), **{field: row[field] for field in JobRanking.MEASURES})
            for row in report.rows
        ]
        return report.listing(ranked)

    get_projects = blocking(aget_projects)
    get_jobs = blocking(aget_jobs)
    get_models = blocking(aget_models)
    get_runs = blocking(aget_runs)
    get_project = blocking(aget_project)
    get_job = blocking(aget_job)
    get_model = blocking(aget_model)
    get_run = blocking(aget_run)
    get_slowest_models = blocking(aget_slowest_models)
    get_longest_running_jobs = blocking(aget_longest_running_jobs)

    async def models_of(self, inquiry: Inquiry, records: Sequence[ModelRecord]) -> list[Model]:
        """Records that an inquiry found, as models that can be asked more."""
        names = {project.project_id: project.name for project in await inquiry.projects()}
        return [
            Model(record, self, project_name=names.get(record.project_id, record.project_id), owner=owner)
            for record, owner in zip(records, await inquiry.owners(records), strict=True)
        ]

    async def ranked_models(self, inquiry: Inquiry, report: Report) -> Listing[ModelRanking]:
        """The rows of the report `slowest_models`, which an inquiry has made, as models that can be asked more."""
        homes = await inquiry.environments()
        ranked = {(row["environment_id"], row["unique_id"]): row for row in report.rows}
        found = await inquiry.models_in([homes[home] for home in dict.fromkeys(home for home, _ in ranked)])
        models = await self.models_of(inquiry, [model for model in found if model.key in ranked])
        by_key = {model.record.key: model for model in models}
        return report.listing(
            [
                ModelRanking(by_key[key], **{field: row[field] for field in ModelRanking.MEASURES})
                for key, row in ranked.items()
            ]
        )

    async def rank(self, inquiry: Inquiry, name: str, given: dict[str, Any]) -> Report:
        """A ranking's report, as the answer to a question that has begun; an argument of None is not given."""
        declaration = find_report(name)
        arguments = declaration.parse({field: value for field, value in given.items() if value is not None})
        return await declaration.run(inquiry, arguments, self._connection.wire.source)


def _handle(handles: Sequence[H], record: object) -> H:
    return next(handle for handle in handles if handle.record is record)
