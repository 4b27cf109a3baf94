"""The raw records a world is made of: what happened in the account, before any API shapes it.

Times are timezone-aware UTC datetimes, durations seconds as float, ids ints, statuses dbt's and dbt Cloud's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

QUEUED, STARTING, RUNNING, SUCCESS, ERROR, CANCELLED = 1, 2, 3, 10, 20, 30
STATUS_NAMES = {1: "Queued", 2: "Starting", 3: "Running", 10: "Success", 20: "Error", 30: "Cancelled"}


@dataclass(frozen=True, slots=True)
class Account:
    """The one account of a world; ``host`` is the access URL its pages would have."""

    id: int
    name: str
    host: str
    created_at: datetime
    plan: str = "enterprise"


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt Cloud project; ``package`` is the ``name`` in its ``dbt_project.yml``."""

    id: int
    account_id: int
    name: str
    package: str
    description: str
    adapter_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Environment:
    """A dbt Cloud environment; ``deployment_type`` is ``production``, ``staging`` or None."""

    id: int
    account_id: int
    project_id: int
    name: str
    type: str
    deployment_type: str | None
    dbt_version: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A job definition; ``scheduled`` false means its cron is kept but not used."""

    id: int
    account_id: int
    project_id: int
    environment_id: int
    name: str
    description: str
    job_type: str
    execute_steps: tuple[str, ...]
    cron: str
    cron_humanized: str
    scheduled: bool
    created_at: datetime
    threads: int = 4
    target_name: str = "default"
    timeout_seconds: int = 0
    generate_docs: bool = False
    run_generate_sources: bool = False


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run; ``invocation_id`` is None for steps that are not dbt commands."""

    index: int
    name: str
    status: int
    started_at: datetime | None
    finished_at: datetime | None
    invocation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a job as of now. ``status`` is the Admin API's code: 1, 2, 3, 10, 20 or 30."""

    id: int
    account_id: int
    project_id: int
    environment_id: int
    job_id: int
    status: int
    created_at: datetime
    dequeued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    dbt_version: str
    git_branch: str | None
    git_sha: str | None
    status_message: str | None
    cause: str
    cause_category: str
    steps: tuple[RunStep, ...] = ()
    blocked_by: tuple[int, ...] = ()
    pull_request_id: int | None = None
    has_docs_generated: bool = False
    has_sources_generated: bool = False

    @property
    def has_artifacts(self) -> bool:
        """Whether dbt's files were saved: for finished runs that were not cancelled."""
        return self.status in (SUCCESS, ERROR)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as documented in the project or found in the warehouse."""

    name: str
    type: str | None = None
    description: str | None = None
    index: int | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """The definition of a model, test, seed, snapshot, source or exposure in one environment.

    ``depends_on`` holds unique ids of nodes. ``freshness`` (sources) maps ``warn_after`` and ``error_after`` to
    ``(count, period)``. ``path`` is the file that defines the node, relative to the project.
    """

    unique_id: str
    name: str
    resource_type: str
    package_name: str
    path: str
    fqn: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    materialized: str | None = None
    database: str | None = None
    schema: str | None = None
    alias: str | None = None
    relation_name: str | None = None
    depends_on: tuple[str, ...] = ()
    group: str | None = None
    owner: str | None = None
    owner_email: str | None = None
    raw_code: str | None = None
    compiled_code: str | None = None
    language: str | None = "sql"
    access: str | None = None
    version: str | None = None
    latest_version: str | None = None
    contract_enforced: bool = False
    patch_path: str | None = None
    columns: tuple[Column, ...] = ()
    column_name: str | None = None
    test_name: str | None = None
    test_namespace: str | None = None
    test_kwargs: Mapping[str, Any] = field(default_factory=dict)
    tested_node: str | None = None
    source_name: str | None = None
    source_description: str | None = None
    loader: str | None = None
    identifier: str | None = None
    freshness: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    exposure_type: str | None = None
    label: str | None = None
    maturity: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What one run did to one node. ``step`` is the index of the run step that did it.

    A node that failed before or while executing may have no compile or execute times, as in dbt's own artifacts; and no
    execution time, where a file holds none that can be.
    """

    unique_id: str
    status: str
    execution_time: float | None
    step: int
    compile_started_at: datetime | None = None
    compile_completed_at: datetime | None = None
    execute_started_at: datetime | None = None
    execute_completed_at: datetime | None = None
    message: str | None = None
    failures: int | None = None
    thread_id: str | None = None
    adapter_response: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> str | None:
        """The error text, for a result that is an error or a failure."""
        return self.message if self.status in ("error", "fail", "runtime error", "partial success") else None


@dataclass(frozen=True, slots=True)
class FreshnessResult:
    """What one run found about one source; ``age`` is seconds since the newest row, at ``snapshotted_at``."""

    unique_id: str
    status: str
    step: int
    max_loaded_at: datetime | None = None
    snapshotted_at: datetime | None = None
    age: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """What ``dbt docs generate`` found in the warehouse about one relation. ``stats`` holds (id, label, value)."""

    unique_id: str
    run_id: int
    generated_at: datetime
    type: str | None = None
    owner: str | None = None
    comment: str | None = None
    columns: tuple[Column, ...] = ()
    stats: tuple[tuple[str, str, Any], ...] = ()
