"""Console logs of run steps, as dbt prints them."""

from __future__ import annotations

from collections import Counter

from dbt_cloud_sandbox.records import ERROR, NodeResult, Run, RunStep
from dbt_cloud_sandbox.world import World

FAILED = ("error", "fail")


def step_logs(run: Run, step: RunStep, world: World) -> str:
    """What the step printed: one line a node, each error in full, and dbt's closing count."""
    results = [result for result in world.results(run.id) if result.step == step.index]
    if not results:
        return "" if step.invocation_id is None else f"{step.name}\n"
    total = len(results)
    lines = [f"Running with dbt={run.dbt_version}", f"Found {total} nodes", ""]
    for place, result in enumerate(results, start=1):
        lines.append(_line(place, total, result))
    failed = [result for result in results if result.status in FAILED]
    for result in failed:
        kind, name = result.unique_id.split(".")[0], result.unique_id.split(".")[2]
        lines += ["", f"{'Failure' if result.status == 'fail' else 'Error'} in {kind} {name}", f"  {result.message}"]
    count = Counter(result.status for result in results)
    good = count["success"] + count["pass"]
    bad = count["error"] + count["fail"]
    lines += ["", "Completed successfully" if step.status != ERROR else f"Completed with {bad} errors"]
    lines += [f"Done. PASS={good} WARN={count['warn']} ERROR={bad} SKIP={count['skipped']} TOTAL={total}"]
    return "\n".join(lines) + "\n"


def _line(place: int, total: int, result: NodeResult) -> str:
    at = f"{result.execute_started_at.time().isoformat('seconds')}  " if result.execute_started_at else ""
    words = {"success": "OK", "pass": "PASS", "fail": f"FAIL {result.failures}", "skipped": "SKIP"}
    verdict = words.get(result.status, result.status.upper())
    taken = "" if result.execution_time is None else f" [in {result.execution_time:.2f}s]"
    return f"{at}{place} of {total} {verdict} {result.unique_id}{taken}"
