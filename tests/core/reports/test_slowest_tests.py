"""The report `slowest_tests` against plain loops over the world's raw results."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount

from tests.core.recount import attempts, finished, production, runs_between, utc
from tests.core.tiny import TinyCloud, job, model, run


async def test_without_a_period_it_is_the_time_of_the_last_run_that_passed(account: DbtAccount, world: World) -> None:
    expected: dict[str, float] = {}
    status: dict[str, str] = {}
    for home in production(world):
        for unique_id, found in attempts(world, home.id).items():
            if unique_id.startswith("test."):
                passed = [result.execution_time for _, result in found if result.status in ("pass", "warn")]
                expected[unique_id], status[unique_id] = passed[-1], found[-1][1].status
    report = await account.arun_report("slowest_tests", limit=500)
    assert {row["unique_id"]: row["runtime"] for row in report.rows} == pytest.approx(expected)
    assert [row["runtime"] for row in report.rows] == sorted(expected.values(), reverse=True)
    words = {"pass": "success"}
    assert all(row["last_run_status"] == words.get(s := status[row["unique_id"]], s) for row in report.rows)
    assert {row["runs"] for row in report.rows} == {1}


@pytest.mark.parametrize("order", ["avg", "median", "max", "total"])
async def test_a_period_has_mean_median_longest_and_total(account: DbtAccount, world: World, order: str) -> None:
    homes = {home.id for home in production(world)}
    times: dict[str, list[float]] = defaultdict(list)
    for each in runs_between(world, utc("2026-11-09T00:00"), utc("2026-11-09T00:00") + timedelta(days=7)):
        if finished(each) and each.environment_id in homes:
            for result in world.results(each.id):
                if result.unique_id.startswith("test.") and result.status != "skipped":
                    times[result.unique_id].append(result.execution_time)
    report = await account.arun_report("slowest_tests", period="last_week", order_by=order, limit=500)
    assert {row["unique_id"] for row in report.rows} == times.keys()
    for row in report.rows:
        own = times[row["unique_id"]]
        assert row["runs"] == len(own)
        told = [row[key] for key in ("runtime", "median_runtime", "max_runtime", "total_runtime")]
        assert told == pytest.approx([sum(own) / len(own), median(own), max(own), sum(own)])
    key = {"avg": "runtime", "median": "median_runtime", "max": "max_runtime", "total": "total_runtime"}[order]
    values = [row[key] for row in report.rows]
    assert values == sorted(values, reverse=True)


async def test_bounds_apply_to_the_runtime(account: DbtAccount) -> None:
    rows = (await account.arun_report("slowest_tests", limit=500)).rows
    middle = rows[len(rows) // 2]["runtime"]
    kept = (await account.arun_report("slowest_tests", min_runtime=middle, limit=500)).rows
    assert kept == tuple(row for row in rows if row["runtime"] >= middle)


def outcome(name: str, seconds: float | None, status: str = "pass") -> dict[str, Any]:
    return {"uniqueId": f"test.shop.{name}", "status": status, "executionTime": seconds}


def tiny() -> TinyCloud:
    cloud = TinyCloud()
    cloud.models = {100: [model("orders")]}
    place = {"projectId": 10, "environmentId": 100, "testedNodeUniqueId": "model.shop.orders"}
    cloud.tests = [{"uniqueId": f"test.shop.{name}", "name": name, **place} for name in ("a", "b", "c")]
    cloud.runs = [run(n, f"2026-11-17 {n:02}:00", f"2026-11-17 {n:02}:30") for n in (1, 2, 3, 4)]
    return cloud


async def test_a_long_single_run_does_not_mislead_unseen() -> None:
    cloud = tiny()
    times = {1: 1.0, 2: 3.0, 3: 2.0, 4: 94.0}
    cloud.nodes = {n: {"models": [], "tests": [outcome("a", seconds)]} for n, seconds in times.items()}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_tests", period="yesterday")
        by_median = await account.arun_report("slowest_tests", period="yesterday", order_by="median")
    assert report.finding == (
        "a (Shop) is the slowest test yesterday (Tue 17 Nov 2026): 25.0 s on average over 4 runs, though half of "
        "them took no more than 2.5 s."
    )
    assert "though" not in by_median.finding


async def test_tests_without_a_time_are_counted_as_left_out() -> None:
    cloud = tiny()
    tests = [outcome("a", 2.0, "fail"), outcome("b", None, "error"), outcome("c", 0.5, "skipped")]
    cloud.nodes = {1: {"models": [], "tests": tests}}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_tests", period="yesterday")
        now = await account.arun_report("slowest_tests")
    assert [(row["name"], row["runtime"]) for row in report.rows] == [("a", 2.0)]
    assert (report.coverage.considered, report.coverage.left_out) == (1, {"no_timing": 2})
    assert (now.rows, now.coverage.left_out) == ((), {"no_timing": 3})
    assert now.finding == "No test with a runtime fits the question."


async def test_only_the_named_jobs_count() -> None:
    cloud = tiny()
    cloud.jobs.append(job(2))
    cloud.runs.append(run(9, "2026-11-17 09:00", "2026-11-17 09:30", job_id=2))
    cloud.nodes = {n: {"models": [], "tests": [outcome("a", float(n))]} for n in (1, 9)}
    async with cloud.account() as account:
        for number, runtime in (("1", 1.0), ("2", 9.0)):
            report = await account.arun_report("slowest_tests", period="yesterday", jobs=[number])
            assert [row["runtime"] for row in report.rows] == [runtime]
