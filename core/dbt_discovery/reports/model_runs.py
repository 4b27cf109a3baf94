"""The runs of one model."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Annotated

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.filters import EnvironmentFields, JobFields, RunFields, RunFilter
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.models.report import Chart, Coverage, LeftOut, Reading, Row, iso
from dbt_discovery.models.subjects import TheModel
from dbt_discovery.models.telling import Told
from dbt_discovery.questions.attempts import Attempt, attempts_at
from dbt_discovery.questions.subjects import the_model
from dbt_discovery.reports.averages import why_apart
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import alternative, node_state_reading, period_reading
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.words import count, cut_text, duration

__all__ = ["ModelRuns", "model_runs"]

_LAST = 10
_OF_RUNS = ("period", "run_status", "jobs", "job_ids", "job_type")
"""The arguments that choose among a model's runs."""
_COLUMNS = columns(
    "start_time",
    "status",
    "runtime",
    "job_name",
    "error",
    "name",
    "project_name",
    "environment_name",
    "run_id",
    "url",
)


class ModelRuns(ManyRows, RunFields, JobFields, EnvironmentFields, TheModel):
    """Arguments of `model_runs`."""

    last_n_runs: Annotated[int | None, Told(words=f"Only its last n; {_LAST} unless a period is named.")] = Field(
        default=None,
        ge=1,
        le=HISTORY_LIMIT,
        description=f"Only the model's last n runs; {_LAST} where no period is named either.",
    )


@report(
    title="Runs of a model",
    group="models",
    examples=(
        "What is the average run time of fct_revenue over its last 10 runs?",
        "How long did each run of fct_invoices take this week?",
        "When did fct_revenue last fail?",
    ),
    sample={"model": "fct_revenue"},
)
async def model_runs(inquiry: Inquiry, arguments: ModelRuns) -> Findings:
    """The last runs of one model, each with its outcome and runtime, and their average.

    `status`, `runtime` and `error` are those of the model within the run, never of another one: after a failed attempt
    the runtime is the attempt's own, and a skipped one has none. `start_time` is when dbt began with the model; where
    it gives no such time, as often after an error, it is when the results were written. Without a period they are the
    model's last ten runs (or `last_n_runs`), whichever job made them: dbt Cloud gives the newest twenty of a model.
    With a period they are those of the finished runs of its environment that started in it. Average and median in the
    finding are the arithmetic mean and the median over those runs that have a time, failed ones among them;
    `run_status` looks at the run as a whole.
    """
    taken = arguments
    if not arguments.period and not arguments.last_n_runs:
        taken = arguments.model_copy(update={"last_n_runs": _LAST})
    model = await _model(inquiry, arguments)
    wanted = RunFilter.model_validate({name: getattr(taken, name) for name in _OF_RUNS})
    attempts = (await attempts_at(inquiry, model, wanted, taken.last_n_runs))[: taken.last_n_runs]
    names = await Names.of(inquiry)
    times = [each.node.runtime for each in attempts if each.node.runtime is not None]
    untimed = len(attempts) - len(times)
    left_out: dict[LeftOut, int] = {"no_timing": untimed} if untimed else {}
    span = inquiry.span(taken.period) if taken.period else None
    readings = [*_readings(taken), await node_state_reading(inquiry, arguments, model)]
    return Findings(
        finding=_finding(model, names, attempts, times, span.when if span else ""),
        columns=_COLUMNS,
        rows=[_row(inquiry, model, names, each) for each in attempts],
        coverage=Coverage(unit="runs", considered=len(times), left_out=left_out),
        reading=[period_reading(span, arguments), *readings] if span else readings,
        span=span,
        chart=Chart(kind="line", x="start_time", y=("runtime",)),
        arguments=taken,
        limit=taken.limit,
    )


async def _model(inquiry: Inquiry, arguments: ModelRuns) -> ModelRecord:
    """The model, as the environment that is named has it; else as the one where all of the named jobs run, if it does.

    Raises:
        NotFound, AmbiguousName: A model or job is not called that, or several are.
    """
    named = JobFields(jobs=arguments.jobs, job_ids=arguments.job_ids)
    jobs = await inquiry.select_jobs(named) if named.names_jobs and not arguments.environment else ()
    model = await the_model(inquiry, arguments.model or "", EnvironmentFields(environment=arguments.environment))
    homes, known = {job.environment_id for job in jobs}, await inquiry.environments()
    there = await inquiry.models_in([known[home] for home in homes & known.keys()]) if len(homes) == 1 else []
    return next((each for each in there if each.identity == model.identity), model)


def _row(inquiry: Inquiry, model: ModelRecord, names: Names, attempt: Attempt) -> Row:
    node = attempt.node
    started = node.started_at or node.finished_at
    return {
        "run_id": node.run_id,
        "url": attempt.url or inquiry.run_url(model.project_id, node.run_id),
        "job_id": node.job_id,
        "job_name": names.jobs.get(node.job_id),
        **names.model(model),
        "status": node.status.value,
        "start_time": iso(started),
        "runtime": node.runtime,
        "error": cut_text(node.error),
    }


def _readings(arguments: ModelRuns) -> list[Reading]:
    """Which runs are taken, and which of them the average is over."""
    last, of = arguments.last_n_runs, " of the named jobs" if arguments.narrows_jobs else ""
    if last:
        other = HISTORY_LIMIT if last != HISTORY_LIMIT else _LAST
        wider = (alternative(arguments, f"the last {other}", last_n_runs=other),)
        taken = Reading(key="runs", label="Runs", value=f"the last {count(last, 'run')}{of}", alternatives=wider)
    else:
        taken = Reading(key="runs", label="Runs", value=f"the period's finished runs{of}")
    if arguments.run_status:
        return [taken]
    succeeded = alternative(arguments, "only runs that succeeded as a whole", run_status=["success"])
    over = "every run in which the model has a time, failed ones too"
    return [taken, Reading(key="average", label="Average over", value=over, alternatives=(succeeded,))]


def _finding(model: ModelRecord, names: Names, attempts: Sequence[Attempt], times: Sequence[float], when: str) -> str:
    name = f"{model.name} ({names.projects.get(model.project_id) or model.project_id})"
    when = f" {when}" if when else ""
    if not attempts:
        return f"No run of {name}{when} fits the question."
    outcomes = _outcomes(attempts)
    if not times:
        return f"{name} has no time in any of its {count(len(attempts), 'run')}{when}: {outcomes}."
    if len(attempts) == 1:
        return f"{name} over 1 run{when}: {duration(times[0])}; {outcomes}."
    average, middle = fmean(times), median(times)
    over = count(len(attempts), "run")
    if len(times) < len(attempts):
        over = f"the {len(times):,} of {over} that have a time"
    finding = (
        f"{name} over {over}{when}: {duration(average)} on average, median {duration(middle)}, "
        f"longest {duration(max(times))}; {outcomes}."
    )
    if why := why_apart(average, middle):
        finding += f" {why.capitalize()} than most: the median tells more of a usual run."
    return finding


def _outcomes(attempts: Sequence[Attempt]) -> str:
    """How many failed, and how many did not run at all."""
    failed = sum(each.node.status.failed for each in attempts)
    skipped = sum(each.node.status is NodeStatus.SKIPPED for each in attempts)
    text = f"{failed:,} failed" if failed else "none failed"
    return f"{text}, {skipped:,} skipped" if skipped else text
