"""All about one job."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.analysis.measures import count_left_out
from dbt_discovery.analysis.recent_runs import RecentRuns, recent_runs
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.inquiry import LATEST_RUNS, Inquiry
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.report import Column, Coverage, Reading, Row, iso
from dbt_discovery.models.subjects import TheJob
from dbt_discovery.questions.parts import part
from dbt_discovery.questions.subjects import the_job
from dbt_discovery.reports.averages import why_apart
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, ReportArguments, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.services.together import together
from dbt_discovery.words import duration, minute

__all__ = ["JobDetails", "job_details"]

_RUNS = 20
_COLUMNS = columns(
    "job_name",
    "project_name",
    "environment_name",
    "job_type",
    "schedule",
    Column(key="next_run_time", label="Next run", type="datetime"),
    Column(key="steps", label="Steps"),
    Column(key="model_count", label="Models built", type="number", unit="count"),
    "last_run_status",
    Column(key="last_run_timed_out", label="Timed out", type="bool"),
    "last_run_start_time",
    "last_run_runtime",
    seconds("last_run_queued", "Last queued"),
    "last_run_url",
    Column(key="runs", label="Latest runs that ended", type="number", unit="count"),
    "success_rate",
    seconds("median_runtime", "Median runtime"),
    seconds("avg_runtime", "Average runtime"),
    "last_failure_time",
    Column(key="last_failure_url", label="Last failure's page", type="link"),
    "job_id",
)


class JobDetails(ReportArguments, TheJob):
    """Arguments of `job_details`."""


@report(
    title="Details of a job",
    group="jobs",
    examples=("What does the Finance nightly build do?", "When does the audience sync run next?"),
    sample={"job": "Finance nightly build"},
)
async def job_details(inquiry: Inquiry, arguments: JobDetails) -> Findings:
    """One job whole: schedule, steps, environment, latest run, and how its latest runs went.

    The latest run may still be going on; then it has no runtime. `runs` are the newest twenty that succeeded or failed,
    a run stopped at its time limit among the failed; `success_rate` is the part of them that succeeded, and median and
    average are over the runtimes of those that came to an end of their own. Cancelled runs and those that are not over
    do not count. The models built are those of the latest run with results. The next run is the one that dbt Cloud
    wrote down for the schedule, and only while the schedule is switched on; where it lies in the past, a note says so.
    """
    job = await the_job(inquiry, arguments.job or "")
    (latest,), built, names = await together(
        part(inquiry, f"The runs of {job.name}", inquiry.latest_runs([job]), [()]),
        part(inquiry, f"What {job.name} builds", inquiry.models_of_jobs([job]), None),
        Names.of(inquiry),
    )
    recent = recent_runs(latest, _RUNS)
    inquiry.say_if_short([latest], [recent.runs], _RUNS)
    failure = next(filter(has_failed, latest), None)
    if failure is None and len(latest) == LATEST_RUNS:
        inquiry.tell(f"None of the newest {LATEST_RUNS} runs failed; older ones are not looked through.")
    if job.schedule and job.next_run and job.next_run < inquiry.now:
        inquiry.tell(f"The next run that dbt Cloud wrote down, {minute(job.next_run)}, lies in the past.")
    return Findings(
        finding=_finding(job, names, recent, latest),
        columns=_COLUMNS,
        rows=[
            _row(job, names, recent, failure, len(built[0]) if built else None)
            | ({"runs": None} if job.last_run and not latest else {})  # it has runs, which could not be read
        ],
        coverage=Coverage(unit="runs", considered=len(recent.runs), left_out=count_left_out(recent.passed_over)),
        reading=[
            Reading(key="runs", label="Success rate of", value=f"the latest {_RUNS} runs that succeeded or failed"),
        ],
    )


def _row(job: JobRecord, names: Names, recent: RecentRuns, failure: RunRecord | None, models: int | None) -> Row:
    last = job.last_run
    return {
        **names.job(job),
        "job_type": job.job_type,
        "schedule": job.schedule,
        "next_run_time": iso(job.next_run) if job.schedule else None,
        "steps": "\n".join(job.steps),
        "model_count": models,
        "last_run_status": last.status.value if last else None,
        "last_run_timed_out": last.timed_out if last else None,
        "last_run_start_time": iso(last.started_at) if last else None,
        "last_run_runtime": last.runtime if last else None,
        "last_run_queued": last.queued if last else None,
        "last_run_url": last.url if last else None,
        "runs": len(recent.runs),
        "success_rate": recent.success_rate,
        "median_runtime": recent.median_runtime,
        "avg_runtime": recent.avg_runtime,
        "last_failure_time": iso(failure.began) if failure else None,
        "last_failure_url": failure.url if failure else None,
    }


def _status(run: RunRecord) -> str:
    return "timed out" if run.timed_out else run.status.value


def _finding(job: JobRecord, names: Names, recent: RecentRuns, newest: Sequence[RunRecord]) -> str:
    """The answer in a sentence; `newest` are the job's newest runs, none where they could not be read."""
    name = f"{job.name} ({names.projects.get(job.project_id) or job.project_id})"
    last = job.last_run
    if last is None:
        return f"{name} never ran, as far as dbt Cloud tells."
    took = f", {duration(last.runtime)}" if last.runtime is not None else ""
    latest = f"The latest run of {name}, {minute(last.began)}{took}: {_status(last)}"
    if not newest:
        return f"{latest}."
    whole = len(newest) < LATEST_RUNS
    if not recent.runs:
        return f"{latest}; no {'other' if whole else 'recent'} run of it has finished."
    usual, median, average = "", recent.median_runtime, recent.avg_runtime
    if median is not None and average is not None:
        usual = f", median runtime {duration(median)}"
        if why := why_apart(average, median):
            usual += f" (average {duration(average)}: {why})"
    if len(recent.runs) == 1:
        only = "its only finished run" if whole else f"of its newest {LATEST_RUNS} runs one has finished: it"
        return f"{latest}; {only} {'succeeded' if recent.succeeded else 'failed'}{usual}."
    return f"{latest}; {recent.succeeded:,} of its latest {len(recent.runs)} finished runs succeeded{usual}."
