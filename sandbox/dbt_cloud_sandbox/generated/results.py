"""What a planned run did to each node and found about each source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dbt_cloud_sandbox.generated.chance import chance
from dbt_cloud_sandbox.generated.definitions import ERROR_AFTER_HOURS, WARN_AFTER_HOURS
from dbt_cloud_sandbox.generated.layout import Slot
from dbt_cloud_sandbox.generated.planner import BUILD_OVERHEAD, Plan, Work
from dbt_cloud_sandbox.generated.site import JobSite
from dbt_cloud_sandbox.generated.stories import last_loaded
from dbt_cloud_sandbox.records import CatalogEntry, FreshnessResult, Node, NodeResult, Run

IDLE_SHARE = 0.15
ERRORS = (
    'column "{column}" does not exist',
    "numeric value '{column}' is not recognized",
    "statement reached its statement or warehouse timeout of 600 second(s) and was canceled",
)


def node_results(plan: Plan, site: JobSite, seed: int) -> Iterator[NodeResult]:
    """The results of a run's commands, each in order of completion.

    A node takes at most its place in the layout, so starts and ends agree with the run's own times.
    """
    nodes = site.ground.graph.by_id
    for work in plan.work:
        if work.layout is not None:
            rng = chance(seed, plan.run.id, work.step, "noise")
            for slot in work.layout.slots:
                yield _result(slot, work, nodes[slot.unique_id], rng.random(), rng.random())


def compile_only(site: JobSite, step: int) -> Iterator[NodeResult]:
    """What the docs step of a run notes: every model compiled in microseconds and none built (quirk 9)."""
    for node in site.nodes:
        if node.resource_type == "model":
            yield NodeResult(node.unique_id, "success", 0.000013, step, thread_id="Thread-1 (worker)")


def _result(slot: Slot, work: Work, node: Node, idle: float, luck: float) -> NodeResult:
    if slot.status == "skipped":
        return NodeResult(slot.unique_id, "skipped", 0.0, work.step, thread_id=f"Thread-{slot.thread + 1} (worker)")
    start = work.started_at + timedelta(seconds=BUILD_OVERHEAD + slot.start * work.scale)
    taken = (slot.end - slot.start) * work.scale * (1.0 - IDLE_SHARE * idle)
    compiled = start + timedelta(seconds=min(0.25, taken * 0.1))
    timed = slot.status != "error"  # dbt writes no timing for a node that errored (quirks: odd values)
    failures = _failures(slot, luck)
    return NodeResult(
        unique_id=slot.unique_id,
        status=slot.status,
        execution_time=round(taken, 6),
        step=work.step,
        compile_started_at=start if timed else None,
        compile_completed_at=compiled if timed else None,
        execute_started_at=compiled if timed else None,
        execute_completed_at=start + timedelta(seconds=taken) if timed else None,
        message=_message(slot, node, failures, luck),
        failures=failures,
        thread_id=f"Thread-{slot.thread + 1} (worker)",
        adapter_response=_response(slot, node, luck),
    )


def _failures(slot: Slot, luck: float) -> int | None:
    if slot.status in ("fail", "warn"):
        return 1 + int(40 * luck)
    return 0 if slot.status == "pass" else None


def _message(slot: Slot, node: Node, failures: int | None, luck: float) -> str | None:
    if slot.status == "error":
        problem = ERRORS[int(luck * len(ERRORS))].format(column=("amount", "status", "region")[int(luck * 30) % 3])
        return f"Database Error in {node.resource_type} {node.name} ({node.path})\n  {problem}"
    if failures:
        return f"Got {failures} result{'' if failures == 1 else 's'}, configured to {slot.status} if != 0"
    return None if slot.status == "pass" else f"SUCCESS {_rows(node, luck)}"


def _rows(node: Node, luck: float) -> int:
    return int(10 ** (2.0 + 4.5 * _size(node.name)) * (0.9 + 0.2 * luck))


@lru_cache(maxsize=65_536)
def _size(name: str) -> float:
    """How large a node's table is among all: 0 to 1."""
    return chance("rows", name).random()


def _response(slot: Slot, node: Node, luck: float) -> dict[str, Any]:
    if slot.status == "error":
        return {}
    if node.resource_type == "test" or node.materialized == "view":
        return {"_message": "SUCCESS 1", "code": "SUCCESS", "rows_affected": 1}
    rows = _rows(node, luck)
    return {"_message": f"SUCCESS {rows}", "code": "SUCCESS", "rows_affected": rows}


def freshness_results(plan: Plan, site: JobSite, seed: int) -> Iterator[FreshnessResult]:
    """What the run's ``dbt source freshness`` commands found."""
    for work in plan.work:
        if work.command in site.freshness_commands:
            rng = chance(seed, plan.run.id, work.step, "freshness")
            for node in site.sources(work.command):
                yield _freshness(node, site, work, rng.random())


def _freshness(node: Node, site: JobSite, work: Work, jitter: float) -> FreshnessResult:
    snapshotted = work.started_at + timedelta(seconds=2.0 + 3.0 * jitter)
    loaded = last_loaded(site.blueprint.stories, f"{node.source_name}.{node.name}", snapshotted, jitter)
    age = (snapshotted - loaded).total_seconds()
    status = "pass"
    for verdict, hours in (("warn", WARN_AFTER_HOURS), ("error", ERROR_AFTER_HOURS)):
        status = verdict if age > hours * 3600 else status
    return FreshnessResult(node.unique_id, status, work.step, loaded, snapshotted, round(age, 6))


def catalog_entries(run: Run, nodes: tuple[Node, ...]) -> Iterator[CatalogEntry]:
    """What the docs step of a run found in the warehouse."""
    generated_at = run.finished_at or run.created_at
    for node in nodes:
        if node.resource_type in ("model", "seed", "snapshot", "source"):
            kind = "VIEW" if node.materialized == "view" else "BASE TABLE"
            yield CatalogEntry(
                unique_id=node.unique_id,
                run_id=run.id,
                generated_at=generated_at,
                type=kind,
                owner="TRANSFORMER" if node.resource_type != "source" else "LOADER",
                columns=node.columns,
                stats=() if kind == "VIEW" else _stats(node, generated_at),
            )


def _stats(node: Node, at: datetime) -> tuple[tuple[str, str, Any], ...]:
    rows = _rows(node, chance("growth", node.name, at.date()).random())
    return (
        ("row_count", "Row Count", rows),
        ("bytes", "Approximate Size", rows * (40 + len(node.name) * 3)),
        ("last_modified", "Last Modified", f"{at:%Y-%m-%d %H:%M}UTC"),
    )
