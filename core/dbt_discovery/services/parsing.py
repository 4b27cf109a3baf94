"""Rows of dbt Cloud's answers, as records. Every oddity survived here is listed in `docs/quirks.md`.

A row needs its ids; whatever else it lacks, or has in another form, becomes nothing and never a number made up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from sys import intern
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
from dbt_discovery.models.unique_ids import name_in
from dbt_discovery.services.values import (
    elapsed,
    to_event,
    to_id,
    to_node_status,
    to_object,
    to_objects,
    to_run_status,
    to_seconds,
    to_text,
    to_texts,
)
from dbt_discovery.words import duration

__all__ = [
    "RUN_FIELDS",
    "parse_environment",
    "parse_job",
    "parse_job_node",
    "parse_model",
    "parse_project",
    "parse_run",
    "parse_run_steps",
]

_CENTURY = 3_155_760_000.0
"""Seconds after which a source's newest row is no row: dbt counts from year 1 where there is none."""


def parse_project(row: Mapping[str, Any]) -> ProjectRecord:
    """A project of the Admin API."""
    project_id = to_id(row["id"])
    return ProjectRecord(project_id, to_text(row.get("name")) or project_id, to_text(row.get("description")) or "")


def parse_environment(row: Mapping[str, Any]) -> EnvironmentRecord:
    """An environment of the Admin API."""
    environment_id = to_id(row["id"])
    return EnvironmentRecord(
        environment_id=environment_id,
        project_id=to_id(row["project_id"]),
        name=to_text(row.get("name")) or environment_id,
        deployment_type=to_text(row.get("deployment_type")),
        type=to_text(row.get("type")),
    )


RUN_FIELDS = frozenset(
    (
        *("id", "job_id", "job_definition_id", "project_id", "environment_id", "status", "status_message"),
        *("created_at", "started_at", "finished_at", "git_sha", "git_branch", "dbt_version", "href"),
    )
)
"""What `parse_run` reads of a run."""

RunUrl = Callable[[str, str], str]
"""The address of a run's page, from its project's id and its own."""


def parse_run(row: Mapping[str, Any], url: RunUrl) -> RunRecord:
    """A run of the Admin API; `url` makes its page's address where the run does not name it.

    Runtimes come from the timestamps, never from dbt Cloud's duration strings: those drop fractions, count hours past
    24, and put a run that was cancelled in the queue wholly into `queued_duration`.
    """
    status = to_run_status(row.get("status"))
    created, started = to_event(row.get("created_at")), to_event(row.get("started_at"))
    over = to_event(row.get("finished_at")) if status.final else None
    message = to_text(row.get("status_message")) or ""
    run_id, project_id = to_id(row["id"]), to_id(row.get("project_id"))
    return RunRecord(
        run_id=run_id,
        job_id=to_id(row.get("job_id")) or to_id(row.get("job_definition_id")),
        project_id=project_id,
        environment_id=to_id(row.get("environment_id")),
        status=status,
        timed_out=status is RunStatus.CANCELLED and "timed out" in message.lower(),
        status_message="" if message == "None" else message,
        created_at=created or started or over or datetime.fromtimestamp(0, UTC),
        started_at=started,
        finished_at=over,
        runtime=elapsed(started, over),
        queued=elapsed(created, started or over),
        git_sha=to_text(row.get("git_sha")),
        git_branch=to_text(row.get("git_branch")),
        dbt_version=to_text(row.get("dbt_version")),
        url=_page(row.get("href")) or url(project_id, run_id),
    )


def _page(href: Any) -> str | None:
    """The page that a run names as its own; in older answers it is an address of the API, which no browser shows."""
    return href if isinstance(href, str) and href.startswith("https://") and "/api/" not in href else None


def parse_run_steps(row: Mapping[str, Any]) -> tuple[RunStep, ...]:
    """The steps of a run that was asked for with its `run_steps`."""
    return tuple(
        RunStep(
            index=int(to_seconds(step.get("index")) or 0),
            name=to_text(step.get("name")) or "",
            status=to_run_status(step.get("status")),
            logs=to_text(step.get("logs")) or "",
            runtime=elapsed(to_event(step.get("started_at")), to_event(step.get("finished_at"))),
        )
        for step in to_objects(row.get("run_steps"))
    )


def parse_job(row: Mapping[str, Any], run_url: RunUrl) -> JobRecord:
    """A job of the Admin API, asked for with its most recent runs.

    A job has a schedule only if its triggers say so: the cron expression stays filled when it is switched off.
    """
    job_id, triggers = to_id(row["id"]), to_object(row.get("triggers"))
    cron = to_text(to_object(row.get("schedule")).get("cron"))
    last, finished = to_object(row.get("most_recent_run")), to_object(row.get("most_recent_completed_run"))
    return JobRecord(
        job_id=job_id,
        project_id=to_id(row["project_id"]),
        environment_id=to_id(row["environment_id"]),
        name=to_text(row.get("name")) or job_id,
        job_type=to_text(row.get("job_type")) or _job_type(triggers),
        schedule=cron if triggers.get("schedule") else None,
        steps=to_texts(row.get("execute_steps")),
        last_run=parse_run(last, run_url) if last.get("id") else None,
        last_finished_run=parse_run(finished, run_url) if finished.get("id") else None,
        next_run=to_event(row.get("next_run")),
    )


def _job_type(triggers: Mapping[str, Any]) -> str:
    """The type of a job recorded before dbt Cloud wrote it down."""
    if triggers.get("on_merge"):
        return "merge"
    if triggers.get("github_webhook") or triggers.get("git_provider_webhook"):
        return "ci"
    return "scheduled" if triggers.get("schedule") else "other"


def parse_model(node: Mapping[str, Any]) -> ModelRecord:
    """A model of an environment's applied state."""
    info = to_object(node.get("executionInfo"))
    unique_id = str(node["uniqueId"])
    return ModelRecord(
        unique_id=unique_id,
        name=to_text(node.get("name")) or name_in(unique_id),
        project_id=to_id(node["projectId"]),
        environment_id=to_id(node["environmentId"]),
        package=to_text(node.get("packageName")) or unique_id.partition(".")[2].partition(".")[0],
        tags=to_texts(node.get("tags")),
        materialization=to_text(node.get("materializedType")) or "",
        database=to_text(node.get("database")),
        schema=to_text(node.get("schema")),
        group=to_text(node.get("group")),
        access=to_text(node.get("access")),
        description=to_text(node.get("description")) or "",
        last_run_status=to_node_status(info.get("lastRunStatus")),
        last_run_id=to_text(info.get("lastRunId")),
        last_run_job_id=to_text(info.get("lastJobDefinitionId")),
        last_run_time=to_event(info.get("lastRunGeneratedAt")),
        last_run_error=to_text(info.get("lastRunError")),
        last_success_run_id=to_text(info.get("lastSuccessRunId")),
        last_success_runtime=to_seconds(info.get("executionTime")),
        last_success_start_time=to_event(info.get("executeStartedAt")),
        last_success_end_time=to_event(info.get("executeCompletedAt")),
    )


def parse_job_node(node: Mapping[str, Any]) -> NodeRun:
    """A node as one run of a job left it. A skipped node has no runtime of its own, whatever its timings say.

    A node that failed has a runtime though it may have no timings; compile and execute times are never added up, as
    newer versions of dbt give both the same interval.
    """
    checked = node.get("state") if node.get("freshnessChecked", True) else None  # else it is an earlier run's finding
    status = to_node_status(node.get("status") or checked) or NodeStatus.UNKNOWN
    unique_id = intern(str(node["uniqueId"]))  # as all texts that the nodes of thousands of runs share
    runtime = None if status is NodeStatus.SKIPPED else to_seconds(node.get("executionTime"))
    return NodeRun(
        unique_id=unique_id,
        name=intern(to_text(node.get("name")) or name_in(unique_id)),
        resource_type=intern(to_text(node.get("resourceType")) or unique_id.split(".")[0]),
        run_id=to_id(node.get("runId")),
        job_id=to_id(node.get("jobId")),
        status=status,
        runtime=runtime,
        started_at=to_event(node.get("executeStartedAt")),
        completed_at=to_event(node.get("executeCompletedAt")),
        finished_at=to_event(node.get("runGeneratedAt")),
        error=to_text(node.get("error")) or _staleness(to_seconds(node.get("maxLoadedAtTimeAgoInS"))),
        tags=to_texts(node.get("tags")),
        materialization=intern(to_text(node.get("materializedType")) or ""),
        package=intern(to_text(node.get("packageName")) or unique_id.partition(".")[2].partition(".")[0]),
        group=to_text(node.get("dbtGroup")),
        ran=bool(node.get("status") or checked) or runtime is not None,
        parents=to_texts(node.get("dependsOn")),
    )


def _staleness(age: float | None) -> str | None:
    """What is wrong with a source that is not fresh, which dbt Cloud leaves to its numbers.

    An age below zero says nothing: the clocks of warehouse and dbt disagree, or the row was loaded after the look.
    """
    if age is None:
        return None
    return f"the newest row was {duration(age)} old" if age < _CENTURY else "no row was ever loaded"
