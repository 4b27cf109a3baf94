"""Which models take longest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.measures import counts, mean
from dbt_discovery.models.filters import (
    JobFields,
    ModelFields,
    PeriodFields,
    ProjectFilter,
    RuntimeFields,
    to_reference,
)
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, ModelRecord, NodeRun
from dbt_discovery.models.report import Chart, Coverage, LeftOut, Reading, Row
from dbt_discovery.reports.columns import columns, order_reading, period_reading, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.words import count, duration, either

__all__ = ["SlowestModels", "slowest_models"]

_WORDS = {"avg": "run time (the average, where several runs count)", "max": "longest single run"}
_COLUMNS = columns(
    "name",
    "project_name",
    seconds("runtime", "Runtime"),
    seconds("max_runtime", "Longest"),
    "runs",
    "last_run_status",
    "materialization",
    "unique_id",
)


class SlowestModels(Limited, RuntimeFields, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `slowest_models`."""

    run_id: Annotated[str | None, BeforeValidator(to_reference)] = Field(
        default=None, pattern=r"^\d+$", description="Only the models of this run, with their times in it."
    )
    last_n_runs: int = Field(default=1, ge=1, le=20, description="Average over each model's last n runs.")
    order_by: Literal["avg", "max"] = Field(
        default="avg",
        description="Rank by runtime (the average over several runs), or by the longest single run.",
    )


@report(
    title="Slowest models",
    group="models",
    examples=("Which models are slowest?", "What are the five slowest models of marketing?"),
)
async def slowest_models(inquiry: Inquiry, arguments: SlowestModels) -> Findings:
    """The models that take longest to build.

    By default a model's runtime is that of its last successful build in the production environment, whatever job
    built it; `last_run_status` tells whether a later attempt failed. With `last_n_runs` above one, or with a period,
    it is the mean over those attempts that have a time. Narrowed by a job or a run, only the times within that job's
    latest runs, or within that run, count. An attempt belongs to the period in which the model itself started; without
    a job, dbt Cloud gives the last twenty attempts of a model, and a note says where the period may hold more. The
    runtime bounds apply to the runtime.
    """
    span = inquiry.span(arguments.period) if arguments.period else None
    models = await _candidates(inquiry, arguments)
    times, where = await _times(inquiry, arguments, span, models)
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    rows: list[Row] = []
    without = considered = 0
    for model in models:
        runtimes = times.get((model.project_id, model.unique_id))
        if not runtimes:
            without += runtimes is not None
            continue
        considered += 1
        runtime = mean(runtimes)
        if arguments.admits_runtime(runtime):
            rows.append(
                {
                    "unique_id": model.unique_id,
                    "name": model.name,
                    "project_id": model.project_id,
                    "project_name": projects.get(model.project_id),
                    "environment_id": model.environment_id,
                    "runtime": runtime,
                    "max_runtime": max(runtimes),
                    "runs": len(runtimes),
                    "last_run_status": model.last_run_status.value if model.last_run_status else None,
                    "materialization": model.materialization,
                }
            )
    measure = "runtime" if arguments.order_by == "avg" else "max_runtime"
    rows.sort(key=lambda row: (-row[measure], row["name"], row["project_id"]))
    readings = [
        Reading(key="runs", label="Runtime of", value=where),
        order_reading(arguments, _WORDS, arguments.order_by, "Slowest by"),
    ]
    if span:
        readings.insert(0, period_reading(span, arguments, assumed=False))
    left_out: dict[LeftOut, int] = {"no_timing": without} if without else {}
    return Findings(
        finding=_finding(rows, arguments, where, span),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="models", considered=considered, left_out=left_out),
        reading=readings,
        span=span,
        chart=Chart(kind="bar", x="name", y=(measure,)),
        limit=arguments.limit,
    )


async def _candidates(inquiry: Inquiry, arguments: SlowestModels) -> Sequence[ModelRecord]:
    """The models that may be ranked: those of the environment in which the named run or jobs build them."""
    homes: list[str] = []
    if arguments.environment is None and arguments.run_id:
        run, _ = await inquiry.run(arguments.run_id)
        homes = [run.environment_id]
    elif arguments.environment is None and _of_jobs_asked(arguments):
        homes = sorted({job.environment_id for job in await inquiry.select_jobs(arguments)})
    if not homes:
        return await inquiry.select_models(arguments)
    parts = [await inquiry.select_models(arguments.model_copy(update={"environment": home})) for home in homes]
    return list({(model.project_id, model.unique_id): model for part in parts for model in part}.values())


def _of_jobs_asked(arguments: SlowestModels) -> bool:
    return bool(arguments.jobs or arguments.job_ids or arguments.job_type)


Times = dict[tuple[str, str], list[float]]
"""Runtimes of each model, by project and unique_id; an empty list for a model that ran without one."""


async def _times(
    inquiry: Inquiry, arguments: SlowestModels, span: TimeRange | None, models: Sequence[ModelRecord]
) -> tuple[Times, str]:
    """The runtimes that count for each model, and where they come from in words."""
    if arguments.run_id:
        run, _ = await inquiry.run(arguments.run_id)
        return _of_nodes(run.project_id, await inquiry.models_of_run(run.job_id, run.run_id)), f"run {run.run_id}"
    if _of_jobs_asked(arguments):
        jobs = await inquiry.select_jobs(arguments)
        times = await _of_jobs(inquiry, jobs, arguments.last_n_runs, span)
        names = either([job.name for job in jobs[:3]], "and") + (" …" if len(jobs) > 3 else "")
        several = (
            f"the latest {arguments.last_n_runs} finished runs"
            if arguments.last_n_runs > 1
            else "the latest finished run"
        )
        runs = "the period's runs" if span else several
        return times, f"{runs} of {names}"
    if span or arguments.last_n_runs > 1:
        times = await _of_histories(inquiry, models, arguments.last_n_runs, span)
        return times, "the period's runs" if span else f"the last {arguments.last_n_runs} runs of each model"
    runtimes = ((model, model.last_success_runtime) for model in models)
    latest = {(m.project_id, m.unique_id): [] if runtime is None else [runtime] for m, runtime in runtimes}
    return latest, "the last successful build"


async def _of_jobs(inquiry: Inquiry, jobs: Sequence[JobRecord], last_n_runs: int, span: TimeRange | None) -> Times:
    if span:
        chosen = [run for run in await inquiry.select_runs(SlowestModels(), span, jobs) if counts(run)]
    else:
        latest = await inquiry.latest_runs(jobs)
        chosen = [run for runs in latest for run in [run for run in runs if counts(run)][:last_n_runs]]
    times: Times = {}
    results = await asyncio.gather(*(inquiry.models_of_run(run.job_id, run.run_id) for run in chosen))
    for run, nodes in zip(chosen, results, strict=True):
        for key, runtimes in _of_nodes(run.project_id, nodes).items():
            times.setdefault(key, []).extend(runtimes)
    return times


async def _of_histories(
    inquiry: Inquiry, models: Sequence[ModelRecord], last_n_runs: int, span: TimeRange | None
) -> Times:
    times: Times = {}
    short = 0
    for model, nodes in zip(models, await inquiry.histories(models, HISTORY_LIMIT), strict=True):
        fitting = [node for node in nodes if not span or _within(node, span)]
        runtimes = [node.runtime for node in fitting if node.runtime is not None]
        times[(model.project_id, model.unique_id)] = runtimes if span else runtimes[:last_n_runs]
        short += bool(span) and len(nodes) >= HISTORY_LIMIT and len(fitting) == len(nodes)
    if short:
        inquiry.lack(
            f"For {count(short, 'model')} only the last {HISTORY_LIMIT} runs are known, and the period may hold more: "
            "name a job to have all of its runs."
        )
    return times


def _of_nodes(project_id: str, nodes: Iterable[NodeRun]) -> Times:
    return {
        (project_id, node.unique_id): [] if node.runtime is None else [node.runtime]
        for node in nodes
        if node.resource_type == "model"
    }


def _within(node: NodeRun, span: TimeRange) -> bool:
    """Whether a model ran in the stretch of time: by its own start, or else by the end of its dbt invocation."""
    moment = node.started_at or node.finished_at
    return moment is not None and moment in span


def _finding(rows: Sequence[Row], arguments: SlowestModels, where: str, span: TimeRange | None) -> str:
    when = f" {span.when}" if span else ""
    if not rows:
        return f"No model with a runtime fits the question{when}."
    first = rows[0]
    name = f"{first['name']} ({first['project_name']})"
    if arguments.order_by == "max":
        return f"{name} had the longest single run{when}: {duration(first['max_runtime'])}."
    over = f"{duration(first['runtime'])} on average over {count(first['runs'], 'run')}"
    if first["runs"] == 1:
        over = f"{duration(first['runtime'])} in {where if not span else 'one run'}"
    return f"{name} is the slowest model{when}: {over}."
