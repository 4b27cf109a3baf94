"""Columns and readings that several reports share, so that a key means and looks the same in all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.report import Alternative, Column, Reading
from dbt_discovery.reports.declaration import ReportArguments

__all__ = ["columns", "order_reading", "period_reading", "seconds"]

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
        Column(key="status", label="Status"),
        Column(key="timed_out", label="Timed out", type="bool"),
        Column(key="status_message", label="Message"),
        Column(key="start_time", label="Started", type="datetime"),
        Column(key="last_run_status", label="Last run"),
        Column(key="last_run_start_time", label="Last started", type="datetime"),
        Column(key="runs", label="Runs", type="number", unit="count"),
    )
}


def columns(*wanted: str | Column) -> tuple[Column, ...]:
    """Columns in order: a key stands for the column that several reports share."""
    return tuple(_KNOWN[each] if isinstance(each, str) else each for each in wanted)


def seconds(key: str, label: str) -> Column:
    """A column of durations."""
    return Column(key=key, label=label, type="number", unit="seconds")


def period_reading(span: TimeRange, arguments: ReportArguments, *, assumed: bool) -> Reading:
    """How the period was taken, and the one that people may have meant instead."""
    value = f"{span.label}, {span.timezone}" + (" (none was named)" if assumed else "")
    other = {"last_week": "last_7_days", "last_7_days": "last_week", "this_week": "last_7_days"}.get(span.text)
    other = other or ("last_30_days" if span.text != "last_30_days" else "last_month")
    given = arguments.given()
    instead = Alternative(label=other.replace("_", " "), arguments={**given, "period": other})
    return Reading(key="period", label="Period", value=value, alternatives=(instead,))


def order_reading(arguments: ReportArguments, words: Mapping[str, str], taken: str, label: str) -> Reading:
    """Which measure puts the rows in order, and the others it could be."""
    given: dict[str, Any] = arguments.given()
    others = (
        Alternative(label=word, arguments={**given, "order_by": key}) for key, word in words.items() if key != taken
    )
    return Reading(key="order_by", label=label, value=words[taken], alternatives=tuple(others))
