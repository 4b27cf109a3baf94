"""Which models can be relied on, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import Field, model_validator

from dbt_discovery.analysis.health import (
    NOT_LATELY,
    Cause,
    Health,
    ModelHealth,
    judge_health,
    last_built,
    named_sources,
    stale_sources,
    usual_interval,
)
from dbt_discovery.analysis.measures import counts
from dbt_discovery.exceptions import UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.fields import Verdicts
from dbt_discovery.models.filters import Conflict, ModelFields, ProjectFilter
from dbt_discovery.models.records import ModelRecord, SourceFreshness
from dbt_discovery.models.report import Column, Coverage, Row, iso
from dbt_discovery.models.subjects import OneModel
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.questions.subjects import the_model
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import node_state_reading, state_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import count, either

__all__ = ["ModelHealthArguments", "model_health"]

_COLUMNS = columns(
    "name",
    Column(key="verdict", label="Health"),
    Column(key="reasons", label="Why"),
    "last_run_status",
    "last_success_time",
    "test_count",
    "failing_tests",
    Column(key="stale_sources", label="Stale sources"),
    "project_name",
    "environment_name",
    "unique_id",
)
_CALLED = {
    Health.FAILING: ("is failing", "are failing"),
    Health.WARNING: ("has a warning", "have a warning"),
    Health.UNKNOWN: ("is of unknown health", "are of unknown health"),
    Health.HEALTHY: ("is healthy", "are healthy"),
}
_BY = {
    Cause.ATTEMPT: "by the last attempt",
    Cause.STALE_SOURCES: "by an upstream source in error",
    Cause.TESTS: "by a test",
    Cause.LATE_SOURCES: "by an upstream source that warns",
    Cause.AGE: "by an old build",
    Cause.UNTESTED: "without a test",
}
"""What makes a verdict, in words; the worst reason of each model counts."""


class ModelHealthArguments(ManyRows, OneModel, ModelFields, ProjectFilter):
    """Arguments of `model_health`."""

    verdict: Verdicts = Field(default=(), description="Verdicts to list: failing, warning, unknown, healthy.")

    @model_validator(mode="after")
    def _one_way_to_name_models(self) -> Self:
        if self.model and (self.models or self.model_ids):
            raise Conflict("model", "Give either model, for one, or models.")
        return self


@report(
    title="Health of models",
    group="models",
    examples=(
        "What is the health of the fct_revenue model?",
        "Which models are unhealthy, and why?",
        "What's wrong with my finance models?",
        "Is fct_invoices up to date?",
    ),
    sample={"projects": ["Finance Analytics"], "limit": 10},
)
async def model_health(inquiry: Inquiry, arguments: ModelHealthArguments) -> Findings:
    """Whether models can be relied on (failing, warning, unknown or healthy), and why; worst first.

    Failing: the last attempt ended in an error or was skipped, or a test fails. Warning: the newest freshness check of
    a source upstream came to error or warn; a test warns; or its last successful build is older than three times the
    usual interval (the median) between the latest runs of the job that last ran it, and than two days; where that
    interval is not known, than thirty days. Unknown: no run has built it, or what its last attempt came to is not
    known. Healthy: none of these. In the finding, each model counts under its worst reason.

    dbt Catalog's data health signals (docs.getdbt.com/docs/explore/data-health-signals) look at the same facts but
    weigh some of them otherwise. A source upstream in error makes a model degraded there; here it is a warning, so that
    failing models are those whose own build or test somebody has to mend. A model without tests gets a caution there;
    here that is among the reasons and counted in the finding, but no warning, since it says nothing of the data, nor
    does a missing description. A build is old there after thirty days, whatever the model.

    Tests count for the node they test, those that name none for all that they read. Sources without freshness criteria
    are not judged, nor those never checked; how old a check is, `source_freshness` tells.
    """
    if arguments.model:
        models: Sequence[ModelRecord] = [await the_model(inquiry, arguments.model, arguments)]
        state = await node_state_reading(inquiry, arguments, models[0])
    else:
        models, state = await inquiry.select_models(arguments), await state_reading(inquiry, arguments)
    tests, stale, intervals = await together(
        _tests(inquiry, models), _stale(inquiry, models), _intervals(inquiry, models)
    )
    judged = [
        (
            model,
            judge_health(
                model,
                tests=tests.get(model.key, ()),
                stale=stale.get(model.key, ()),
                interval=intervals.get(model.last_run_job_id or ""),
                now=inquiry.now,
            ),
        )
        for model in models
    ]
    judged.sort(key=lambda each: (each[1].place, each[0].name.casefold(), each[0].key))
    kept = [each for each in judged if not arguments.verdict or each[1].verdict in arguments.verdict]
    names = await Names.of_places(inquiry)
    rows: list[Row] = [
        {**names.model(model), **_row(model, health, tests.get(model.key, ()), stale.get(model.key, ()))}
        for model, health in kept
    ]
    return Findings(
        finding=_finding(judged, one=bool(arguments.model)),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="models", considered=len(models)),
        reading=[state],
        limit=arguments.limit,
    )


async def _tests(inquiry: Inquiry, models: Sequence[ModelRecord]) -> Mapping[NodeKey, list[TestRecord]]:
    """The tests of each node in the environments of some models."""
    known = await inquiry.environments()
    homes = sorted({model.environment_id for model in models})
    found: dict[NodeKey, list[TestRecord]] = {}
    for test in await inquiry.tests_in([known[home] for home in homes if home in known]):
        for subject in test.subjects:
            found.setdefault((test.environment_id, subject), []).append(test)
    return found


async def _stale(inquiry: Inquiry, models: Sequence[ModelRecord]) -> Mapping[NodeKey, Sequence[SourceFreshness]]:
    """The stale sources upstream of each node in the environments of some models."""
    found: dict[NodeKey, Sequence[SourceFreshness]] = {}
    for home in sorted({model.environment_id for model in models}):
        graph, sources = await together(inquiry.graph(home), inquiry.sources(home))
        found |= {(home, node): stale for node, stale in stale_sources(graph, sources).items()}
    return found


async def _intervals(inquiry: Inquiry, models: Sequence[ModelRecord]) -> Mapping[str, float]:
    """How often those jobs usually run that last ran a model not built lately: one request for each such job."""
    old = {
        model.last_run_job_id for model in models if (built := last_built(model)) and inquiry.now - built >= NOT_LATELY
    }
    jobs = [job for job in await inquiry.jobs() if job.job_id in old]
    try:
        latest = await inquiry.latest_runs(jobs)
    except UpstreamError as error:
        inquiry.lack(f"How often jobs run could not be read, so that only builds older than 30 days are old: {error}")
        return {}
    usual = {
        job.job_id: usual_interval(run.began for run in runs if counts(run))
        for job, runs in zip(jobs, latest, strict=True)
    }
    return {job_id: interval for job_id, interval in usual.items() if interval is not None}


def _row(model: ModelRecord, health: ModelHealth, tests: Sequence[TestRecord], stale: Sequence[SourceFreshness]) -> Row:
    return {
        "verdict": health.verdict.value,
        "reasons": " ".join(health.reasons),
        "last_run_status": model.last_run_status.value if model.last_run_status else None,
        "last_success_time": iso(model.last_success_end_time),
        "test_count": len(tests),
        "failing_tests": sum(test.is_failing for test in tests),
        "stale_sources": named_sources(stale),
    }


def _finding(judged: Sequence[tuple[ModelRecord, ModelHealth]], *, one: bool) -> str:
    if not judged:
        return "No model fits the question."
    model, health = judged[0]
    if one:
        reasons = "; ".join(f"{reason[0].lower()}{reason[1:].rstrip('.')}" for reason in health.reasons)
        return f"{model.name} {_CALLED[health.verdict][0]}: {reasons}."
    number = Counter(each.verdict for _, each in judged)
    told = [
        f"{number[each]:,} {_CALLED[each][number[each] > 1]}{_why(each, [health for _, health in judged])}"
        for each in Health
        if number[each]
    ]
    return f"Of {count(len(judged), 'model')} {either(told, 'and')}."


def _why(verdict: Health, judged: Sequence[ModelHealth]) -> str:
    """What makes a verdict how often, in brackets; nothing of the unknown, which need no more words."""
    causes = Counter(each.faults[0].cause for each in judged if each.verdict is verdict and each.faults)
    told = [f"{causes[cause]:,} {words}" for cause, words in _BY.items() if causes[cause]]
    return f" ({', '.join(told)})" if told and verdict is not Health.UNKNOWN else ""
