"""Records: what the services return, typed and without an account.

Ids are text, times aware and in UTC, runtimes seconds. A field is None where dbt Cloud does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.models.base import FreshnessStatus, NodeStatus, RunStatus

__all__ = [
    "EnvironmentRecord",
    "GraphNode",
    "GroupRecord",
    "JobRecord",
    "ModelDetails",
    "ModelRecord",
    "NodeRun",
    "ProjectRecord",
    "RunRecord",
    "RunStep",
    "SourceFreshness",
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
    """One step of a run, such as a dbt command.

    Attributes:
        runtime: Seconds from its start to its end; None where it has not both.
    """

    index: int
    name: str
    status: RunStatus
    logs: str
    runtime: float | None = None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job.

    Attributes:
        job_type: `scheduled`, `ci`, `merge`, `adaptive` or `other`.
        schedule: The cron expression, or None when no schedule starts the job.
        steps: The commands it runs.
        last_run: Its latest run, whatever its state; None when it never ran.
        last_finished_run: Its latest run that is over.
        next_run: When its schedule starts it next, as dbt Cloud wrote it down, which may lie in the past (quirks).
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
    next_run: datetime | None = None

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
    def key(self) -> tuple[str, str]:
        """Environment id and unique_id: a model has a life of its own in each environment."""
        return self.environment_id, self.unique_id

    @property
    def identity(self) -> tuple[str, str]:
        """Project id and unique_id: what a model is, in whichever environment."""
        return self.project_id, self.unique_id

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
        ran: Whether the run did anything to it: what it left alone may be listed too, with neither status nor time.
        parents: unique_ids of what it was made from in that run, where that was asked for and is told.
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
    package: str = ""
    group: str | None = None
    ran: bool = True
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """What is too heavy to ask of every model of an environment.

    Attributes:
        raw_code: The code as it is written, with its Jinja.
        compiled_code: The code as the last run that compiled the model had it.
        meta_owner: What the model's own `meta` names as its owner.
        tests: How many tests it has; None where dbt Cloud does not tell.
        row_count: Rows that the catalog counted in the warehouse; None without such a statistic, as of a view.
        byte_count: Bytes, by the same count.
        counted_at: When the catalog was written: as old as the last `dbt docs generate`.
    """

    unique_id: str
    raw_code: str | None
    compiled_code: str | None
    meta_owner: str | None
    tests: int | None = None
    row_count: int | None = None
    byte_count: int | None = None
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A dbt group of a package: the models that share an owner."""

    name: str
    package: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a project's graph; `parents` are the unique_ids of what it is made from."""

    unique_id: str
    name: str
    resource_type: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """A source, and what the newest check of its freshness found.

    Attributes:
        status: What the check came to; unknown where there was none.
        max_loaded_at: When its newest row was loaded; in the year 1 where none ever was (quirks, *Timestamps*).
        snapshotted_at: When the check looked.
        age: Seconds from the one to the other; negative where a row's time lies ahead of the check's.
        warn_after: Seconds of age from which on it warns; None without such a criterion.
        error_after: Seconds of age from which on it fails; None without such a criterion.
        checked_at: When the check's results were written.
    """

    unique_id: str
    source_name: str
    name: str
    status: FreshnessStatus
    max_loaded_at: datetime | None
    snapshotted_at: datetime | None
    age: float | None
    warn_after: float | None
    error_after: float | None
    checked_at: datetime | None

    @property
    def full_name(self) -> str:
        """Its name with its source's, such as `raw.orders`."""
        return f"{self.source_name}.{self.name}" if self.source_name else self.name

    @property
    def never_loaded(self) -> bool:
        """Whether it never had a row."""
        return self.max_loaded_at is not None and self.max_loaded_at.year == 1

    @property
    def has_criteria(self) -> bool:
        """Whether anybody said how fresh it should be."""
        return self.warn_after is not None or self.error_after is not None
