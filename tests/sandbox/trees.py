"""Small trees of artifacts, written as the dbt versions write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
SCHEMAS = "https://schemas.getdbt.com/dbt"


def model(name: str, package: str = "shop") -> str:
    return f"model.{package}.{name}"


def stamp(seconds: float) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def metadata(kind: str, invocation: str, at: float, version: str) -> dict[str, Any]:
    return {
        "dbt_schema_version": f"{SCHEMAS}/{kind}.json",
        "dbt_version": version,
        "generated_at": stamp(at),
        "invocation_id": invocation,
    }


def node(unique_id: str, **changes: Any) -> dict[str, Any]:
    kind, package, *rest = unique_id.split(".")
    name = rest[-1] if kind == "source" else rest[0]
    body = {
        "unique_id": unique_id,
        "name": name,
        "alias": name,
        "resource_type": kind,
        "package_name": package,
        "original_file_path": f"models/{name}.sql",
        "fqn": [package, name],
        "tags": [],
        "config": {"materialized": "table"},
        "database": "lake",
        "schema": "main",
        "depends_on": {"macros": [], "nodes": []},
        "description": "",
    }
    return body | changes


def manifest(
    ids: list[str],
    *,
    schema: str = "manifest/v12",
    project: str | None = "shop",
    version: str = "1.11.0",
    at: float = 0,
    nodes: dict[str, dict[str, Any]] | None = None,
    **sections: Any,
) -> dict[str, Any]:
    told = metadata(schema, "parse", at, version) | {"adapter_type": "duckdb"}
    if project:
        told["project_name"] = project
    return {"metadata": told, "nodes": {uid: node(uid) for uid in ids} | (nodes or {}), "sources": {}, **sections}


def result(unique_id: str, status: str, seconds: float, at: float = 0, **changes: Any) -> dict[str, Any]:
    timing = [
        {"name": "compile", "started_at": stamp(at), "completed_at": stamp(at + seconds / 10)},
        {"name": "execute", "started_at": stamp(at + seconds / 10), "completed_at": stamp(at + seconds)},
    ]
    return {
        "unique_id": unique_id,
        "status": status,
        "execution_time": seconds,
        "timing": timing,
        "thread_id": "Thread-1 (worker)",
        "adapter_response": {},
        "message": None,
        "failures": None,
    } | changes


def success(unique_id: str, seconds: float, at: float = 0) -> dict[str, Any]:
    return result(unique_id, "success", seconds, at)


def errored(unique_id: str, seconds: float, message: str) -> dict[str, Any]:
    return result(unique_id, "error", seconds, message=message, timing=[])


def run_results(
    results: list[dict[str, Any]],
    *,
    invocation: str = "run-1",
    schema: str = "run-results/v6",
    version: str = "1.11.0",
    at: float = 60,
    elapsed: float = 50,
    **args: Any,
) -> dict[str, Any]:
    return {
        "metadata": metadata(schema, invocation, at, version),
        "results": results,
        "elapsed_time": elapsed,
        "args": {"which": "build", **args},
    }


def write(folder: Path, *artifacts: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for body in artifacts:
        kind = body["metadata"]["dbt_schema_version"].split("/")[-2]
        (folder / f"{kind.replace('-', '_')}.json").write_text(json.dumps(body))
    return folder
