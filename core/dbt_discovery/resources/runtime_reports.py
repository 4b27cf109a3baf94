"""Runtimes of a job: one report a run, with the models in it where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.records import JobRecord, RunRecord
from dbt_discovery.models.results import RunResults
from dbt_discovery.models.unique_ids import name_in

__all__ = ["ModelRuntime", "RuntimeReport", "model_runtimes", "runtime_reports"]


@dataclass(frozen=True, slots=True)
class ModelRuntime:
    """What one run made of one model: `runtime` in seconds, None where it was skipped or dbt gives no time."""

    unique_id: str
    name: str
    status: str
    runtime: float | None


@dataclass(frozen=True, slots=True)
class RuntimeReport:
    """How long one finished run took.

    Attributes:
        start_time: When it started.
        status: success or failure.
        runtime: Seconds from start to finish.
        queued: Seconds from creation to start.
        url: Its page in dbt Cloud.
        models: Its models, longest first, those without a time last; None unless they were asked for.
    """

    run_id: str
    start_time: datetime | None
    status: str
    runtime: float
    queued: float | None
    url: str
    models: tuple[ModelRuntime, ...] | None = None


def runtime_reports(runs: Sequence[RunRecord], models: Sequence[tuple[ModelRuntime, ...]]) -> list[RuntimeReport]:
    """One report a finished run; the first of them with their models, as far as these are given."""
    return [
        RuntimeReport(run.run_id, run.started_at, run.status.value, run.runtime, run.queued, run.url, held)
        for run, held in zip_longest(runs, models)
        if run.runtime is not None
    ]


async def model_runtimes(inquiry: Inquiry, job: JobRecord, runs: Sequence[RunRecord]) -> list[tuple[ModelRuntime, ...]]:
    """The models of each run of a job, by the names that its environment has for them."""
    found = await inquiry.models_of_runs(runs)
    homes = [home for home in (await inquiry.environments()).values() if home.environment_id == job.environment_id]
    names = {model.unique_id: model.name for model in await inquiry.models_in(homes)}
    return [() if results is None else _longest_first(results, names) for results in found]


def _longest_first(results: RunResults, names: Mapping[str, str]) -> tuple[ModelRuntime, ...]:
    """Results of many runs leave names out, to stay light: a model that is gone goes by its unique_id's own."""
    models = [
        ModelRuntime(unique_id, names.get(unique_id) or name_in(unique_id), status.value, runtime)
        for unique_id, status, runtime in zip(results.unique_ids, results.statuses, results.runtimes, strict=True)
    ]
    return tuple(sorted(models, key=lambda model: (model.runtime is None, -(model.runtime or 0.0), model.unique_id)))
