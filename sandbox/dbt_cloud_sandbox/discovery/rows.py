"""Rows of the environment endpoint: a node's definition joined with what runs left of it.

A row is a plain dict in Discovery's names. What leads to other nodes is a function that GraphQL calls when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from dbt_cloud_sandbox.discovery import fields
from dbt_cloud_sandbox.discovery.state import EnvironmentState, latest_successful
from dbt_cloud_sandbox.records import Node

Row: TypeAlias = dict[str, Any]

KINDS = {
    "model": "Model",
    "test": "Test",
    "unit_test": "Test",
    "seed": "Seed",
    "snapshot": "Snapshot",
    "source": "Source",
    "exposure": "Exposure",
}


class Applied:
    """Rows of the applied state. Each is made once per state."""

    place = "applied"
    suffix = "AppliedState"

    def __init__(self, state: EnvironmentState) -> None:
        self.state = state
        self.visible = state.applied
        self._jobs = {run.id: run.job_id for run in state.runs}

    def rows(self, kind: str) -> list[Row]:
        """The rows of one kind of node (``Model``, ``Test``…), by unique id."""
        nodes = (node for node in self.visible.values() if KINDS.get(node.resource_type) == kind)
        return [self.row(node) for node in sorted(nodes, key=lambda node: node.unique_id)]

    def row(self, node: Node) -> Row:
        """The row of a node."""
        key = (self.place, node.unique_id)
        known = self.state.rows.get(key)
        if known is None:
            known = self.state.rows[key] = self._make(node)
        return known

    def _make(self, node: Node) -> Row:
        home = self.state.environment
        return {
            "__typename": f"{KINDS[node.resource_type]}{self.suffix}Node",
            "accountId": home.account_id,
            "projectId": home.project_id,
            "environmentId": home.id,
            **fields.definition(node),
            **self._situation(node),
            "parents": lambda info: self.nested(node.depends_on),
            "children": lambda info: self.nested(self.state.children[node.unique_id]),
            "ancestors": lambda info, types: self._ancestors(node, types),
            "tests": lambda info: self.nested(self.state.tests[node.unique_id]),
        }

    def _situation(self, node: Node) -> Row:
        """What the latest runs left of the node."""
        state, unique_id = self.state, node.unique_id
        last, success = state.last.get(unique_id), state.success.get(unique_id)
        row: Row = {
            "dbtVersion": last.run.dbt_version if last else (state.latest.dbt_version if state.latest else None),
            "compiledCode": node.compiled_code,
            "executionInfo": fields.execution_info(last, success, node.resource_type),
            "lastKnownResult": last.result.status if last else None,
            "catalog": lambda info: fields.catalog(state.catalog.get(unique_id), state.environment.id, self._jobs),
        }
        if node.resource_type == "source":
            row["freshness"] = fields.freshness(node, state.checks.get(unique_id))
        return row

    def nested(self, unique_ids: Iterable[str]) -> list[Row]:
        """The rows as other rows show them."""
        return [
            {**self.row(node), "__typename": f"{KINDS[node.resource_type]}{self.suffix}NestedNode"}
            for unique_id in unique_ids
            if (node := self.visible.get(unique_id)) is not None and node.resource_type in KINDS
        ]

    def _ancestors(self, node: Node, types: list[str]) -> list[Row]:
        found = reach(node.unique_id, lambda unique_id: self.state.nodes[unique_id].depends_on)
        kept = [uid for uid in found if uid in self.visible and KINDS.get(self.visible[uid].resource_type) in types]
        return self.nested(sorted(kept))


class Defined(Applied):
    """Rows of the definition state: what the latest manifest says."""

    place = "definition"
    suffix = "Definition"

    def __init__(self, state: EnvironmentState) -> None:
        super().__init__(state)
        self.visible = state.nodes
        run = latest_successful(state) or state.latest
        self.situation: Row = {
            "dbtVersion": run.dbt_version if run else None,
            "jobDefinitionId": run.job_id if run else None,
            "runId": run.id if run else None,
            "runGeneratedAt": fields.instant(run.finished_at) if run else None,
        }

    def _situation(self, node: Node) -> Row:
        return self.situation


def reach(start: str, neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be reached from a node, itself left out."""
    seen: set[str] = set()
    todo = list(neighbours(start))
    while todo:
        unique_id = todo.pop()
        if unique_id not in seen:
            seen.add(unique_id)
            todo.extend(neighbours(unique_id))
    return seen
