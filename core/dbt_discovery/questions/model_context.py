"""Context of a model: who owns it, which jobs build it, where it stands in the graph, how fresh its sources are."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.analysis.freshness import judge_freshness
from dbt_discovery.analysis.lineage import trace
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import FreshnessStatus
from dbt_discovery.models.records import GraphNode, JobRecord, ModelRecord, SourceFreshness
from dbt_discovery.questions.containment import jobs_holding

__all__ = ["freshness_of", "graph_around", "jobs_building", "owner_of"]

Verdict = tuple[FreshnessStatus | None, tuple[str, ...], tuple[SourceFreshness, ...]]
"""The worst status, the reasons, and the sources with the worst first."""


async def owner_of(inquiry: Inquiry, model: ModelRecord) -> str | None:
    """Who owns a model: the owner of its dbt group, else whom its own `meta` names; None if neither says."""
    (owner,) = await inquiry.owners([model])
    if owner:
        return owner
    details = await inquiry.model_details(model)
    return details.meta_owner if details else None


async def jobs_building(inquiry: Inquiry, model: ModelRecord) -> list[JobRecord]:
    """The jobs of a model's environment that build it, as their latest runs with results tell, by name."""
    here = [job for job in await inquiry.jobs() if job.environment_id == model.environment_id]
    found = await jobs_holding(inquiry, here, {model.key})
    return sorted(found, key=lambda job: (job.name.casefold(), job.job_id))


async def graph_around(inquiry: Inquiry, model: ModelRecord) -> Sequence[GraphNode]:
    """The graph that a model stands in; the inquiry says where dbt Cloud's does not hold it."""
    graph = await inquiry.graph(model.environment_id)
    if graph and all(node.unique_id != model.unique_id for node in graph):
        inquiry.lack(f"The lineage of environment {model.environment_id} does not hold {model.name}.")
    return graph


async def freshness_of(inquiry: Inquiry, model: ModelRecord) -> Verdict:
    """The verdict on the sources upstream of a model, by the newest check of each."""
    graph = await graph_around(inquiry, model)
    upstream, _, notes = trace(model.unique_id, graph)
    for note in notes:
        inquiry.lack(note)
    wanted = {node.unique_id for node in upstream if node.resource_type == "source"}
    sources = [each for each in await inquiry.sources(model.environment_id) if each.unique_id in wanted]
    if hidden := sorted(wanted - {each.unique_id for each in sources}):
        inquiry.lack(f"dbt Cloud tells nothing of the freshness of {', '.join(hidden)}.")
    status, reasons, worst_first = judge_freshness(sources, inquiry.now)
    if not wanted and not notes and any(node.unique_id == model.unique_id for node in graph):
        reasons = ("No source is upstream.",)
    return status, reasons, worst_first
