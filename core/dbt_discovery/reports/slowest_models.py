"""Which models take longest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.measures import counts
from dbt_discovery.models.filters import (
    Conflict,
    JobFields,
    ModelFields,
    ModelFilter,
    PeriodFields,
    ProjectFilter,
    RuntimeFields,
    to_reference,
)
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import JobRecord, ModelRecord
from dbt_discovery.models.report import Chart, Coverage, LeftOut, Reading, Row
from dbt_discovery.reports.columns import columns, order_reading, period_reading, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.resources.contents import models_in_run
from dbt_discovery.runtimes import Runtimes, Timing, of_last_attempts, of_last_success, of_runs
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
    "environment_name",
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

    @model_validator(mode="after")
    def _one_choice_of_runs(self) -> SlowestModels:
        if self.run_id and (self.period or self.jobs or self.job_ids or self.job_type or self.last_n_runs > 1):
            raise Conflict("run_id", "run_id names one run: leave out period, jobs, job_type and last_n_runs.")
        if self.period and self.last_n_runs > 1:
            raise Conflict("last_n_runs", "Give either period or last_n_runs: a period counts all of its runs.")
        return self


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
    latest runs, or within that run, count. A period counts the finished runs that started in it. The runtime bounds
    apply to the runtime.
    """
    span = inquiry.span(arguments.period) if arguments.period else None
    if arguments.run_id:
        models, times, where = await _of_run(inquiry, arguments)
    else:
        models = await inquiry.select_models(arguments)
        times, where = await _runtimes(inquiry, arguments, span, models)
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
    rows: list[Row] = []
    without = considered = 0
    for model in models:
        timing = times.get(model.key)
        if not timing or not timing.runs:
            without += timing is not None
            continue
        considered += 1
        runtime, home = timing.mean, environments.get(model.environment_id)
        if arguments.admits_runtime(runtime):
            rows.append(
                {
                    "unique_id": model.unique_id,
                    "name": model.name,
                    "project_id": model.project_id,
                    "project_name": projects.get(model.project_id),
                    "environment_id": model.environment_id,
                    "environment_name": home.name if home else None,
                    "runtime": runtime,
                    "max_runtime": timing.longest,
                    "runs": timing.runs,
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


async def _of_run(inquiry: Inquiry, arguments: SlowestModels) -> tuple[Sequence[ModelRecord], Runtimes, str]:
    """The models of one run that may be ranked, as they were in it, and their runtimes in it."""
    run, _ = await inquiry.run(arguments.run_id or "")
    where = f"run {run.run_id}"
    if run.project_id not in {project.project_id for project in await inquiry.select_projects(arguments)}:
        return (), {}, where
    if run.environment_id not in {home.environment_id for home in await inquiry.select_environments(arguments)}:
        inquiry.lack(f"Run {run.run_id} is of environment {run.environment_id}, whose models are not in view.")
        return (), {}, where
    wanted = ModelFilter(**{name: getattr(arguments, name) for name in ModelFields.model_fields})
    nodes = await models_in_run(inquiry, run, wanted)
    times = {(run.environment_id, node.unique_id): Timing([node.runtime]) for node in nodes}
    return await _still_there(inquiry, times), times, where


async def _still_there(inquiry: Inquiry, times: Runtimes) -> Sequence[ModelRecord]:
    """The models that have times, as their environments have them; says how many of them are no more."""
    known = await inquiry.environments()
    homes = sorted({home for home, _ in times} & known.keys())
    models = [model for model in await inquiry.models_in([known[home] for home in homes]) if model.key in times]
    gone = {key for key, timing in times.items() if timing.runs} - {model.key for model in models}
    if gone:
        inquiry.lack(f"{count(len(gone), 'model')} left out that these runs built and the environment no longer has.")
    return models


async def _runtimes(
    inquiry: Inquiry, arguments: SlowestModels, span: TimeRange | None, models: Sequence[ModelRecord]
) -> tuple[Runtimes, str]:
    """The runtimes that count for each model, and where they come from in words."""
    if span or arguments.narrows_jobs:
        jobs = await _jobs(inquiry, arguments)
        names = either([job.name for job in jobs[:3]], "and") + (" …" if len(jobs) > 3 else "")
        of = f" of {names}" if arguments.narrows_jobs else ""
        if span:
            runs = [run for run in await inquiry.select_runs(arguments, span, jobs) if counts(run)]
            times, where = await of_runs(inquiry, runs), f"the period's finished runs{of}"
        else:
            last = arguments.last_n_runs
            times = await of_runs(inquiry, await inquiry.latest_finished(jobs, last))
            where = f"the latest {f'{last} finished runs' if last > 1 else 'finished run'}{of}"
        await _still_there(inquiry, times)
        return times, where
    if arguments.last_n_runs > 1:
        times = await of_last_attempts(inquiry, models, arguments.last_n_runs)
        return times, f"the last {arguments.last_n_runs} runs of each model"
    return of_last_success(models), "the last successful build"


async def _jobs(inquiry: Inquiry, arguments: SlowestModels) -> Sequence[JobRecord]:
    """The named jobs, or all jobs of the environments whose models are ranked, of the types asked for."""
    jobs = await inquiry.select_jobs(arguments)
    if arguments.names_jobs:
        return jobs
    homes = {home.environment_id for home in await inquiry.state_environments(arguments)}
    return [job for job in jobs if job.environment_id in homes]


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
    if len(rows) == 1:
        return f"{name} took {over}{when}."
    return f"{name} is the slowest model{when}: {over}."
