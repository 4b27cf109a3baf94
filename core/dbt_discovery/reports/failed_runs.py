"""Which runs failed, and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from dbt_discovery.containment import runs_with
from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.measures import count_left_out
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, NodeRun, RunRecord, RunStep
from dbt_discovery.models.report import Column, Coverage, LeftOut, Reading, Row, iso
from dbt_discovery.reports.columns import columns, period_reading, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.run_summary import RunCount, count_runs
from dbt_discovery.services.together import together
from dbt_discovery.words import count

__all__ = ["FailedRuns", "failed_runs"]

_COLUMNS = columns(
    "start_time",
    "job_name",
    Column(key="failed_nodes", label="Failed nodes"),
    Column(key="error", label="Error"),
    "status",
    seconds("runtime", "Runtime"),
    "project_name",
    "environment_name",
    Column(key="failed_steps", label="Failed steps"),
    "status_message",
    Column(key="git_sha", label="Commit", type="id"),
    "run_id",
    "url",
)
_ERROR_LENGTH = 2000
_NODES_NAMED = 20
_HOW = {NodeStatus.ERROR: "ended in an error", NodeStatus.FAIL: "failed"}


class FailedRuns(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `failed_runs`."""

    order_by: Literal["newest", "oldest", "runtime"] = Field(
        default="newest", description="Sort by start, newest or oldest first, or by runtime, longest first."
    )


@report(
    title="Failed runs",
    group="runs",
    examples=("What failed last night?", "Why did the finance job fail this week?"),
)
async def failed_runs(inquiry: Inquiry, arguments: FailedRuns) -> Findings:
    """The runs that failed, with the steps and nodes that failed in them and the error text.

    A run that dbt Cloud stopped at its time limit counts as failed: dbt Cloud calls it cancelled, and only its
    message tells. Runs that somebody or something else cancelled do not count at all. Without a period, the last
    seven days are taken (up to the latest run, where that is older). The failed nodes are those of the run's own
    results; a run that failed before dbt wrote any has none, and its message says why. Fields of models keep the runs
    whose results hold such a model.
    """
    jobs = {job.job_id: job for job in await inquiry.select_jobs_of_runs(arguments)}
    period = arguments.period or await inquiry.assumed_period(arguments, list(jobs.values()))
    taken, span = arguments.model_copy(update={"period": period}), inquiry.span(period)
    failed, counted = await _failed(inquiry, taken, span, list(jobs.values()))
    failed.sort(key=lambda run: run.runtime or 0.0 if taken.order_by == "runtime" else run.began.timestamp())
    if taken.order_by != "oldest":
        failed.reverse()
    shown = failed[: taken.limit]
    details = await together(*(_details(inquiry, run) for run in shown))
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
    rows: list[Row] = []
    for position, run in enumerate(failed):
        steps, nodes = details[position] if position < len(details) else ((), ())
        home = environments.get(run.environment_id)
        rows.append(
            {
                "run_id": run.run_id,
                "url": run.url,
                "job_id": run.job_id,
                "job_name": jobs[run.job_id].name,
                "project_id": run.project_id,
                "project_name": projects.get(run.project_id),
                "environment_name": home.name if home else None,
                "status": "timed out" if run.timed_out else run.status.value,
                "start_time": iso(run.began),
                "runtime": run.runtime,
                "status_message": run.status_message,
                "failed_steps": ", ".join(step.name for step in steps),
                "failed_nodes": _named(nodes),
                "error": _errors(nodes, steps),
                "git_sha": run.git_sha,
                "dbt_version": run.dbt_version,
            }
        )
    left_out = Counter[LeftOut]()
    for each in counted:
        if each.reason and not each.status.finished:
            left_out[each.reason] += each.runs
    timed_out = [run for run in failed if run.timed_out]
    left_out -= Counter(count_left_out(timed_out))  # these count here
    judged = sum(each.runs for each in counted if each.status.finished) + len(timed_out)
    return Findings(
        finding=_finding(rows, taken, span, judged, sum(each.runs for each in counted)),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=judged, left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments, assumed=arguments.period is None),
            Reading(key="failed", label="Failed", value="status error, or stopped at the time limit"),
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
    return [run for run in runs if run.status is RunStatus.FAILURE or run.timed_out], counted


async def _details(inquiry: Inquiry, run: RunRecord) -> tuple[Sequence[RunStep], Sequence[NodeRun]]:
    """The steps and nodes that failed in a run. The two APIs give them apart, and one may refuse without the other."""
    run_and_steps, nodes = await asyncio.gather(
        inquiry.run(run.run_id), inquiry.nodes_of_run(run), return_exceptions=True
    )
    for part in (run_and_steps, nodes):
        if isinstance(part, UpstreamError | NotFound):
            inquiry.lack(f"Not all that failed in run {run.run_id} could be read: {part}")
        elif isinstance(part, BaseException):
            raise part
    steps = () if isinstance(run_and_steps, BaseException) else run_and_steps[1]
    known = () if isinstance(nodes, BaseException) else nodes
    return [s for s in steps if s.status is RunStatus.FAILURE], [n for n in known if n.status.failed]


def _became(node: NodeRun) -> str:
    return "is not fresh" if node.resource_type == "source" else _HOW[node.status]


def _named(nodes: Sequence[NodeRun]) -> str:
    names = [f"{node.resource_type} {node.name} {_became(node)}" for node in nodes[:_NODES_NAMED]]
    more = len(nodes) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _errors(nodes: Sequence[NodeRun], steps: Sequence[RunStep]) -> str:
    texts = [f"{node.name}: {node.error.strip()}" for node in nodes if node.error]
    whole = "\n".join(texts) or "\n".join(step.logs.strip() for step in steps if step.logs)
    return whole if len(whole) <= _ERROR_LENGTH else f"{whole[:_ERROR_LENGTH]} … (cut)"


def _finding(rows: Sequence[Row], arguments: FailedRuns, span: TimeRange, considered: int, started: int) -> str:
    when, narrowed = span.when, arguments.given().keys() - {"period", "limit", "order_by"}
    fitting = "that fits the question " if narrowed else ""
    if not considered:
        return f"No run that started {when} has finished." if started else f"No run {fitting}started {when}."
    if not rows:
        return f"None of {considered:,} runs failed {when}." if considered > 1 else f"The only run {when} did not fail."
    jobs = len({row["job_id"] for row in rows})
    first, at = rows[0], rows[0]["start_time"][:16].replace("T", " ")
    place = {"newest": "The latest", "oldest": "The first", "runtime": "The longest"}[arguments.order_by]
    why = first["failed_nodes"].split(", ")[0] or first["status_message"].rstrip(".") or first["failed_steps"]
    because = f" ({why})" if why else ""
    failed = f"{len(rows):,} of {count(considered, 'run')} failed {when}, in {count(jobs, 'job')}."
    return f"{failed} {place} was {first['job_name']}, {at} UTC{because}."
