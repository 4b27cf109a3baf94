"""Jobs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.filters import RunFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import JobRecord
from dbt_discovery.resources.handle import Handle, recorded

if TYPE_CHECKING:
    from dbt_discovery.resources.run import Run

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
    async def aget_runs(
        self, last_n: int | None = None, filter: RunFilter | None = None, *, refresh: bool = False
    ) -> Listing[Run]:
        """The job's newest `last_n` runs (at most 100), or those of a period; else those of the last seven days."""
        if last_n is not None and (filter is None or filter.period is None):
            return await self.view.alatest_runs(self, last_n, filter, refresh=refresh)
        own = (filter or RunFilter()).model_copy(update={"jobs": (), "job_ids": (self.job_id,)})
        return await self.view.aget_runs(last_n, own, refresh=refresh)

    @at_home
    async def aget_last_run(self, *, refresh: bool = False) -> Run | None:
        """The job's latest run; None when it never ran."""
        job = await self.view.aget_job(self.job_id, refresh=refresh)
        return await self.view.aget_run(job.last_run_id) if job.last_run_id else None

    get_runs = blocking(aget_runs)
    get_last_run = blocking(aget_last_run)
