"""Which models take longest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.analysis.measures import counts
from dbt_discovery.inquiry import Inquiry
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
from dbt_discovery.models.telling import JOBS_NAMED, Told
from dbt_discovery.questions.run_contents import models_in_run
from dbt_discovery.questions.runtimes import Runtimes, Timing, of_last_attempts, of_last_success, of_runs
from dbt_discovery.reports.averages import average_of
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import order_reading, period_reading
from dbt_discovery.words import count, duration, either

__all__ = ["SlowestModels", "slowest_models"]

_WORDS = {
    "avg": "run time (the average, where several runs count)",
    "median": "median of the runs that count",
    "max": "longest single run",
}
_MEASURES = {"avg": "runtime", "median": "median_runtime", "max": "max_runtime"}
_COLUMNS = columns(
    "name",
    "project_name",
    "runtime",
    seconds("median_runtime", "Median"),
    seconds("p95_runtime", "95th percentile"),
    seconds("max_runtime", "Longest"),
    "runs",
    "last_run_status",
    "materialization",
    "environment_name",
    "unique_id",
)


_OF_A_RUN = Told(words="Only the models of this run.")


class SlowestModels(Limited, RuntimeFields, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `slowest_models`."""

    TOLD = JOBS_NAMED

    run_id: Annotated[str | None, BeforeValidator(partial(to_reference, kind="run")), _OF_A_RUN] = Field(
        default=None, pattern=r"^\d+$", description="Only the models of this run, with their times in it."
    )
    last_n_runs: int = Field(default=1, ge=1, le=20, description="Average over each model's last n runs.")
    order_by: Literal["avg", "median", "max"] = Field(
        default="avg",
        description="Rank by runtime (the average over several runs), by their median, or by the longest single run.",
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
    sample={"projects": ["marketing"], "limit": 5},
)
async def slowest_models(inquiry: Inquiry, arguments: SlowestModels) -> Findings:
    """The models that take longest to build: when last built, over n runs, a period, or in one run.

    By default a model's runtime is that of its last successful build in the production environment, whatever job
    built it; `last_run_status` tells whether a later attempt failed. With `last_n_runs` above one, or with a period,
    it is the mean over those attempts that have a time. Narrowed by a job or a run, only the times within that job's
    latest runs, or within that run, count. A period counts the finished runs that started in it. The runtime bounds
    apply to the runtime. Median and 95th percentile (Hyndman and Fan's type 7) stand beside it: where the average and
    the median part by more than half, a few runs took far longer than most, and the finding says both.
    """
    span = inquiry.span(arguments.period) if arguments.period else None
    if arguments.run_id:
        models, times, where = await _of_run(inquiry, arguments)
    else:
        models = await inquiry.select_models(arguments)
        times, where = await _runtimes(inquiry, arguments, span, models)
    names = await Names.of_places(inquiry)
    rows: list[Row] = []
    without = considered = 0
    for model in models:
        timing = times.get(model.key)
        if not timing or not timing.runs:
            without += timing is not None
            continue
        considered += 1
        runtime = timing.mean
        if arguments.admits_runtime(runtime):
            rows.append(
                {
                    **names.model(model),
                    "runtime": runtime,
                    "median_runtime": timing.median,
                    "p95_runtime": timing.p95,
                    "max_runtime": timing.longest,
                    "runs": timing.runs,
                    "last_run_status": model.last_run_status.value if model.last_run_status else None,
                    "materialization": model.materialization,
                }
            )
    measure = _MEASURES[arguments.order_by]
    rows.sort(key=lambda row: (-row[measure], row["name"], row["project_id"]))
    readings = [
        Reading(key="runs", label="Runtime of", value=where),
        order_reading(arguments, _WORDS, "Slowest by"),
    ]
    if span:
        readings.insert(0, period_reading(span, arguments))
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
    over = average_of(first["runs"], first["runtime"], first["median_runtime"])
    if arguments.order_by == "median":
        over = f"{duration(first['median_runtime'])} in the median over {count(first['runs'], 'run')}"
    if first["runs"] == 1:
        over = f"{duration(first['runtime'])} in {where if not span else 'one run'}"
    if len(rows) == 1:
        return f"{name}{f',{when}' if when else ''}: {over}."
    return f"{name} is the slowest model{when}: {over}."
