"""The report `failing_tests` against plain loops over the world's raw results."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import NodeResult, Run, World
from dbt_discovery import DbtAccount, InvalidArgument

from tests.core.recount import attempts, finished, production, runs_between, utc
from tests.core.tiny import TinyCloud, model, run

WORST_FIRST = ["error", "fail", "warn"]
LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))


def newest(world: World) -> dict[str, tuple[Run, NodeResult]]:
    """The newest attempt at each test of the production environments."""
    return {
        unique_id: found[-1]
        for home in production(world)
        for unique_id, found in attempts(world, home.id).items()
        if unique_id.startswith("test.")
    }


async def test_tests_whose_last_run_did_not_pass_are_there_the_worst_first(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("failing_tests", limit=500)
    expected = {uid: (r, x) for uid, (r, x) in newest(world).items() if x.status in WORST_FIRST}
    assert {row["unique_id"] for row in report.rows} == expected.keys()
    for row in report.rows:
        made_by, result = expected[row["unique_id"]]
        assert (row["last_run_status"], row["failed_rows"]) == (result.status, result.failures)
        assert (row["run_id"], row["job_id"]) == (str(made_by.id), str(made_by.job_id))
        assert row["url"].endswith(f"/runs/{made_by.id}/")
    order = [(WORST_FIRST.index(row["last_run_status"]), -row["failed_rows"]) for row in report.rows]
    assert order == sorted(order)
    assert (report.coverage.considered, report.coverage.unit) == (len(newest(world)), "tests")
    counted = Counter(row["last_run_status"] for row in report.rows)
    whole = f"{counted['fail']} of {len(newest(world))} tests fail now, and {counted['warn']} warn: "
    assert report.finding.startswith(whole)


async def test_when_a_failing_test_last_passed_is_told(account: DbtAccount, world: World) -> None:
    rows = (await account.arun_report("failing_tests", limit=500)).rows
    passed: dict[str, datetime | None] = {
        unique_id: next((each.finished_at for each, result in reversed(found) if result.status == "pass"), None)
        for home in production(world)
        for unique_id, found in attempts(world, home.id).items()
    }
    failing = [row for row in rows if row["last_run_status"] == "fail"]
    assert failing
    for row in failing:
        told, expected = datetime.fromisoformat(row["last_success_time"]), passed[row["unique_id"]]
        assert expected is not None
        assert abs((told - expected).total_seconds()) < 1
    assert {row["last_success_time"] for row in rows if row["last_run_status"] == "warn"} == {None}


async def test_a_period_counts_in_how_many_runs_a_test_failed(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("failing_tests", period="last_week", limit=500)
    homes = {home.id for home in production(world)}
    runs, failures, warnings = Counter[str](), Counter[str](), Counter[str]()
    latest: dict[str, Run] = {}
    for each in sorted(runs_between(world, *LAST_WEEK), key=lambda each: (each.started_at or each.created_at, each.id)):
        if finished(each) and each.environment_id in homes:
            for result in world.results(each.id):
                if result.unique_id.startswith("test.") and result.status != "skipped":
                    runs[result.unique_id] += 1
                    warnings[result.unique_id] += result.status == "warn"
                    if result.status in ("fail", "error"):
                        failures[result.unique_id] += 1
                        latest[result.unique_id] = each
    assert {row["unique_id"]: row["failures"] for row in report.rows} == dict(failures)
    for row in report.rows:
        unique_id = row["unique_id"]
        assert (row["runs"], row["warnings"]) == (runs[unique_id], warnings[unique_id])
        assert row["failure_rate"] == pytest.approx(failures[unique_id] / runs[unique_id])
        assert row["run_id"] == str(latest[unique_id].id)
    assert [row["failures"] for row in report.rows] == sorted(failures.values(), reverse=True)
    assert report.coverage.considered == len(runs)


async def test_other_orders_put_the_rate_or_the_latest_failure_first(account: DbtAccount) -> None:
    for order, key in (("rate", "failure_rate"), ("newest", "last_failure_time")):
        rows = (await account.arun_report("failing_tests", period="last_week", order_by=order, limit=500)).rows
        values = [row[key] for row in rows]
        assert len(values) > 3
        assert values == sorted(values, reverse=True)
    rows = (await account.arun_report("failing_tests", order_by="newest", limit=500)).rows
    assert [row["last_run_time"] for row in rows] == sorted((row["last_run_time"] for row in rows), reverse=True)


async def test_a_rate_needs_a_period(account: DbtAccount) -> None:
    with pytest.raises(InvalidArgument, match="needs a period") as refused:
        await account.arun_report("failing_tests", order_by="rate")
    assert refused.value.argument == "order_by"


async def test_fields_of_models_narrow_by_the_tested_model(account: DbtAccount, world: World) -> None:
    tested = {
        node.unique_id: node.tested_node
        for home in production(world)
        for node in world.nodes(home.id)
        if node.resource_type == "test"
    }
    report = await account.arun_report("failing_tests", period="last_week", models=["fct_revenue"], limit=500)
    of_revenue = [unique_id for unique_id, node in tested.items() if node == "model.finance.fct_revenue"]
    assert report.coverage.considered == len(of_revenue) > 0
    assert [row["name"] for row in report.rows] == ["assert_revenue_matches_invoices"]
    assert report.rows[0]["tested_model"] == "fct_revenue"


async def test_named_jobs_keep_the_tests_of_their_latest_runs(account: DbtAccount, world: World) -> None:
    job = next(each for each in world.jobs() if each.name == "Growth nightly")
    latest = max((r for r in world.runs() if r.job_id == job.id and finished(r)), key=lambda each: each.created_at)
    ran = {result.unique_id for result in world.results(latest.id) if result.unique_id.startswith("test.")}
    report = await account.arun_report("failing_tests", jobs=["Growth nightly"], limit=500)
    assert report.coverage.considered == len(ran) > 0
    failing = {uid for uid, (_, result) in newest(world).items() if uid in ran and result.status in WORST_FIRST}
    assert {row["unique_id"] for row in report.rows} == failing


# A tiny cloud


def a_test(name: str, status: str | None, **more: Any) -> dict[str, Any]:
    info = {"lastRunStatus": status, "lastRunId": 5, "lastRunGeneratedAt": "2026-11-17T08:30:00.000Z"}
    info |= more.pop("info", {})
    node = {"uniqueId": f"test.shop.{name}", "name": name, "projectId": 10, "environmentId": 100, "tags": []}
    return node | {"testedNodeUniqueId": "model.shop.orders", "executionInfo": info} | more


def outcome(name: str, status: str) -> dict[str, Any]:
    return {"uniqueId": f"test.shop.{name}", "status": status, "executionTime": 1.0}


def tiny() -> TinyCloud:
    cloud = TinyCloud()
    cloud.models = {100: [model("orders")]}
    cloud.runs = [run(n, f"2026-11-{10 + n} 08:00", f"2026-11-{10 + n} 08:30") for n in range(1, 6)]
    return cloud


async def test_errors_come_before_failures_and_these_before_warnings() -> None:
    cloud = tiny()
    cloud.tests = [
        a_test("warns", "warn", info={"lastRunFailures": 900}),
        a_test("fails", "fail", info={"lastRunFailures": 3}),
        a_test("fails_more", "FAIL", info={"lastRunFailures": 30}),
        a_test("breaks", "error", info={"lastRunError": "no such column"}),
        a_test("skipped", "skipped"),
        a_test("new", None),
        a_test("odd", "reticulated"),
        a_test("good", "pass"),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests")
    assert [row["name"] for row in report.rows] == ["breaks", "fails_more", "fails", "warns"]
    assert report.finding == "3 of 8 tests fail now, and 1 warns: breaks (Shop) ended in an error."
    assert report.rows[0]["error"] == "no such column"
    assert report.notes == ("1 test did not run the last time, because the tested model was not built.",)


async def test_a_run_that_cannot_be_found_any_more_leaves_open_when_a_test_passed() -> None:
    cloud = tiny()
    cloud.tests = [
        a_test("gone", "fail", info={"lastSuccessRunId": 77}),
        a_test("known", "fail", info={"lastSuccessRunId": 2}),
        a_test("refused", "fail", info={"lastSuccessRunId": 3}),
        a_test("never", "fail"),
    ]
    cloud.faults["/runs/3/"] = httpx.Response(503)
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests")
    told = {row["name"]: row["last_success_time"] for row in report.rows}
    assert told == {"gone": None, "known": "2026-11-12T08:30:00Z", "refused": None, "never": None}


async def test_the_finding_is_the_same_whatever_the_limit() -> None:
    cloud = tiny()
    cloud.tests = [
        a_test("warns", "warn", info={"lastRunGeneratedAt": "2026-11-18T08:30:00.000Z"}),
        a_test("fails", "fail", info={"lastSuccessRunId": 2}),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests", order_by="newest", limit=1)
        whole = await account.arun_report("failing_tests", order_by="newest")
    assert [row["name"] for row in report.rows] == ["warns"]
    assert report.finding == whole.finding
    assert "(it last passed 2026-11-12 08:30 UTC)" in report.finding


async def test_errors_and_warnings_are_told_apart_from_failures() -> None:
    cloud = tiny()
    cloud.tests = [a_test("a", "pass"), a_test("idle", "pass")]
    words = ["fail", "error", "warn", "skipped", "pass"]
    cloud.nodes = {n: {"models": [], "tests": [outcome("a", word)]} for n, word in enumerate(words, 1)}
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests", period="last_10_days")
    (row,) = report.rows
    assert (row["failures"], row["errors"], row["warnings"], row["runs"]) == (2, 1, 1, 4)
    assert row["failure_rate"] == 0.5
    assert (row["last_failure_time"], row["run_id"], row["last_run_status"]) == ("2026-11-12T08:00:00Z", "2", "success")
    assert report.coverage.considered == 1


async def test_tests_that_are_gone_are_left_out_and_said() -> None:
    cloud = tiny()
    cloud.tests = [a_test("a", "pass")]
    cloud.nodes = {1: {"models": [], "tests": [outcome("a", "pass"), outcome("old", "fail")]}}
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests", period="2026-11-11")
    assert (report.rows, report.coverage.complete) == ((), False)
    assert report.notes == ("1 test left out that these runs ran and the environment no longer has.",)
    assert report.finding == "No test failed on Wed 11 Nov 2026, of 1 test that ran."


async def test_an_environment_that_shows_no_tests_is_an_incomplete_answer() -> None:
    cloud = tiny()
    cloud.faults = {"query Tests": httpx.Response(200, json={"data": {"environment": None}})}
    async with cloud.account() as account:
        report = await account.arun_report("failing_tests")
    assert (report.finding, report.coverage.complete) == ("No test fits the question.", False)
