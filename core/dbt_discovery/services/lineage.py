"""What the nodes of an environment are made from, over the Discovery API."""

from __future__ import annotations

from typing import Any

from dbt_discovery.models.records import GraphNode
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, query_text
from dbt_discovery.services.refresh import Refresh

__all__ = ["LineageService"]


class LineageService:
    """Answers about lineage."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def graph(
        self, environment_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[GraphNode, ...] | None]:
        """Every node of an environment but tests and macros; None where it is out of the token's sight."""
        return await self._client.ask(
            DiscoveryOperation(
                name="lineage",
                variables=(("environmentId", int(environment_id)),),
                scope="models",
                document=query_text("lineage"),
                parse=_nodes,
            ),
            refresh=refresh,
        )


def _nodes(data: dict[str, Any]) -> tuple[GraphNode, ...] | None:
    """The nodes of both states, each once: as it was built, else as it is defined."""
    state = data["environment"]
    if state is None:
        return None
    defined, applied = ((state.get(name) or {}).get("lineage") or () for name in ("definition", "applied"))
    return tuple({node["uniqueId"]: _node(node) for node in (*defined, *applied)}.values())


def _node(node: dict[str, Any]) -> GraphNode:
    """A node. Its parents may be of other projects too, which dbt Cloud lists apart."""
    kind, _, rest = node["uniqueId"].partition(".")
    parents = [*(node.get("parentIds") or ()), *(node.get("publicParentIds") or ())]
    return GraphNode(
        unique_id=node["uniqueId"],
        name=node.get("name") or rest.partition(".")[2],
        resource_type=kind,
        parents=tuple(dict.fromkeys(parents)),
    )
