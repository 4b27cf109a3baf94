"""dbt's artifact files, written from raw records for runs that have no files of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from dbt_cloud_sandbox.records import CatalogEntry, Column, FreshnessResult, Node, NodeResult, Project, Run, RunStep

SCHEMAS = "https://schemas.getdbt.com/dbt"


def run_results(run: Run, step: RunStep, results: Sequence[NodeResult]) -> bytes:
    """``run_results.json`` (v6) of one step."""
    body = {
        "metadata": _metadata("run-results/v6", run, step),
        "results": [_result(result) for result in results],
        "elapsed_time": _seconds(step),
        "args": {"which": _verb(step), "invocation_command": _command(step)},
    }
    return _json(body)


def sources(run: Run, step: RunStep, found: Sequence[FreshnessResult], nodes: Mapping[str, Node]) -> bytes:
    """``sources.json`` (v3) of one step."""
    body = {
        "metadata": _metadata("sources/v3", run, step),
        "results": [
            {
                "unique_id": result.unique_id,
                "max_loaded_at": result.max_loaded_at,
                "snapshotted_at": result.snapshotted_at,
                "max_loaded_at_time_ago_in_s": result.age,
                "status": result.status,
                "criteria": _criteria(nodes[result.unique_id].freshness),
                "adapter_response": {},
                "timing": [],
                "thread_id": "Thread-1 (worker)",
                "execution_time": 0.1,
            }
            for result in found
        ],
        "elapsed_time": _seconds(step),
    }
    return _json(body)


def manifest(run: Run, step: RunStep, project: Project, nodes: Sequence[Node]) -> bytes:
    """``manifest.json`` (v12) of one step."""
    metadata = _metadata("manifest/v12", run, step) | {
        "project_name": project.package,
        "adapter_type": project.adapter_type,
    }
    body: dict[str, Any] = {"metadata": metadata, "nodes": {}, "sources": {}, "exposures": {}, "groups": {}}
    for node in nodes:
        place = {"source": "sources", "exposure": "exposures"}.get(node.resource_type, "nodes")
        body[place][node.unique_id] = _node(node)
        if node.group:
            unique_id = f"group.{node.package_name}.{node.group}"
            owner = {"name": node.owner, "email": node.owner_email}
            body["groups"][unique_id] = {"unique_id": unique_id, "name": node.group, "owner": owner}
    return _json(body)


def catalog(run: Run, step: RunStep, entries: Iterable[CatalogEntry]) -> bytes:
    """``catalog.json`` (v1) of a docs step."""
    body: dict[str, Any] = {"metadata": _metadata("catalog/v1", run, step), "nodes": {}, "sources": {}, "errors": None}
    for entry in entries:
        place = "sources" if entry.unique_id.startswith("source.") else "nodes"
        body[place][entry.unique_id] = {
            "metadata": {"type": entry.type, "owner": entry.owner, "comment": entry.comment},
            "columns": {column.name: _column(column) for column in entry.columns},
            "stats": {key: {"id": key, "label": label, "value": value} for key, label, value in entry.stats},
            "unique_id": entry.unique_id,
        }
    return _json(body)


def _json(body: Any) -> bytes:
    """A file's text. Times are in UTC and end in Z, as dbt writes them."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def _metadata(schema: str, run: Run, step: RunStep) -> dict[str, Any]:
    return {
        "dbt_schema_version": f"{SCHEMAS}/{schema}.json",
        "dbt_version": run.dbt_version,
        "generated_at": step.finished_at,
        "invocation_id": step.invocation_id,
        "env": {"DBT_CLOUD_RUN_ID": str(run.id), "DBT_CLOUD_JOB_ID": str(run.job_id)},
    }


def _result(result: NodeResult) -> dict[str, Any]:
    timing = []
    if result.execute_started_at is not None:
        timing = [
            _timing("compile", result.compile_started_at, result.compile_completed_at),
            _timing("execute", result.execute_started_at, result.execute_completed_at),
        ]
    return {
        "status": result.status,
        "timing": timing,
        "thread_id": result.thread_id,
        "execution_time": result.execution_time,
        "adapter_response": dict(result.adapter_response),
        "message": result.message,
        "failures": result.failures,
        "unique_id": result.unique_id,
    }


def _timing(name: str, started: datetime | None, completed: datetime | None) -> dict[str, Any]:
    return {"name": name, "started_at": started, "completed_at": completed}


def _node(node: Node) -> dict[str, Any]:
    body: dict[str, Any] = {
        "unique_id": node.unique_id,
        "name": node.name,
        "resource_type": node.resource_type,
        "package_name": node.package_name,
        "original_file_path": node.path,
        "path": node.path.partition("/")[2],
        "fqn": list(node.fqn),
        "tags": list(node.tags),
        "description": node.description,
        "meta": dict(node.meta),
        "config": {"materialized": node.materialized, **node.config},
        "database": node.database,
        "schema": node.schema,
        "alias": node.alias,
        "relation_name": node.relation_name,
        "depends_on": {"macros": [], "nodes": list(node.depends_on)},
        "group": node.group,
        "raw_code": node.raw_code,
        "compiled_code": node.compiled_code,
        "columns": {column.name: _column(column) for column in node.columns},
    }
    if node.resource_type == "source":
        body |= {"source_name": node.source_name, "loader": node.loader, "identifier": node.identifier}
        body |= {"freshness": _criteria(node.freshness)}
    if node.resource_type == "exposure":
        body |= {"type": node.exposure_type, "owner": {"name": node.owner, "email": node.owner_email}}
        body |= {"label": node.label, "maturity": node.maturity, "url": node.url}
    if node.test_name:
        body |= {"test_metadata": {"name": node.test_name, "kwargs": dict(node.test_kwargs), "namespace": None}}
        body |= {"column_name": node.column_name, "attached_node": node.tested_node}
    return body


def _column(column: Column) -> dict[str, Any]:
    return {"name": column.name, "type": column.type, "description": column.description or "", "index": column.index}


def _criteria(freshness: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    return {key: {"count": count, "period": period} for key, (count, period) in freshness.items()}


def _command(step: RunStep) -> str:
    return step.name.partition("`")[2].rstrip("`")


def _verb(step: RunStep) -> str:
    words = _command(step).split()
    return words[-1] if words[1:2] == ["docs"] else (words[1] if len(words) > 1 else "")


def _seconds(step: RunStep) -> float:
    if step.started_at is None or step.finished_at is None:
        return 0.0
    return (step.finished_at - step.started_at).total_seconds()
