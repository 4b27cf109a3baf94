"""The critical path of a run: the chain of nodes, each waiting for the one before, that took longest in all.

However many threads there are, a run cannot be quicker than its critical path: only a node on it is worth speeding up,
and only until another chain becomes the longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from dbt_discovery.analysis.longest_path import longest_path
from dbt_discovery.models.records import GraphNode, NodeRun

__all__ = ["TESTS", "CriticalNode", "began", "commands", "critical_path", "waits"]

TESTS = frozenset({"test", "unit_test"})
"""Kinds of nodes that are tests."""


@dataclass(frozen=True, slots=True)
class CriticalNode:
    """A node on the critical path of a run.

    Attributes:
        node: What the run made of it.
        step: Which of the run's dbt commands ran it, counted from 1 among those that ran nodes.
        waited: Seconds from the end of the node before it to its own beginning: all threads were busy, or something
            else that it needs was late. None where dbt gives no times, and of the first of a command.
        could_win: Seconds by which the critical path would be shorter if the node took no time at all.
    """

    node: NodeRun
    step: int
    waited: float | None
    could_win: float


def critical_path(nodes: Sequence[NodeRun], graph: Iterable[GraphNode]) -> tuple[CriticalNode, ...]:
    """The critical path of a run: that of its first dbt command, then that of the second, and so on.

    Args:
        nodes: What the run made of each node, with its times. A skipped one took none.
        graph: The project's graph, for what the nodes do not tell themselves.
    """
    above = {node.unique_id: node.parents for node in graph}
    found: list[CriticalNode] = []
    for step, own in enumerate(commands(nodes), 1):
        by_id = {node.unique_id: node for node in own}
        weights = dict.fromkeys(above, 0.0) | {node.unique_id: node.runtime or 0.0 for node in own}
        path, before = longest_path(weights, waits(own, above)), None
        for unique_id, could_win in zip(path.nodes, path.could_win, strict=True):
            node = by_id.get(unique_id)
            if node and node.runtime is not None:
                found.append(CriticalNode(node, step, _gap(before, node), could_win))
                before = node
    return tuple(found)


def commands(nodes: Sequence[NodeRun]) -> list[list[NodeRun]]:
    """The nodes of each of a run's dbt commands, in their order.

    Commands run one after the other, and the nodes of one share the moment at which its results were written. Where dbt
    Cloud does not tell that moment, all nodes are taken as those of one command.
    """

    def written(node: NodeRun) -> float:
        return node.finished_at.timestamp() if node.finished_at else 0.0

    return [list(own) for _, own in groupby(sorted(nodes, key=written), key=written)]


def waits(nodes: Sequence[NodeRun], graph: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """For which others each node of a graph waits while one dbt command runs some of them.

    A node waits for what it is made from. So does one that the command leaves alone (an ephemeral model, or one that is
    not selected): dbt keeps the order of what lies above and below it. A command that runs tests beside other nodes is
    a `dbt build`, in which a node also waits for the tests of what it is made from: for every test all of whose nodes
    it reads. (dbt lets it wait even where it reads some of them through others; of a test of one node that follows from
    the nodes between, of one of several it is left out.)

    Args:
        nodes: The nodes of the command. Those that name no parents have those of the graph.
        graph: The unique_ids of what each node of the project is made from.
    """
    found = {**graph, **{node.unique_id: node.parents for node in nodes if node.parents}}
    if all(node.resource_type in TESTS for node in nodes):
        return found  # `dbt test` lets no test wait for another
    tests = {node.unique_id: found[node.unique_id] for node in nodes if node.resource_type in TESTS and node.parents}
    readers: dict[str, set[str]] = {}
    for unique_id, parents in found.items():
        if unique_id not in tests:
            for parent in parents:
                readers.setdefault(parent, set()).add(unique_id)
    held_up: dict[str, list[str]] = {}
    for test, tested in tests.items():
        reading = sorted((readers.get(each, set()) for each in tested if not each.startswith("macro.")), key=len)
        for reader in set.intersection(*reading) if reading else ():
            held_up.setdefault(reader, []).append(test)
    return found | {reader: (*found[reader], *own) for reader, own in held_up.items()}


def began(node: NodeRun) -> datetime | None:
    """When dbt began with a node: its runtime before its end, as that holds the compiling and `started_at` does not."""
    if node.completed_at and node.runtime is not None:
        return node.completed_at - timedelta(seconds=node.runtime)
    return node.started_at


def _gap(before: NodeRun | None, node: NodeRun) -> float | None:
    """Seconds from the end of one node to the beginning of the next."""
    start = began(node)
    if before is None or before.completed_at is None or start is None:
        return None
    return max(0.0, (start - before.completed_at).total_seconds())
