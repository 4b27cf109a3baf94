"""What reports about runs, failures, tests, sources and lineage should begin with, by plain loops over raw records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from statistics import fmean
from typing import Any

from dbt_cloud_sandbox import FreshnessResult, Node, World

from evals.records import (
    FINISHED,
    Arguments,
    began,
    failed,
    finished,
    history,
    homes,
    jobs,
    models,
    name_of,
    projects,
    runs,
    seconds,
    span,
    within,
)

__all__ = ["FINDINGS"]

Rows = list[dict[str, Any]]
_CODES = {"queued": 1, "running": 3, "success": 10, "failure": 20, "cancelled": 30}
_FAILED = ("error", "fail", "runtime error")
_WORST_FIRST = ("error", "runtime error", "warn", "unknown", "pass")


def _list_projects(world: World, arguments: Arguments) -> Rows:
    wanted = [project for project in world.projects() if project.id in projects(world, arguments)]
    rows = []
    for project in sorted(wanted, key=lambda each: each.name):
        own = {"projects": [project.name]}
        built = sum(len(models(world, home, own)) for home in homes(world, own))
        rows.append({"project_name": project.name, "model_count": built, "job_count": len(jobs(world, own))})
    by = {"models": "model_count", "jobs": "job_count"}.get(arguments.get("order_by", ""))
    return sorted(rows, key=lambda row: -row[by]) if by else rows


def _list_runs(world: World, arguments: Arguments) -> Rows:
    codes = [_CODES[status] for status in arguments.get("run_status", ())]
    found = [run for job in jobs(world, arguments) for run in runs(world, job, arguments)]
    found = [run for run in found if not codes or run.status in codes]
    if {"min_runtime", "max_runtime"} & arguments.keys():
        found = [run for run in found if (runtime := seconds(run)) is not None and within(runtime, arguments)]
    return [{"run_id": str(run.id)} for run in sorted(found, key=began, reverse=True)]


def _latest_run(world: World, arguments: Arguments) -> Rows:
    (job,) = jobs(world, arguments)
    return [{"run_id": str(finished(world, job.environment_id, job.id)[-1]), "job_name": job.name}]


def _job(world: World, arguments: Arguments) -> Rows:
    (job,) = jobs(world, arguments)
    return [{"job_name": job.name, "schedule": job.cron}]


def _model(world: World, arguments: Arguments) -> Rows:
    named = {"models": [arguments["model"]]}
    found = [node for home in homes(world, {}) for node in models(world, home, named)]
    return [{"name": node.name, "unique_id": node.unique_id} for node in found]


def _model_owner(world: World, arguments: Arguments) -> Rows:
    named = {"models": [arguments["model"]]}
    found = [node for home in homes(world, {}) for node in models(world, home, named)]
    return [{"name": node.name, "owner": node.owner, "materialization": node.materialized} for node in found]


def _model_runs(world: World, arguments: Arguments) -> Rows:
    (row,) = _model(world, arguments)
    results = [each for home in homes(world, {}) for each in history(world, home).get(row["unique_id"], ())]
    latest = results[-arguments.get("last_n_runs", 10) :]
    return [{"run_id": str(run_id), "runtime": result.execution_time} for run_id, result in reversed(latest)]


def _runtime_trend(world: World, arguments: Arguments) -> Rows:
    """The days of the period, the last fourteen unless one is named, with the runs of a job, of a model, or of all."""
    period = {"period": "last_14_days"} | dict(arguments)
    start, end = span(period["period"], world.now())
    found = [run for job in jobs(world, period) for run in runs(world, job, period) if run.status in FINISHED]
    if "model" in arguments:
        (row,) = _model(world, arguments)
        ran = [each for home in homes(world, {}) for each in history(world, home).get(row["unique_id"], ())]
        timed = {run_id for run_id, result in ran if result.execution_time is not None and result.status != "skipped"}
        found = [run for run in found if run.id in timed]
    taken = Counter(began(run).date() for run in found if seconds(run) is not None)
    days = ((end - timedelta(microseconds=1)).date() - start.date()).days + 1
    return [{"runs": taken[start.date() + timedelta(days=day)]} for day in range(days)]


def _job_reliability(world: World, arguments: Arguments) -> Rows:
    rows = []
    for job in jobs(world, arguments):
        own = runs(world, job, arguments)
        ended = [run for run in own if run.status in FINISHED or failed(run)]
        if ended:
            bad = sum(map(failed, ended))
            rows.append({"job_name": job.name, "failed": bad, "success_rate": 1 - bad / len(ended)})
    by_rate = arguments.get("order_by") == "success_rate"
    return sorted(rows, key=lambda row: row["success_rate"] if by_rate else -row["failed"])


def _failing_models(world: World, arguments: Arguments) -> Rows:
    if "period" not in arguments:
        return _failing_now(world, arguments)
    start, end = span(arguments["period"], world.now())
    within_period = {run.id for run in world.runs() if start <= began(run) < end}
    rows = []
    for home in homes(world, arguments):
        for node in models(world, home, arguments):
            own = [result for run_id, result in history(world, home).get(node.unique_id, ()) if run_id in within_period]
            if bad := sum(result.status == "error" for result in own):
                rows.append({"name": node.name, "failures": bad})
    return sorted(rows, key=lambda row: -row["failures"])


def _failing_now(world: World, arguments: Arguments) -> Rows:
    """The models whose last result is an error, then those that their last run skipped."""
    last = [
        (node.name, history(world, home)[node.unique_id][-1][1].status)
        for home in homes(world, arguments)
        for node in models(world, home, arguments)
        if node.unique_id in history(world, home)
    ]
    return [{"name": name} for wanted in ("error", "skipped") for name, status in last if status == wanted]


def _tests(world: World, arguments: Arguments) -> list[tuple[int, Node]]:
    """The tests of the production environments, with these."""
    return [
        (home, node)
        for home in homes(world, arguments)
        for node in world.nodes(home)
        if node.resource_type in ("test", "unit_test")
    ]


def _failing_tests(world: World, arguments: Arguments) -> Rows:
    last = [history(world, home).get(node.unique_id) for home, node in _tests(world, arguments)]
    statuses = [results[-1][1].status for results in last if results]
    bad = [status for status in statuses if status in (*_FAILED, "warn")]
    return [{"status": status} for status in sorted(bad, key=lambda status: (status == "warn", status != "error"))]


def _slowest_tests(world: World, arguments: Arguments) -> Rows:
    rows = []
    for home, node in _tests(world, arguments):
        passed = [each for _, each in history(world, home).get(node.unique_id, ()) if each.status in ("pass", "warn")]
        if passed and passed[-1].execution_time is not None:
            rows.append({"name": node.name, "runtime": passed[-1].execution_time})
    return sorted(rows, key=lambda row: -row["runtime"])


def _test_coverage(world: World, arguments: Arguments) -> Rows:
    number = Counter(node.tested_node for _, node in _tests(world, arguments))
    found = [node for home in homes(world, arguments) for node in models(world, home, arguments)]
    return [{"tests": tests} for tests in sorted(number[node.unique_id] for node in found)]


def _source_freshness(world: World, arguments: Arguments) -> Rows:
    """The last check of each source; one that was never checked, or has no criteria, is unknown."""
    rows: list[tuple[str, float]] = []
    for home in homes(world, arguments):
        checks: dict[str, FreshnessResult] = {}
        for run_id in finished(world, home):
            checks |= {check.unique_id: check for check in world.freshness(run_id)}
        wanted = _upstream(world, home, arguments["model"]) if "model" in arguments else None
        for node in world.nodes(home):
            if node.resource_type == "source" and (wanted is None or node.unique_id in wanted):
                check = checks.get(node.unique_id)
                status = check.status if check and node.freshness else "unknown"
                rows.append((status, check.age or 0.0 if check else 0.0))
    asked = arguments.get("status", _WORST_FIRST)
    ordered = sorted(rows, key=lambda row: (_WORST_FIRST.index(row[0]), -row[1]))
    return [{"status": "error" if s == "runtime error" else s} for s, _ in ordered if s in asked]


def _lineage(world: World, arguments: Arguments) -> Rows:
    rows = []
    for home in homes(world, arguments):
        if any(node.name == arguments["model"] for node in models(world, home, {})):
            if arguments.get("direction") != "downstream":
                rows += sorted(_upstream(world, home, arguments["model"]).values())
            if arguments.get("direction") != "upstream":
                rows += sorted(_downstream(world, home, arguments["model"]).values())
    return [{"distance": distance} for distance in rows]


def _upstream(world: World, home: int, model: str) -> dict[str, int]:
    """What a model of an environment is made from, and how many steps away that is."""
    return _walked(model, {node.unique_id: list(node.depends_on) for node in world.nodes(home)})


def _downstream(world: World, home: int, model: str) -> dict[str, int]:
    """What is made from a model of an environment, and how many steps away that is; tests do not count."""
    children: dict[str, list[str]] = {}
    for node in world.nodes(home):
        for parent in node.depends_on if "test" not in node.resource_type else ():
            children.setdefault(parent, []).append(node.unique_id)
    return _walked(model, children)


def _walked(model: str, following: Mapping[str, list[str]]) -> dict[str, int]:
    level = [each for each in following if name_of(each) == model and each.startswith("model.")]
    steps = dict.fromkeys(level, 0)
    while level:
        level = [each for node in level for each in following.get(node, ()) if each not in steps]
        steps |= {each: max(steps.values()) + 1 for each in level}
    return {node: distance for node, distance in steps.items() if distance}


def _queue_times(world: World, arguments: Arguments) -> Rows:
    rows = []
    for job in jobs(world, arguments):
        own = [run for run in runs(world, job, arguments) if run.started_at]
        waits = [(run.started_at - run.created_at).total_seconds() for run in own if run.started_at]
        if waits:
            rows.append({"job_name": job.name, "avg_queued": fmean(waits)})
    return sorted(rows, key=lambda row: -row["avg_queued"])


FINDINGS: Mapping[str, Callable[[World, Arguments], Rows]] = {
    "failing_models": _failing_models,
    "failing_tests": _failing_tests,
    "job_details": _job,
    "job_reliability": _job_reliability,
    "lineage": _lineage,
    "list_projects": _list_projects,
    "list_runs": _list_runs,
    "model_details": _model_owner,
    "model_runs": _model_runs,
    "queue_times": _queue_times,
    "run_details": _latest_run,
    "runtime_trend": _runtime_trend,
    "slowest_tests": _slowest_tests,
    "source_freshness": _source_freshness,
    "test_coverage": _test_coverage,
}
