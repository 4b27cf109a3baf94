"""How run times develop over time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, replace

from pydantic import Field, model_validator

from dbt_discovery.analysis.buckets import BucketLength, Buckets
from dbt_discovery.analysis.measures import counts, mean, middle, why_left_out
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.analysis.runtime_comparison import Comparison
from dbt_discovery.analysis.trends import BucketMeasures, Timeline
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import Conflict, FailureFields, JobFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, ModelRecord
from dbt_discovery.models.report import Chart, Column, Coverage, Reading, Row, iso
from dbt_discovery.models.subjects import OneJob, OneModel
from dbt_discovery.questions.subjects import the_job, the_model
from dbt_discovery.reports.averages import why_apart
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import MOST_ROWS, Findings, ReportArguments, report
from dbt_discovery.reports.readings import alternative, failure_reading, period_reading
from dbt_discovery.words import count, duration

__all__ = ["RuntimeTrend", "runtime_trend"]

_LENGTHS: tuple[BucketLength, ...] = ("hour", "day", "week")
_ASSUMED = {"hour": (2, "last_48_hours"), "day": (14, "last_14_days"), "week": (84, "last_12_weeks")}
"""The period without one: how many days it has, and what it is called where it ends now."""
_FINISHED = "finished runs, successful or failed"
_COLUMNS = columns(
    Column(key="bucket", label="When"),
    "runs",
    seconds("avg_runtime", "Average"),
    seconds("median_runtime", "Median"),
    seconds("p95_runtime", "95th percentile"),
    seconds("max_runtime", "Longest"),
    "failures",
    Column(key="start", label="Begins", type="datetime"),
)


class RuntimeTrend(ReportArguments, OneModel, OneJob, FailureFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `runtime_trend`."""

    by: BucketLength = Field(default="day", description="One row per hour, day or week (from Monday).")

    @model_validator(mode="after")
    def _one_subject(self) -> RuntimeTrend:
        if self.job and self.model:
            raise Conflict("model", "Name a job or a model, not both: jobs narrows a model's runs to those of jobs.")
        return self


@report(
    title="Runtime trend",
    group="runs",
    examples=(
        "How did the nightly job's run time develop over the last 14 days?",
        "Is fct_revenue getting slower?",
        "Is total run time increasing?",
    ),
    sample={"job": "Finance nightly build", "period": "last_14_days"},
)
async def runtime_trend(inquiry: Inquiry, arguments: RuntimeTrend) -> Findings:
    """How the run times of a job, of a model, or of all runs develop from hour to hour, day or week.

    One row per hour, day or week of the account's time zone, the empty ones too: with 0 runs and without measures. A
    run belongs to the one in which it started. Finished runs count, whether they succeeded or failed; of a model, its
    own execution time in every run of its environment that holds it. `failures` are the runs that failed or hit their
    time limit (which have no time that counts), of a model its errors. Without a period, the last 14 days are taken, 48
    hours by hour and 12 weeks by week (up to the latest run, where that is older). Where there would be more than 500
    rows, the next longer stretch is taken.

    The direction that the finding tells is the difference between the medians of the earlier and the later half of the
    runs, if it is notable: at least a tenth, and more than chance explains by a Mann-Whitney test at 5 % (or with every
    run of one half a quarter longer than every run of the other). The 95th percentile interpolates between ranks
    (Hyndman and Fan's type 7).

    What runs made of their models is asked for once, twenty runs in a request, and then kept.
    """
    jobs: Sequence[JobRecord] = await inquiry.select_jobs_of_runs(arguments)
    job = await the_job(inquiry, arguments.job) if arguments.job else None
    model = await the_model(inquiry, arguments.model, arguments) if arguments.model else None
    if job:
        jobs = [each for each in jobs if each.job_id == job.job_id]
    taken = arguments
    if arguments.period is None:
        days, rolling = _ASSUMED[arguments.by]
        period = await inquiry.assumed_period(arguments, jobs, days)
        taken = arguments.model_copy(update={"period": rolling if period == f"last_{days}_days" else period})
    span = inquiry.span(taken.period or "")
    past = replace(span, end=max(min(span.end, inquiry.now), span.start))
    buckets = _buckets(past, inquiry, taken.by)
    if buckets.length != taken.by:
        inquiry.tell(f"By {taken.by} there would be more than {MOST_ROWS} rows, so there is one a {buckets.length}.")
        taken = taken.model_copy(update={"by": buckets.length})
    if model:
        timeline = await _of_model(inquiry, taken, span, jobs, model)
    else:
        timeline = await _of_runs(inquiry, taken, span, jobs)
    rows: list[Row] = []
    if timeline.began or timeline.failures:
        rows = [_row(each, buckets, inquiry) for each in timeline.measured(buckets)]
        if len(rows) > MOST_ROWS:
            inquiry.tell(f"Only the newest {MOST_ROWS} of {len(rows):,} rows are given; the finding rests on all.")
            rows = rows[-MOST_ROWS:]
        _say_cuts(inquiry, buckets, goes_on=span.end >= inquiry.now)
    together = f"the runs of {count(len(jobs), 'job')} together" if len(jobs) > 1 else "all runs"
    readings = [
        period_reading(span, arguments),
        _length_reading(inquiry, taken, past),
        Reading(key="of", label="Trend of", value=model.name if model else job.name if job else together),
        Reading(key="runs", label="Runs counted", value="the model's own time in each run" if model else _FINISHED),
        Reading(key="failed", label="Failed", value="errors of the model") if model else failure_reading(taken),
    ]
    return Findings(
        finding=_finding(model.name if model else job.name if job else "", timeline, span),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=len(timeline.began), left_out=dict(timeline.left_out)),
        reading=readings,
        span=span,
        chart=Chart(kind="line", x="start", y=("avg_runtime", "median_runtime", "p95_runtime")),
        arguments=taken,
    )


def _buckets(past: TimeRange, inquiry: Inquiry, length: BucketLength) -> Buckets:
    """The stretches of the length asked for, or of the next longer one of which there are not too many."""
    for longer in _LENGTHS[_LENGTHS.index(length) :]:
        buckets = Buckets.of(past, longer, inquiry.zone)
        if len(buckets) <= MOST_ROWS:
            break
    return buckets


async def _of_runs(inquiry: Inquiry, arguments: RuntimeTrend, span: TimeRange, jobs: Sequence[JobRecord]) -> Timeline:
    """How long the runs of some jobs took."""
    timeline = Timeline()
    for run in await inquiry.select_runs(_of_job(arguments), span, jobs):
        failed = has_failed(run, cancelled_as_failed=arguments.cancelled_as_failed)
        timeline.add(run.began, run.runtime, why_left_out(run), failed=failed)
    return timeline


async def _of_model(
    inquiry: Inquiry, arguments: RuntimeTrend, span: TimeRange, jobs: Sequence[JobRecord], model: ModelRecord
) -> Timeline:
    """How long a model took in the runs of some jobs."""
    timeline = Timeline()
    runs = await inquiry.select_runs(arguments, span, jobs)
    here = [run for run in runs if run.environment_id == model.environment_id and counts(run)]
    async for run, results in inquiry.models_of_many_runs(here):
        names = results.unique_ids if results else ()
        place = bisect_left(names, model.unique_id)
        if results and place < len(names) and names[place] == model.unique_id:
            timeline.add(run.began, results.runtimes[place], failed=results.statuses[place].failed)
    return timeline


def _of_job(arguments: RuntimeTrend) -> RuntimeTrend:
    """The arguments with the job among those named: then runs of other jobs that are gone are none of its business."""
    return arguments.model_copy(update={"job_ids": (arguments.job,)}) if arguments.job else arguments


def _row(each: BucketMeasures, buckets: Buckets, inquiry: Inquiry) -> Row:
    return {"bucket": buckets.label(each.start, inquiry.zone), **asdict(each), "start": iso(each.start)}


def _say_cuts(inquiry: Inquiry, buckets: Buckets, *, goes_on: bool) -> None:
    """Says that the first or the last row is not of a whole hour, day or week."""
    if buckets.cut_first:
        inquiry.tell(f"The period begins in the middle of the first {buckets.length}.")
    if buckets.cut_last:
        why = "is not over yet" if goes_on else "is cut by the period's end"
        inquiry.tell(f"The last {buckets.length} {why}.")


def _length_reading(inquiry: Inquiry, taken: RuntimeTrend, past: TimeRange) -> Reading:
    """How long a stretch each row is of, and the others that would not make too many rows."""
    others = [each for each in _LENGTHS if each != taken.by and _buckets(past, inquiry, each).length == each]
    ready = tuple(alternative(taken, f"by {each}", by=each) for each in others)
    zone = f", {past.timezone}" + (", from Monday" if taken.by == "week" else "")
    return Reading(key="by", label="One row per", value=f"{taken.by}{zone}", alternatives=ready)


def _finding(who: str, timeline: Timeline, span: TimeRange) -> str:
    runs = len(timeline.runtimes)
    if not runs:
        failed = f"; {count(len(timeline.failures), 'run')} failed without a time" if timeline.failures else ""
        return f"No finished run {f'of {who} ' if who else ''}started {span.when}{failed}."
    usual, average, who = middle(timeline.runtimes) or 0.0, mean(timeline.runtimes) or 0.0, who or "Runs"
    if runs == 1:
        only = "the only run whose time counts" if timeline.left_out else "the only run"
        return f"{who} took {duration(usual)} in {only} {span.when}."
    told = f"{who} took {duration(usual)} in the median over {count(runs, 'run')} {span.when}"
    if why := why_apart(average, usual):
        told += f" ({duration(average)} on average, since {why})"
    halves = timeline.halves()
    return f"{told}{f': {_direction(halves)}' if halves else ''}."


def _direction(found: Comparison) -> str:
    """Whether the later half of the runs differs from the earlier one, in words."""
    change = f"from {duration(found.before)} in the first half of the runs to {duration(found.after)} in the second"
    if found.notable is None:
        return f"{change}, which are too few to tell a direction"
    if not found.notable:
        return f"{'steady' if abs(found.ratio or 0.0) < 0.1 else 'no clear direction'}, {change}"
    part = f"{abs(found.ratio):.0%} " if found.ratio else ""
    return f"{part}{'longer' if found.change > 0 else 'shorter'}, {change}"
