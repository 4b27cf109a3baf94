"""What the reports should begin with, by plain loops over the sandbox's raw records. No code of the product is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from statistics import fmean, quantiles
from typing import Any

from dbt_cloud_sandbox import Job, Node, NodeResult, Run, World

__all__ = ["Truth", "truth_of"]

FINISHED = (10, 20)
ERROR, CANCELLED = 20, 30

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Truth:
    """The first row of a report, as far as it is worked out here, and how many rows there are before the limit.

    Attributes:
        first: Keys and values of the first row; None when there is no row.
        total: Rows before the limit.
    """

    first: dict[str, Any] | None
    total: int


def truth_of(report: str, world: World, arguments: Arguments) -> Truth:
    """What a report with these arguments should begin with."""
    rows = _REPORTS[report](world, arguments)
    return Truth(rows[0] if rows else None, len(rows))


def _longest_running_jobs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    wanted = {
        word: code for word, code in {"success": 10, "failure": 20}.items() if word in arguments.get("run_status", ())
    }
    codes = tuple(wanted.values()) or FINISHED
    order = arguments.get("order_by", "avg")
    rows = []
    for job in _jobs(world, arguments):
        own = [
            run for run in _runs(world, job, arguments) if run.status in codes and run.started_at and run.finished_at
        ]
        seconds = [
            (run.finished_at - run.started_at).total_seconds() for run in own if run.finished_at and run.started_at
        ]
        if not seconds or not _within(fmean(seconds), arguments):
            continue
        rows.append({"job_name": job.name, f"{order}_runtime": _MEASURES[order](seconds)})
    return sorted(rows, key=lambda row: -row[f"{order}_runtime"])


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]


_MEASURES: Mapping[str, Callable[[Sequence[float]], float]] = {"avg": fmean, "max": max, "total": sum, "p95": _p95}


def _slowest_models(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    rows = []
    for project_id, unique_id, seconds in _model_times(world, arguments):
        if seconds and _within(fmean(seconds), arguments):
            rows.append({"name": _name(unique_id), "project_id": str(project_id), "runtime": fmean(seconds)})
    return sorted(rows, key=lambda row: -row["runtime"])


def _model_times(world: World, arguments: Arguments) -> Iterator[tuple[int, str, list[float]]]:
    """Project, unique_id and the times that count of each model.

    They are those of a job's latest run, of the last n runs, or of the last success.
    """
    last_n = arguments.get("last_n_runs", 1)
    jobs = [job for job in _jobs(world, arguments) if arguments.get("jobs")]
    for home in dict.fromkeys(job.environment_id for job in jobs) if jobs else _homes(world, arguments):
        latest = {run_id for job in jobs for run_id in _finished(world, job.environment_id, job.id)[-1:]}
        for node in _models(world, home, arguments):
            results = list(_history(world, home).get(node.unique_id, ()))
            if jobs:
                results = [each for each in results if each[0] in latest]
            if last_n == 1:
                results = [each for each in results if each[1].status == "success"]
            times = [result.execution_time for _, result in results[-last_n:] if result.status != "skipped"]
            yield _project(world, home), node.unique_id, times


def _finished(world: World, environment_id: int, job_id: int | None = None) -> list[int]:
    """The finished runs of an environment, or of a job in it, by their end."""
    runs = [run for run in world.runs() if run.environment_id == environment_id and run.status in FINISHED]
    ends = [(run.finished_at, run.id) for run in runs if run.finished_at and job_id in (None, run.job_id)]
    return [run_id for _, run_id in sorted(ends)]


@cache
def _history(world: World, environment_id: int) -> Mapping[str, list[tuple[int, NodeResult]]]:
    """What each node of an environment came to, run by run, with the runs' ids."""
    history: dict[str, list[tuple[int, NodeResult]]] = {}
    for run_id in _finished(world, environment_id):
        for result in world.results(run_id):
            history.setdefault(result.unique_id, []).append((run_id, result))
    return history


def _failed_runs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    failed = [
        run
        for job in _jobs(world, arguments)
        for run in _runs(world, job, arguments)
        if run.status == ERROR or (run.status == CANCELLED and "timed out" in (run.status_message or ""))
    ]
    failed.sort(key=_began, reverse=True)
    return [{"run_id": str(run.id)} for run in failed]


def _list_jobs(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    jobs = sorted(_jobs(world, arguments), key=lambda job: job.name.lower())
    if arguments.get("order_by") == "last_run":
        latest = {run.job_id: _began(run) for run in sorted(world.runs(), key=lambda run: run.id)}
        jobs.sort(key=lambda job: latest[job.id], reverse=True)
    return [{"job_name": job.name} for job in jobs]


def _list_models(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    wanted = arguments.get("model_status", ())
    names: list[str] = []
    for home in _homes(world, arguments):
        last = {unique_id: results[-1][1].status for unique_id, results in _history(world, home).items()}
        models = _models(world, home, arguments)
        names += [node.name for node in models if not wanted or last.get(node.unique_id) in wanted]
    return [{"name": name} for name in sorted(names)]


_REPORTS: Mapping[str, Callable[[World, Arguments], list[dict[str, Any]]]] = {
    "failed_runs": _failed_runs,
    "list_jobs": _list_jobs,
    "list_models": _list_models,
    "longest_running_jobs": _longest_running_jobs,
    "slowest_models": _slowest_models,
}


def _homes(world: World, arguments: Arguments) -> list[int]:
    """The environments whose state is asked for: production, or the type that is named."""
    type_ = arguments.get("environment", "production")
    projects = _projects(world, arguments)
    return [env.id for env in world.environments() if env.deployment_type == type_ and env.project_id in projects]


def _project(world: World, environment_id: int) -> int:
    return next(env.project_id for env in world.environments() if env.id == environment_id)


def _projects(world: World, arguments: Arguments) -> set[int]:
    named = arguments.get("projects", ())
    excluded = arguments.get("include_or_exclude") == "exclude"
    return {project.id for project in world.projects() if not named or (project.name in named) != excluded}


def _jobs(world: World, arguments: Arguments) -> list[Job]:
    projects, names, types = _projects(world, arguments), arguments.get("jobs", ()), arguments.get("job_type", ())
    jobs = [job for job in world.jobs() if job.project_id in projects]
    if "environment" in arguments:
        jobs = [job for job in jobs if job.environment_id in _homes(world, arguments)]
    return [job for job in jobs if (not names or job.name in names) and (not types or job.job_type in types)]


def _models(world: World, environment_id: int, arguments: Arguments) -> list[Node]:
    tags, every = set(arguments.get("tags", ())), arguments.get("tags_match") == "all"
    kept = []
    for node in world.nodes(environment_id):
        own = tags & set(node.tags)
        right_tags = own == tags if every else bool(own) or not tags
        right = all(
            not arguments.get(key) or value in arguments[key]
            for key, value in (("materialization", node.materialized), ("group", node.group), ("models", node.name))
        )
        if node.resource_type == "model" and right_tags and right:
            kept.append(node)
    return kept


def _runs(world: World, job: Job, arguments: Arguments) -> list[Run]:
    start, end = _span(arguments.get("period", "last_7_days"), world.now())
    return [run for run in world.runs() if run.job_id == job.id and start <= _began(run) < end]


def _began(run: Run) -> datetime:
    return run.started_at or run.created_at


def _span(period: str, now: datetime) -> tuple[datetime, datetime]:
    """First moment of a period, and the first after it; days are UTC days."""
    if rolling := re.fullmatch(r"last_(\d+)_(days|hours|weeks)", period):
        return now - timedelta(**{rolling[2]: int(rolling[1])}), now
    today = now.date()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    a_day, a_week = timedelta(days=1), timedelta(days=7)
    named = {
        "today": (today, today + a_day),
        "yesterday": (today - a_day, today),
        "this_week": (monday, monday + a_week),
        "last_week": (monday - a_week, monday),
        "this_month": (first, (first + timedelta(days=31)).replace(day=1)),
        "last_month": ((first - a_day).replace(day=1), first),
    }
    if period not in named:
        left, _, right = period.partition("/")
        named[period] = date.fromisoformat(left), date.fromisoformat(right or left) + a_day
    start, end = named[period]
    return datetime.combine(start, time(), UTC), datetime.combine(end, time(), UTC)


def _within(seconds: float, arguments: Arguments) -> bool:
    return bool(arguments.get("min_runtime", 0.0) <= seconds <= arguments.get("max_runtime", float("inf")))


def _name(unique_id: str) -> str:
    return unique_id.rsplit(".", 1)[-1]
