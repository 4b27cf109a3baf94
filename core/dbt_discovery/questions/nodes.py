"""Nodes: any node of a project's graph (model, source, seed, exposure …), by what a question calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dbt_discovery.exceptions import NotFound
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import Filter
from dbt_discovery.models.records import EnvironmentRecord, GraphNode
from dbt_discovery.questions.subjects import the_model
from dbt_discovery.resolver import Resolver
from dbt_discovery.services.together import together

__all__ = ["PlacedNode", "the_node"]


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node, and where its graph is.

    Attributes:
        unique_id: Dbt's own id.
        name: Its name.
        resource_type: model, source, seed, snapshot, exposure, metric, semantic_model or saved_query.
        project_id: Its project.
        environment_id: The environment whose graph holds it.
    """

    unique_id: str
    name: str
    resource_type: str
    project_id: str
    environment_id: str


async def the_node(inquiry: Inquiry, reference: str, wanted: Filter) -> PlacedNode:
    """The node that a question calls so; a model first, by whatever a model may be called.

    Every other node goes by its unique_id or its name, a source also by `source_name.name`. Only where no model is
    called that are the graphs of the projects' environments looked through.

    Args:
        inquiry: The question; its report tells which node it is.
        reference: What the node is called.
        wanted: Chooses the environment; without one, each project's own state counts.

    Raises:
        NotFound, AmbiguousName: Nothing is called that, or several nodes are.
    """
    try:
        model = await the_model(inquiry, reference, wanted)
    except NotFound as unknown:
        homes = await inquiry.state_environments(wanted)
        graphs = await together(*(inquiry.graph(home.environment_id) for home in homes))
        names = {project.project_id: project.name for project in await inquiry.projects()}
        node = _find(reference, homes, graphs, names, unknown)
        inquiry.resolved["model"], inquiry.names["model"] = f"{node.project_id}/{node.unique_id}", node.name
        return node
    return PlacedNode(model.unique_id, model.name, "model", model.project_id, model.environment_id)


def _find(
    reference: str,
    homes: Sequence[EnvironmentRecord],
    graphs: Sequence[Sequence[GraphNode]],
    project_names: Mapping[str, str],
    unknown: NotFound,
) -> PlacedNode:
    """The node of any of some graphs; where there is none, the error about models also names nodes that are near."""
    placed = [
        PlacedNode(node.unique_id, node.name, node.resource_type, home.project_id, home.environment_id)
        for home, graph in zip(homes, graphs, strict=True)
        for node in graph
    ]
    resolver: Resolver[PlacedNode] = Resolver(
        "model",
        lambda n: (f"{n.project_id}/{n.unique_id}",),
        lambda n: (n.name, n.unique_id, _qualified(n)),
        lambda n: f"{n.resource_type} of project {project_names.get(n.project_id, n.project_id)}",
    )
    try:
        return resolver.find(reference, placed)
    except NotFound as nothing:
        near = list(dict.fromkeys([*unknown.near, *nothing.near]))[:5]
        raise NotFound("model", reference, near, where=unknown.where) from None


def _qualified(node: PlacedNode) -> str:
    """A source as dbt's `source()` takes it; any other node with its package, such as `shop.orders`."""
    parts = node.unique_id.split(".")
    return ".".join(parts[2:] if node.resource_type == "source" else parts[1:])
