"""Jobs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.analysis.measures import count_left_out, mean
from dbt_discovery.home import at_home, blocking
from dbt_discovery.inquiry import LATEST_RUNS
from dbt_discovery.models.filters import ModelFilter, RunFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import JobRecord
from dbt_discovery.models.report import Coverage
from dbt_discovery.resources.handle import Handle, recorded
from dbt_discovery.resources.job_runs import average_by_model, checked_last_n, newest_with, runs_of_job, slowest_mean
from dbt_discovery.resources.narrowing import OF_ONE_JOB, checked_number, narrowed_within
from dbt_discovery.resources.rankings import ModelRanking
from dbt_discovery.resources.run import Run
from dbt_discovery.resources.runtime_reports import RuntimeReport, model_runtimes, runtime_reports

if TYPE_CHECKING:
    from dbt_discovery.resources.model import Model

__all__ = ["Job"]


class Job(Handle[JobRecord]):
    """A job of the account.

    `last_run_status` and the times are those of its latest run, which may still be going on; `last_run_runtime` is
    that of its latest run that is over, in seconds.
    """

    KIND = "job"
    FIELDS = (
        "job_id",
        "name",
        "project_id",
        "environment_id",
        "job_type",
        "schedule",
        "steps",
        "last_run_id",
        "last_run_status",
        "last_run_start_time",
        "last_run_end_time",
        "last_run_runtime",
    )

    __slots__ = ()

    job_id = recorded[str]("The job's id.")
    name = recorded[str]("The job's name.")
    project_id = recorded[str]("Id of its project.")
    environment_id = recorded[str]("Id of the environment it runs in.")
    job_type = recorded[str]("What starts it: scheduled, ci, merge, adaptive or other.")
    schedule = recorded[str | None]("Its cron expression; None while no schedule starts it.")
    steps = recorded[tuple[str, ...]]("The commands it runs.")

    @property
    def last_run_id(self) -> str | None:
        """Id of its latest run."""
        return self.record.last_run.run_id if self.record.last_run else None

    @property
    def last_run_status(self) -> str | None:
        """Status of its latest run."""
        return self.record.last_run.status.value if self.record.last_run else None

    @property
    def last_run_start_time(self) -> datetime | None:
        """When its latest run started."""
        return self.record.last_run.started_at if self.record.last_run else None

    @property
    def last_run_end_time(self) -> datetime | None:
        """When its latest run ended; None while it goes on."""
        return self.record.last_run.finished_at if self.record.last_run else None

    @property
    def last_run_runtime(self) -> float | None:
        """Seconds that its latest run took that is over; None if it was cancelled."""
        return self.record.last_runtime

    @property
    def reference(self) -> str:
        """The job's id."""
        return self.job_id

    @at_home
    async def aget_models(
        self, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Model]:
        """The models that its latest run with results built, as its environment has them now, by name.

        Raises:
            InvalidArgument: The filter narrows by project, environment or job, which the job settles, or by run.
        """
        return await self.view.aget_models(self._models(filter), refresh=refresh)

    @at_home
    async def aget_runs(
        self, last_n: int | None = None, filter: RunFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Run]:
        """The job's newest `last_n` runs (at most 100), or those of a period; else those of the last seven days.

        `last_n` counts the runs that the filter keeps. Without a period they are looked for among the newest 100; a
        note says so where that leaves fewer.

        Raises:
            InvalidArgument: `last_n` is less than one, or more than the newest runs that are looked through; or the
                filter narrows by project, environment or job, which the job settles.
        """
        wanted = narrowed_within(RunFilter, filter, self.KIND, OF_ONE_JOB)
        checked_last_n(last_n, wanted, optional=True)
        if last_n is None or wanted.period:
            mine = wanted.model_copy(update={"job_ids": (self.job_id,)})
            return await self.view.aget_runs(last_n, mine, refresh=refresh)
        inquiry = self.view.inquire(refresh)
        found = await runs_of_job(inquiry, self.record, wanted)
        found.say_if_short(inquiry, len(found.runs), last_n)
        kept = found.runs
        coverage = Coverage(unit="runs", considered=len(kept))
        return inquiry.listing([Run(run, self.view, job_name=self.name) for run in kept], coverage, last_n)

    @at_home
    async def aget_last_run(self, *, refresh: bool = False) -> Run | None:
        """The job's latest run, with the number of its models; None when it never ran."""
        job = await self.view.aget_job(self.job_id, refresh=refresh)
        return await self.view.aget_run(job.last_run_id, refresh=refresh) if job.last_run_id else None

    @at_home
    async def aget_slowest_models(
        self,
        slowest_n: int = 10,
        last_n_runs: int = 1,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[ModelRanking]:
        """Its models that take longest, by their mean time in the job's `last_n_runs` latest finished runs.

        Raises:
            InvalidArgument: A number is out of bounds, or the filter narrows by project, environment, job or run.
        """
        return await self.view.aget_slowest_models(slowest_n, last_n_runs, self._models(filter), refresh=refresh)

    @at_home
    async def aget_runtimes(
        self,
        last_n: int = 10,
        by_model: bool = False,
        filter: RunFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[RuntimeReport]:
        """How long its newest `last_n` finished runs took, newest first; with `by_model`, each of their models too.

        Runs that were cancelled or are not over have no place here. `last_n` counts the runs that the filter keeps,
        looked for among the newest 100, or among those of a period.

        Raises:
            InvalidArgument: `last_n` is out of bounds, or the filter narrows by project, environment or job.
        """
        wanted, inquiry = narrowed_within(RunFilter, filter, self.KIND, OF_ONE_JOB), self.view.inquire(refresh)
        checked_last_n(last_n, wanted)
        found = await runs_of_job(inquiry, self.record, wanted)
        runs = found.finished(inquiry, last_n)
        models = await model_runtimes(inquiry, self.record, runs[:last_n]) if by_model else []
        left_out = count_left_out(found.passed_over(last_n))
        coverage = Coverage(unit="runs", considered=len(runs), left_out=left_out)
        return inquiry.listing(runtime_reports(runs, models), coverage, last_n)

    @at_home
    async def aget_average_job_runtime(
        self,
        last_n: int = 10,
        filter: RunFilter | SearchFilter | None = None,
        model_filter: ModelFilter | None = None,
        *,
        refresh: bool = False,
    ) -> float | None:
        """Mean seconds of its newest `last_n` finished runs that the filter keeps; None if there are none.

        With a `model_filter`, of those runs that held a model which it keeps. They are looked for among the newest
        100 runs, or among those of a period.

        Raises:
            InvalidArgument: `last_n` is out of bounds, or a filter narrows by project, environment or job.
        """
        wanted, inquiry = narrowed_within(RunFilter, filter, self.KIND, OF_ONE_JOB), self.view.inquire(refresh)
        holding = narrowed_within(ModelFilter, model_filter, self.KIND, OF_ONE_JOB, "model_filter")
        checked_last_n(last_n, wanted)
        finished = (await runs_of_job(inquiry, self.record, wanted)).finished(inquiry, last_n)
        runs = await newest_with(inquiry, holding, finished, last_n)
        return mean([run.runtime for run in runs if run.runtime is not None])

    @at_home
    async def aget_average_historical_model_runtime(
        self,
        slowest_n: int | None = None,
        last_n_runs: int = 10,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> float | None:
        """Mean seconds of its models, each by its own mean over the job's newest `last_n_runs` finished runs.

        A model's own mean takes those of the runs that have a time of it: where it was skipped, it has none. Then the
        mean is taken over the models, or over the `slowest_n` of the greatest own means. The filter looks at models
        as the job's environment has them now, and its runtime bounds apply to a model's own mean. None where nothing
        has a time.

        Raises:
            InvalidArgument: A number is out of bounds, or the filter narrows by project, environment, job or run.
        """
        wanted, inquiry = narrowed_within(ModelFilter, filter, self.KIND, OF_ONE_JOB), self.view.inquire(refresh)
        checked_number("last_n_runs", last_n_runs, LATEST_RUNS, optional=False)
        runs = (await runs_of_job(inquiry, self.record, RunFilter())).finished(inquiry, last_n_runs)
        return slowest_mean(await average_by_model(inquiry, self.record, runs[:last_n_runs], wanted), slowest_n)

    get_models = blocking(aget_models)
    get_runs = blocking(aget_runs)
    get_last_run = blocking(aget_last_run)
    get_slowest_models = blocking(aget_slowest_models)
    get_runtimes = blocking(aget_runtimes)
    get_average_job_runtime = blocking(aget_average_job_runtime)
    get_average_historical_model_runtime = blocking(aget_average_historical_model_runtime)

    def _models(self, filter: ModelFilter | SearchFilter | None) -> ModelFilter:
        """A filter of models, of those that this job builds."""
        wanted = narrowed_within(ModelFilter, filter, self.KIND, OF_ONE_JOB)
        return wanted.model_copy(update={"job_ids": (self.job_id,)})
