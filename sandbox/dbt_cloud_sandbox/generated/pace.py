"""The pace of jobs: how often each runs, so that there are as many runs as wanted."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeAlias

from dbt_cloud_sandbox.generated.blueprint import Blueprint, JobPlan
from dbt_cloud_sandbox.generated.schedule import DAY_HOURS, EVERY_DAY, Schedule
from dbt_cloud_sandbox.generated.stories import CHAPTER_DAYS

Staffed: TypeAlias = tuple[Blueprint, JobPlan]

MARGIN, LUCK = 0.003, 25.0
MOST_MARGIN = 0.01
TIMES_AN_HOUR = (1, 2, 3, 4, 5, 6, 10, 12)
MOST_A_DAY = DAY_HOURS * TIMES_AN_HOUR[-1]


def runs_a_day(project: Blueprint, job: JobPlan) -> float:
    """How many runs a job has on an average day, those that repeat a failed one included."""
    slots = job.schedule.a_day * len(job.schedule.weekdays) / 7
    again = job.error_rate if job.retried else 0.0
    if job.retried and job.docs:  # a build of the core, which meets the project's stories
        again += project.stories.flaky_rate + project.stories.broken_days / CHAPTER_DAYS
    return slots * (1.0 if job.ci_rate is None else job.ci_rate) * (1.0 + again)


def paced(jobs: list[Staffed], runs: int, days: int) -> list[Staffed]:
    """The jobs at a pace that makes as many runs in as many days, or up to two in a hundred more.

    Only jobs that run every day change theirs, and of those not the ones whose failures are repeated: a night's build
    stays a night's build. The margin is for luck: pull requests and repeated runs cannot be counted beforehand.

    Raises:
        ValueError: When the jobs would have to run less than once a day, or more often than every five minutes; or
            when there are no days.
    """
    if days < 1:
        raise ValueError("There can be no number of runs in no days.")
    wanted = runs * (1 + min(MOST_MARGIN, MARGIN + LUCK / max(1, runs))) / days
    free = [place for place, (_, job) in enumerate(jobs) if is_free(job)]
    fixed = sum(runs_a_day(*pair) for place, pair in enumerate(jobs) if place not in set(free))
    least, most = fixed + len(free), fixed + MOST_A_DAY * len(free)
    if not least <= wanted <= most:
        named = f"{len(jobs)} job{'s' if len(jobs) > 1 else ''}"
        raise ValueError(
            f"{named} can have {int(least * days) + 1} to {int(most * days)} runs in {days} days, not {runs}."
        )
    counts = _counts([jobs[place][1].schedule.a_day for place in free], wanted - fixed)
    found = list(jobs)
    for place, count in zip(free, counts, strict=True):
        home, job = jobs[place]
        shorter = min(1.0, job.schedule.a_day / count)  # a run must not wait until the next one comes
        queue = (job.queue[0] * shorter, job.queue[1] * shorter)
        found[place] = (home, replace(job, schedule=_often(job.schedule, count), queue=queue))
    return _trimmed(found, free, fixed + sum(counts) - wanted, days)


def is_free(job: JobPlan) -> bool:
    """Whether the job's pace may be changed."""
    return job.schedule.weekdays == EVERY_DAY and job.ci_rate is None and not job.retried


def _counts(natural: list[int], wanted: float) -> list[int]:
    """Slots a day that together are at least what is wanted, as little more as can be, in their natural proportions."""
    factor = wanted / sum(natural) if natural else 0.0
    counts = [_rounded(max(1, int(slots * factor))) for slots in natural]
    while sum(counts) < wanted:
        more = ((_rounded(count + _times(count + 1)) - count, place) for place, count in enumerate(counts))
        step, place = min((step, place) for step, place in more if step)
        counts[place] += step
    while fewer := [p for p, count in enumerate(counts) if 0 < _step(count) <= sum(counts) - wanted]:
        place = max(fewer, key=counts.__getitem__)  # jobs cannot run less than once, so others must give way
        counts[place] -= _step(counts[place])
    return _fine(counts, wanted)


def _fine(counts: list[int], wanted: float) -> list[int]:
    """The counts with one job that makes up the whole: the least frequent, for less than hourly jobs go one by one."""
    fine = list(counts)
    least = counts.index(min(counts)) if counts else 0
    while sum(fine) > 0:
        needed = math.ceil(wanted - sum(fine) + fine[least])
        others = [(fine[p], p) for p in range(len(fine)) if p != least and fine[p] < MOST_A_DAY]
        if 1 <= needed <= DAY_HOURS:
            fine[least] = needed
            return fine
        if needed < 1 or not others:
            break
        count, place = min(others)
        fine[place] = _rounded(count + _times(count + 1))
    return counts


def _step(count: int) -> int:
    """How many slots a day can be taken from so many."""
    return count - _rounded(count - 1) if count > 1 else 0


def _times(count: int) -> int:
    """How often an hour a job runs that runs that often a day."""
    return next(times for times in TIMES_AN_HOUR if times * DAY_HOURS >= min(count, MOST_A_DAY))


def _rounded(count: int) -> int:
    """The largest number of slots that a timetable can have and that is no more."""
    return next(slots for slots in range(min(count, MOST_A_DAY), 0, -1) if slots % _times(slots) == 0)


def _often(schedule: Schedule, count: int) -> Schedule:
    times = _times(count)
    hours = count // times
    if (hours, times) == (len(schedule.hours), schedule.times):
        return schedule
    first = schedule.hours[0]
    spread = sorted((first + place * DAY_HOURS // hours) % DAY_HOURS for place in range(hours))
    return replace(schedule, hours=tuple(spread), minute=schedule.minute % (60 // times), times=times)


def _trimmed(jobs: list[Staffed], free: list[int], over: float, days: int) -> list[Staffed]:
    """The jobs, the least frequent at such a time and on such weekdays that there is as little too much as can be.

    Enough there must be whatever weekday the history begins with.
    """
    place = min(free, key=lambda place: (jobs[place][1].schedule.a_day, place), default=None)
    if place is None or jobs[place][1].schedule.a_day > DAY_HOURS:
        return jobs
    home, job = jobs[place]
    needed = (job.schedule.a_day - over) * days
    weeks, rest = divmod(days, 7)
    choices = (
        (count * (weeks * weekdays + min(rest, weekdays)), -weekdays, count)
        for count in range(1, DAY_HOURS + 1)
        for weekdays in range(3, 8)
        if count * (weeks * weekdays + max(0, rest - 7 + weekdays)) >= needed
    )
    _, weekdays, count = min(choices, default=(0, -7, job.schedule.a_day))
    schedule = replace(_often(job.schedule, count), weekdays=EVERY_DAY[:-weekdays])
    jobs[place] = (home, replace(job, schedule=schedule))
    return jobs
