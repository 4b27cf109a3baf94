"""How long jobs wait before they start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.measures import apart, why_left_out
from dbt_discovery.analysis.queueing import has_waited, measure_waits, running_meanwhile
from dbt_discovery.analysis.schedules import WeekPlan, plan_week
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import JobFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import order_reading, period_reading
from dbt_discovery.words import count, duration, few, percent

__all__ = ["QueueTimes", "queue_times"]

_WORDS = {"avg": "average wait", "p95": "95th percentile of waits", "max": "longest single wait"}
_COLUMNS = columns(
    "job_name",
    "project_name",
    "environment_name",
    "runs",
    seconds("avg_queued", "Average wait"),
    seconds("median_queued", "Median wait"),
    seconds("p95_queued", "95th percentile"),
    seconds("max_queued", "Longest wait"),
    Column(key="waiting_share", label="Share of time waiting", type="number", unit="ratio"),
    Column(key="waited_for", label="Running meanwhile"),
    Column(key="collisions", label="Schedules that collide"),
    Column(key="over_scheduled", label="Over-scheduled", type="bool"),
    seconds("median_runtime", "Median runtime"),
    seconds("interval", "Shortest interval"),
    Column(key="cancelled_waiting", label="Cancelled while waiting", type="number", unit="count"),
    "schedule",
    "job_id",
)
_LEAD = timedelta(days=1)
_WORTH_TELLING = 0.01


class QueueTimes(Limited, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `queue_times`."""

    TOLD = JOBS_NAMED

    order_by: Literal["avg", "p95", "max"] = Field(
        default="avg", description="Rank by average wait, by its 95th percentile or by the longest single wait."
    )


@report(
    title="Queue times",
    group="jobs",
    examples=(
        "Which jobs wait longest before they start?",
        "Which schedules collide?",
        "Are there over-scheduled jobs?",
    ),
    sample={"period": "last_week", "limit": 5},
)
async def queue_times(inquiry: Inquiry, arguments: QueueTimes) -> Findings:
    """How long each job's runs wait in the queue, what runs meanwhile, and which schedules collide.

    A run waits from its creation to its start, so every run that started counts, however it ended; those cancelled
    before they started stand in `cancelled_waiting`, since dbt Cloud cancels a queued run when the same schedule queues
    the next. `waiting_share` is the waiting of the runs that are over, divided by the time from their creation to their
    end. The 95th percentile interpolates between ranks (Hyndman and Fan's type 7). Without a period, the last seven
    days are taken (up to the latest run, where that is older).

    `waited_for` names the jobs that were running while these runs waited, each with the share of the waiting during
    which it was; runs that overlap count each, so the shares may add up to more than all of it. That they were running
    does not prove that they were the cause: dbt Cloud does not tell what a run waited for.

    `collisions` comes from the schedules alone: in the seven days from now, how many times another job is still
    running, or due in the same minute, when this one is due. Those of the same environment come first; with the others
    it shares no more than the account's run slots. Cron expressions are read in UTC, as dbt Cloud does. Schedules that
    are switched off do not count, and a run is taken to last its job's median runtime in the period (else that of its
    latest run). A job is `over_scheduled` if its median runtime exceeds the shortest interval of its schedule: its runs
    then pile up. Jobs are compared with all jobs of the projects asked about, whichever jobs are named.
    """
    jobs = await inquiry.select_jobs_of_runs(arguments)
    period = arguments.period or await inquiry.assumed_period(arguments, jobs)
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    anywhere = taken.model_copy(update={"environment": None})
    projects = {project.project_id for project in await inquiry.select_projects(taken)}
    rivals = [job for job in await inquiry.jobs() if job.project_id in projects]
    runs = await inquiry.select_runs(anywhere, span, rivals)
    ids = {job.job_id for job in jobs}
    own: dict[str, list[RunRecord]] = {}
    for run in await inquiry.kept_runs(taken, runs):
        if run.job_id in ids:
            own.setdefault(run.job_id, []).append(run)
    plan = plan_week(rivals, runs, inquiry.now)
    rows = _rows(await Names.of(inquiry), jobs, own, plan)
    rows.sort(key=lambda row: (-row[f"{taken.order_by}_queued"], -row["max_queued"], row["job_name"], row["job_id"]))
    earlier = await inquiry.runs_before(anywhere, span, _LEAD, rivals)
    shown, by_id = rows[: taken.limit], {job.job_id: job for job in rivals}
    waits = [run for row in shown for run in own[row["job_id"]]]
    behind = running_meanwhile(waits, [*earlier, *runs], inquiry.now)
    for row in shown:
        row["waited_for"] = _waited_for(own[row["job_id"]], behind.get(row["job_id"], {}), by_id)
        row["collisions"] = _collisions(by_id[row["job_id"]], plan, by_id)
    if plan.unclear:
        named = few([f"{job.name} (“{(job.schedule or '')[:40]}”)" for job in plan.unclear])
        inquiry.tell(f"The schedule of {count(len(plan.unclear), 'job')} is not understood: {named}.")
    asked = [run for each in own.values() for run in each]
    _tell_of_those_waiting(inquiry, asked)
    left_out = Counter(_left_out(run) for run in asked if not has_waited(run))
    return Findings(
        finding=_finding(rows, taken, span),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=len(asked) - left_out.total(), left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments),
            order_reading(arguments, _WORDS),
            Reading(key="rivals", label="Compared with", value="all jobs of the projects asked about"),
        ],
        span=span,
        chart=Chart(kind="bar", x="job_name", y=(f"{taken.order_by}_queued",)),
        arguments=taken,
        limit=taken.limit,
    )


def _rows(names: Names, jobs: Sequence[JobRecord], own: Mapping[str, Sequence[RunRecord]], plan: WeekPlan) -> list[Row]:
    """How long the runs of each job waited, and what its schedule tells."""
    rows: list[Row] = []
    for job in jobs:
        runs, week = own.get(job.job_id, ()), plan.weeks.get(job.job_id)
        if waits := measure_waits(runs):
            rows.append(
                {
                    **names.job(job),
                    **asdict(waits),
                    "cancelled_waiting": sum(why_left_out(run) == "never_started" for run in runs),
                    "schedule": job.schedule,
                    "interval": week.interval if week else None,
                    "median_runtime": plan.runtimes.get(job.job_id),
                    "over_scheduled": plan.is_over_scheduled(job.job_id),
                }
            )
    return rows


def _collisions(job: JobRecord, plan: WeekPlan, jobs: Mapping[str, JobRecord]) -> str | None:
    """Which jobs are in the way when a job is due, those of its own environment first; None without a schedule."""
    if job in plan.unclear:
        return "schedule not understood"
    met = [(jobs[job_id], times) for job_id, times in plan.met_by(job.job_id)]
    met.sort(key=lambda each: each[0].environment_id != job.environment_id)
    return few([f"{other.name} ({times} × a week)" for other, times in met]) or ("none" if job.schedule else None)


def _waited_for(runs: Sequence[RunRecord], behind: Mapping[str, float], jobs: Mapping[str, JobRecord]) -> str | None:
    """Which jobs ran while the runs of a job waited, those first that did so longest."""
    whole = sum(run.queued or 0.0 for run in runs if has_waited(run))
    met = sorted(behind.items(), key=lambda each: (-each[1], each[0]))
    told = [
        f"{'its own earlier run' if other == runs[0].job_id else jobs[other].name} ({percent(part / whole)})"
        for other, part in met
        if part / whole >= _WORTH_TELLING
    ]
    return few(told) or None


def _tell_of_those_waiting(inquiry: Inquiry, runs: Sequence[RunRecord]) -> None:
    """Says how many runs are in the queue now, which no average counts."""
    waiting = [run for run in runs if run.started_at is None and run.status is RunStatus.QUEUED]
    if waiting:
        longest = max((inquiry.now - run.created_at).total_seconds() for run in waiting)
        inquiry.tell(f"{count(len(waiting), 'run')} waiting now, the longest for {duration(longest)}.")


def _left_out(run: RunRecord) -> LeftOut:
    """Why the wait of a run does not count."""
    return "no_timing" if run.started_at is not None else why_left_out(run) or "never_started"


def _finding(rows: Sequence[Row], arguments: QueueTimes, span: TimeRange) -> str:
    if not rows:
        return f"No run whose wait is known fits the question {span.when}."
    first = rows[0]
    if not any(row["max_queued"] for row in rows):
        return f"No run waited {span.when}."
    avg, middle = first["avg_queued"], first["median_queued"]
    times = {key: duration(first[f"{key}_queued"]) for key in _WORDS}
    half = f", though half of them no longer than {duration(middle)}" if apart(avg, middle) and avg > middle else ""
    over = f"over {count(first['runs'], 'run')}"
    measure = {
        "avg": f"{times['avg']} on average {over} (longest {times['max']}){half}",
        "p95": f"a 95th percentile of {times['p95']} {over} (average {times['avg']})",
        "max": f"one run waited {times['max']} (average {times['avg']} {over})",
    }[arguments.order_by]
    name = f"{first['job_name']} ({first['project_name']})"
    told = f"{name} waited{' longest' if len(rows) > 1 else ''} {span.when}: {measure}"
    if first["cancelled_waiting"]:
        told += f", and {count(first['cancelled_waiting'], 'more run')} cancelled before they started"
    crowded = [row for row in rows if row["over_scheduled"]]
    if first in crowded:
        runtime, interval = duration(first["median_runtime"]), duration(first["interval"])
        return f"{told}; it is over-scheduled, as its runs take {runtime} and come due as little as {interval} apart."
    if crowded:
        return f"{told}; over-scheduled: {few([row['job_name'] for row in crowded])}."
    return f"{told}."
