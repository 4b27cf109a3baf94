"""Which runs failed, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.measures import count_left_out
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.analysis.run_summary import RunCount, count_runs
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import FailureFields, JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Column, Coverage, LeftOut, Row, iso
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.questions.containment import runs_with
from dbt_discovery.questions.run_failures import failures_of
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import MOST_ROWS, Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import failure_reading, period_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import count, minute

__all__ = ["FailedRuns", "failed_runs"]

_COLUMNS = columns(
    "start_time",
    "job_name",
    "failed_nodes",
    "error",
    "status",
    "timed_out",
    "runtime",
    "project_name",
    "environment_name",
    Column(key="failed_steps", label="Failed steps"),
    "status_message",
    "git_sha",
    "run_id",
    "url",
)


class FailedRuns(Limited, FailureFields, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `failed_runs`."""

    TOLD = JOBS_NAMED

    order_by: Literal["newest", "oldest", "runtime"] = Field(
        default="newest", description="Sort by start, newest or oldest first, or by runtime, longest first."
    )


@report(
    title="Failed runs",
    group="runs",
    examples=("What failed last night?", "Why did the finance job fail this week?"),
    sample={"period": "last_week", "limit": 3},
)
async def failed_runs(inquiry: Inquiry, arguments: FailedRuns) -> Findings:
    """The runs that failed, with the steps and nodes that failed in them and the error text.

    A run that dbt Cloud stopped at its time limit counts as failed: dbt Cloud calls it cancelled, and only its
    message tells. Runs that somebody or something else cancelled count only with `cancelled_as_failed`. Without a
    period, the last seven days are taken (up to the latest run, where that is older). The failed nodes are those of
    the run's own results; a run that failed before dbt wrote any has none, and its message says why. They cost two
    requests a run, so that no more than the first 500 runs have them and their steps, which is said. Fields of models
    keep the runs whose results hold such a model.
    """
    jobs = {job.job_id: job for job in await inquiry.select_jobs_of_runs(arguments)}
    period = arguments.period or await inquiry.assumed_period(arguments, list(jobs.values()))
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    failed, counted = await _failed(inquiry, taken, span, list(jobs.values()))
    failed.sort(key=lambda run: run.runtime or 0.0 if taken.order_by == "runtime" else run.began.timestamp())
    if taken.order_by != "oldest":
        failed.reverse()
    shown = failed[: min(taken.limit, MOST_ROWS)]
    if len(shown) < len(failed[: taken.limit]):
        inquiry.lack(f"Failed steps, nodes and errors are told of the first {MOST_ROWS} runs alone.")
    details = await together(*(failures_of(inquiry, run) for run in shown))
    names = await Names.of(inquiry)
    rows: list[Row] = []
    for position, run in enumerate(failed):
        found = details[position] if position < len(details) else None
        rows.append(
            {
                **names.run(run),
                "status": run.status.value,
                "timed_out": run.timed_out,
                "start_time": iso(run.started_at),
                "runtime": run.runtime,
                "status_message": run.status_message,
                "failed_steps": found.named_steps if found else None,
                "failed_nodes": found.named_nodes if found else None,
                "error": found.error if found else None,
                "git_sha": run.git_sha,
                "dbt_version": run.dbt_version,
            }
        )
    left_out = Counter[LeftOut]()
    for each in counted:
        if each.reason and not each.status.finished:
            left_out[each.reason] += each.runs
    stopped = [run for run in failed if not run.status.finished]
    left_out -= Counter(count_left_out(stopped))  # these count here
    why = details[0].cause(shown[0]) if shown else ""
    judged = sum(each.runs for each in counted if each.status.finished) + len(stopped)
    return Findings(
        finding=_finding(failed, names, taken, span, judged, sum(each.runs for each in counted), why),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=judged, left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments),
            failure_reading(arguments),
        ],
        span=span,
        arguments=taken,
        limit=taken.limit,
    )


async def _failed(
    inquiry: Inquiry, arguments: FailedRuns, span: TimeRange, jobs: Sequence[JobRecord]
) -> tuple[list[RunRecord], Sequence[RunCount]]:
    """The runs that failed, and how many runs there are of each kind; of all runs only where their models matter."""
    if arguments.narrows_models:
        runs = await runs_with(inquiry, arguments, await inquiry.select_runs(arguments, span, jobs))
        counted: Sequence[RunCount] = count_runs(runs)
    else:
        runs = await inquiry.select_runs(arguments, span, jobs, (RunStatus.FAILURE, RunStatus.CANCELLED))
        ids = {job.job_id for job in jobs}
        counted = [each for each in await inquiry.count_runs(arguments, span) if each.job_id in ids]
    return [run for run in runs if has_failed(run, cancelled_as_failed=arguments.cancelled_as_failed)], counted


def _finding(
    failed: Sequence[RunRecord],
    names: Names,
    arguments: FailedRuns,
    span: TimeRange,
    considered: int,
    started: int,
    why: str,
) -> str:
    when, narrowed = span.when, arguments.given().keys() - {"period", "limit", "order_by", "cancelled_as_failed"}
    fitting = "that fits the question " if narrowed else ""
    if not considered:
        return f"No run that started {when} has finished." if started else f"No run {fitting}started {when}."
    became = "failed or were cancelled" if arguments.cancelled_as_failed else "failed"
    if not failed:
        several = f"None of {considered:,} runs {became} {when}."
        only = "The only run" if started == 1 else "The only finished run"
        return several if considered > 1 else f"{only} {when} did not fail."
    jobs = len({run.job_id for run in failed})
    first = names.jobs.get(failed[0].job_id) or f"job {failed[0].job_id}"
    place = {"newest": "The latest", "oldest": "The first", "runtime": "The longest"}[arguments.order_by]
    because = f" ({why})" if why else ""
    told = f"{len(failed):,} of {count(considered, 'run')} {became} {when}, in {count(jobs, 'job')}."
    return f"{told} {place} was {first}, {minute(failed[0].began)}{because}."
