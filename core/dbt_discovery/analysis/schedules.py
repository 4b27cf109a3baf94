"""Schedules: when cron expressions start jobs, and which jobs are then in each other's way.

dbt Cloud reads cron in UTC: minute, hour, day of month, month, day of week with Sunday as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

from cronsim import CronSim, CronSimError

from dbt_discovery.analysis.measures import counts
from dbt_discovery.models.records import JobRecord, RunRecord

__all__ = ["Timetable", "WeekOfJob", "WeekPlan", "collisions", "plan_week", "read_schedule", "week_of_job"]

_FIELDS = 5
_MINUTE, _WEEK = timedelta(minutes=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a schedule starts a job.

    Attributes:
        starts: The moments within the stretch of time asked about, in order.
        interval: The shortest time from one start to the next in seconds, looking at least at the next two; None where
            there are no two.
    """

    starts: tuple[datetime, ...]
    interval: float | None


def read_schedule(cron: str, start: datetime, end: datetime) -> Timetable | None:
    """When a cron expression starts a job from `start` up to `end`; None of an expression that is not understood."""
    if len(cron.split()) != _FIELDS:
        return None
    try:
        coming = CronSim(cron, start - timedelta(seconds=1))
    except (CronSimError, ValueError):  # the latter of numbers with thousands of digits
        return None
    starts: list[datetime] = []
    for moment in coming:
        starts.append(moment)
        if moment >= end and len(starts) > 1:
            break
    interval = min(((later - sooner).total_seconds() for sooner, later in pairwise(starts)), default=None)
    return Timetable(tuple(moment for moment in starts if moment < end), interval)


@dataclass(frozen=True, slots=True)
class WeekOfJob:
    """A job's week, minute by minute.

    Attributes:
        job_id: The job.
        due: The minutes in which it is to start, as the bits of a number.
        busy: The minutes in which a run of it would go on, among them those in which it starts.
        interval: The shortest time between two starts in seconds, if there are two.
    """

    job_id: str
    due: int
    busy: int
    interval: float | None


def week_of_job(job_id: str, cron: str, runtime: float | None, begin: datetime) -> WeekOfJob | None:
    """The seven days of a job from a moment on; None where its schedule is not understood.

    A run is taken to last `runtime` seconds, one of unknown length a minute; runs that began before count as far as
    they reach into the week.
    """
    length = min(max(ceil((runtime or 0.0) / _MINUTE.total_seconds()), 1), _WEEK // _MINUTE)
    table = read_schedule(cron, begin - length * _MINUTE, begin + _WEEK)
    if table is None:
        return None
    places = [(moment - begin) // _MINUTE for moment in table.starts]
    return WeekOfJob(
        job_id,
        due=_bits((place, 1) for place in places if place >= 0),
        busy=_bits((max(place, 0), length + min(place, 0)) for place in places),
        interval=table.interval,
    )


def collisions(job: WeekOfJob, others: Sequence[WeekOfJob]) -> list[tuple[str, int]]:
    """How often in the week each other job would be running, or starts too, when a job is due; the most often first."""
    met = ((other.job_id, (job.due & other.busy).bit_count()) for other in others if other.job_id != job.job_id)
    return sorted(((job_id, times) for job_id, times in met if times), key=lambda each: (-each[1], each[0]))


@dataclass(frozen=True, slots=True)
class WeekPlan:
    """What the schedules of some jobs lead to in seven days.

    Attributes:
        runtimes: How long each job takes in seconds, as far as it is known.
        weeks: The weeks of the jobs that are scheduled.
        unclear: Those whose schedule is not understood.
    """

    runtimes: Mapping[str, float]
    weeks: Mapping[str, WeekOfJob]
    unclear: tuple[JobRecord, ...]

    def is_over_scheduled(self, job_id: str) -> bool | None:
        """Whether a job takes longer than the shortest interval of its schedule; None where either is not known."""
        week, runtime = self.weeks.get(job_id), self.runtimes.get(job_id)
        if week is None or week.interval is None or runtime is None:
            return None
        return runtime > week.interval

    def met_by(self, job_id: str) -> list[tuple[str, int]]:
        """How often each other job is in the way when a job is due, the most often first; none without a schedule."""
        week = self.weeks.get(job_id)
        return collisions(week, list(self.weeks.values())) if week else []


def plan_week(jobs: Sequence[JobRecord], runs: Iterable[RunRecord], begin: datetime) -> WeekPlan:
    """What the schedules of jobs lead to in the seven days from a moment on.

    A job takes as long as the median of those runs of it that count; without any, as long as its latest run.
    """
    times: dict[str, list[float]] = {}
    for run in filter(counts, runs):
        times.setdefault(run.job_id, []).append(run.runtime or 0.0)
    runtimes = {job.job_id: job.last_runtime for job in jobs if job.last_runtime is not None}
    runtimes |= {job_id: median(own) for job_id, own in times.items()}
    minute = begin.replace(second=0, microsecond=0)
    found = [
        (job, week_of_job(job.job_id, job.schedule, runtimes.get(job.job_id), minute)) for job in jobs if job.schedule
    ]
    return WeekPlan(
        runtimes,
        weeks={job.job_id: week for job, week in found if week},
        unclear=tuple(job for job, week in found if week is None),
    )


def _bits(stretches: Iterable[tuple[int, int]]) -> int:
    """A number whose bits are set in some stretches: where each begins, and how long it is."""
    found = 0
    for begin, length in stretches:
        found |= ((1 << length) - 1) << begin
    return found
