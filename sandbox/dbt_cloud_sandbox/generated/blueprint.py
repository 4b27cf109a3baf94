"""The blueprints: what each generated project is made of, read from ``blueprints/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from dbt_cloud_sandbox.generated.chance import chance
from dbt_cloud_sandbox.generated.schedule import EVERY_DAY, Schedule

PROJECT_ORDER = ("finance", "marketing", "growth")


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """One model: how long it takes on an ordinary day, and what it reads."""

    name: str
    seconds: float
    materialized: str
    parents: tuple[str, ...]
    tags: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One source table and the tool that loads it."""

    source: str
    table: str
    loader: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stories:
    """What goes wrong in a project; `stories.py` says when."""

    regressed_model: str
    regression_factor: float
    regression_phase: int
    flaky_test: str
    flaky_rate: float
    broken_model: str
    broken_days: int
    broken_phase: int
    stale_sources: tuple[str, ...]
    late_sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobPlan:
    """One job and how its runs tend to go. Rates are shares of its runs, queue times seconds."""

    name: str
    description: str
    environment: str
    steps: tuple[str, ...]
    schedule: Schedule
    threads: int
    queue: tuple[float, float]
    error_rate: float
    error_models: tuple[str, ...]
    cancel_rate: float = 0.0
    timeout_rate: float = 0.0
    timeout_seconds: int = 0
    ci_rate: float | None = None
    scale: float = 1.0
    docs: bool = False
    sources: bool = False
    retried: bool = False


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One project. ``singular_tests`` holds (name, model, seconds), ``snapshots`` (name, seconds, parent).

    ``tags`` are what seeds and snapshots carry besides the package's.
    """

    name: str
    package: str
    description: str
    database: str
    models: tuple[ModelPlan, ...]
    sources: tuple[SourcePlan, ...]
    seeds: tuple[str, ...]
    snapshots: tuple[tuple[str, float, str], ...]
    untested: frozenset[str]
    singular_tests: tuple[tuple[str, str, float], ...]
    exposures: tuple[tuple[str, str, tuple[str, ...]], ...]
    groups: tuple[tuple[str, str, str], ...]
    environments: tuple[tuple[str, str], ...]
    stories: Stories
    jobs: tuple[JobPlan, ...]
    tags: tuple[str, ...] = ()


@cache
def texts() -> tuple[str, ...]:
    """The blueprints as they are written."""
    folder = resources.files(__package__) / "blueprints"
    return tuple((folder / f"{name}.toml").read_text("utf-8") for name in PROJECT_ORDER)


@cache
def blueprints() -> tuple[Blueprint, ...]:
    """All projects of the generated world."""
    return tuple(_blueprint(tomllib.loads(text)) for text in texts())


def model_plans(blueprint: Blueprint) -> Iterator[ModelPlan]:
    """Every model of the project: one staging model a source table, then the blueprint's own."""
    for source in blueprint.sources:
        name = f"stg_{source.source}__{source.table}"
        seconds = round(0.8 + 3.5 * chance("staging", name).random(), 2)
        yield ModelPlan(name, seconds, "view", (), (blueprint.package, "staging", *source.tags), blueprint.groups[0][0])
    yield from blueprint.models


def model_seconds(blueprint: Blueprint) -> dict[str, float]:
    """Seconds that models, snapshots and singular tests take on an ordinary day, by name."""
    seconds = {plan.name: plan.seconds for plan in model_plans(blueprint)}
    seconds |= {name: taken for name, taken, _ in blueprint.snapshots}
    return seconds | {name: taken for name, _, taken in blueprint.singular_tests}


def _blueprint(data: dict[str, Any]) -> Blueprint:
    return Blueprint(
        name=data["name"],
        package=data["package"],
        description=data["description"],
        database=data["database"],
        models=tuple(ModelPlan(n, s, m, tuple(p), tuple(t), g) for n, s, m, p, t, g in data["models"]),
        sources=tuple(
            SourcePlan(source, table, plan["loader"])
            for source, plan in data["sources"].items()
            for table in plan["tables"]
        ),
        seeds=tuple(data["seeds"]),
        snapshots=tuple((name, seconds, parent) for name, seconds, parent in data["snapshots"]),
        untested=frozenset(data["untested"]),
        singular_tests=tuple((name, model, seconds) for name, model, seconds in data["singular_tests"]),
        exposures=tuple((name, kind, tuple(parents)) for name, kind, parents in data["exposures"]),
        groups=tuple((group, owner, email) for group, (owner, email) in data["groups"].items()),
        environments=tuple(data["environments"].items()),
        stories=_stories(data["stories"]),
        jobs=tuple(_job(job) for job in data["jobs"]),
    )


def _stories(data: dict[str, Any]) -> Stories:
    regression, flaky, broken, stale = data["regression"], data["flaky"], data["broken"], data["stale"]
    return Stories(
        regressed_model=regression["model"],
        regression_factor=regression["factor"],
        regression_phase=regression["phase"],
        flaky_test=flaky["test"],
        flaky_rate=flaky["rate"],
        broken_model=broken["model"],
        broken_days=broken["days"],
        broken_phase=broken["phase"],
        stale_sources=tuple(stale["error"]),
        late_sources=tuple(stale["warn"]),
    )


def _job(data: dict[str, Any]) -> JobPlan:
    schedule = data["schedule"]
    low, high = data["queue"]
    return JobPlan(
        name=data["name"],
        description=data["description"],
        environment=data.get("environment", "Production"),
        steps=tuple(data["steps"]),
        schedule=Schedule(tuple(schedule["hours"]), schedule["minute"], tuple(schedule.get("weekdays", EVERY_DAY))),
        threads=data["threads"],
        queue=(low, high),
        error_rate=data["errors"]["rate"],
        error_models=tuple(data["errors"]["models"]),
        cancel_rate=data.get("cancelled", 0.0),
        timeout_rate=data.get("timed_out", 0.0),
        timeout_seconds=data.get("timeout", 0),
        ci_rate=data.get("ci"),
        scale=data.get("scale", 1.0),
        docs=data.get("docs", False),
        sources=data.get("sources", False),
        retried=data.get("retried", False),
    )
