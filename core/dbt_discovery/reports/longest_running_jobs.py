"""Which jobs take longest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from pydantic import Field

from dbt_discovery.containment import jobs_with
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.measures import counts
from dbt_discovery.models.filters import JobFields, ModelFields, ProjectFilter, RunFields, RuntimeFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row
from dbt_discovery.reports.columns import columns, order_reading, period_reading, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.run_summary import JobMeasures, RunSums
from dbt_discovery.words import count, duration

__all__ = ["LongestRunningJobs", "longest_running_jobs"]

_WORDS = {
    "avg": "average run time",
    "max": "longest single run",
    "p95": "95th percentile of run times",
    "total": "total run time",
}
_COLUMNS = columns(
    "job_name",
    "project_name",
    "environment_name",
    "runs",
    seconds("avg_runtime", "Average"),
    seconds("max_runtime", "Longest"),
    seconds("p95_runtime", "95th percentile"),
    seconds("total_runtime", "Total"),
    seconds("avg_queued", "Average queued"),
    Column(key="max_run_id", label="Longest run", type="id"),
    "job_id",
)


class LongestRunningJobs(Limited, RuntimeFields, ModelFields, RunFields, JobFields, ProjectFilter):
    """Arguments of `longest_running_jobs`."""

    last_n_runs: int | None = Field(
        default=None, ge=1, le=100, description="Only each job's last n finished runs, whenever they were."
    )
    order_by: Literal["avg", "max", "p95", "total"] = Field(
        default="avg", description="Rank by average, longest single run, 95th percentile or total run time."
    )


@report(
    title="Longest-running jobs",
    group="jobs",
    examples=("What were the longest-running jobs last week?", "Which finance jobs take longest on average?"),
)
async def longest_running_jobs(inquiry: Inquiry, arguments: LongestRunningJobs) -> Findings:
    """The jobs whose runs take longest, by average, longest single run, 95th percentile or total.

    A run belongs to the period in which it started. Its runtime is the time from start to finish, without the time
    in the queue, which stands beside it. Finished runs count, whether they succeeded or failed; the others are left
    out and counted in the coverage. Without a period or `last_n_runs`, the last seven days are taken (up to the latest
    run, where that is older). The runtime bounds apply to the average. Fields of models keep the jobs that build such a
    model, as their latest run tells. The 95th percentile interpolates between ranks (Hyndman and Fan's type 7).
    """
    taken, jobs = arguments, await jobs_with(inquiry, arguments, await inquiry.select_jobs_of_runs(arguments))
    if not arguments.period and not arguments.last_n_runs:
        taken = arguments.model_copy(update={"period": await inquiry.assumed_period(arguments, jobs)})
    span = inquiry.span(taken.period) if taken.period else None
    sums = await _sums(inquiry, taken, span, jobs)
    rows = await _rows(inquiry, taken, jobs, sums.measures)
    readings = [order_reading(arguments, _WORDS, taken.order_by, "Longest by")]
    if span:
        readings.insert(0, period_reading(span, arguments, assumed=arguments.period is None))
    ids = {job.job_id for job in jobs}
    left_out: Counter[LeftOut] = Counter()
    for each in sums.counts:
        if each.reason and each.job_id in ids:
            left_out[each.reason] += each.runs
    considered = sum(each.runs for each in sums.counts if not each.reason and each.job_id in ids)
    return Findings(
        finding=_finding(rows, taken, span),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=considered, left_out=dict(left_out)),
        reading=[
            *readings,
            Reading(key="runs", label="Runs counted", value="finished runs, successful or failed"),
        ],
        span=span,
        chart=Chart(kind="bar", x="job_name", y=(f"{taken.order_by}_runtime",)),
        arguments=taken,
        limit=taken.limit,
    )


async def _sums(
    inquiry: Inquiry, arguments: LongestRunningJobs, span: TimeRange | None, jobs: Sequence[JobRecord]
) -> RunSums:
    """What the runs in question amount to."""
    if span and arguments.last_n_runs is None:
        return await inquiry.sum_runs(arguments, span)
    return RunSums.of(await _last_runs(inquiry, arguments, span, jobs))


async def _last_runs(
    inquiry: Inquiry, arguments: LongestRunningJobs, span: TimeRange | None, jobs: Sequence[JobRecord]
) -> list[RunRecord]:
    """Each job's last few runs that count, of a period where one is named, with those between that do not count."""
    if span:
        runs = await inquiry.select_runs(arguments, span, jobs)
        newest_first = sorted(runs, key=lambda run: (run.began, int(run.run_id)), reverse=True)
        by_job = [[run for run in newest_first if run.job_id == job.job_id] for job in jobs]
    else:
        homes = None if arguments.names_jobs else await inquiry.homes(arguments)
        latest = await inquiry.latest_runs([job for job in jobs if homes is None or job.environment_id in homes])
        by_job = [await inquiry.kept_runs(arguments, runs) for runs in latest]
        counted = [[run for run in runs if counts(run)] for runs in by_job]
        inquiry.say_if_short(latest, counted, arguments.last_n_runs or 0)
    return [run for runs in by_job for run in _up_to(runs, arguments.last_n_runs or 0)]


def _up_to(runs: Sequence[RunRecord], last: int) -> list[RunRecord]:
    """The newest runs up to the `last` one that counts, those between that do not count among them."""
    kept: list[RunRecord] = []
    for run in runs:
        if sum(map(counts, kept)) == last:
            break
        kept.append(run)
    return kept


async def _rows(
    inquiry: Inquiry, arguments: LongestRunningJobs, jobs: Sequence[JobRecord], measures: Mapping[str, JobMeasures]
) -> list[Row]:
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
    rows: list[Row] = []
    for job in jobs:
        own = measures.get(job.job_id)
        if own is None or not arguments.admits_runtime(own.avg_runtime):
            continue
        home = environments.get(job.environment_id)
        rows.append(
            {
                **asdict(own),
                "job_name": job.name,
                "project_id": job.project_id,
                "project_name": projects.get(job.project_id),
                "environment_name": home.name if home else None,
            }
        )
    return sorted(rows, key=lambda row: (-row[f"{arguments.order_by}_runtime"], row["job_name"], row["job_id"]))


def _finding(rows: Sequence[Row], arguments: LongestRunningJobs, span: TimeRange | None) -> str:
    when = span.when if span else ""
    if not rows:
        return f"No finished run fits the question{f' {when}' if when else ''}."
    first = rows[0]
    times = {key: duration(first[f"{key}_runtime"]) for key in _WORDS}
    measure = {
        "avg": f"{times['avg']} on average over {count(first['runs'], 'run')} (longest {times['max']})",
        "max": f"one run took {times['max']} (average {times['avg']} over {count(first['runs'], 'run')})",
        "p95": f"a 95th percentile of {times['p95']} over {count(first['runs'], 'run')} (average {times['avg']})",
        "total": f"{times['total']} in all over {count(first['runs'], 'run')} (average {times['avg']})",
    }[arguments.order_by]
    scope = when or f"over each job's last {count(arguments.last_n_runs or 0, 'run')}"
    name = f"{first['job_name']} ({first['project_name']})"
    return f"{name}{' was the longest-running job' if len(rows) > 1 else ','} {scope}: {measure}."
