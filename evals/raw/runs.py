"""What reports about runs should hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from evals.raw.records import (
    CODES,
    FINISHED,
    Arguments,
    Reports,
    Rows,
    began,
    failed,
    history,
    homes,
    jobs,
    measured,
    models,
    ranked,
    runs,
    seconds,
    span,
    within,
)

if TYPE_CHECKING:
    from dbt_cloud_sandbox import Run, World

__all__ = ["RUNS"]

_NAMES = {code: name for name, code in CODES.items()}


def _list_runs(world: World, arguments: Arguments) -> Rows:
    codes = [CODES[status] for status in arguments.get("run_status", ())]
    found = [run for job in jobs(world, arguments) for run in runs(world, job, arguments)]
    found = [run for run in found if not codes or run.status in codes]
    if {"min_runtime", "max_runtime"} & arguments.keys():
        found = [run for run in found if (runtime := seconds(run)) is not None and within(runtime, arguments)]
    return _ordered(world, found, arguments)


def _failed_runs(world: World, arguments: Arguments) -> Rows:
    codes = (30,) if arguments.get("cancelled_as_failed") else ()
    found = [run for job in jobs(world, arguments) for run in runs(world, job, arguments)]
    rows = _ordered(world, [run for run in found if failed(run) or run.status in codes], arguments)
    return [{key: value for key, value in row.items() if key != "queued"} for row in rows]


def _ordered(world: World, found: list[Run], arguments: Arguments) -> Rows:
    """Rows of some runs: newest first, oldest first, or by the time that they took or waited."""
    rows = [_row(world, run) for run in sorted(found, key=began, reverse=arguments.get("order_by") != "oldest")]
    by = arguments.get("order_by")
    return ranked(rows, lambda row: -(row.get(by) or 0.0)) if by in ("runtime", "queued") else rows


def _row(world: World, run: Run) -> dict[str, Any]:
    job = next(job.name for job in world.jobs() if job.id == run.job_id)
    row = {"run_id": str(run.id), "job_name": job, "status": _NAMES[run.status], "runtime": seconds(run)}
    waited_until = run.started_at or run.finished_at  # one that never started waited until it was cancelled
    return row | ({"queued": (waited_until - run.created_at).total_seconds()} if waited_until else {})


def _run_details(world: World, arguments: Arguments) -> Rows:
    """The run that is named, or the latest of a job, in whatever state."""
    if "run_id" in arguments:
        return [_row(world, run) for run in world.runs() if str(run.id) == arguments["run_id"]]
    (job,) = jobs(world, arguments)
    return [_row(world, max((run for run in world.runs() if run.job_id == job.id), key=began))]


def _runtime_trend(world: World, arguments: Arguments) -> Rows:
    """The hours, days or weeks of the period so far, with the runs of a job, of a model, or of all."""
    by = arguments.get("by", "day")
    assumed = {"hour": "last_48_hours", "day": "last_14_days", "week": "last_12_weeks"}[by]
    period = {"period": assumed} | dict(arguments)
    start, end = span(period["period"], world.now())
    end = min(end, world.now())
    found = [run for job in jobs(world, period) for run in runs(world, job, period)]
    if "model" in arguments:
        times = _times_of_model(world, arguments["model"])
    else:
        times = {run.id: took for run in found if run.status in FINISHED and (took := seconds(run)) is not None}
    begin = start.replace(minute=0, second=0, microsecond=0)
    if by != "hour":
        begin = begin.replace(hour=0)
    if by == "week":
        begin -= timedelta(days=begin.weekday())
    rows, step = [], {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[by]
    while begin < end:
        own = [times[run.id] for run in found if run.id in times and begin <= began(run) < begin + step]
        rows.append({"runs": len(own)} | (measured(own, "avg_runtime") if own else {}))
        begin += step
    return rows


def _times_of_model(world: World, name: str) -> dict[int, float]:
    """How long a model of production took in each run that executed it."""
    found = {}
    for home in homes(world, {}):
        for node in models(world, home, {"models": [name]}):
            for run_id, result in history(world, home).get(node.unique_id, ()):
                if result.execution_time is not None and result.status != "skipped":
                    found[run_id] = result.execution_time
    return found


RUNS: Reports = {
    "failed_runs": _failed_runs,
    "list_runs": _list_runs,
    "run_details": _run_details,
    "runtime_trend": _runtime_trend,
}
