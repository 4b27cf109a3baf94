"""All about one run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import ModelFilter
from dbt_discovery.models.records import NodeRun, RunRecord, RunStep
from dbt_discovery.models.report import Column, Coverage, Row, iso
from dbt_discovery.models.subjects import TheRun
from dbt_discovery.questions.parts import part
from dbt_discovery.questions.run_contents import models_in_run
from dbt_discovery.questions.run_failures import Failures
from dbt_discovery.questions.subjects import the_run
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ReportArguments, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import run_reading
from dbt_discovery.words import count, duration, minute

__all__ = ["RunDetails", "run_details"]

_SLOWEST = 3
_COLUMNS = columns(
    "job_name",
    "run_id",
    "status",
    "status_message",
    "timed_out",
    "start_time",
    "end_time",
    "runtime",
    "queued",
    Column(key="steps", label="Steps"),
    Column(key="nodes", label="Nodes"),
    "failed_nodes",
    "error",
    Column(key="slowest_models", label="Slowest models"),
    "project_name",
    "environment_name",
    "git_branch",
    "git_sha",
    "dbt_version",
    Column(key="created_time", label="Created", type="datetime"),
    "url",
)
_ENDED = {
    RunStatus.SUCCESS: "succeeded",
    RunStatus.FAILURE: "failed",
    RunStatus.CANCELLED: "was cancelled",
    RunStatus.UNKNOWN: "has a status that is not known here",
}


class RunDetails(ReportArguments, TheRun):
    """Arguments of `run_details`."""


@report(
    title="Details of a run",
    group="runs",
    examples=("What happened in run 83896417804544?", "What was wrong with the last run of the finance job?"),
    sample={"job": "Finance nightly build"},
)
async def run_details(inquiry: Inquiry, arguments: RunDetails) -> Findings:
    """One run whole: status, times, steps, its nodes by outcome, what failed and why, its slowest models.

    Of a job it is the latest run, in whatever state: one that waits or goes on has no runtime yet, and dbt Cloud tells
    of its nodes only when it is over. The runtime is the time from start to finish, `queued` that from creation to
    start. Steps stand in their order with status and time. Nodes are the models, tests, seeds, snapshots and sources
    that the run did something to; a source counts where its freshness was checked. Models are slowest by dbt's
    execution time.
    """
    run, steps = await the_run(inquiry, arguments.run_id, arguments.job, finished=False)
    nodes = await _nodes(inquiry, run)
    names, failures = await Names.of(inquiry), Failures.among(steps, nodes)
    return Findings(
        finding=_finding(inquiry, run, names, nodes, failures),
        columns=_COLUMNS,
        rows=[_row(run, steps, nodes, failures, await _slowest(inquiry, run, nodes), names)],
        coverage=Coverage(unit="runs", considered=1),
        reading=[
            run_reading(run, names.called(run), arguments, "the latest, in whatever state"),
        ],
    )


async def _nodes(inquiry: Inquiry, run: RunRecord) -> list[NodeRun]:
    """The nodes that the run did something to."""
    if not run.status.final:
        inquiry.tell(f"Run {run.run_id} is not over ({run.status.value}): dbt Cloud tells of its nodes afterwards.")
        return []
    nodes = await part(inquiry, f"The nodes of run {run.run_id}", inquiry.nodes_of_run(run), ())
    return [node for node in nodes if node.ran]


async def _slowest(inquiry: Inquiry, run: RunRecord, nodes: Sequence[NodeRun]) -> list[NodeRun]:
    """The models that took longest. Nodes out of artifacts have times of their own, those of Discovery none."""
    models = [node for node in nodes if node.resource_type == "model"]
    if models and all(node.runtime is None for node in models):
        asked = models_in_run(inquiry, run, ModelFilter())
        models = await part(inquiry, f"The models of run {run.run_id}", asked, [])
    timed = [node for node in models if node.runtime is not None]
    return sorted(timed, key=lambda node: -(node.runtime or 0.0))[:_SLOWEST]


def _row(
    run: RunRecord,
    steps: Sequence[RunStep],
    nodes: Sequence[NodeRun],
    failures: Failures,
    slowest: Sequence[NodeRun],
    names: Names,
) -> Row:
    return {
        **names.run(run),
        "status": run.status.value,
        "status_message": run.status_message,
        "timed_out": run.timed_out,
        "created_time": iso(run.created_at),
        "start_time": iso(run.started_at),
        "end_time": iso(run.finished_at),
        "runtime": run.runtime,
        "queued": run.queued,
        "steps": "\n".join(map(_step, sorted(steps, key=lambda step: step.index))),
        "nodes": _by_outcome(nodes),
        "failed_nodes": failures.named_nodes,
        "error": failures.error,
        "slowest_models": ", ".join(f"{node.name} {duration(node.runtime or 0.0)}" for node in slowest),
        "git_branch": run.git_branch,
        "git_sha": run.git_sha,
        "dbt_version": run.dbt_version,
    }


def _step(step: RunStep) -> str:
    took = f" ({duration(step.runtime)})" if step.runtime is not None else ""
    return f"{step.index}. {step.name}: {step.status.value}{took}"


def _by_outcome(nodes: Sequence[NodeRun]) -> str:
    """The nodes of each type by status, the most first: `52 models: 50 success, 2 error`, a line for each type."""
    types: dict[str, Counter[str]] = {}
    for node in nodes:
        types.setdefault(node.resource_type, Counter())[node.status.value] += 1
    return "\n".join(
        f"{count(statuses.total(), kind.replace('_', ' '))}: "
        + ", ".join(f"{number:,} {status}" for status, number in statuses.most_common())
        for kind, statuses in types.items()
    )


def _finding(inquiry: Inquiry, run: RunRecord, names: Names, nodes: Sequence[NodeRun], failures: Failures) -> str:
    name = f"R{names.called(run)[1:]}"
    began = minute(run.began)
    if run.status in (RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING):
        so_far = duration(max((inquiry.now - run.began).total_seconds(), 0.0))
        return f"{name} is {run.status.value}, since {began} ({so_far} so far)."
    ended = "was stopped at its time limit" if run.timed_out else _ENDED[run.status]
    why = failures.cause(run) if run.status is RunStatus.FAILURE else ""
    took = f" and took {duration(run.runtime)}" if run.runtime is not None else ""
    when = f"it started {began}{took}" if run.started_at else f"it was created {began} and never started"
    built = sum(node.resource_type == "model" for node in nodes)
    models = f", with {count(built, 'model')}" if built else ""
    return f"{name} {ended}{f' ({why})' if why else ''}: {when}{models}."
