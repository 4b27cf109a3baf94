"""Attempts at a model: what each of its runs made of it, with the attempt's own times."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from dbt_discovery.analysis.measures import counts
from dbt_discovery.exceptions import NotFound
from dbt_discovery.inquiry import MOST_RUNS, Inquiry
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.filters import RunFilter
from dbt_discovery.models.records import ModelRecord, NodeRun, RunRecord
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.services.together import together
from dbt_discovery.words import count

__all__ = ["Attempt", "attempts_at", "last_attempt"]

_RESULTS_KEPT = timedelta(days=61)
"""How long dbt Cloud keeps results of runs: two months (quirk 3)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one run made of a model; `url` is the run's page where dbt Cloud was asked about the run."""

    node: NodeRun
    url: str | None = None


async def last_attempt(inquiry: Inquiry, model: ModelRecord) -> NodeRun | None:
    """The last attempt at a model with its own outcome, times and error; None if it was never attempted.

    The model's state has the outcome of the last attempt beside the times of the last success (quirk 1); its history
    has each attempt as it was. Only where the history does not reach the last attempt is it put together from the
    state, and then without times after a failure.
    """
    (history,) = await inquiry.histories([model], HISTORY_LIMIT)
    reached = model.last_run_id is None or any(node.run_id == model.last_run_id for node in history)
    newest = history[0] if history else None
    if newest and (reached or _later(newest, model)):
        return newest
    return None if model.last_run_id is None else _of_state(model)


async def attempts_at(inquiry: Inquiry, model: ModelRecord, wanted: RunFilter, last_n: int | None) -> list[Attempt]:
    """The attempts at a model that a filter of runs keeps, newest first; those of a period where it names one.

    Raises:
        NotFound, AmbiguousName: A job is not called that, or several are.
    """
    found = await (_of_period(inquiry, model, wanted) if wanted.period else _of_history(inquiry, model, wanted, last_n))
    return [attempt for attempt in found if wanted.admits_runtime(attempt.node.runtime)]


async def _of_history(inquiry: Inquiry, model: ModelRecord, wanted: RunFilter, last_n: int | None) -> list[Attempt]:
    """The attempts that the model's history holds, which dbt Cloud cuts; said where more were asked for."""
    (history,) = await inquiry.histories([model], HISTORY_LIMIT)
    found, urls = list(history), dict[str, str]()
    if wanted.narrows_jobs:
        here = wanted.model_copy(update={"project_ids": (model.project_id,)})
        jobs = {job.job_id for job in await inquiry.select_jobs(here)}
        found = [node for node in found if node.job_id in jobs]
    if wanted.run_status:
        runs = await _runs_by_id(inquiry, model, found)
        found = [node for node in found if node.run_id in runs and runs[node.run_id].status in wanted.run_status]
        urls = {run.run_id: run.url for run in runs.values()}
    fitting = sum(wanted.admits_runtime(node.runtime) for node in found)
    if len(history) >= HISTORY_LIMIT and (last_n is None or fitting < last_n):
        inquiry.lack(
            f"dbt Cloud gives the newest {HISTORY_LIMIT} runs of a model and no more: name a period to look further."
        )
    return [Attempt(node, urls.get(node.run_id)) for node in found]


async def _of_period(inquiry: Inquiry, model: ModelRecord, wanted: RunFilter) -> list[Attempt]:
    """The attempts in the runs of the model's environment that started in a period."""
    assert wanted.period
    here = wanted.model_copy(update={"project_ids": (model.project_id,), "environment": model.environment_id})
    jobs = await inquiry.select_jobs_of_runs(here)
    started = await inquiry.select_runs(here, inquiry.span(wanted.period), jobs)
    if going := sum(not run.status.final for run in started):
        inquiry.tell(f"{count(going, 'run')} not over yet: what becomes of the model there is not known.")
    runs = sorted(filter(counts, started), key=lambda run: (run.began, int(run.run_id)), reverse=True)
    if len(runs) > MOST_RUNS:
        inquiry.lack(f"Only the newest {MOST_RUNS:,} of {len(runs):,} runs are looked into: name a shorter period.")
        runs = runs[:MOST_RUNS]
    nodes = await inquiry.model_in_runs(model.unique_id, runs)
    _say_what_is_gone(inquiry, runs, nodes)
    return [
        Attempt(replace(node, run_id=run.run_id, job_id=run.job_id), run.url)
        for run, node in zip(runs, nodes, strict=True)
        if node
    ]


def _say_what_is_gone(inquiry: Inquiry, runs: Sequence[RunRecord], nodes: Sequence[NodeRun | None]) -> None:
    """Runs from before what dbt Cloud keeps, none of which tells of the model, may have held it all the same."""
    old = [node for run, node in zip(runs, nodes, strict=True) if inquiry.now - run.began > _RESULTS_KEPT]
    if old and not any(old):
        inquiry.lack(f"dbt Cloud keeps results for about two months: {count(len(old), 'older run')} may be missing.")


async def _runs_by_id(inquiry: Inquiry, model: ModelRecord, nodes: Sequence[NodeRun]) -> dict[str, RunRecord]:
    """The runs of some attempts: the newest of each job at once, and one by one what lies further back."""
    wanted = {node.run_id for node in nodes}
    makers = {node.job_id for node in nodes}
    latest = await inquiry.latest_runs([job for job in await inquiry.jobs() if job.job_id in makers])
    found = {run.run_id: run for runs in latest for run in runs if run.run_id in wanted}
    found |= await _each_run(inquiry, wanted - found.keys())
    if gone := len(wanted - found.keys()):
        inquiry.lack(f"dbt Cloud no longer has {count(gone, 'run')} of {model.name}, whose status is not known.")
    return found


async def _each_run(inquiry: Inquiry, run_ids: Collection[str]) -> dict[str, RunRecord]:
    """Runs by id, one request each; those that dbt Cloud no longer has are left out."""

    async def one(run_id: str) -> RunRecord | None:
        try:
            return (await inquiry.run(run_id))[0]
        except NotFound:
            return None

    return {run.run_id: run for run in await together(*map(one, run_ids)) if run}


def _later(node: NodeRun, model: ModelRecord) -> bool:
    """Whether an attempt is newer than the last that the state knows of."""
    return bool(node.finished_at and model.last_run_time and node.finished_at > model.last_run_time)


def _of_state(model: ModelRecord) -> NodeRun:
    """The last attempt as far as the state tells: its times only if it succeeded (quirk 1)."""
    own = model.last_attempt_succeeded
    return NodeRun(
        unique_id=model.unique_id,
        name=model.name,
        resource_type="model",
        run_id=model.last_run_id or "",
        job_id=model.last_run_job_id or "",
        status=model.last_run_status or NodeStatus.UNKNOWN,
        runtime=model.last_success_runtime if own else None,
        started_at=model.last_success_start_time if own else None,
        completed_at=model.last_success_end_time if own else None,
        finished_at=model.last_run_time,
        error=model.last_run_error,
        tags=model.tags,
        materialization=model.materialization,
        package=model.package,
        group=model.group,
    )
