"""Contents of a run: the models that it built, and those among them that a filter keeps."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import Filter, ModelFilter
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.resolver import Resolver, model_resolver

__all__ = ["count_models", "models_in_run"]


async def models_in_run(inquiry: Inquiry, run: RunRecord, wanted: ModelFilter) -> list[NodeRun]:
    """The models of a run that a filter keeps by what they were in it, longest first, those without a time last.

    A run that is not over, or left no results, gives none, and the inquiry says why.

    Raises:
        NotFound, AmbiguousName: A model is not called that, or several are.
    """
    nodes = await _results(inquiry, run)
    if wanted.models or wanted.model_ids:
        nodes = await _named(inquiry, run, (*wanted.models, *wanted.model_ids), nodes)
    kept = [node for node in nodes if wanted.admits(node, node.status) and wanted.admits_runtime(node.runtime)]
    return sorted(kept, key=lambda node: (node.runtime is None, -(node.runtime or 0.0), node.name, node.unique_id))


async def count_models(inquiry: Inquiry, run: RunRecord) -> int | None:
    """How many models a run held; None while it is not over, and where dbt Cloud does not tell."""
    if not run.status.finished:
        return None
    try:
        nodes = await inquiry.models_of_run(run)
    except UpstreamError:
        return None
    return None if nodes is None else len(nodes)


async def _results(inquiry: Inquiry, run: RunRecord) -> Sequence[NodeRun]:
    """The models of a run; none where none are known, which the inquiry then says."""
    if not run.status.final:
        inquiry.lack(f"Run {run.run_id} is not over ({run.status.value}): dbt Cloud tells of its models afterwards.")
        return ()
    nodes = await inquiry.models_of_run(run)
    if nodes is None:
        inquiry.lack(f"dbt Cloud has no results of run {run.run_id}{_why_none(run)}.")
    return nodes or ()


def _why_none(run: RunRecord) -> str:
    if run.status is RunStatus.CANCELLED:
        return ": it was cancelled"
    kept = "it keeps them for about two months"
    return f": {kept}" if run.status is RunStatus.SUCCESS else f": it may have failed before dbt began, or {kept}"


async def _named(
    inquiry: Inquiry, run: RunRecord, references: Sequence[str], nodes: Sequence[NodeRun]
) -> list[NodeRun]:
    """The models of the run that references mean; one that means a model outside of it keeps nothing.

    The run's own models come first: it may have held one that is gone since.
    """
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    here = _resolver(run.project_id, projects.get(run.project_id, run.project_id))
    named = set()
    for reference in references:
        try:
            named.add(here.find(reference, nodes).unique_id)
        except NotFound:
            model_resolver(projects).find(reference, await inquiry.select_models(Filter()))
    return [node for node in nodes if node.unique_id in named]


def _resolver(project_id: str, project_name: str) -> Resolver[NodeRun]:
    """How the models of a run are called: as models are everywhere."""
    return Resolver(
        "model",
        lambda node: (f"{project_id}/{node.unique_id}",),
        lambda node: (node.name, node.unique_id, f"{project_name}.{node.name}"),
    )
