"""The sandbox's raw records that a question is about, chosen by plain loops. No code of the product is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from dbt_cloud_sandbox import Job, Node, NodeResult, Run, World

__all__ = [
    "CANCELLED",
    "ERROR",
    "FINISHED",
    "Arguments",
    "began",
    "failed",
    "finished",
    "history",
    "homes",
    "jobs",
    "models",
    "name_of",
    "project_of",
    "projects",
    "runs",
    "seconds",
    "span",
    "within",
]

FINISHED = (10, 20)
ERROR, CANCELLED = 20, 30

Arguments = Mapping[str, Any]


def jobs(world: World, arguments: Arguments) -> list[Job]:
    """The jobs of the projects, environment, names and types that are named; one job may be named by `job`."""
    named = (*arguments.get("jobs", ()), *([arguments["job"]] if "job" in arguments else []))
    wanted, types = projects(world, arguments), arguments.get("job_type", ())
    found = [job for job in world.jobs() if job.project_id in wanted]
    if "environment" in arguments:
        found = [job for job in found if job.environment_id in homes(world, arguments)]
    return [job for job in found if (not named or job.name in named) and (not types or job.job_type in types)]


def models(world: World, environment_id: int, arguments: Arguments) -> list[Node]:
    """The models of an environment that have the names, tags, materialization and group that are asked for."""
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


def runs(world: World, job: Job, arguments: Arguments) -> list[Run]:
    """The runs of a job that started in the period, which is the last seven days unless one is named."""
    start, end = span(arguments.get("period", "last_7_days"), world.now())
    return [run for run in world.runs() if run.job_id == job.id and start <= began(run) < end]


def homes(world: World, arguments: Arguments) -> list[int]:
    """The environments whose state is asked for: production, or the type that is named."""
    type_ = arguments.get("environment", "production")
    wanted = projects(world, arguments)
    return [env.id for env in world.environments() if env.deployment_type == type_ and env.project_id in wanted]


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
    return run.status == ERROR or (run.status == CANCELLED and "timed out" in (run.status_message or ""))


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
    return bool(arguments.get("min_runtime", 0.0) <= runtime <= arguments.get("max_runtime", float("inf")))


def name_of(unique_id: str) -> str:
    """The last part of a unique_id."""
    return unique_id.rsplit(".", 1)[-1]
