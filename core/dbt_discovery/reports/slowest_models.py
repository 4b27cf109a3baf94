"""Which models take longest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.measures import counts, mean
from dbt_discovery.models.filters import (
    Conflict,
    JobFields,
    ModelFields,
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
from dbt_discovery.runtimes import Runtimes, of_last_attempts, of_last_success, of_runs
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
    models = await _candidates(inquiry, arguments)
    times, where = await _runtimes(inquiry, arguments, span, models)
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
    rows: list[Row] = []
    without = considered = 0
    for model in models:
        runtimes = times.get((model.environment_id, model.unique_id))
        if not runtimes:
            without += runtimes is not None
            continue
        considered += 1
        runtime, home = mean(runtimes), environments.get(model.environment_id)
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
    if arguments.environment or not (arguments.run_id or _names_jobs(arguments)):
        return await inquiry.select_models(arguments)
    if arguments.run_id:
        run, _ = await inquiry.run(arguments.run_id)
        homes = {run.environment_id}
    else:
        homes = {job.environment_id for job in await inquiry.select_jobs(arguments)}
    visible = homes & (await inquiry.environments()).keys()
    if hidden := homes - visible:
        inquiry.lack(f"The models of environment {either(sorted(hidden), 'and')} are out of the token's sight.")
    parts = [
        await inquiry.select_models(arguments.model_copy(update={"environment": home})) for home in sorted(visible)
    ]
    inquiry.resolved.pop("environment", None)
    inquiry.names.pop("environment", None)
    return [model for part in parts for model in part]


def _names_jobs(arguments: SlowestModels) -> bool:
    return bool(arguments.jobs or arguments.job_ids)


async def _runtimes(
    inquiry: Inquiry, arguments: SlowestModels, span: TimeRange | None, models: Sequence[ModelRecord]
) -> tuple[Runtimes, str]:
    """The runtimes that count for each model, and where they come from in words."""
    if arguments.run_id:
        run, _ = await inquiry.run(arguments.run_id)
        return await of_runs(inquiry, [run]), f"run {run.run_id}"
    if span or _names_jobs(arguments) or arguments.job_type:
        jobs = await _jobs(inquiry, arguments)
        names = either([job.name for job in jobs[:3]], "and") + (" …" if len(jobs) > 3 else "")
        of = f" of {names}" if _names_jobs(arguments) or arguments.job_type else ""
        if span:
            runs = [run for run in await inquiry.select_runs(arguments, span, jobs) if counts(run)]
            return await of_runs(inquiry, runs), f"the period's finished runs{of}"
        last = arguments.last_n_runs
        runs = [
            run for latest in await inquiry.latest_runs(jobs) for run in [run for run in latest if counts(run)][:last]
        ]
        return await of_runs(inquiry, runs), f"the latest {f'{last} finished runs' if last > 1 else 'finished run'}{of}"
    if arguments.last_n_runs > 1:
        times = await of_last_attempts(inquiry, models, arguments.last_n_runs)
        return times, f"the last {arguments.last_n_runs} runs of each model"
    return of_last_success(models), "the last successful build"


async def _jobs(inquiry: Inquiry, arguments: SlowestModels) -> Sequence[JobRecord]:
    """The named jobs, or all jobs of the environments whose models are ranked, of the types asked for."""
    jobs = await inquiry.select_jobs(arguments)
    if _names_jobs(arguments):
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
