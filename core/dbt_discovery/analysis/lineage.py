"""Lineage: what a node is made from, and what is made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.records import GraphNode
from dbt_discovery.words import count, either, few

__all__ = ["DEEPEST", "Lineage", "LineageNode", "checked_depth", "summed_up", "trace"]

DEEPEST = 1_000
"""Most steps that anybody may ask to go: beyond any project's own depth."""
_ENDS = ("exposure", "source")


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A node upstream or downstream of another.

    Attributes:
        unique_id: Dbt's own id, such as `source.shop.raw.orders`.
        name: Its name.
        resource_type: model, source, seed, snapshot, exposure, metric, semantic_model or saved_query.
        distance: Fewest steps from the node in question: 1 for a parent or a child.
        parents: unique_ids of what it is made from itself.
    """

    unique_id: str
    name: str
    resource_type: str
    distance: int
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a node stands in its project's graph; tests and macros are left out.

    Attributes:
        unique_id: The node in question.
        parents: unique_ids of what it is made from.
        upstream: What it is made from, however indirectly: nearest first, then by unique_id.
        downstream: What is made from it, however indirectly, in the same order.
        depth: Most steps that were gone; None for as many as there are.
        as_of: When the graph was fetched.
        stale: Whether a refresh failed and an older graph is shown.
        complete: Whether nothing on the way is missing.
        notes: Sentences that a reader should know.
    """

    unique_id: str
    parents: tuple[str, ...]
    upstream: tuple[LineageNode, ...]
    downstream: tuple[LineageNode, ...]
    depth: int | None
    as_of: datetime
    stale: bool = False
    complete: bool = True
    notes: tuple[str, ...] = ()


def checked_depth(depth: int | None) -> int | None:
    """A depth that can be gone.

    Raises:
        InvalidArgument: It is no whole number, less than one step, or more than `DEEPEST`.
    """
    if depth is not None and (type(depth) is not int or not 1 <= depth <= DEEPEST):
        raise InvalidArgument("depth", f"depth takes a whole number from 1 to {DEEPEST}, or None for all of it.")
    return depth


def trace(
    unique_id: str, graph: Sequence[GraphNode], depth: int | None = None
) -> tuple[tuple[LineageNode, ...], tuple[LineageNode, ...], tuple[str, ...]]:
    """What is upstream and what is downstream of a node, and notes on parents that the graph does not hold.

    A graph that runs in a circle is walked once around; a node is then never its own ancestor.
    """
    nodes = {node.unique_id: node for node in graph}
    parents = {each: nodes[each].parents for each in nodes}
    children: dict[str, list[str]] = {}
    for node in graph:
        for parent in node.parents:
            children.setdefault(parent, []).append(node.unique_id)
    above, below = _walk(unique_id, parents, depth), _walk(unique_id, children, depth)
    missing = sorted(each for each in above if each not in nodes)
    notes = (
        [f"{count(len(missing), 'node')} upstream out of this environment's sight: {either(missing, 'and')}."]
        if missing
        else []
    )
    return _placed(above, nodes), _placed(below, nodes), tuple(notes)


def summed_up(nodes: Sequence[LineageNode], where: str) -> str:
    """Some nodes in words: `12 nodes are downstream of a, among them 2 exposures (b and c)`.

    Exposures end a lineage and sources begin it, so that these are named, and so are nodes that are all of one kind.

    Args:
        nodes: The nodes, of which there has to be one.
        where: Where they are, such as `downstream of a`.
    """
    by_kind: dict[str, list[LineageNode]] = {}
    for node in nodes:
        by_kind.setdefault(node.resource_type, []).append(node)
    kind = next(iter(by_kind)).replace("_", " ") if len(by_kind) == 1 else "node"
    told = f"{count(len(nodes), kind)} {'is' if len(nodes) == 1 else 'are'} {where}"
    if len(by_kind) == 1:
        return f"{told} ({_named(nodes)})"
    ends = [f"{count(len(by_kind[end]), end)} ({_named(by_kind[end])})" for end in _ENDS if end in by_kind]
    return f"{told}, among them {either(ends, 'and')}" if ends else told


def _named(nodes: Sequence[LineageNode]) -> str:
    return few([node.name for node in nodes])


def _walk(start: str, neighbours: Mapping[str, Iterable[str]], depth: int | None) -> dict[str, int]:
    """Every node that can be reached, with the fewest steps to it."""
    found = {start: 0}
    frontier, steps = [start], 0
    while frontier and (depth is None or steps < depth):
        steps += 1
        reached = dict.fromkeys(near for each in frontier for near in neighbours.get(each, ()) if near not in found)
        found |= dict.fromkeys(reached, steps)
        frontier = list(reached)
    del found[start]
    return found


def _placed(distances: Mapping[str, int], nodes: Mapping[str, GraphNode]) -> tuple[LineageNode, ...]:
    """The nodes that the graph holds, nearest first."""
    order = sorted((distance, unique_id) for unique_id, distance in distances.items() if unique_id in nodes)
    return tuple(
        LineageNode(
            unique_id, nodes[unique_id].name, nodes[unique_id].resource_type, distance, nodes[unique_id].parents
        )
        for distance, unique_id in order
    )
