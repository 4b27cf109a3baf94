"""Runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.home import at_home, blocking
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ModelFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.questions.run_contents import models_in_run
from dbt_discovery.resources.handle import Handle, recorded
from dbt_discovery.resources.job_runs import slowest_mean
from dbt_discovery.resources.model_run import ModelRun, timed_coverage
from dbt_discovery.resources.narrowing import OF_ONE_JOB, checked_number, narrowed_within
from dbt_discovery.resources.rankings import ModelRanking

if TYPE_CHECKING:
    from dbt_discovery.resources.job import Job
    from dbt_discovery.view import AccountView

__all__ = ["Run"]


class Run(Handle[RunRecord]):
    """One run of a job. Runtimes are seconds; `queued` is the time before it started.

    `model_count` is the number of its models. A list of runs leaves it None, and so does dbt Cloud while a run goes on
    and where it has no results of it; `get_run` and `get_last_run` fill it in.
    """

    KIND = "run"
    FIELDS = (
        "run_id",
        "job_id",
        "job_name",
        "project_id",
        "environment_id",
        "status",
        "timed_out",
        "status_message",
        "runtime",
        "queued",
        "created_at",
        "start_time",
        "end_time",
        "git_sha",
        "git_branch",
        "dbt_version",
        "url",
        "model_count",
    )

    __slots__ = ("job_name", "model_count")

    def __init__(self, record: RunRecord, view: AccountView, *, job_name: str, model_count: int | None = None) -> None:
        super().__init__(record, view)
        self.job_name = job_name
        self.model_count = model_count

    run_id = recorded[str]("The run's id.")
    job_id = recorded[str]("Id of its job.")
    project_id = recorded[str]("Id of its project.")
    environment_id = recorded[str]("Id of the environment it ran in.")

    @property
    def status(self) -> str:
        """success, failure, cancelled, queued, starting, running or unknown."""
        return self.record.status.value

    timed_out = recorded[bool]("Whether dbt Cloud stopped it at its time limit; its status is then cancelled.")
    status_message = recorded[str]("What dbt Cloud says about its status.")
    runtime = recorded[float | None]("Seconds from start to finish; None while it goes on, or if it never started.")
    queued = recorded[float | None]("Seconds from creation to start.")
    created_at = recorded[datetime]("When it was created.")

    @property
    def start_time(self) -> datetime | None:
        """When it started."""
        return self.record.started_at

    @property
    def end_time(self) -> datetime | None:
        """When it finished."""
        return self.record.finished_at

    git_sha = recorded[str | None]("The commit it ran on.")
    git_branch = recorded[str | None]("The branch it ran on.")
    dbt_version = recorded[str | None]("The dbt version it ran with.")
    url = recorded[str]("Its page in dbt Cloud.")

    @property
    def reference(self) -> str:
        """The run's id."""
        return self.run_id

    def _called(self) -> str:
        return f"of {self.job_name}"

    @at_home
    async def aget_job(self, *, refresh: bool = False) -> Job:
        """The job it is a run of."""
        return await self.view.aget_job(self.job_id, refresh=refresh)

    @at_home
    async def aget_models(
        self, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[ModelRun]:
        """Its models with their own times in it, longest first.

        A filter looks at the models as they were in this run; its runtime bounds apply to their runtime in it, and
        `model_status` to their outcome. A run that is not over, or whose results dbt Cloud no longer has, gives none,
        and the notes say so.

        Raises:
            InvalidArgument: The filter narrows by project, environment or job, which the run settles, or by run.
            NotFound, AmbiguousName: A model is not called that, or several are.
        """
        inquiry = self.view.inquire(refresh)
        nodes = await self._nodes(inquiry, filter)
        coverage = timed_coverage(nodes)
        return inquiry.listing([self._model_run(node) for node in nodes], coverage)

    @at_home
    async def aget_slowest_models(
        self, slowest_n: int = 10, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[ModelRanking]:
        """Its models that took longest in it: the rows of the report `slowest_models` for this run.

        Raises:
            InvalidArgument: `slowest_n` is out of bounds, or the filter narrows by project, environment, job or run.
        """
        wanted = narrowed_within(ModelFilter, filter, self.KIND, OF_ONE_JOB)
        checked_number("slowest_n", slowest_n, 500, optional=False)
        inquiry = self.view.inquire(refresh)
        report = await self.view.rank(
            inquiry, "slowest_models", {"run_id": self.run_id, "limit": slowest_n, **wanted.given()}
        )
        return await self.view.ranked_models(inquiry, report)

    @at_home
    async def aget_average_model_runtime(
        self,
        slowest_n: int | None = None,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> float | None:
        """Mean seconds of its models that have a time, or of the `slowest_n` slowest; None if none has.

        Raises:
            InvalidArgument: `slowest_n` is less than one, or the filter narrows by project, environment, job or run.
            NotFound, AmbiguousName: A model is not called that, or several are.
        """
        nodes = await self._nodes(self.view.inquire(refresh), filter)
        return slowest_mean([node.runtime for node in nodes if node.runtime is not None], slowest_n)

    get_job = blocking(aget_job)
    get_models = blocking(aget_models)
    get_slowest_models = blocking(aget_slowest_models)
    get_average_model_runtime = blocking(aget_average_model_runtime)

    async def _nodes(self, inquiry: Inquiry, filter: ModelFilter | SearchFilter | None) -> list[NodeRun]:
        """Its models that a filter keeps; a run that was not over when it was fetched may be by now."""
        wanted = narrowed_within(ModelFilter, filter, self.KIND, OF_ONE_JOB)
        record = self.record if self.record.status.final else (await inquiry.run(self.run_id))[0]
        return await models_in_run(inquiry, record, wanted)

    def _model_run(self, node: NodeRun) -> ModelRun:
        return ModelRun(
            replace(node, run_id=self.run_id, job_id=self.job_id),
            self.view,
            project_id=self.project_id,
            environment_id=self.environment_id,
            url=self.url,
        )
