"""Which models fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dbt_discovery.analysis.failures import FailureTally, failing_since, held_up_by, tally_failures
from dbt_discovery.analysis.measures import count_left_out, counts
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.filters import JobFields, ModelFields, PeriodFields, ProjectFilter
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import ModelRecord, NodeRun
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row, iso
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.questions.containment import models_of_jobs
from dbt_discovery.questions.error_texts import error_texts
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import alternative, period_reading, state_reading
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.words import count, cut_text, few, percent

__all__ = ["FailingModels", "failing_models"]

_NOW = columns(
    "name",
    "project_name",
    "last_run_status",
    "error",
    Column(key="held_up_by", label="Held up by"),
    "failing_since",
    "remark",
    "last_success_time",
    "job_name",
    "environment_name",
    "run_id",
    "url",
    "unique_id",
)
_IN_PERIOD = columns(
    "name",
    "project_name",
    "failures",
    "runs",
    "failure_rate",
    Column(key="skipped", label="Skipped", type="number", unit="count"),
    "last_failure_time",
    "error",
    "last_run_status",
    "job_name",
    "environment_name",
    "run_id",
    "url",
    "unique_id",
)
_FAILING = (NodeStatus.ERROR, NodeStatus.FAIL, NodeStatus.SKIPPED)


class FailingModels(Limited, ModelFields, PeriodFields, JobFields, ProjectFilter):
    """Arguments of `failing_models`."""


@report(
    title="Failing models",
    group="models",
    examples=(
        "Which models are failing now?",
        "Which models failed most often last week?",
        "Which models failed to run?",
    ),
    sample={"period": "last_week", "limit": 5},
)
async def failing_models(inquiry: Inquiry, arguments: FailingModels) -> Findings:
    """The models that are failing now, or with a period those that failed most often in it.

    Without a period, a model is failing if its last run, whichever job's it was, ended in an error; below stand those
    that the last run skipped, with the failed models of the same run that held them up, directly or through others. A
    skipped model without such a one waited for something else, such as a test. Those stand first that were last built
    longest ago. `failing_since` is the end of the first run since the last success that failed at the model or skipped
    it, among its latest 20 runs; where none of these succeeded, it is failing for longer, and `remark` says so.

    With a period, the finished runs count that started in it, of the jobs asked for or of all jobs of the environments
    whose models are asked for. `runs` are those that built the model or failed at it, `failures` the latter, and
    `failure_rate` is failures / runs; runs that skipped it stand apart, since the fault was not its own. Run, job and
    `error` are those of the last failure in the period. Models that no longer exist are left out, which is said.
    """
    if arguments.period:
        return await _in_period(inquiry, arguments, inquiry.span(arguments.period))
    return await _now(inquiry, arguments)


async def _now(inquiry: Inquiry, arguments: FailingModels) -> Findings:
    """The models whose last run failed at them, and those that it skipped."""
    models = await models_of_jobs(inquiry, arguments, await inquiry.select_models(arguments))
    ran = [model for model in models if model.last_run_status is not None]
    failing = sorted((model for model in ran if model.last_run_status in _FAILING), key=_longest_without_success)
    skipped = [model for model in failing if model.last_run_status is NodeStatus.SKIPPED]
    names, culprits = await Names.of(inquiry), await _culprits(inquiry, skipped)
    rows = [_row_now(inquiry, names, model, culprits.get(model.key)) for model in failing]
    shown = failing[: arguments.limit]
    for row, model, history in zip(rows, shown, await inquiry.histories(shown, HISTORY_LIMIT), strict=False):
        row |= _since(model, history)
    left_out: dict[LeftOut, int] = {"never_started": len(models) - len(ran)} if len(models) > len(ran) else {}
    value = "models whose last run ended in an error, and those that it skipped"
    instead = alternative(arguments, "most often failed in the last 7 days", period="last_7_days")
    return Findings(
        finding=_finding_now(rows, len(ran)),
        columns=_NOW,
        rows=rows,
        coverage=Coverage(unit="models", considered=len(ran), left_out=left_out),
        reading=[
            Reading(key="failing", label="Failing", value=value, alternatives=(instead,)),
            await state_reading(inquiry, arguments),
        ],
        limit=arguments.limit,
    )


def _longest_without_success(model: ModelRecord) -> tuple[bool, float, str, str]:
    """Failed before skipped, and then by how long ago the model was last built: never comes first."""
    built = model.last_success_end_time
    skipped = model.last_run_status is NodeStatus.SKIPPED
    return skipped, built.timestamp() if built else 0.0, model.name, model.project_id


async def _culprits(inquiry: Inquiry, skipped: Sequence[ModelRecord]) -> dict[NodeKey, list[str]]:
    """The names of the failed models that held up each skipped one, whether or not the filter keeps them."""
    found: dict[NodeKey, list[str]] = {}
    homes = {model.environment_id for model in skipped}
    for home in [each for each in (await inquiry.environments()).values() if each.environment_id in homes]:
        models = await inquiry.models_in([home])
        called = {model.unique_id: model.name for model in models}
        for unique_id, culprits in held_up_by(models, await inquiry.graph(home.environment_id)).items():
            found[home.environment_id, unique_id] = sorted(called[each] for each in culprits)
    return found


def _row_now(inquiry: Inquiry, names: Names, model: ModelRecord, culprits: Sequence[str] | None) -> Row:
    run_id, job_id, built = model.last_run_id, model.last_run_job_id, model.last_success_end_time
    skipped = model.last_run_status is NodeStatus.SKIPPED
    return {
        **names.model(model),
        "last_run_status": model.last_run_status and model.last_run_status.value,
        "error": None if skipped else cut_text(model.last_run_error),
        "held_up_by": few(culprits) if culprits and skipped else None,
        "last_success_time": iso(built),
        "run_id": run_id,
        "url": inquiry.run_url(model.project_id, run_id) if run_id else None,
        "job_id": job_id,
        "job_name": names.jobs.get(job_id) if job_id else None,
    }


def _since(model: ModelRecord, history: Sequence[NodeRun]) -> Row:
    """Since when a model is failing, by its history or, without one, by its state."""
    since, success_seen = failing_since(history)
    since = since or model.last_run_time
    longer = not success_seen and len(history) == HISTORY_LIMIT
    remark = f"For longer: none of its latest {HISTORY_LIMIT} runs succeeded" if longer else None
    return {"failing_since": iso(since), "remark": remark}


async def _in_period(inquiry: Inquiry, arguments: FailingModels, span: TimeRange) -> Findings:
    """The models that the runs of a period failed at."""
    models = {model.key: model for model in await inquiry.select_models(arguments)}
    jobs = await inquiry.select_jobs(arguments)
    if not arguments.names_jobs:
        homes = {home.environment_id for home in await inquiry.state_environments(arguments)}
        jobs = [job for job in jobs if job.environment_id in homes]
    runs = await inquiry.select_runs(arguments, span, jobs)
    tallies: dict[NodeKey, FailureTally] = {}
    left_out, considered = Counter(count_left_out(runs)), 0
    async for run, results in inquiry.models_of_many_runs([run for run in runs if counts(run)]):
        if results is None and run.status is RunStatus.SUCCESS:
            left_out["not_retained"] += 1
            continue
        considered += 1  # a run that failed before dbt began has no results, and failed at no model
        if results:
            tally_failures(tallies, run, results)
    failed = {key: tally for key, tally in tallies.items() if tally.failures}
    await _miss_gone(inquiry, failed.keys() - models.keys(), arguments)
    order = sorted(
        (key for key in failed if key in models),
        key=lambda key: (-failed[key].failures, -(failed[key].failure_rate or 0.0), models[key].name, key),
    )
    names = await Names.of(inquiry)
    rows = [_row_of_period(names, models[key], failed[key]) for key in order]
    shown = [(models[key], last) for key in order[: arguments.limit] if (last := failed[key].last_failed)]
    for row, text in zip(rows, await error_texts(inquiry, shown), strict=False):
        row["error"] = text
    value = "models that failed most often in the finished runs of the period"
    instead = alternative(arguments, "failing now", period=None)
    return Findings(
        finding=_finding_of_period(rows, considered, span),
        columns=_IN_PERIOD,
        rows=rows,
        coverage=Coverage(unit="runs", considered=considered, left_out=dict(left_out)),
        reading=[
            period_reading(span, arguments),
            Reading(key="failing", label="Failing", value=value, alternatives=(instead,)),
            await state_reading(inquiry, arguments),
        ],
        span=span,
        chart=Chart(kind="bar", x="name", y=("failures",)),
        limit=arguments.limit,
    )


async def _miss_gone(inquiry: Inquiry, keys: set[NodeKey], arguments: FailingModels) -> None:
    """Says how many models failed that their environment no longer has, those aside that the filter leaves out."""
    if not keys or arguments.narrows_models:
        return
    known = await inquiry.environments()
    homes = [known[home] for home in sorted({home for home, _ in keys} & known.keys())]
    if gone := keys - {model.key for model in await inquiry.models_in(homes)}:
        inquiry.lack(f"{count(len(gone), 'model')} left out that failed and the environment no longer has.")


def _row_of_period(names: Names, model: ModelRecord, tally: FailureTally) -> Row:
    last = tally.last_failed
    assert last is not None  # there is one where there are failures
    return {
        **names.run(last),
        **names.model(model),
        "failures": tally.failures,
        "runs": tally.runs,
        "failure_rate": tally.failure_rate,
        "skipped": tally.skipped,
        "last_failure_time": iso(last.began),
        "last_run_status": model.last_run_status and model.last_run_status.value,
    }


def _finding_now(rows: Sequence[Row], ran: int) -> str:
    if not ran:
        return "No model that ever ran fits the question."
    failed = [row["name"] for row in rows if row["last_run_status"] != "skipped"]
    skipped = len(rows) - len(failed)
    verb = "is" if len(failed) == 1 else "are"
    what = f"{len(failed):,} of {count(ran, 'model')} {verb} failing now: {few(failed)}"
    others = "1 model was skipped by its" if skipped == 1 else f"{skipped:,} models were skipped by their"
    held = f"; {others} last run" if skipped else ""
    return f"{what if failed else f'No model is failing now, of {ran:,}'}{held}."


def _finding_of_period(rows: Sequence[Row], considered: int, span: TimeRange) -> str:
    if not rows:
        runs = count(considered, "run")
        return f"No model failed {span.when} in {runs}." if considered else f"No run with results started {span.when}."
    first = rows[0]
    name = f"{first['name']} ({first['project_name']})"
    most = " failed most often" if len(rows) > 1 else " was the only model that failed"
    told = f"in {first['failures']:,} of {count(first['runs'], 'run')} ({percent(first['failure_rate'])})"
    others = f"; {count(len(rows), 'model')} failed at least once" if len(rows) > 1 else ""
    return f"{name}{most} {span.when}: {told}{others}."
