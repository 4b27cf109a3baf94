"""How reliable jobs are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from dbt_discovery.analysis.measures import apart, why_left_out
from dbt_discovery.analysis.reliability import Reliability, has_failed, measure_reliability
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import FailureFields, JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Row, iso
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.questions.containment import jobs_with
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import failure_reading, order_reading, period_reading
from dbt_discovery.words import count, duration, either, few, percent

__all__ = ["JobReliability", "job_reliability"]

_WORDS = {
    "failed": "number of failed runs",
    "success_rate": "success rate, lowest first",
    "recovery": "mean time to recovery",
}
_CHARTED = {"failed": "failed", "success_rate": "success_rate", "recovery": "mean_time_to_recovery"}
_COLUMNS = columns(
    "job_name",
    "project_name",
    "environment_name",
    Column(key="failed", label="Failed", type="number", unit="count"),
    Column(key="succeeded", label="Succeeded", type="number", unit="count"),
    "success_rate",
    Column(key="cancelled", label="Cancelled", type="number", unit="count"),
    "runs",
    "last_success_time",
    "failing_since",
    Column(key="outages", label="Outages", type="number", unit="count"),
    seconds("mean_time_to_recovery", "Mean time to recovery"),
    seconds("median_time_to_recovery", "Median time to recovery"),
    seconds("longest_outage", "Longest outage"),
    "remark",
    "job_id",
)
_LEAST_LEAD, _MOST_LEAD = timedelta(days=1), timedelta(days=7)


class JobReliability(Limited, FailureFields, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `job_reliability`."""

    TOLD = JOBS_NAMED

    order_by: Literal["failed", "success_rate", "recovery"] = Field(
        default="failed",
        description="Rank by failed runs, most first; by success_rate, lowest first; or by mean time to recovery.",
    )


@report(
    title="Job reliability",
    group="jobs",
    examples=(
        "Which jobs fail most in the last 30 days?",
        "What is the success rate of the finance jobs?",
        "How long does it take until a broken job works again?",
    ),
    sample={"period": "last_30_days", "limit": 5},
)
async def job_reliability(inquiry: Inquiry, arguments: JobReliability) -> Findings:
    """How often each job failed, its success rate, and how long it took until it succeeded again.

    `success_rate` is succeeded / (succeeded + failed). A run failed if its status is error or if dbt Cloud stopped it
    at its time limit; with `cancelled_as_failed` cancelled runs failed too. `runs` are those that are over, cancelled
    ones among them; a job of which none succeeded or failed has no rate, and `remark` says why.

    An outage lasts from the end of the first run that failed to the end of the job's next success.
    `mean_time_to_recovery` is the length of the outages that ended in the period, added up and divided by their number;
    the median stands beside it. One that goes on counts in `outages` and, as long as it has lasted until the period's
    end or now, in `longest_outage`, but in neither mean nor median: `failing_since` tells its beginning. An outage
    begins with its first failure inside the period. Where the job was failing already (its runs are looked at for as
    long again before the period, at least a day and at most a week), `failing_before` is true and `remark` says so:
    that outage lasted longer than is told. The runs of a CI job test changes that have little to do with each other, so
    its outages say little.

    A run belongs to the period in which it started. Without a period, the last seven days are taken (up to the latest
    run, where that is older). Fields of models keep the jobs that build such a model, as their latest run tells.
    """
    jobs = await jobs_with(inquiry, arguments, await inquiry.select_jobs_of_runs(arguments))
    period = arguments.period or await inquiry.assumed_period(arguments, jobs)
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    lead = min(max(span.end - span.start, _LEAST_LEAD), _MOST_LEAD)
    ids = {job.job_id for job in jobs}
    runs = [run for run in await inquiry.select_runs(taken, span, jobs) if run.job_id in ids]
    before = _by_job(await inquiry.runs_before(taken, span, lead, jobs))
    own = _by_job(runs)
    until = min(span.end, inquiry.now)
    names = await Names.of(inquiry)
    rows = [
        _row(names, job, own[job.job_id], until, before.get(job.job_id, ()), taken) for job in jobs if job.job_id in own
    ]
    rows.sort(key=_order(taken.order_by))
    if idle := len(jobs) - len(rows):
        inquiry.tell(f"{count(idle, 'job')} had no run {span.when}.")
    left_out = Counter(_left_out(runs, taken))
    return Findings(
        finding=_finding(rows, taken, span, going_on=span.end >= inquiry.now),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=len(runs) - left_out.total(), left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments),
            failure_reading(arguments),
            order_reading(arguments, _WORDS),
        ],
        span=span,
        chart=Chart(kind="bar", x="job_name", y=(_CHARTED[taken.order_by],)),
        arguments=taken,
        limit=taken.limit,
    )


def _by_job(runs: Iterable[RunRecord]) -> dict[str, list[RunRecord]]:
    found: dict[str, list[RunRecord]] = {}
    for run in runs:
        found.setdefault(run.job_id, []).append(run)
    return found


def _left_out(runs: Iterable[RunRecord], arguments: JobReliability) -> Iterable[LeftOut]:
    """Why each run counts neither as succeeded nor as failed that does not; one without a runtime may."""
    for run in runs:
        if run.status is not RunStatus.SUCCESS and not has_failed(
            run, cancelled_as_failed=arguments.cancelled_as_failed
        ):
            yield why_left_out(run) or "no_timing"


def _row(
    names: Names,
    job: JobRecord,
    runs: Sequence[RunRecord],
    until: datetime,
    before: Sequence[RunRecord],
    arguments: JobReliability,
) -> Row:
    found = measure_reliability(runs, until, before=before, cancelled_as_failed=arguments.cancelled_as_failed)
    moments = {
        "last_success_time": iso(found.last_success_time),
        "failing_since": iso(found.failing_since),
    }
    return {**names.job(job), **asdict(found), **moments, "remark": _remark(found, len(runs) - found.runs)}


def _remark(found: Reliability, going_on: int) -> str | None:
    """What the numbers of a job do not tell."""
    if found.success_rate is None:
        kinds = [(found.cancelled, "cancelled"), (going_on, "not over")]
        return f"No run has finished: {either([f'{number:,} {word}' for number, word in kinds if number], 'and')}"
    return "Was failing before the period began" if found.failing_before else None


def _order(measure: str) -> Callable[[Row], tuple[Any, ...]]:
    """The key by which rows are sorted; those without the measure come last."""

    def key(row: Row) -> tuple[Any, ...]:
        rate, recovery = row["success_rate"], row["mean_time_to_recovery"]
        first: tuple[float, ...] = {
            "failed": (-row["failed"], 1.0 if rate is None else rate),
            "success_rate": (rate is None, rate or 0.0, -row["failed"]),
            "recovery": (recovery is None, -(recovery or 0.0), -row["failed"]),
        }[measure]
        return (*first, row["job_name"], row["job_id"])

    return key


def _finding(rows: Sequence[Row], arguments: JobReliability, span: TimeRange, *, going_on: bool) -> str:
    judged = [row for row in rows if row["success_rate"] is not None]
    if not judged:
        return f"No run that fits the question has succeeded or failed {span.when}."
    failing = [row for row in judged if row["failed"]]
    if not failing:
        succeeded = sum(row["succeeded"] for row in judged)
        return f"No job failed {span.when}: {count(succeeded, 'run')} of {count(len(judged), 'job')} succeeded."
    first = failing[0] if arguments.order_by != "recovery" else rows[0]
    name = f"{first['job_name']} ({first['project_name']})"
    told = f"{first['failed']:,} of {count(first['succeeded'] + first['failed'], 'run')} failed"
    if arguments.order_by == "recovery" and first["mean_time_to_recovery"] is not None:
        what = f"{name} took longest to recover {span.when}: {_recovery(first)}"
    elif arguments.order_by == "success_rate":
        what = f"{name} was the least reliable job {span.when}: {percent(first['success_rate'])} succeeded ({told})"
    else:
        what = f"{name} failed most {span.when}: {told} ({percent(first['success_rate'])} succeeded)"
    broken = [row["job_name"] for row in rows if row["failing_since"]]
    moment = ("is" if len(broken) == 1 else "are") if going_on else ("was" if len(broken) == 1 else "were")
    now = f"; {few(broken)} {moment} failing {'now' if going_on else 'at its end'}" if broken else ""
    return f"{what}, and {len(failing):,} of {count(len(judged), 'job')} failed at least once{now}."


def _recovery(row: Row) -> str:
    """The mean time to recovery in words, with the median where a few long outages make the mean."""
    mean, middle = row["mean_time_to_recovery"], row["median_time_to_recovery"]
    parted = f" (the median is {duration(middle)})" if apart(mean, middle) else ""
    return f"{duration(mean)} on average{parted}"
