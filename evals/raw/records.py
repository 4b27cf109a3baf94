"""The sandbox's raw records that a question is about, chosen by plain loops. No code of the product is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from statistics import fmean, median, quantiles
from typing import Any

from dbt_cloud_sandbox import Job, Node, NodeResult, Run, World

__all__ = [
    "CODES",
    "FINISHED",
    "RANK",
    "Arguments",
    "Reports",
    "Rows",
    "began",
    "failed",
    "finished",
    "history",
    "homes",
    "jobs",
    "listed",
    "measured",
    "models",
    "moment",
    "name_of",
    "project_of",
    "projects",
    "ranked",
    "runs",
    "seconds",
    "span",
    "within",
    "without_models",
]

FINISHED = (10, 20)
CODES = {"queued": 1, "starting": 2, "running": 3, "success": 10, "failure": 20, "cancelled": 30}
_ERROR, _CANCELLED = 20, 30
_OF_MODELS = {"models", "tags", "materialization", "group", "package", "model_status"}
_LISTS = _OF_MODELS | {"projects", "jobs", "job_type", "run_status"}
RANK = "rank"
"""The key of a row's place, from 1; rows that nothing tells apart share theirs."""

Arguments = Mapping[str, Any]
Rows = list[dict[str, Any]]
Reports = Mapping[str, Callable[[World, Arguments], Rows]]
"""Reports by name, each with what works out its rows."""


def listed(arguments: Arguments) -> dict[str, Any]:
    """The arguments with a list of one where one value stands for a list, as filters take it."""
    return {key: [each] if key in _LISTS and isinstance(each, str) else each for key, each in arguments.items()}


def jobs(world: World, arguments: Arguments) -> list[Job]:
    """The jobs of the projects, environment, names and types that are named; one job may be named by `job`.

    Where models are narrowed, those jobs are kept whose latest finished run holds such a model.
    """
    named = (*arguments.get("jobs", ()), *([arguments["job"]] if "job" in arguments else []))
    wanted, types = projects(world, arguments), arguments.get("job_type", ())
    found = [job for job in world.jobs() if job.project_id in wanted]
    if "environment" in arguments:
        found = [job for job in found if job.environment_id in homes(world, arguments)]
    found = [job for job in found if (not named or job.name in named) and (not types or job.job_type in types)]
    return [job for job in found if _builds(world, job, arguments)] if _OF_MODELS & arguments.keys() else found


def _builds(world: World, job: Job, arguments: Arguments) -> bool:
    """Whether the latest finished run of a job holds a model that is asked for."""
    latest = finished(world, job.environment_id, job.id)[-1:]
    held = {result.unique_id for run_id in latest for result in world.results(run_id)}
    return any(node.unique_id in held for node in models(world, job.environment_id, arguments))


def without_models(arguments: Arguments) -> Arguments:
    """The arguments but for those that narrow models."""
    return {key: value for key, value in arguments.items() if key not in _OF_MODELS}


def models(world: World, environment_id: int, arguments: Arguments) -> list[Node]:
    """The models that an environment's runs touched, with the names, tags, traits and last outcome asked for."""
    tags, every = set(arguments.get("tags", ())), arguments.get("tags_match") == "all"
    kept = []
    for node in world.nodes(environment_id):
        own = tags & set(node.tags)
        right_tags = own == tags if every else bool(own) or not tags
        results = history(world, environment_id).get(node.unique_id, ())
        if node.resource_type != "model" or not results or not right_tags:
            continue
        traits = {
            "materialization": node.materialized,
            "group": node.group,
            "package": node.package_name,
            "models": node.name,
            "model_status": results[-1][1].status,
        }
        if all(not arguments.get(key) or value in arguments[key] for key, value in traits.items()):
            kept.append(node)
    return kept


def runs(world: World, job: Job, arguments: Arguments) -> list[Run]:
    """The runs of a job that started in the period, which is the last seven days unless one is named."""
    start, end = span(arguments.get("period", "last_7_days"), world.now())
    return [run for run in world.runs() if run.job_id == job.id and start <= began(run) < end]


def homes(world: World, arguments: Arguments) -> list[int]:
    """The environments whose state is asked for: the type that is named, those of the named jobs, or production."""
    type_, wanted = arguments.get("environment"), projects(world, arguments)
    named = {job.environment_id for job in world.jobs() if job.name in arguments.get("jobs", ())}
    return [
        env.id
        for env in world.environments()
        if env.project_id in wanted
        and (env.id in named if named and not type_ else env.deployment_type == (type_ or "production"))
    ]


def project_of(world: World, environment_id: int) -> int:
    """The project that an environment belongs to."""
    return next(env.project_id for env in world.environments() if env.id == environment_id)


def projects(world: World, arguments: Arguments) -> set[int]:
    """The projects that are named and not left out; all, if none is named."""
    named = arguments.get("projects", ())
    excluded = arguments.get("include_or_exclude") == "exclude"
    return {project.id for project in world.projects() if not named or (project.name in named) != excluded}


def finished(world: World, environment_id: int, job_id: int | None = None) -> list[int]:
    """The finished runs of an environment, or of a job in it, by their end."""
    own = [run for run in world.runs() if run.environment_id == environment_id and run.status in FINISHED]
    ends = [(run.finished_at, run.id) for run in own if run.finished_at and job_id in (None, run.job_id)]
    return [run_id for _, run_id in sorted(ends)]


@cache
def history(world: World, environment_id: int) -> Mapping[str, list[tuple[int, NodeResult]]]:
    """What each node of an environment came to, run by run, with the runs' ids."""
    found: dict[str, list[tuple[int, NodeResult]]] = {}
    for run_id in finished(world, environment_id):
        for result in world.results(run_id):
            found.setdefault(result.unique_id, []).append((run_id, result))
    return found


def began(run: Run) -> datetime:
    """When it started, or was created if it never did."""
    return run.started_at or run.created_at


def seconds(run: Run) -> float | None:
    """How long it took; None if it never ended, or never began."""
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else None


def failed(run: Run) -> bool:
    """Whether it failed, or was stopped at its time limit."""
    return run.status == _ERROR or (run.status == _CANCELLED and "timed out" in (run.status_message or ""))


def span(period: str, now: datetime) -> tuple[datetime, datetime]:
    """First moment of a period, and the first after it; days are UTC days, and moments are UTC."""
    if rolling := re.fullmatch(r"last_(\d+)_(days|hours|weeks)", period):
        return now - timedelta(**{rolling[2]: int(rolling[1])}), now
    if "T" in period:
        begin, finish = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in period.split("/"))
        return begin, finish
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


def within(runtime: float, arguments: Arguments) -> bool:
    """Whether a runtime lies within the bounds that are asked for."""
    return bool(arguments.get("min_runtime", float("-inf")) <= runtime <= arguments.get("max_runtime", float("inf")))


def name_of(unique_id: str) -> str:
    """The last part of a unique_id."""
    return unique_id.rsplit(".", 1)[-1]


def measured(times: Sequence[float], mean: str, unit: str = "runtime") -> dict[str, float]:
    """Average, median, 95th percentile and longest of some times; the average under a name of its own."""
    p95 = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return {mean: fmean(times), f"median_{unit}": median(times), f"p95_{unit}": p95, f"max_{unit}": max(times)}


def ranked(rows: Rows, by: Callable[[dict[str, Any]], float]) -> Rows:
    """Rows in the order of a measure, least first, each with its rank."""
    places = sorted(map(by, rows))
    return [{**row, RANK: places.index(by(row)) + 1} for row in sorted(rows, key=by)]


def moment(time_: datetime | None) -> str | None:
    """A moment as reports write it."""
    if time_ is None:
        return None
    length = "milliseconds" if time_.microsecond else "seconds"
    return time_.astimezone(UTC).isoformat(timespec=length).replace("+00:00", "Z")
