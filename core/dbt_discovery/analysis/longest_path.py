"""The longest path through a graph whose nodes have weights, and what each node on it adds to its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from dbt_discovery.analysis.topology import Parents, in_order

__all__ = ["LongestPath", "longest_path"]


@dataclass(frozen=True, slots=True)
class LongestPath:
    """The longest path through a graph.

    Attributes:
        nodes: The nodes on it, in order.
        length: Their weights together.
        could_win: By how much the graph's longest path would be shorter if a node of it weighed nothing.
    """

    nodes: tuple[str, ...]
    length: float
    could_win: tuple[float, ...]


def longest_path(weights: Mapping[str, float], parents: Parents) -> LongestPath:
    """The longest path, and what each node on it adds to its length, in O((nodes + edges) · log edges).

    Take the nodes in topological order, each with the length of the longest path that ends with it (its head) and of
    the longest that begins with it (its tail). A path that leaves out a node v either ends before v in that order, or
    begins after it, or has an edge that leaps over it. The longest of these is what remains of the longest path at
    least when v weighs nothing.

    Args:
        weights: Every node and its weight, none below zero. Those on circles, or behind one, are left out.
        parents: The nodes that come before a node; those that have no weight do not count.
    """
    order = in_order(weights, parents)
    above = {each: [parent for parent in parents.get(each, ()) if parent in weights] for each in order}
    below: dict[str, list[str]] = {each: [] for each in order}
    head: dict[str, float] = {}
    came_from: dict[str, str | None] = {}
    for each in order:
        for parent in above[each]:
            below[parent].append(each)
        last = came_from[each] = max(above[each], key=head.__getitem__, default=None)
        head[each] = weights[each] + (0.0 if last is None else head[last])
    tail: dict[str, float] = {}
    for each in reversed(order):
        tail[each] = weights[each] + max(map(tail.__getitem__, below[each]), default=0.0)
    path: list[str] = []
    at = max(order, key=head.__getitem__, default=None)
    length = 0.0 if at is None else head[at]
    while at is not None:
        path.append(at)
        at = came_from[at]
    path.reverse()
    others = _leaving_out(path, order, below, head, tail)
    won = (max(0.0, min(weights[each], length - other)) for each, other in zip(path, others, strict=True))
    return LongestPath(tuple(path), length, tuple(won))


def _leaving_out(
    path: Sequence[str], order: Sequence[str], below: Parents, head: Mapping[str, float], tail: Mapping[str, float]
) -> list[float]:
    """The length of the longest path that leaves out each node of `path`: one sweep along the order."""
    place = {each: at for at, each in enumerate(order)}
    ahead = [0.0] * (len(order) + 1)  # of the paths that begin at a place or after it
    for at in range(len(order) - 1, -1, -1):
        ahead[at] = max(ahead[at + 1], tail[order[at]])
    behind, at = 0.0, 0  # of the paths that end before the place
    leaps: list[tuple[float, int]] = []  # of the paths through an edge over the place, negative; where the edge ends
    found = []
    for wanted in map(place.__getitem__, path):
        while at < wanted:
            each, at = order[at], at + 1
            behind = max(behind, head[each])
            for child in below[each]:
                if place[child] > wanted:
                    heappush(leaps, (-(head[each] + tail[child]), place[child]))
        while leaps and leaps[0][1] <= wanted:
            heappop(leaps)
        found.append(max(behind, ahead[wanted + 1], -leaps[0][0] if leaps else 0.0))
    return found
