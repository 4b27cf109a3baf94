"""Subjects of a question: from what it calls a job, a model or a run to the record that is meant."""

from __future__ import annotations

from dbt_discovery.exceptions import InvalidArgument, NotFound
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.description import describe
from dbt_discovery.models.filters import Filter, JobFilter, ModelFilter
from dbt_discovery.models.records import JobRecord, ModelRecord, RunRecord, RunStep
from dbt_discovery.resolver import job_resolver, model_resolver

__all__ = ["the_job", "the_model", "the_run"]


async def the_job(inquiry: Inquiry, reference: str) -> JobRecord:
    """The job of this id or name; the report tells which that is.

    Raises:
        NotFound, AmbiguousName: None is called that, or several are.
    """
    resolver = job_resolver(await inquiry.projects(), (await inquiry.environments()).values())
    job = resolver.find(reference, await inquiry.select_jobs(JobFilter()))
    inquiry.resolved["job"], inquiry.names["job"] = job.job_id, job.name
    return job


async def the_model(inquiry: Inquiry, reference: str, wanted: Filter) -> ModelRecord:
    """The model of this name, unique_id or `project_name.model_name`, as the state that a filter chooses has it.

    Args:
        inquiry: The question.
        reference: What the model is called.
        wanted: Chooses the environment; without one, each project's own state counts.

    Raises:
        NotFound, AmbiguousName: None is called that, or several are.
    """
    names = {project.project_id: project.name for project in await inquiry.projects()}
    resolver = model_resolver(names)
    models = await inquiry.select_models(wanted)
    try:
        model = resolver.find(reference, models)
    except NotFound as unknown:
        raise _not_among(unknown, wanted) from None
    inquiry.resolved["model"], inquiry.names["model"] = resolver.exact(model)[-1], model.name
    return model


def _not_among(unknown: NotFound, wanted: Filter) -> NotFound:
    """The error, telling what was looked through where a filter left out some of the account's models."""
    narrowing = {name: value for name, value in wanted.given().items() if name in ModelFilter.model_fields}
    if not narrowing:
        return unknown
    return NotFound("model", unknown.reference, unknown.near, where=f"among the models of {describe(narrowing)}")


async def the_run(
    inquiry: Inquiry, run_id: str | None, job: str | None, *, finished: bool = True
) -> tuple[RunRecord, tuple[RunStep, ...]]:
    """The run of this id, else the latest of a job, with its steps.

    Args:
        inquiry: The question.
        run_id: The run's id.
        job: What the job is called; with a run's id too, the run has to be one of the job's.
        finished: Whether it has to be over: of a job, it is then the latest that succeeded or failed.

    Raises:
        InvalidArgument: Neither is named, or the run is not one of the job's.
        NotFound, AmbiguousName: There is no such run or job, or several jobs are called that.
    """
    own = await the_job(inquiry, job) if job else None
    if run_id:
        run, steps = await inquiry.run(run_id)
        if own and run.job_id != own.job_id:
            raise InvalidArgument("run_id", f"Run {run_id} is not one of the job {own.name}: leave one of them out.")
        return run, steps
    if own is None:
        raise InvalidArgument("run_id", "Name a run by run_id, or a job to take its latest run.")
    (latest,) = await inquiry.latest_runs([own])
    found = next((each for each in latest if each.status.finished or not finished), None)
    if found is None:
        why = "It has no finished run." if latest else "The job never ran."
        raise NotFound("run", f"of {own.name}", hint=why, where="")
    inquiry.resolved["run_id"] = inquiry.names["run_id"] = found.run_id
    return await inquiry.run(found.run_id)
