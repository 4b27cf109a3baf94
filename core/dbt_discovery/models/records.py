"""Records: what the services return, typed and without an account.

Ids are text, times aware and in UTC, runtimes seconds. A field is None where dbt Cloud does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.models.base import NodeStatus, RunStatus

__all__ = [
    "EnvironmentRecord",
    "JobRecord",
    "ModelRecord",
    "NodeRun",
    "ProjectRecord",
    "RunRecord",
    "RunStep",
]


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """A project of the account."""

    project_id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """An environment of a project.

    Attributes:
        deployment_type: `production`, `staging`, or None for every other.
        type: `deployment` or `development`.
    """

    environment_id: str
    project_id: str
    name: str
    deployment_type: str | None
    type: str | None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a job.

    Attributes:
        runtime: `finished_at - started_at`; None until the run has finished, or when it never started.
        queued: Seconds from creation to start; to the end, for a run that never started.
        timed_out: dbt Cloud stopped the run at its time limit (its status is then cancelled; quirks, *Timed out*).
        url: The run's page in dbt Cloud.
    """

    run_id: str
    job_id: str
    project_id: str
    environment_id: str
    status: RunStatus
    timed_out: bool
    status_message: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    runtime: float | None
    queued: float | None
    git_sha: str | None
    git_branch: str | None
    dbt_version: str | None
    url: str

    @property
    def began(self) -> datetime:
        """The moment that puts the run into a period: its start, or its creation if it never started."""
        return self.started_at or self.created_at


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run, such as a dbt command."""

    index: int
    name: str
    status: RunStatus
    logs: str


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job.

    Attributes:
        job_type: `scheduled`, `ci`, `merge`, `adaptive` or `other`.
        schedule: The cron expression, or None when no schedule starts the job.
        steps: The commands it runs.
        last_run: Its latest run, whatever its state; None when it never ran.
        last_finished_run: Its latest run that is over.
    """

    job_id: str
    project_id: str
    environment_id: str
    name: str
    job_type: str
    schedule: str | None
    steps: tuple[str, ...]
    last_run: RunRecord | None
    last_finished_run: RunRecord | None

    @property
    def last_runtime(self) -> float | None:
        """Seconds that the latest run took that is over; None if it was cancelled, which is no measure of the job."""
        over = self.last_finished_run
        return over.runtime if over and over.status.finished else None


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as an environment has it now (its *applied state*).

    After a failed attempt the timings are still those of the last success (quirk 1), so they are kept apart:
    `last_run_*` is the last attempt, `last_success_*` the last successful build.
    """

    unique_id: str
    name: str
    project_id: str
    environment_id: str
    package: str
    tags: tuple[str, ...]
    materialization: str
    database: str | None
    schema: str | None
    group: str | None
    access: str | None
    description: str
    last_run_status: NodeStatus | None
    last_run_id: str | None
    last_run_job_id: str | None
    last_run_time: datetime | None
    last_run_error: str | None
    last_success_run_id: str | None
    last_success_runtime: float | None
    last_success_start_time: datetime | None
    last_success_end_time: datetime | None

    @property
    def last_attempt_succeeded(self) -> bool:
        """Whether the last attempt is the last success, so that its timings are the attempt's own."""
        same_run = self.last_run_id is not None and self.last_run_id == self.last_success_run_id
        return same_run and self.last_run_status is NodeStatus.SUCCESS


@dataclass(frozen=True, slots=True)
class NodeRun:
    """What became of one node (model, test, seed, snapshot) in one run.

    Attributes:
        runtime: Execution time in seconds; None where the node was skipped or dbt gives no time.
        finished_at: When its dbt invocation wrote its results.
    """

    unique_id: str
    name: str
    resource_type: str
    run_id: str
    job_id: str
    status: NodeStatus
    runtime: float | None
    started_at: datetime | None
    completed_at: datetime | None
    finished_at: datetime | None
    error: str | None
    tags: tuple[str, ...]
    materialization: str
