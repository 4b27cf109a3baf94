"""What dbt's files say a run did: results of nodes and of freshness checks."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dbt_cloud_sandbox.artifacts.nodes import is_unique_id
from dbt_cloud_sandbox.artifacts.values import items, mapping, moment, seconds, text, whole
from dbt_cloud_sandbox.records import FreshnessResult, NodeResult

STEP = 1
NAMED, LONGEST_NAME = 5, 80


def node_results(body: Mapping[str, Any]) -> Iterator[NodeResult]:
    """The results of a ``run_results.json``, in its order; entries without an id or a status are left out.

    An errored node often has no timings (quirks: odd values); its execution time is kept all the same.
    """
    for entry in items(body, "results"):
        if _usable(entry):
            yield _result(entry)


def _usable(entry: Any) -> bool:
    return isinstance(entry, dict) and is_unique_id(text(entry, "unique_id")) and text(entry, "status") is not None


def _result(entry: Mapping[str, Any]) -> NodeResult:
    timing = {text(part, "name"): part for part in items(entry, "timing") if isinstance(part, dict)}
    compiled, executed = timing.get("compile", {}), timing.get("execute", {})
    return NodeResult(
        unique_id=text(entry, "unique_id") or "",
        status=text(entry, "status") or "",
        execution_time=seconds(entry, "execution_time"),
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
        if _usable(entry):
            yield FreshnessResult(
                unique_id=text(entry, "unique_id") or "",
                status=text(entry, "status") or "",
                step=STEP,
                max_loaded_at=moment(entry, "max_loaded_at"),
                snapshotted_at=moment(entry, "snapshotted_at"),
                age=_age(entry),
                error=text(entry, "error"),
            )


def _age(entry: Mapping[str, Any]) -> float | None:
    """The age if it is a finite number; it may be negative (quirks: timestamps)."""
    age = entry.get("max_loaded_at_time_ago_in_s")
    if isinstance(age, bool) or not isinstance(age, (int, float)):
        return None
    return age if abs(age) <= sys.float_info.max else None


def faults(body: Mapping[str, Any]) -> Iterator[str]:
    """What cannot be used of the results, each in a sentence."""
    entries = items(body, "results")
    left_out = [entry for entry in entries if not _usable(entry)]
    if left_out:
        named = sorted({text(entry, "unique_id") or "" for entry in left_out if isinstance(entry, dict)} - {""})
        wrong = [f"“{unique_id[:LONGEST_NAME]}”" for unique_id in named if not is_unique_id(unique_id)]
        which = f" ({', '.join(wrong[:NAMED])}{', …' if len(wrong) > NAMED else ''})" if wrong else ""
        yield f"{len(left_out)} of its results have no proper unique_id or no status{which}; they are left out."
    given = ((entry.get("execution_time"), entry) for entry in entries if _usable(entry))
    odd = sum(1 for value, entry in given if value is not None and seconds(entry, "execution_time") is None)
    if odd:
        yield f"{odd} of its results have an execution_time that cannot be; they count as without."
    if body.get("elapsed_time") is not None and seconds(body, "elapsed_time") is None:
        yield "its elapsed_time cannot be; the run begins with its first node."


def times(results: Sequence[NodeResult]) -> tuple[datetime | None, datetime | None]:
    """The earliest start and the latest end in the results' timings."""
    starts = [t for r in results for t in (r.compile_started_at, r.execute_started_at) if t]
    ends = [t for r in results for t in (r.compile_completed_at, r.execute_completed_at) if t]
    return min(starts, default=None), max(ends, default=None)
