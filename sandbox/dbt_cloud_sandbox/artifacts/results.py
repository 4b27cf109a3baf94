"""What dbt's files say a run did: results of nodes and of freshness checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dbt_cloud_sandbox.artifacts.values import items, mapping, moment, number, text, whole
from dbt_cloud_sandbox.records import FreshnessResult, NodeResult

STEP = 1


def node_results(body: Mapping[str, Any]) -> Iterator[NodeResult]:
    """The results of a ``run_results.json``, in its order; entries without an id or a status are left out.

    An errored node often has no timings (quirks: odd values); its execution time is kept all the same.
    """
    for entry in items(body, "results"):
        if isinstance(entry, dict) and text(entry, "unique_id") and text(entry, "status"):
            yield _result(entry)


def _result(entry: Mapping[str, Any]) -> NodeResult:
    timing = {text(part, "name"): part for part in items(entry, "timing") if isinstance(part, dict)}
    compiled, executed = timing.get("compile", {}), timing.get("execute", {})
    return NodeResult(
        unique_id=text(entry, "unique_id") or "",
        status=text(entry, "status") or "",
        execution_time=number(entry, "execution_time") or 0.0,
        step=STEP,
        compile_started_at=moment(compiled, "started_at"),
        compile_completed_at=moment(compiled, "completed_at"),
        execute_started_at=moment(executed, "started_at"),
        execute_completed_at=moment(executed, "completed_at"),
        message=text(entry, "message"),
        failures=whole(entry, "failures"),
        thread_id=text(entry, "thread_id"),
        adapter_response=mapping(entry, "adapter_response"),
    )


def freshness_results(body: Mapping[str, Any]) -> Iterator[FreshnessResult]:
    """The results of a ``sources.json``; a ``runtime error`` has an error and no times."""
    for entry in items(body, "results"):
        if isinstance(entry, dict) and text(entry, "unique_id") and text(entry, "status"):
            yield FreshnessResult(
                unique_id=text(entry, "unique_id") or "",
                status=text(entry, "status") or "",
                step=STEP,
                max_loaded_at=moment(entry, "max_loaded_at"),
                snapshotted_at=moment(entry, "snapshotted_at"),
                age=entry.get("max_loaded_at_time_ago_in_s") if _is_number(entry) else None,
                error=text(entry, "error"),
            )


def _is_number(entry: Mapping[str, Any]) -> bool:
    """Whether the age is a number; it may be negative (quirks: timestamps)."""
    age = entry.get("max_loaded_at_time_ago_in_s")
    return isinstance(age, (int, float)) and not isinstance(age, bool)


def unusable(body: Mapping[str, Any]) -> int:
    """How many entries of ``results`` have no id or no status."""
    entries = items(body, "results")
    return len(entries) - sum(
        1 for entry in entries if isinstance(entry, dict) and text(entry, "unique_id") and text(entry, "status")
    )


def times(results: Sequence[NodeResult]) -> tuple[datetime | None, datetime | None]:
    """The earliest start and the latest end in the results' timings."""
    starts = [t for r in results for t in (r.compile_started_at, r.execute_started_at) if t]
    ends = [t for r in results for t in (r.compile_completed_at, r.execute_completed_at) if t]
    return min(starts, default=None), max(ends, default=None)
