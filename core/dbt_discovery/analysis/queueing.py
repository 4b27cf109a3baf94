"""Queueing: how long runs waited between their creation and their start, and what ran meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

from dbt_discovery.analysis.measures import percentile
from dbt_discovery.models.records import RunRecord

__all__ = ["Waits", "has_waited", "measure_waits", "running_meanwhile"]

_ENDS, _BEGINS = 0, 1
"""Of two things at the same moment, what ends comes first: it is in nobody's way any more."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long some runs waited in the queue, in seconds.

    Attributes:
        runs: How many they are.
        avg_queued: The mean.
        median_queued: The median.
        p95_queued: The 95th percentile, interpolated between ranks (Hyndman and Fan's type 7).
        max_queued: The longest.
        waiting_share: Share of waiting in the time from creation to end of those that are over; None where none is.
    """

    runs: int
    avg_queued: float
    median_queued: float
    p95_queued: float
    max_queued: float
    waiting_share: float | None


def has_waited(run: RunRecord) -> bool:
    """Whether a run's time in the queue is known and over: it started."""
    return run.started_at is not None and run.queued is not None


def measure_waits(runs: Iterable[RunRecord]) -> Waits | None:
    """How long some runs waited, those that never started left aside; None of no run that did."""
    waited = [(run.queued, run.runtime) for run in runs if run.started_at is not None and run.queued is not None]
    if not waited:
        return None
    times = [queued for queued, _ in waited]
    whole = [(queued, queued + runtime) for queued, runtime in waited if runtime is not None]
    in_all = sum(total for _, total in whole)
    return Waits(
        runs=len(times),
        avg_queued=fmean(times),
        median_queued=median(times),
        p95_queued=percentile(times, 0.95) or 0.0,
        max_queued=max(times),
        waiting_share=sum(queued for queued, _ in whole) / in_all if in_all else None,
    )


def running_meanwhile(
    waiting: Collection[RunRecord], runs: Sequence[RunRecord], now: datetime
) -> dict[str, dict[str, float]]:
    """For how many seconds of each job's waiting other runs were running, by the waiting job and the running one.

    Seconds in which two runs of a job were running count twice. Every run is looked at as often as it overlaps a wait,
    so the work grows with the number of runs and with how many there are at a time.

    Args:
        waiting: The runs whose waits are asked about.
        runs: The runs that may have been running.
        now: When a run ends that is not over yet.
    """
    moments: list[tuple[datetime, int, bool, RunRecord, datetime]] = []
    for run in waiting:
        if run.started_at is not None and run.started_at > run.created_at:
            moments.append((run.created_at, _BEGINS, True, run, run.started_at))
            moments.append((run.started_at, _ENDS, True, run, run.started_at))
    for run in runs:
        end = run.finished_at or (now if not run.status.final else None)
        if run.started_at is not None and end is not None and end > run.started_at:
            moments.append((run.started_at, _BEGINS, False, run, end))
            moments.append((end, _ENDS, False, run, end))
    moments.sort(key=lambda each: each[:2])
    found: dict[str, dict[str, float]] = {}
    under_way: dict[bool, dict[str, tuple[RunRecord, datetime]]] = {True: {}, False: {}}
    for moment, kind, waits, run, end in moments:
        if kind == _ENDS:
            under_way[waits].pop(run.run_id, None)
            continue
        for other, until in under_way[not waits].values():
            queued, running = (run, other) if waits else (other, run)
            of_job = found.setdefault(queued.job_id, {})
            overlap = (min(end, until) - moment).total_seconds()
            of_job[running.job_id] = of_job.get(running.job_id, 0.0) + overlap
        under_way[waits][run.run_id] = (run, end)
    return found
