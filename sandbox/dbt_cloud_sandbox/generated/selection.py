"""dbt's commands on the generated project: which nodes a command works on, and in which order they may start."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dbt_cloud_sandbox.records import Node

BUILT_BY = {
    "build": ("model", "seed", "snapshot", "test"),
    "run": ("model",),
    "test": ("test",),
    "seed": ("seed",),
    "snapshot": ("snapshot",),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes of one command. ``waits_for`` maps each to the selected nodes that must succeed before it."""

    nodes: tuple[Node, ...]
    waits_for: dict[str, tuple[str, ...]]
    full_refresh: bool


def select(command: str, nodes: Sequence[Node]) -> Selection:
    """What ``dbt build|run|test|seed|snapshot [--select …] [--exclude …] [--full-refresh]`` works on.

    Criteria are ``tag:…``, a folder or a name, each with an optional ``+`` before (parents) or after (children).
    """
    words = shlex.split(command)
    kinds = BUILT_BY.get(words[1], ())
    chosen = _matching(_values(words, "--select", "-s"), nodes) or {node.unique_id for node in nodes}
    excluded = _matching(_values(words, "--exclude"), nodes)
    picked = [node for node in nodes if node.resource_type in kinds and _is_in(node, chosen, excluded)]
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


def _is_in(node: Node, chosen: set[str], excluded: set[str]) -> bool:
    if node.resource_type == "test":  # dbt's eager rule: a test comes along with any node it tests
        return any(parent in chosen for parent in node.depends_on) and not excluded.intersection(node.depends_on)
    return node.unique_id in chosen and node.unique_id not in excluded


def _matching(criteria: list[str], nodes: Sequence[Node]) -> set[str]:
    found: set[str] = set()
    for criterion in criteria:
        core = criterion.strip("+")
        hits = {node.unique_id for node in nodes if node.resource_type != "test" and _matches(node, core)}
        if criterion.startswith("+"):
            hits = _closure(hits, {node.unique_id: node.depends_on for node in nodes}.__getitem__)
        if criterion.endswith("+"):
            children: dict[str, list[str]] = {node.unique_id: [] for node in nodes}
            for node in nodes:
                for parent in node.depends_on:
                    children[parent].append(node.unique_id)
            hits = _closure(hits, children.__getitem__)
        found |= hits
    return found


def _matches(node: Node, core: str) -> bool:
    if core.startswith("tag:"):
        return core.removeprefix("tag:") in node.tags
    return core == node.name or core in node.fqn[:-1]


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
