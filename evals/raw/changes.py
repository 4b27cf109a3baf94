"""What reports that compare should hold; their rows are of one rank, for it takes tests to tell change from noise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from evals.raw.records import (
    FINISHED,
    Arguments,
    Reports,
    Rows,
    began,
    history,
    homes,
    jobs,
    models,
    name_of,
    ranked,
    seconds,
    span,
)

if TYPE_CHECKING:
    from dbt_cloud_sandbox import NodeResult, Run, World

__all__ = ["CHANGES"]

_FAILED, _WELL = ("error", "fail", "runtime error"), ("success", "pass", "warn")


def _runtime_changes(world: World, arguments: Arguments) -> Rows:
    period = arguments.get("period", "this_week")
    start, end = span(period, world.now())
    earlier = _before(period, start, min(end, world.now()))
    sides = _times_of_jobs if arguments.get("of") == "jobs" else _times_of_models
    before, after = sides(world, arguments, *earlier), sides(world, arguments, start, end)
    rows = []
    for name in before.keys() & after.keys():
        if len(before[name]) > 1 and len(after[name]) > 1:
            medians = median(before[name]), median(after[name])
            found = {"before": medians[0], "after": medians[1], "difference": medians[1] - medians[0]}
            found |= {"avg_before": fmean(before[name]), "avg_after": fmean(after[name])}
            found |= {"runs_before": len(before[name]), "runs_after": len(after[name])}
            rows.append({"job_name" if arguments.get("of") == "jobs" else "name": name[1], **found})
    direction = arguments.get("direction", "slower")
    wanted = {"slower": lambda row: row["difference"] > 0, "faster": lambda row: row["difference"] < 0}
    return ranked([row for row in rows if direction not in wanted or wanted[direction](row)], lambda row: 0)


def _before(period: str, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """As long a time right before; of months, the month before up to the same day."""
    if period == "last_month":
        return (start - timedelta(days=1)).replace(day=1), start
    if period == "this_month":
        first = (start - timedelta(days=1)).replace(day=1)
        return first, first + (end - start)
    length = timedelta(days=7) if period == "this_week" else timedelta(days=1) if period == "today" else end - start
    return start - length, end - length


def _times_of_jobs(world: World, arguments: Arguments, start: datetime, end: datetime) -> dict[tuple[int, str], Any]:
    times: dict[tuple[int, str], list[float]] = {}
    for job in jobs(world, arguments):
        for run in world.runs():
            if run.job_id == job.id and run.status in FINISHED and start <= began(run) < end:
                times.setdefault((job.id, job.name), []).append(seconds(run) or 0.0)
    return times


def _times_of_models(world: World, arguments: Arguments, start: datetime, end: datetime) -> dict[tuple[int, str], Any]:
    own = {job.id for job in jobs(world, arguments)}
    within = {run.id for run in world.runs() if run.job_id in own and start <= began(run) < end}
    times: dict[tuple[int, str], list[float]] = {}
    for home in homes(world, arguments):
        for node in models(world, home, arguments):
            for run_id, result in history(world, home).get(node.unique_id, ()):
                timed = result.execution_time is not None and result.status != "skipped"
                if run_id in within and timed:
                    times.setdefault((home, node.name), []).append(result.execution_time or 0.0)
    return times


def _compare_runs(world: World, arguments: Arguments) -> Rows:
    later, earlier = _two_runs(world, arguments)
    before, after = _results(world, earlier), _results(world, later)
    rows = []
    for unique_id in before.keys() | after.keys():
        if change := _change(before.get(unique_id), after.get(unique_id), arguments.get("min_change", 0.2)):
            node = unique_id.split(".")
            rows.append({"name": node[2] if node[0] in ("test", "unit_test") else name_of(unique_id), "change": change})
    return ranked(rows, lambda row: 0)


def _two_runs(world: World, arguments: Arguments) -> tuple[Run, Run]:
    """The run that is asked about, and the latest success of its job before it."""
    by_id = {str(run.id): run for run in world.runs()}
    if "run_id" in arguments:
        later = by_id[arguments["run_id"]]
    else:
        (job,) = jobs(world, arguments)
        later = max((run for run in by_id.values() if run.job_id == job.id and run.status in FINISHED), key=began)
    if "base_run_id" in arguments:
        return later, by_id[arguments["base_run_id"]]
    own = [run for run in by_id.values() if run.job_id == later.job_id and began(run) < began(later)]
    return later, max((run for run in own if run.status == 10), key=began)


def _results(world: World, run: Run) -> Mapping[str, NodeResult]:
    """What became of each model, test, seed and snapshot of a run."""
    kinds = ("model", "test", "unit_test", "seed", "snapshot")
    return {each.unique_id: each for each in world.results(run.id) if each.unique_id.split(".")[0] in kinds}


def _change(before: NodeResult | None, after: NodeResult | None, least: float) -> str:
    """How a node differs; empty where it does not, or by less than a second or a share of its time before."""
    if after is None:
        return "gone"
    if after.status in _FAILED and not (before and before.status in _FAILED):
        return "newly_failed"
    if before is None:
        return "added"
    if before.status != after.status:
        return "fixed" if before.status in _FAILED and after.status in _WELL else "status_changed"
    if after.status not in _WELL or before.execution_time is None or after.execution_time is None:
        return ""
    difference = after.execution_time - before.execution_time
    notable = abs(difference) >= max(1.0, least * before.execution_time)
    return ("slower" if difference > 0 else "faster") if notable else ""


CHANGES: Reports = {"compare_runs": _compare_runs, "runtime_changes": _runtime_changes}
