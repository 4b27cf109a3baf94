"""Columns that several reports share, so that a key means and looks the same in all of them."""

from __future__ import annotations

from dbt_discovery.models.report import Column

__all__ = ["columns", "seconds"]

_KNOWN = {
    column.key: column
    for column in (
        Column(key="project_name", label="Project"),
        Column(key="project_id", label="Project id", type="id"),
        Column(key="environment_name", label="Environment"),
        Column(key="job_name", label="Job"),
        Column(key="job_id", label="Job id", type="id"),
        Column(key="job_type", label="Started by"),
        Column(key="schedule", label="Schedule"),
        Column(key="run_id", label="Run", type="id"),
        Column(key="url", label="Page", type="link"),
        Column(key="name", label="Model"),
        Column(key="unique_id", label="Unique id", type="id"),
        Column(key="materialization", label="Materialization"),
        Column(key="package", label="Package"),
        Column(key="tags", label="Tags"),
        Column(key="tested_model", label="Tested model"),
        Column(key="column", label="Column"),
        Column(key="status", label="Status"),
        Column(key="timed_out", label="Timed out", type="bool"),
        Column(key="status_message", label="Message"),
        Column(key="start_time", label="Started", type="datetime"),
        Column(key="failed_nodes", label="Failed nodes"),
        Column(key="error", label="Error"),
        Column(key="git_branch", label="Branch"),
        Column(key="git_sha", label="Commit", type="id"),
        Column(key="dbt_version", label="dbt version"),
        Column(key="last_run_status", label="Last run"),
        Column(key="last_run_start_time", label="Last started", type="datetime"),
        Column(key="runs", label="Runs", type="number", unit="count"),
        Column(key="description", label="Description"),
        Column(key="access", label="Access"),
        Column(key="resource_type", label="Kind"),
        Column(key="end_time", label="Ended", type="datetime"),
        Column(key="runtime", label="Runtime", type="number", unit="seconds"),
        Column(key="queued", label="Queued", type="number", unit="seconds"),
        Column(key="last_run_runtime", label="Last runtime", type="number", unit="seconds"),
        Column(key="last_run_url", label="Last run's page", type="link"),
        Column(key="last_success_time", label="Last success", type="datetime"),
        Column(key="last_success_runtime", label="Last successful runtime", type="number", unit="seconds"),
        Column(key="last_failure_time", label="Last failure", type="datetime"),
        Column(key="failing_since", label="Failing since", type="datetime"),
        Column(key="failures", label="Failures", type="number", unit="count"),
        Column(key="failure_rate", label="Failure rate", type="number", unit="ratio"),
        Column(key="success_rate", label="Success rate", type="number", unit="ratio"),
        Column(key="test_count", label="Tests", type="number", unit="count"),
        Column(key="failing_tests", label="Failing tests", type="number", unit="count"),
        Column(key="remark", label="Remark"),
    )
}


def columns(*wanted: str | Column) -> tuple[Column, ...]:
    """Columns in order: a key stands for the column that several reports share."""
    return tuple(_KNOWN[each] if isinstance(each, str) else each for each in wanted)


def seconds(key: str, label: str) -> Column:
    """A column of durations."""
    return Column(key=key, label=label, type="number", unit="seconds")
