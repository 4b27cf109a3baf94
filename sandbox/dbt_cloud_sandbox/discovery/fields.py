"""Fields that several kinds of row share, in Discovery's names and formats."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbt_cloud_sandbox.discovery.state import Attempt, Check
from dbt_cloud_sandbox.records import CatalogEntry, Column, Node, NodeResult, Run, RunStep

FRESHNESS = {"pass": "Pass", "warn": "Warn", "error": "Error", "runtime error": "Error"}
RUN_STATUS = {
    "success": "success",
    "no-op": "success",
    "reused": "success",
    "partial success": "error",
    "error": "error",
    "skipped": "skipped",
}
LAYERS = {"staging": "Staging", "intermediate": "Intermediate", "marts": "Marts"}


def instant(moment: datetime | None) -> str | None:
    """Discovery's format: UTC, milliseconds and a Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def step_of(run: Run, index: int) -> RunStep | None:
    """The step of a run with that index."""
    return next((step for step in run.steps if step.index == index), None)


def elapsed(step: RunStep | None) -> float | None:
    """Seconds a step took."""
    if step is None or step.started_at is None or step.finished_at is None:
        return None
    return (step.finished_at - step.started_at).total_seconds()


def times(result: NodeResult | None) -> dict[str, Any]:
    """When a result was compiled and executed, and how long it took."""
    return {
        "executionTime": result.execution_time if result else None,
        "compileStartedAt": instant(result.compile_started_at) if result else None,
        "compileCompletedAt": instant(result.compile_completed_at) if result else None,
        "executeStartedAt": instant(result.execute_started_at) if result else None,
        "executeCompletedAt": instant(result.execute_completed_at) if result else None,
    }


def generated(run: Run | None, index: int) -> dict[str, Any]:
    """When the step's ``run_results.json`` was written, and how long the step took."""
    step = step_of(run, index) if run else None
    return {"runGeneratedAt": instant(step.finished_at) if step else None, "runElapsedTime": elapsed(step)}


def execution_info(last: Attempt | None, success: Attempt | None, resource_type: str) -> dict[str, Any]:
    """Quirk 1: ``lastRun*`` tell of the last attempt, everything else of the last success."""
    status = last.result.status if last else None
    info = {
        "lastRunId": last.run.id if last else None,
        "lastJobDefinitionId": last.run.job_id if last else None,
        "lastRunStatus": RUN_STATUS.get(status or "") if resource_type == "model" else status,
        "lastRunError": last.result.error if last else None,
        "lastRunFailures": last.result.failures if last else None,
        "lastRunSkip": status == "skipped" if last else None,
        "lastRunGeneratedAt": generated(last.run, last.result.step)["runGeneratedAt"] if last else None,
        "lastSuccessRunId": success.run.id if success else None,
        "lastSuccessJobDefinitionId": success.run.job_id if success else None,
    }
    info |= times(success.result if success else None)
    return info | (generated(success.run, success.result.step) if success else generated(None, 0))


def definition(node: Node) -> dict[str, Any]:
    """What the manifest says about a node."""
    return {
        "uniqueId": node.unique_id,
        "name": node.name,
        "resourceType": node.resource_type,
        "description": node.description,
        "filePath": node.path,
        "meta": dict(node.meta),
        "tags": list(node.tags),
        "fqn": list(node.fqn),
        "packageName": node.package_name,
        "packages": [node.package_name],
        "patchPath": node.patch_path,
        "group": node.group,
        "access": node.access,
        "language": node.language,
        "materializedType": node.materialized,
        "modelingLayer": next((LAYERS[part] for part in node.fqn if part in LAYERS), None),
        "contractEnforced": node.contract_enforced,
        "database": node.database,
        "schema": node.schema,
        "alias": node.alias,
        "relationName": node.relation_name,
        "version": node.version,
        "latestVersion": node.latest_version,
        "releaseVersion": "none" if node.version is None else None,
        "versions": [],
        "deprecationDate": None,
        "isDescriptionInherited": False,
        "config": dict(node.config),
        "rawCode": node.raw_code,
        **_particulars(node),
    }


def _particulars(node: Node) -> dict[str, Any]:
    """What only tests, sources and exposures have."""
    if node.resource_type in ("test", "unit_test"):
        generic = "GENERIC_DATA_TEST" if node.test_name else "SINGULAR_DATA_TEST"
        return {
            "columnName": node.column_name,
            "testedNodeUniqueId": node.tested_node,
            "testType": "UNIT_TEST" if node.unique_id.startswith("unit_test.") else generic,
            "testMetadata": {
                "name": node.test_name,
                "namespace": node.test_namespace,
                "columnName": node.column_name,
                "kwargs": dict(node.test_kwargs),
            },
        }
    if node.resource_type == "source":
        return {
            "sourceName": node.source_name,
            "sourceDescription": node.source_description,
            "loader": node.loader,
            "identifier": node.identifier,
        }
    if node.resource_type == "exposure":
        return {
            "exposureType": node.exposure_type,
            "label": node.label,
            "maturity": node.maturity,
            "url": node.url,
            "ownerName": node.owner,
            "ownerEmail": node.owner_email,
        }
    return {}


def criteria(node: Node) -> dict[str, Any]:
    """A source's freshness criteria; a missing one has no count."""
    return {
        "warnAfter": _criterion(node.freshness, "warn_after"),
        "errorAfter": _criterion(node.freshness, "error_after"),
    }


def _criterion(freshness: Mapping[str, tuple[int, str]], name: str) -> dict[str, Any]:
    count, period = freshness.get(name, (None, None))
    return {"count": count, "period": period}


def freshness(node: Node, check: Check | None) -> dict[str, Any]:
    """What the newest freshness check found about a source."""
    found = check.found if check else None
    return {
        "criteria": criteria(node),
        "freshnessChecked": found is not None,
        "freshnessStatus": FRESHNESS.get(found.status, "Unknown") if found else None,
        "freshnessRunId": check.run.id if check else None,
        "freshnessJobDefinitionId": check.run.job_id if check else None,
        "freshnessRunGeneratedAt": generated(check.run, check.found.step)["runGeneratedAt"] if check else None,
        "maxLoadedAt": instant(found.max_loaded_at) if found else None,
        "maxLoadedAtTimeAgoInS": found.age if found else None,
        "snapshottedAt": instant(found.snapshotted_at) if found else None,
    }


def column(record: Column) -> dict[str, Any]:
    """A column of the catalog."""
    return {
        "name": record.name,
        "index": record.index,
        "type": record.type,
        "description": record.description,
        "comment": record.comment,
        "meta": {},
        "tags": [],
    }


def stats(entry: CatalogEntry) -> list[dict[str, Any]]:
    """A catalog entry's statistics."""
    return [
        {"id": key, "label": label, "value": value, "include": True, "description": label}
        for key, label, value in entry.stats
    ]


def catalog(entry: CatalogEntry | None, environment_id: int, runs: Mapping[int, int]) -> dict[str, Any] | None:
    """What the docs run found; ``runs`` gives the job of a run."""
    if entry is None:
        return None
    values = {key: value for key, _, value in entry.stats}
    return {
        "uniqueId": entry.unique_id,
        "environmentId": environment_id,
        "jobDefinitionId": runs.get(entry.run_id),
        "runId": entry.run_id,
        "runGeneratedAt": instant(entry.generated_at),
        "type": entry.type,
        "owner": entry.owner,
        "comment": entry.comment,
        "rowCountStat": _whole(values.get("row_count", values.get("num_rows"))),
        "bytesStat": _whole(values.get("bytes", values.get("num_bytes"))),
        "columns": [column(record) for record in entry.columns],
        "stats": stats(entry),
    }


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
