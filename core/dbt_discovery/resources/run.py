"""Runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.records import RunRecord
from dbt_discovery.resources.handle import Handle

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

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.record.run_id

    @property
    def job_id(self) -> str:
        """Id of its job."""
        return self.record.job_id

    @property
    def project_id(self) -> str:
        """Id of its project."""
        return self.record.project_id

    @property
    def environment_id(self) -> str:
        """Id of the environment it ran in."""
        return self.record.environment_id

    @property
    def status(self) -> str:
        """success, failure, cancelled, queued, starting, running or unknown."""
        return self.record.status.value

    @property
    def timed_out(self) -> bool:
        """Whether dbt Cloud stopped it at its time limit; its status is then cancelled."""
        return self.record.timed_out

    @property
    def status_message(self) -> str:
        """What dbt Cloud says about its status."""
        return self.record.status_message

    @property
    def runtime(self) -> float | None:
        """Seconds from start to finish; None while it goes on, or if it never started."""
        return self.record.runtime

    @property
    def queued(self) -> float | None:
        """Seconds from creation to start."""
        return self.record.queued

    @property
    def created_at(self) -> datetime:
        """When it was created."""
        return self.record.created_at

    @property
    def start_time(self) -> datetime | None:
        """When it started."""
        return self.record.started_at

    @property
    def end_time(self) -> datetime | None:
        """When it finished."""
        return self.record.finished_at

    @property
    def git_sha(self) -> str | None:
        """The commit it ran on."""
        return self.record.git_sha

    @property
    def git_branch(self) -> str | None:
        """The branch it ran on."""
        return self.record.git_branch

    @property
    def dbt_version(self) -> str | None:
        """The dbt version it ran with."""
        return self.record.dbt_version

    @property
    def url(self) -> str:
        """Its page in dbt Cloud."""
        return self.record.url

    @property
    def reference(self) -> str:
        """The run's id."""
        return self.run_id

    @at_home
    async def aget_job(self, *, refresh: bool = False) -> Job:
        """The job it is a run of."""
        return await self.view.aget_job(self.job_id, refresh=refresh)

    get_job = blocking(aget_job)
