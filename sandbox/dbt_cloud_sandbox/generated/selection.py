"""dbt's commands on the generated project: which nodes a command works on, and in which order they may start."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from dbt_cloud_sandbox.records import Node

BUILT_BY = {
    "build": ("model", "seed", "snapshot", "test"),
    "run": ("model",),
    "test": ("test",),
    "seed": ("seed",),
    "snapshot": ("snapshot",),
}


@dataclass(frozen=True)
class Graph:
    """The nodes of one environment, in the order of their definition, and how a criterion finds them."""

    nodes: tuple[Node, ...]

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """The nodes by unique id."""
        return {node.unique_id: node for node in self.nodes}

    @cached_property
    def place(self) -> dict[str, int]:
        """Where each node stands among the others."""
        return {node.unique_id: place for place, node in enumerate(self.nodes)}

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """What reads a node, tests included."""
        found: dict[str, list[str]] = {node.unique_id: [] for node in self.nodes}
        for node in self.nodes:
            for parent in node.depends_on:
                found[parent].append(node.unique_id)
        return found

    @cached_property
    def words(self) -> dict[str, set[str]]:
        """What a criterion's core finds: ``tag:...``, a folder or a name. Tests are found by what they test alone."""
        found: dict[str, set[str]] = defaultdict(set)
        for node in self.nodes:
            if node.resource_type != "test":
                for word in {*(f"tag:{tag}" for tag in node.tags), node.name, *node.fqn[:-1]}:
                    found[word].add(node.unique_id)
        return found

    def tests_of(self, unique_ids: Iterable[str]) -> set[str]:
        """The tests of any of the nodes."""
        found = (child for uid in unique_ids for child in self.children[uid])
        return {child for child in found if self.by_id[child].resource_type == "test"}


@dataclass(frozen=True)
class Selection:
    """The nodes of one command. ``waits_for`` maps each to the selected nodes that must succeed before it."""

    nodes: tuple[Node, ...]
    waits_for: dict[str, tuple[str, ...]]
    full_refresh: bool

    @cached_property
    def rank(self) -> dict[str, int]:
        """Which of the nodes that are ready starts first."""
        return {node.unique_id: place for place, node in enumerate(self.nodes)}

    @cached_property
    def good(self) -> dict[str, str]:
        """How each node ends when it ends well."""
        return {node.unique_id: "pass" if node.resource_type == "test" else "success" for node in self.nodes}

    @cached_property
    def followers(self) -> dict[str, list[str]]:
        """What waits for each node."""
        found: dict[str, list[str]] = {uid: [] for uid in self.waits_for}
        for uid, waits in self.waits_for.items():
            for parent in waits:
                found[parent].append(uid)
        return found


def select(command: str, graph: Graph) -> Selection:
    """What ``dbt build|run|test|seed|snapshot [--select ...] [--exclude ...] [--full-refresh]`` works on.

    Criteria are ``tag:...``, a folder or a name, each with an optional ``+`` before (parents) or after (children);
    commas between criteria keep what all of them find.
    """
    words = shlex.split(command)
    kinds = BUILT_BY.get(words[1], ())
    chosen = _matching(_values(words, "--select", "-s"), graph) or set(graph.by_id)
    excluded = _matching(_values(words, "--exclude"), graph)
    # dbt's eager rule: a test comes along with any node it tests
    found = {uid for uid in chosen - excluded if graph.by_id[uid].resource_type != "test"}
    found |= graph.tests_of(chosen) - graph.tests_of(excluded)
    ordered = (graph.by_id[uid] for uid in sorted(found, key=graph.place.__getitem__))
    picked = [node for node in ordered if node.resource_type in kinds]
    return Selection(tuple(picked), _waits(picked), "--full-refresh" in words)


def _values(words: list[str], *flags: str) -> list[str]:
    """The words after the flag, up to the next flag."""
    found: list[str] = []
    taking = False
    for word in words:
        if word.startswith("-"):
            taking = word in flags
        elif taking:
            found.append(word)
    return found


def _matching(criteria: list[str], graph: Graph) -> set[str]:
    """What any of the criteria finds."""
    return {uid for criterion in criteria for uid in set.intersection(*(_hits(c, graph) for c in criterion.split(",")))}


def _hits(criterion: str, graph: Graph) -> set[str]:
    hits = graph.words.get(criterion.strip("+"), set())
    if criterion.startswith("+"):
        hits = _closure(hits, lambda uid: graph.by_id[uid].depends_on)
    if criterion.endswith("+"):
        hits = _closure(hits, graph.children.__getitem__)
    return hits


def _closure(start: set[str], neighbours: Callable[[str], Sequence[str]]) -> set[str]:
    seen, todo = set(start), list(start)
    while todo:
        fresh = [found for found in neighbours(todo.pop()) if found not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return seen


def _waits(picked: list[Node]) -> dict[str, tuple[str, ...]]:
    """In ``dbt build`` a model also waits for the tests of its parents."""
    here = {node.unique_id for node in picked}
    tests: dict[str, list[str]] = {}
    for node in picked:
        if node.resource_type == "test" and node.tested_node:
            tests.setdefault(node.tested_node, []).append(node.unique_id)
    waits: dict[str, tuple[str, ...]] = {}
    for node in picked:
        parents = [parent for parent in node.depends_on if parent in here]
        if node.resource_type != "test":
            parents += [test for parent in parents for test in tests.get(parent, ())]
        waits[node.unique_id] = tuple(parents)
    return waits
