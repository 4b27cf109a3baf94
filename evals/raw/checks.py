"""What reports about tests should hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

from evals.raw.records import (
    FINISHED,
    Arguments,
    Reports,
    Rows,
    began,
    finished,
    history,
    homes,
    jobs,
    measured,
    models,
    name_of,
    ranked,
    runs,
    within,
    without_models,
)

if TYPE_CHECKING:
    from dbt_cloud_sandbox import Node, NodeResult, World

__all__ = ["CHECKS", "last_results"]

_FAILED = ("error", "fail", "runtime error")


def _tests(world: World, arguments: Arguments) -> list[tuple[int, Node]]:
    """The tests of the environments asked about, with these; where models are narrowed, those of such a model."""
    found = []
    for home in homes(world, arguments):
        wanted = {node.unique_id for node in models(world, home, arguments)}
        narrowed = wanted if without_models(arguments) != arguments else None
        own = [node for node in world.nodes(home) if node.resource_type in ("test", "unit_test")]
        found += [(home, node) for node in own if narrowed is None or node.tested_node in narrowed]
    return found


def last_results(world: World, home: int) -> dict[str, NodeResult]:
    """What the last run of each node of an environment came to."""
    return {unique_id: results[-1][1] for unique_id, results in history(world, home).items() if results}


def _results(world: World, arguments: Arguments) -> list[tuple[Node, list[tuple[int, NodeResult]]]]:
    """Each test with its results that count, oldest first: of the period's runs, of jobs' latest ones, or all."""
    counted = None
    if "period" in arguments or "jobs" in arguments:
        own = jobs(world, without_models(arguments))
        if "period" in arguments:
            counted = {run.id for job in own for run in runs(world, job, arguments) if run.status in FINISHED}
        else:
            counted = {run_id for job in own for run_id in finished(world, job.environment_id, job.id)[-1:]}
    found = []
    for home, node in _tests(world, arguments):
        results = history(world, home).get(node.unique_id, ())
        found.append((node, [each for each in results if counted is None or each[0] in counted]))
    return found


def _failing_tests(world: World, arguments: Arguments) -> Rows:
    if "period" not in arguments:
        return _failing_now(world, arguments)
    rows = []
    for node, results in _results(world, arguments):
        ran = [each for _, each in results if each.status != "skipped"]
        if bad := sum(each.status in _FAILED for each in ran):
            rows.append({"name": _name(node), "failures": bad, "runs": len(ran), "failure_rate": bad / len(ran)})
    by = {"rate": "failure_rate", "newest": ""}.get(arguments.get("order_by", ""), "failures")
    return ranked(rows, lambda row: -row[by] if by else 0)


def _failing_now(world: World, arguments: Arguments) -> Rows:
    """The tests whose last run failed or warns, errors first, then by the rows at fault."""
    rows = []
    for node, results in _results(world, arguments):
        if results and (status := results[-1][1].status) in (*_FAILED, "warn"):
            own = {"name": _name(node), "last_run_status": "error" if status == "runtime error" else status}
            rows.append(own | {"failed_rows": results[-1][1].failures})
    if arguments.get("order_by") == "newest":
        return ranked(rows, lambda row: 0)
    place = {"error": 0, "fail": 1, "warn": 2}
    return ranked(rows, lambda row: place[row["last_run_status"]] * 1e9 - (row["failed_rows"] or 0))


def _slowest_tests(world: World, arguments: Arguments) -> Rows:
    rows = []
    for node, results in _results(world, arguments):
        executed = [each for _, each in results if each.status != "skipped" and each.execution_time is not None]
        if "period" not in arguments:
            executed = [each for each in executed if each.status in ("pass", "warn", "success")][-1:]
        times = [each.execution_time or 0.0 for each in executed]
        if times and within(fmean(times), arguments):
            took = measured(times, "runtime")
            rows.append({"name": _name(node), "runs": len(times), "total_runtime": sum(times)} | took)
            del rows[-1]["p95_runtime"]
    by = {"avg": "runtime"}.get(order := arguments.get("order_by", "avg"), f"{order}_runtime")
    return ranked(rows, lambda row: -row[by])


def _test_coverage(world: World, arguments: Arguments) -> Rows:
    number = Counter(node.tested_node for _, node in _tests(world, without_models(arguments)))
    found = [node for home in homes(world, arguments) for node in models(world, home, arguments)]
    rows = [{"name": node.name, "test_count": number[node.unique_id]} for node in found]
    return ranked(rows, lambda row: row["test_count"] if arguments.get("order_by", "untested") == "untested" else 0)


def _flaky_tests(world: World, arguments: Arguments) -> Rows:
    """The tests that failed and then passed on one commit, and had passed, or not run, before they failed."""
    arguments = {"period": "last_30_days", **arguments}
    by_id = {run.id: run for run in world.runs()}
    rows = []
    for node, results in _results(world, arguments):
        ran = [(by_id[run_id], each.status) for run_id, each in results if each.status != "skipped"]
        ran.sort(key=lambda each: began(each[0]))
        verdicts = [(run.git_sha, status) for run, status in ran if status in ("pass", "fail") and run.git_sha]
        flips = [later[0] for earlier, later in pairwise(verdicts) if earlier[0] == later[0] and earlier[1] != later[1]]
        if _recovered(verdicts):
            bad = sum(status == "fail" for _, status in verdicts)
            commits = len(set(flips))
            own = {"name": _name(node), "flips": len(flips), "commits": commits, "failures": bad, "runs": len(ran)}
            rows.append({**own, "failure_rate": bad / len(ran)})
    by = {"rate": "failure_rate", "newest": ""}.get(arguments.get("order_by", ""), "flips")
    return ranked(rows, lambda row: -row[by] if by else 0)


def _recovered(verdicts: Sequence[tuple[str, str]]) -> bool:
    """Whether, on one commit, a failure that followed no failure on an earlier commit was followed by a pass."""
    for number, (sha, verdict) in enumerate(verdicts[1:], start=1):
        if verdict == "pass" and verdicts[number - 1] == (sha, "fail"):
            first = number - 1
            while first and verdicts[first - 1][1] == "fail":
                first -= 1
            if verdicts[first][0] == sha:
                return True
    return False


def _name(node: Node) -> str:
    return node.name or name_of(node.unique_id)


CHECKS: Reports = {
    "failing_tests": _failing_tests,
    "flaky_tests": _flaky_tests,
    "slowest_tests": _slowest_tests,
    "test_coverage": _test_coverage,
}
