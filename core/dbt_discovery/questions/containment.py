"""Containment: which jobs and runs hold which models. A filter's model fields narrow jobs and runs by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import Filter, JobFields, ModelFields, ModelFilter
from dbt_discovery.models.records import JobRecord, ModelRecord, RunRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.traits import unknown_traits
from dbt_discovery.words import count

__all__ = ["jobs_holding", "jobs_with", "models_of_jobs", "runs_with"]


async def jobs_with(inquiry: Inquiry, wanted: Filter, jobs: Sequence[JobRecord]) -> list[JobRecord]:
    """The jobs whose latest run with results holds a model that the filter keeps; all, if it asks nothing of models.

    Args:
        inquiry: The question.
        wanted: A filter of models, or another one's model fields.
        jobs: The jobs to choose from.

    Raises:
        NotFound, AmbiguousName: A model is not called that, or several are.
    """
    if not _narrows(wanted):
        return list(jobs)
    return await jobs_holding(inquiry, jobs, await _matching(inquiry, wanted, set(map(_home, jobs))))


async def jobs_holding(inquiry: Inquiry, jobs: Sequence[JobRecord], matching: Collection[NodeKey]) -> list[JobRecord]:
    """The jobs whose latest run with results holds one of some models."""
    contents = await inquiry.models_of_jobs(jobs)
    built = ([node.unique_id for node in nodes] for nodes in contents)
    return [job for job, unique_ids in zip(jobs, built, strict=True) if _holds(unique_ids, _home(job), matching)]


async def runs_with(inquiry: Inquiry, wanted: Filter, runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs that hold a model which the filter's model fields keep; all, without such fields.

    A run holds the models of its own results. One without any (it goes on, was cancelled, or failed before dbt began)
    is taken to hold what its job's latest run with results built; a note says how many those are.
    """
    if not _narrows(wanted):
        return list(runs)
    finished = [run for run in runs if run.status.finished]
    others = [run for run in runs if not run.status.finished]
    matching = await _matching(inquiry, wanted, {run.environment_id for run in finished})
    kept: set[str] = set()
    async for run, results in inquiry.models_of_many_runs(finished):
        if results is None:
            others.append(run)
        elif _holds(results.unique_ids, run.environment_id, matching):
            kept.add(run.run_id)
    if others:
        ids = {run.job_id for run in others}
        holding = await jobs_with(inquiry, wanted, [job for job in await inquiry.jobs() if job.job_id in ids])
        job_ids = {job.job_id for job in holding}
        guessed = {run.run_id for run in others if run.job_id in job_ids}
        kept |= guessed
        if guessed:
            inquiry.tell(
                f"{count(len(guessed), 'run')} left no results: taken to hold what the latest run of the job built."
            )
    return [run for run in runs if run.run_id in kept]


async def models_of_jobs(inquiry: Inquiry, wanted: Filter, models: Sequence[ModelRecord]) -> list[ModelRecord]:
    """The models that the jobs build which the filter's job fields keep, by their latest runs; all, without such."""
    if not (isinstance(wanted, JobFields) and wanted.narrows_jobs):
        return list(models)
    jobs = await inquiry.select_jobs(wanted)
    built = {
        (job.environment_id, node.unique_id)
        for job, nodes in zip(jobs, await inquiry.models_of_jobs(jobs), strict=True)
        for node in nodes
    }
    return [model for model in models if model.key in built]


def _narrows(wanted: Filter) -> bool:
    """Whether a filter asks anything of models: their own does with any field, another one with its model fields."""
    if isinstance(wanted, ModelFilter):
        return bool(wanted.given().keys() - {"tags_match", "include_or_exclude"})
    return isinstance(wanted, ModelFields) and wanted.narrows_models


async def _matching(inquiry: Inquiry, wanted: Filter, environment_ids: Collection[str]) -> set[NodeKey]:
    """The models that a filter keeps in each of some environments; only its own filter bounds a model's runtime."""
    assert isinstance(wanted, ModelFields)
    homes = [home for home in await inquiry.select_environments(wanted) if home.environment_id in environment_ids]
    models = await inquiry.models_in(homes)
    for sentence in unknown_traits(wanted, models):
        inquiry.tell(sentence)
    if wanted.models or wanted.model_ids:
        deployed = [home for home in (await inquiry.environments()).values() if home.type != "development"]
        models = await inquiry.named_models(wanted, models, await inquiry.models_in(deployed))
    if isinstance(wanted, ModelFilter):
        models = await models_of_jobs(inquiry, wanted, models)
        models = [model for model in models if wanted.admits_runtime(model.last_success_runtime)]
    return {model.key for model in models if wanted.admits(model, model.last_run_status)}


def _home(job: JobRecord) -> str:
    """The environment that a job's latest results are of: it may have moved since."""
    return job.last_finished_run.environment_id if job.last_finished_run else job.environment_id


def _holds(unique_ids: Iterable[str], environment_id: str, matching: Collection[NodeKey]) -> bool:
    return any((environment_id, unique_id) in matching for unique_id in unique_ids)
