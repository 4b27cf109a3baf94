"""What dbt Cloud sends, as Python values. Every oddity survived here is listed in the quirks of its APIs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import (
    EnvironmentRecord,
    JobRecord,
    ModelRecord,
    NodeRun,
    ProjectRecord,
    RunRecord,
    RunStep,
)
from dbt_discovery.words import duration

__all__ = [
    "parse_environment",
    "parse_job",
    "parse_job_node",
    "parse_model",
    "parse_project",
    "parse_run",
    "parse_run_steps",
    "to_moment",
    "to_node_status",
    "to_run_status",
]

_RUN_STATUS = {
    1: RunStatus.QUEUED,
    2: RunStatus.STARTING,
    3: RunStatus.RUNNING,
    10: RunStatus.SUCCESS,
    20: RunStatus.FAILURE,
    30: RunStatus.CANCELLED,
}
_NODE_STATUS = {
    "success": NodeStatus.SUCCESS,
    "pass": NodeStatus.SUCCESS,
    "partial success": NodeStatus.SUCCESS,
    "reused": NodeStatus.SUCCESS,
    "no-op": NodeStatus.SKIPPED,
    "skipped": NodeStatus.SKIPPED,
    "skip": NodeStatus.SKIPPED,
    "error": NodeStatus.ERROR,
    "runtime error": NodeStatus.ERROR,
    "fail": NodeStatus.FAIL,
    "warn": NodeStatus.WARN,
}


def to_moment(value: Any) -> datetime | None:
    """A timestamp in any of dbt Cloud's forms (space or T, nanoseconds, epoch seconds) as an aware moment in UTC."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def to_run_status(code: Any) -> RunStatus:
    """A run's status code; a code that is new reads as unknown."""
    return _RUN_STATUS.get(code, RunStatus.UNKNOWN)


def to_node_status(word: Any) -> NodeStatus | None:
    """A node's outcome; None when it has none yet, unknown when the word is new (quirk 10)."""
    return _NODE_STATUS.get(str(word).lower(), NodeStatus.UNKNOWN) if word else None


def parse_project(row: dict[str, Any]) -> ProjectRecord:
    """A project of the Admin API."""
    return ProjectRecord(str(row["id"]), row.get("name") or str(row["id"]), row.get("description") or "")


def parse_environment(row: dict[str, Any]) -> EnvironmentRecord:
    """An environment of the Admin API."""
    return EnvironmentRecord(
        environment_id=str(row["id"]),
        project_id=str(row["project_id"]),
        name=row.get("name") or str(row["id"]),
        deployment_type=row.get("deployment_type"),
        type=row.get("type"),
    )


RunUrl = Callable[[str, str], str]
"""The address of a run's page, from its project's id and its own."""


def parse_run(row: dict[str, Any], url: RunUrl) -> RunRecord:
    """A run of the Admin API; `url` makes its page's address where the run does not name it.

    Runtimes come from the timestamps: the duration strings drop fractions, and put a run that was cancelled in the
    queue wholly into `queued_duration`.
    """
    status = to_run_status(row.get("status"))
    created = to_moment(row.get("created_at")) or datetime.fromtimestamp(0, UTC)
    started, finished = to_moment(row.get("started_at")), to_moment(row.get("finished_at"))
    message = row.get("status_message") or ""
    over = finished if status.final else None
    run_id, project_id = str(row["id"]), str(row.get("project_id") or "")
    return RunRecord(
        run_id=run_id,
        job_id=str(row.get("job_id") or row.get("job_definition_id") or ""),
        project_id=project_id,
        environment_id=str(row.get("environment_id") or ""),
        status=status,
        timed_out=status is RunStatus.CANCELLED and "timed out" in message.lower(),
        status_message="" if message == "None" else message,
        created_at=created,
        started_at=started,
        finished_at=over,
        runtime=(over - started).total_seconds() if over and started else None,
        queued=((started or over) - created).total_seconds() if started or over else None,  # type: ignore[operator]
        git_sha=row.get("git_sha"),
        git_branch=row.get("git_branch"),
        dbt_version=row.get("dbt_version") or None,
        url=row.get("href") or url(project_id, run_id),
    )


def parse_run_steps(row: dict[str, Any]) -> tuple[RunStep, ...]:
    """The steps of a run that was asked for with its `run_steps`."""
    return tuple(
        RunStep(
            step.get("index") or 0,
            step.get("name") or "",
            to_run_status(step.get("status")),
            step.get("logs") or "",
        )
        for step in row.get("run_steps") or ()
    )


def parse_job(row: dict[str, Any], run_url: RunUrl) -> JobRecord:
    """A job of the Admin API, asked for with its most recent runs.

    A job has a schedule only if its triggers say so: the cron expression stays filled when it is switched off.
    """
    triggers = row.get("triggers") or {}
    schedule = (row.get("schedule") or {}).get("cron") if triggers.get("schedule") else None
    last, finished = row.get("most_recent_run"), row.get("most_recent_completed_run")
    return JobRecord(
        job_id=str(row["id"]),
        project_id=str(row["project_id"]),
        environment_id=str(row["environment_id"]),
        name=row.get("name") or str(row["id"]),
        job_type=row.get("job_type") or _job_type(triggers),
        schedule=schedule,
        steps=tuple(row.get("execute_steps") or ()),
        last_run=parse_run(last, run_url) if last else None,
        last_finished_run=parse_run(finished, run_url) if finished else None,
    )


def _job_type(triggers: dict[str, Any]) -> str:
    """The type of a job recorded before dbt Cloud wrote it down."""
    if triggers.get("on_merge"):
        return "merge"
    if triggers.get("github_webhook") or triggers.get("git_provider_webhook"):
        return "ci"
    return "scheduled" if triggers.get("schedule") else "other"


def parse_model(node: dict[str, Any]) -> ModelRecord:
    """A model of an environment's applied state."""
    info = node.get("executionInfo") or {}
    return ModelRecord(
        unique_id=node["uniqueId"],
        name=node.get("name") or node["uniqueId"].rsplit(".", 1)[-1],
        project_id=str(node["projectId"]),
        environment_id=str(node["environmentId"]),
        package=node.get("packageName") or node["uniqueId"].partition(".")[2].partition(".")[0],
        tags=tuple(node.get("tags") or ()),
        materialization=node.get("materializedType") or "",
        database=node.get("database"),
        schema=node.get("schema"),
        group=node.get("group"),
        access=node.get("access"),
        description=node.get("description") or "",
        last_run_status=to_node_status(info.get("lastRunStatus")),
        last_run_id=_text(info.get("lastRunId")),
        last_run_job_id=_text(info.get("lastJobDefinitionId")),
        last_run_time=to_moment(info.get("lastRunGeneratedAt")),
        last_run_error=info.get("lastRunError"),
        last_success_run_id=_text(info.get("lastSuccessRunId")),
        last_success_runtime=info.get("executionTime"),
        last_success_start_time=to_moment(info.get("executeStartedAt")),
        last_success_end_time=to_moment(info.get("executeCompletedAt")),
    )


def parse_job_node(node: dict[str, Any]) -> NodeRun:
    """A node as one run of a job left it. A skipped node has no runtime of its own, whatever its timings say."""
    checked = node.get("state") if node.get("freshnessChecked", True) else None  # else it is an earlier run's finding
    status = to_node_status(node.get("status") or checked) or NodeStatus.UNKNOWN
    return NodeRun(
        unique_id=node["uniqueId"],
        name=node.get("name") or node["uniqueId"].rsplit(".", 1)[-1],
        resource_type=node.get("resourceType") or node["uniqueId"].split(".")[0],
        run_id=str(node.get("runId") or ""),
        job_id=str(node.get("jobId") or ""),
        status=status,
        runtime=None if status is NodeStatus.SKIPPED else node.get("executionTime"),
        started_at=to_moment(node.get("executeStartedAt")),
        completed_at=to_moment(node.get("executeCompletedAt")),
        finished_at=to_moment(node.get("runGeneratedAt")),
        error=node.get("error") or _staleness(node.get("maxLoadedAtTimeAgoInS")),
        tags=tuple(node.get("tags") or ()),
        materialization=node.get("materializedType") or "",
    )


def _staleness(age: float | None) -> str | None:
    """What is wrong with a source that is not fresh, which dbt Cloud leaves to its numbers."""
    return None if age is None else f"the newest row was {duration(age)} old"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
