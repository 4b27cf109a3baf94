"""Which jobs take longest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Literal

from pydantic import Field

from dbt_discovery.analysis.measures import apart, counts
from dbt_discovery.analysis.run_summary import JobMeasures, RunSums
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFields, ModelFields, ProjectFilter, RunFields, RuntimeFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row
from dbt_discovery.models.telling import JOBS_NAMED, Told
from dbt_discovery.questions.containment import jobs_with
from dbt_discovery.reports.averages import average_of
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import order_reading, period_reading
from dbt_discovery.words import count, duration

__all__ = ["LongestRunningJobs", "longest_running_jobs"]

_WORDS = {
    "avg": "average run time",
    "median": "median run time",
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
    seconds("median_runtime", "Median"),
    seconds("max_runtime", "Longest"),
    seconds("p95_runtime", "95th percentile"),
    seconds("total_runtime", "Total"),
    seconds("avg_queued", "Average queued"),
    Column(key="max_run_id", label="Longest run", type="id"),
    "job_id",
)


class LongestRunningJobs(Limited, RuntimeFields, ModelFields, RunFields, JobFields, ProjectFilter):
    """Arguments of `longest_running_jobs`."""

    TOLD = JOBS_NAMED

    last_n_runs: Annotated[int | None, Told(words="Only each job's last n finished runs.")] = Field(
        default=None, ge=1, le=100, description="Only each job's last n finished runs, whenever they were."
    )
    order_by: Literal["avg", "median", "max", "p95", "total"] = Field(
        default="avg", description="Rank by average, median, longest single run, 95th percentile or total run time."
    )


@report(
    title="Longest-running jobs",
    group="jobs",
    examples=("What were the longest-running jobs last week?", "Which finance jobs take longest on average?"),
    sample={"period": "last_week", "limit": 5},
)
async def longest_running_jobs(inquiry: Inquiry, arguments: LongestRunningJobs) -> Findings:
    """The jobs whose runs take longest, by average, median, longest run, 95th percentile or total.

    A run belongs to the period in which it started. Its runtime is the time from start to finish, without the time
    in the queue, which stands beside it. Finished runs count, whether they succeeded or failed; the others are left
    out and counted in the coverage. Without a period or `last_n_runs`, the last seven days are taken (up to the latest
    run, where that is older). The runtime bounds apply to the average. Fields of models keep the jobs that build such a
    model, as their latest run tells. The median of an even number of runs is the middle of the two in the middle; the
    95th percentile interpolates between ranks (Hyndman and Fan's type 7). Where the average and the median part by more
    than half, a few runs took far longer than most: the finding then says both.
    """
    taken, jobs = arguments, await jobs_with(inquiry, arguments, await inquiry.select_jobs_of_runs(arguments))
    if not arguments.period and not arguments.last_n_runs:
        taken = arguments.model_copy(update={"period": await inquiry.assumed_period(arguments, jobs)})
    span = inquiry.span(taken.period) if taken.period else None
    sums = await _sums(inquiry, taken, span, jobs)
    rows = await _rows(inquiry, taken, jobs, sums.measures)
    readings = [order_reading(arguments, _WORDS, "Longest by")]
    if span:
        readings.insert(0, period_reading(span, arguments))
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
        own: dict[str, list[RunRecord]] = {}
        for run in sorted(runs, key=lambda run: (run.began, int(run.run_id)), reverse=True):
            own.setdefault(run.job_id, []).append(run)
        by_job = list(own.values())
    else:
        homes = None if arguments.names_jobs else await inquiry.homes(arguments)
        latest = await inquiry.latest_runs([job for job in jobs if homes is None or job.environment_id in homes])
        by_job = [await inquiry.kept_runs(arguments, runs) for runs in latest]
        counted = [[run for run in runs if counts(run)] for runs in by_job]
        inquiry.say_if_short(latest, counted, arguments.last_n_runs or 0)
    return [run for runs in by_job for run in _up_to(runs, arguments.last_n_runs or 0)]


def _up_to(runs: Sequence[RunRecord], last: int) -> Sequence[RunRecord]:
    """The newest runs up to the `last` one that counts, those between that do not count among them."""
    places = (place for place, run in enumerate(runs) if counts(run))
    end = next(islice(places, last - 1, None), len(runs))
    return runs[: end + 1]


async def _rows(
    inquiry: Inquiry, arguments: LongestRunningJobs, jobs: Sequence[JobRecord], measures: Mapping[str, JobMeasures]
) -> list[Row]:
    names = await Names.of(inquiry)
    rows: list[Row] = []
    for job in jobs:
        own = measures.get(job.job_id)
        if own is None or not arguments.admits_runtime(own.avg_runtime):
            continue
        rows.append({**names.job(job), **asdict(own)})
    return sorted(rows, key=lambda row: (-row[f"{arguments.order_by}_runtime"], row["job_name"], row["job_id"]))


def _finding(rows: Sequence[Row], arguments: LongestRunningJobs, span: TimeRange | None) -> str:
    when = span.when if span else ""
    if not rows:
        return f"No finished run fits the question{f' {when}' if when else ''}."
    first = rows[0]
    times = {key: duration(first[f"{key}_runtime"]) for key in _WORDS}
    runs = count(first["runs"], "run")
    usual = f"average {times['avg']}"
    if apart(first["avg_runtime"], first["median_runtime"]):
        usual += f", median {times['median']}"
    average = average_of(first["runs"], first["avg_runtime"], first["median_runtime"])
    measure = {
        "avg": f"{average} (longest {times['max']})",
        "median": f"{times['median']} in the median over {runs} ({usual.partition(',')[0]}, longest {times['max']})",
        "max": f"one run took {times['max']} ({usual} over {runs})",
        "p95": f"a 95th percentile of {times['p95']} over {runs} ({usual})",
        "total": f"{times['total']} in all over {runs} ({usual})",
    }[arguments.order_by]
    scope = when or f"over each job's last {count(arguments.last_n_runs or 0, 'run')}"
    name = f"{first['job_name']} ({first['project_name']})"
    return f"{name}{' was the longest-running job' if len(rows) > 1 else ','} {scope}: {measure}."
