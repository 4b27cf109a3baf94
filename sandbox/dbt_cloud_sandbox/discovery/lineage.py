"""Lineage: nodes with the ids of their parents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_cloud_sandbox.discovery.rows import KINDS, Row
from dbt_cloud_sandbox.discovery.state import EnvironmentState
from dbt_cloud_sandbox.records import Node

WORST_FIRST = ("error", "fail", "warn", "skipped", "pass")


def lineage(state: EnvironmentState, nodes: Mapping[str, Node], wanted: dict[str, Any]) -> list[Row]:
    """The nodes that pass a lineage filter; matching does not add neighbours."""
    rows = []
    for unique_id in sorted(nodes):
        node = nodes[unique_id]
        kind = KINDS.get(node.resource_type)
        if kind and _passes(node, kind, wanted):
            rows.append(_row(state, node, kind))
    return rows


def _passes(node: Node, kind: str, wanted: dict[str, Any]) -> bool:
    ids, types, tags = wanted.get("uniqueIds"), wanted.get("types"), wanted.get("tags")
    return (
        (ids is None or node.unique_id in ids)
        and (types is None or kind in types)
        and (tags is None or not set(tags).isdisjoint(node.tags))
    )


def _row(state: EnvironmentState, node: Node, kind: str) -> Row:
    last = state.last.get(node.unique_id)
    tests = [state.last[test].result.status for test in state.tests.get(node.unique_id, ()) if test in state.last]
    return {
        "__typename": f"{kind}LineageNode",
        "uniqueId": node.unique_id,
        "name": node.name,
        "resourceType": kind,
        "filePath": node.path,
        "projectId": state.environment.project_id,
        "tags": list(node.tags),
        "fqn": list(node.fqn),
        "parentIds": list(node.depends_on),
        "publicParentIds": [],
        "access": node.access,
        "group": node.group,
        "database": node.database,
        "schema": node.schema,
        "alias": node.alias,
        "materializationType": node.materialized,
        "matchesMethod": True,
        "version": node.version,
        "sourceName": node.source_name,
        "modelingLayer": None,
        "lastRunStatus": last.result.status if last else None,
        "worstTestStatus": next((status for status in WORST_FIRST if status in tests), None),
    }
