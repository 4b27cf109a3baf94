"""What reports about models should hold."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import TYPE_CHECKING

from evals.raw.records import (
    CODES,
    FINISHED,
    Arguments,
    Reports,
    Rows,
    began,
    finished,
    history,
    homes,
    jobs,
    measured,
    models,
    name_of,
    project_of,
    ranked,
    runs,
    span,
    within,
    without_models,
)

if TYPE_CHECKING:
    from dbt_cloud_sandbox import Job, Node, World

__all__ = ["MODELS"]


def _list_models(world: World, arguments: Arguments) -> Rows:
    """Models by name, with the time of the last success; where jobs are named, those that their latest runs built."""
    rows, held = [], set()
    for job in jobs(world, without_models(arguments)) if {"jobs", "job_type"} & arguments.keys() else ():
        for run_id in finished(world, job.environment_id, job.id)[-1:]:
            held |= {(job.environment_id, result.unique_id) for result in world.results(run_id)}
    for home in homes(world, arguments):
        for node in models(world, home, arguments):
            results = [each for _, each in history(world, home).get(node.unique_id, ()) if each.status == "success"]
            took = results[-1].execution_time if results else None
            if within(-1.0 if took is None else took, arguments) and (not held or (home, node.unique_id) in held):
                rows.append({"name": node.name, "last_success_runtime": took})
    by = arguments.get("order_by", "name")
    if by == "runtime":
        return ranked(rows, lambda row: -(row["last_success_runtime"] or 0.0))
    return sorted(rows, key=lambda row: row["name"]) if by == "name" else ranked(rows, lambda row: 0)


def _slowest_models(world: World, arguments: Arguments) -> Rows:
    rows = []
    for home, unique_id, times in _model_times(world, arguments):
        if times and within(fmean(times), arguments):
            own = {"name": name_of(unique_id), "project_id": str(project_of(world, home)), "runs": len(times)}
            rows.append(own | measured(times, "runtime"))
    by = {"median": "median_runtime", "max": "max_runtime"}.get(arguments.get("order_by", ""), "runtime")
    return ranked(rows, lambda row: -row[by])


def _model_times(world: World, arguments: Arguments) -> Iterator[tuple[int, str, list[float]]]:
    """Environment, unique_id and the times that count of each model.

    They are those of a run, of the runs of a period, of the latest runs of jobs, of the last n attempts, or of the last
    success.
    """
    last_n, of_runs = arguments.get("last_n_runs", 1), _runs_that_count(world, arguments)
    for home in homes(world, arguments) if of_runs is None else dict.fromkeys(of_runs.values()):
        for node in models(world, home, arguments):
            results = [each for each in history(world, home).get(node.unique_id, ()) if each[1].status != "skipped"]
            if of_runs is not None:
                results = [each for each in results if each[0] in of_runs]
            elif last_n == 1:
                results = [each for each in results if each[1].status == "success"][-1:]
            else:
                results = results[-last_n:]
            times = [result.execution_time for _, result in results if result.execution_time is not None]
            yield home, node.unique_id, times


def _runs_that_count(world: World, arguments: Arguments) -> dict[int, int] | None:
    """The runs to whose times a ranking is narrowed, with their environments; None where it is not narrowed to runs."""
    if "run_id" in arguments:
        return {run.id: run.environment_id for run in world.runs() if str(run.id) == arguments["run_id"]}
    if not {"period", "jobs", "job_type"} & arguments.keys():
        return None
    narrowed = without_models(arguments)
    own = [
        job for job in jobs(world, narrowed) if arguments.get("jobs") or job.environment_id in homes(world, arguments)
    ]
    return {run_id: job.environment_id for job in own for run_id in _runs_of_job(world, job, arguments)}


def _runs_of_job(world: World, job: Job, arguments: Arguments) -> list[int]:
    """A job's finished runs of the period, or its latest ones."""
    if "period" in arguments:
        return [run.id for run in runs(world, job, arguments) if run.status in FINISHED]
    return finished(world, job.environment_id, job.id)[-arguments.get("last_n_runs", 1) :]


def _named(world: World, arguments: Arguments) -> tuple[int, Node]:
    """The model that is asked about, and its environment."""
    named = {"models": [arguments["model"]]}
    ((home, node),) = [(home, node) for home in homes(world, arguments) for node in models(world, home, named)]
    return home, node


def _model_details(world: World, arguments: Arguments) -> Rows:
    home, node = _named(world, arguments)
    checks = [each for each in world.nodes(home) if each.resource_type in ("test", "unit_test")]
    _, last = history(world, home)[node.unique_id][-1]
    details = {
        "name": node.name,
        "owner": node.owner,
        "materialization": node.materialized,
        "description": node.description,
        "group": node.group,
        "schema": node.schema,
        "access": node.access,
        "test_count": sum(node.unique_id in each.depends_on for each in checks),
        "last_run_runtime": last.execution_time,
    }
    return [details]


def _model_runs(world: World, arguments: Arguments) -> Rows:
    home, node = _named(world, arguments)
    results = history(world, home).get(node.unique_id, ())
    start, end = span(arguments["period"], world.now()) if "period" in arguments else (None, None)
    own = {job.id for job in jobs(world, {k: v for k, v in arguments.items() if k != "environment"})}
    codes = [CODES[status] for status in arguments.get("run_status", ())]
    wanted = {
        run.id
        for run in world.runs()
        if run.job_id in own
        and (not codes or run.status in codes)
        and (not start or not end or start <= began(run) < end)
    }
    latest = [(run_id, result) for run_id, result in results if run_id in wanted]
    if "period" not in arguments or "last_n_runs" in arguments:
        latest = latest[-arguments.get("last_n_runs", 10) :]
    times = [(run_id, None if each.status == "skipped" else each.execution_time) for run_id, each in reversed(latest)]
    return [{"run_id": str(run_id), "runtime": runtime} for run_id, runtime in times]


def _failing_models(world: World, arguments: Arguments) -> Rows:
    if "period" not in arguments:
        return _failing_now(world, arguments)
    narrowed = without_models(arguments)
    counted = {run.id for job in jobs(world, narrowed) for run in runs(world, job, arguments)}
    rows = []
    for home in homes(world, arguments):
        for node in models(world, home, arguments):
            own = [result for run_id, result in history(world, home).get(node.unique_id, ()) if run_id in counted]
            if bad := sum(result.status == "error" for result in own):
                ran = sum(result.status != "skipped" for result in own)
                rows.append({"name": node.name, "failures": bad, "runs": ran, "failure_rate": bad / ran})
    return ranked(rows, lambda row: -row["failures"])


def _failing_now(world: World, arguments: Arguments) -> Rows:
    """The models whose last result is an error, then those that their last run skipped."""
    last = [
        (node.name, history(world, home)[node.unique_id][-1][1].status)
        for home in homes(world, arguments)
        for node in models(world, home, arguments)
        if node.unique_id in history(world, home)
    ]
    rows = [{"name": name, "last_run_status": status} for name, status in last if status in ("error", "skipped")]
    return ranked(rows, lambda row: row["last_run_status"] != "error")


MODELS: Reports = {
    "failing_models": _failing_models,
    "list_models": _list_models,
    "model_details": _model_details,
    "model_runs": _model_runs,
    "slowest_models": _slowest_models,
}
