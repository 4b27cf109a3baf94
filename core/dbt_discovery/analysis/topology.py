"""Topology: the nodes of a graph in an order in which each comes after all that it is made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

__all__ = ["Parents", "in_order"]

Parents = Mapping[str, Sequence[str]]
"""What each node is made from; a node without any need not be there."""


def in_order(nodes: Collection[str], parents: Parents) -> list[str]:
    """The nodes, each after all its parents; without those that no such order holds, on circles or behind one.

    Parents that are not among the nodes do not count. In O(nodes + edges), without recursion (Kahn's algorithm).
    """
    awaited = dict.fromkeys(nodes, 0)
    below: dict[str, list[str]] = {}
    for node in nodes:
        for parent in parents.get(node, ()):
            if parent in awaited:
                awaited[node] += 1
                below.setdefault(parent, []).append(node)
    order = [node for node, number in awaited.items() if not number]
    for node in order:  # which grows meanwhile
        for child in below.get(node, ()):
            awaited[child] -= 1
            if not awaited[child]:
                order.append(child)
    return order
