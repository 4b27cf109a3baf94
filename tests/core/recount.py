"""What happened in a world, counted again by plain loops over its raw records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from dbt_cloud_sandbox import Environment, NodeResult, Run, World

__all__ = [
    "Tally",
    "attempts",
    "finished",
    "percentile",
    "production",
    "runs_between",
    "seconds",
    "tally",
    "utc",
]

SUCCESS, ERROR, CANCELLED = 10, 20, 30
_LOOKED_THROUGH = 1500
"""Newest runs that hold the last twenty attempts at every model: some models run once a week."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def seconds(run: Run) -> float:
    assert run.started_at is not None
    assert run.finished_at is not None
    return (run.finished_at - run.started_at).total_seconds()


def finished(run: Run) -> bool:
    return run.status in (SUCCESS, ERROR)


def runs_between(world: World, start: datetime, end: datetime) -> list[Run]:
    """The runs that started in a stretch of time; those that never started count by their creation."""
    return [run for run in world.runs() if start <= (run.started_at or run.created_at) < end]


def percentile(values: Sequence[float], percent: float) -> float:
    """A percentile, by walking along the sorted values."""
    ordered = sorted(values)
    place = percent / 100 * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@dataclass
class Tally:
    """What the finished runs of one job amount to."""

    runtimes: list[float] = field(default_factory=list)
    queued: list[float] = field(default_factory=list)
    longest: int = 0

    @property
    def avg(self) -> float:
        return sum(self.runtimes) / len(self.runtimes)

    @property
    def max(self) -> float:
        return max(self.runtimes)

    @property
    def p95(self) -> float:
        return percentile(self.runtimes, 95)

    @property
    def total(self) -> float:
        return sum(self.runtimes)


def tally(runs: Iterable[Run]) -> dict[int, Tally]:
    """The finished runs by job."""
    jobs: dict[int, Tally] = {}
    for run in runs:
        if not finished(run):
            continue
        job = jobs.setdefault(run.job_id, Tally())
        if not job.runtimes or seconds(run) > job.max:
            job.longest = run.id
        job.runtimes.append(seconds(run))
        assert run.started_at is not None
        job.queued.append((run.started_at - run.created_at).total_seconds())
    return jobs


def production(world: World) -> list[Environment]:
    return [each for each in world.environments() if each.deployment_type == "production"]


@cache
def attempts(world: World, environment_id: int) -> dict[str, list[tuple[Run, NodeResult]]]:
    """What the newest finished runs of an environment did to each node, in the order in which they finished."""
    here = [run for run in world.runs() if run.environment_id == environment_id and finished(run)]
    found: dict[str, list[tuple[Run, NodeResult]]] = {}
    for run in sorted(here, key=lambda run: (run.finished_at, run.id))[-_LOOKED_THROUGH:]:
        for result in world.results(run.id):
            found.setdefault(result.unique_id, []).append((run, result))
    return found
