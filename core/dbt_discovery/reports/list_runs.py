"""The runs of the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import RunFilter
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import Chart, Coverage, Row, iso
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.questions.runs_of_period import RunsOfPeriod, runs_of_period
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import period_reading
from dbt_discovery.words import count, duration, either, minute

__all__ = ["ListRuns", "list_runs"]

_COLUMNS = columns(
    "start_time",
    "job_name",
    "status",
    "runtime",
    "queued",
    "project_name",
    "environment_name",
    "git_branch",
    "git_sha",
    "dbt_version",
    "timed_out",
    "run_id",
    "url",
)
_OUTCOMES = {RunStatus.SUCCESS: "succeeded", RunStatus.FAILURE: "failed"}
_MEASURED = {"runtime": "longest", "queued": "one that waited longest"}
_IN_ORDER = ("succeeded", "failed", "timed out", "cancelled", "running", "starting", "queued", "unknown")


class ListRuns(ManyRows, RunFilter):
    """Arguments of `list_runs`."""

    TOLD = JOBS_NAMED

    order_by: Literal["newest", "oldest", "runtime", "queued"] = Field(
        default="newest",
        description="Sort by start, newest or oldest first, or by runtime or time in the queue, longest first.",
    )


@report(
    title="Runs",
    group="runs",
    examples=("Which runs were there yesterday?", "Did my jobs run last night?", "What is running right now?"),
    sample={"period": "yesterday", "limit": 5},
)
async def list_runs(inquiry: Inquiry, arguments: ListRuns) -> Findings:
    """The runs of a period in any state, such as running, queued or cancelled, newest first.

    A run belongs to the period in which it started, or was created if it never started; without a period, the last
    seven days are taken (up to the latest run, where that is older). The runtime is the time from start to finish, and
    `queued` the time from creation to start; a run that goes on has no runtime yet, and one that never started has
    neither start nor runtime. dbt Cloud calls a run cancelled that it stopped at its time limit: `timed_out` tells it
    from one that somebody cancelled. The runtime bounds apply to a run's own runtime, and fields of models keep the
    runs whose results hold such a model.
    """
    found = await runs_of_period(inquiry, arguments)
    runs, names = _in_order(found.runs, arguments.order_by), await Names.of(inquiry)
    return Findings(
        finding=_finding(found, names, first=runs[0] if runs else None, order_by=arguments.order_by),
        columns=_COLUMNS,
        rows=[_row(run, names) for run in runs],
        coverage=Coverage(unit="runs", considered=len(runs)),
        reading=[period_reading(found.span, arguments)],
        span=found.span,
        chart=Chart(kind="gantt", x="start_time", y=("runtime",), series="status"),
        arguments=arguments.model_copy(update={"period": found.span.text}),
        limit=arguments.limit,
    )


def _in_order(newest_first: Sequence[RunRecord], order_by: str) -> list[RunRecord]:
    """The runs in the order asked for; of those that are alike in it, the newest comes first."""
    if order_by == "oldest":
        return list(reversed(newest_first))
    if order_by == "newest":
        return list(newest_first)
    return sorted(newest_first, key=lambda run: _none_last(getattr(run, order_by)), reverse=True)


def _none_last(seconds: float | None) -> float:
    return -1.0 if seconds is None else seconds


def _row(run: RunRecord, names: Names) -> Row:
    return {
        **names.run(run),
        "status": run.status.value,
        "timed_out": run.timed_out,
        "start_time": iso(run.started_at),
        "runtime": run.runtime,
        "queued": run.queued,
        "git_sha": run.git_sha,
        "git_branch": run.git_branch,
        "dbt_version": run.dbt_version,
    }


def _finding(found: RunsOfPeriod, names: Names, first: RunRecord | None, order_by: str) -> str:
    if first is None:
        return f"No run that fits the question started {found.span.when}."
    statuses = Counter(map(_outcome, found.runs))
    outcomes = either((f"{statuses[word]:,} {word}" for word in _IN_ORDER if statuses[word]), "and")
    seconds = getattr(first, order_by) if order_by in _MEASURED else None
    if seconds is not None:
        named, measured = _MEASURED[order_by], f", {duration(seconds)}"
    else:
        named, measured, first = "latest", "", found.runs[0]
    job, at = names.jobs.get(first.job_id) or f"job {first.job_id}", minute(first.began)
    started = f"{count(len(found.runs), 'run')} started {found.span.when}: {outcomes}"
    return f"{started}. The {named} is of {job}, {at}{measured}."


def _outcome(run: RunRecord) -> str:
    """What became of a run, as the end of a sentence that counts."""
    return "timed out" if run.timed_out else _OUTCOMES.get(run.status, run.status.value)
