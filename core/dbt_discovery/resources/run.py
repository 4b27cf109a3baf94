"""Runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.records import RunRecord
from dbt_discovery.resources.handle import Handle, recorded

if TYPE_CHECKING:
    from dbt_discovery.resources.job import Job
    from dbt_discovery.view import AccountView

__all__ = ["Run"]


class Run(Handle[RunRecord]):
    """One run of a job. Runtimes are seconds; `queued` is the time before it started."""

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
    )

    __slots__ = ("job_name",)

    def __init__(self, record: RunRecord, view: AccountView, *, job_name: str) -> None:
        super().__init__(record, view)
        self.job_name = job_name

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

    @at_home
    async def aget_job(self, *, refresh: bool = False) -> Job:
        """The job it is a run of."""
        return await self.view.aget_job(self.job_id, refresh=refresh)

    get_job = blocking(aget_job)
