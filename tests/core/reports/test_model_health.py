"""The health of models, against the world's own records."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound

from tests.core.recount import attempts, production
from tests.core.tiny import TinyCloud, model, run


def verdicts(world: World) -> dict[str, str]:
    """The verdict on every model that was built lately, by plain loops over what the latest runs left."""
    found: dict[str, str] = {}
    for home in production(world):
        nodes = {each.unique_id: each for each in world.nodes(home.id)}
        last = {each: made[-1][1].status for each, made in attempts(world, home.id).items()}
        stale: dict[str, str] = {}
        for each in sorted(world.runs(), key=lambda each: (each.finished_at is None, each.finished_at)):
            if each.environment_id == home.id and each.finished_at:
                stale |= {check.unique_id: check.status for check in world.freshness(each.id)}
        for unique_id, node in nodes.items():
            if node.resource_type != "model" or unique_id not in last:
                continue
            above, line = set(), [unique_id]
            while line:
                fresh = [p for p in nodes[line.pop()].depends_on if p not in above]
                above |= set(fresh)
                line += fresh
            checks = [each for each in nodes.values() if each.resource_type == "test" and unique_id in subject(each)]
            outcomes, ages = {last.get(each.unique_id) for each in checks}, {stale.get(each) for each in above}
            if last[unique_id] in ("error", "skipped") or outcomes & {"error", "fail"}:
                found[unique_id] = "failing"
            else:
                found[unique_id] = "warning" if "warn" in outcomes or ages & {"warn", "error"} else "healthy"
    return found


def subject(test: Any) -> tuple[str, ...]:
    return (test.tested_node,) if test.tested_node else tuple(test.depends_on)


async def test_every_model_has_the_verdict_that_its_last_runs_give(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("model_health", limit=500)
    expected = verdicts(world)
    aged = {row["unique_id"] for row in report.rows if "Last built" in row["reasons"]}
    found = {row["unique_id"]: row["verdict"] for row in report.rows}
    assert {each: found[each] for each in expected if each not in aged} == {
        each: verdict for each, verdict in expected.items() if each not in aged
    }
    assert len(set(expected.values())) == 3
    assert len(aged) < 5


async def test_the_finding_counts_the_verdicts_and_the_worst_come_first(account: DbtAccount) -> None:
    report = await account.arun_report("model_health", limit=500)
    number = Counter(row["verdict"] for row in report.rows)
    assert report.finding.startswith(f"Of {len(report.rows)} models {number['failing']} are failing (")
    assert f"{number['warning']} have a warning" in report.finding
    untested = sum(row["verdict"] == "healthy" and not row["test_count"] for row in report.rows)
    assert report.finding.endswith(f"{number['healthy']} are healthy ({untested} without a test).")
    order = ["failing", "warning", "unknown", "healthy"]
    ranks = [order.index(row["verdict"]) for row in report.rows]
    assert ranks == sorted(ranks)


async def test_verdicts_narrow_the_rows_and_not_what_was_considered(account: DbtAccount) -> None:
    whole = await account.arun_report("model_health", limit=500)
    some = await account.arun_report("model_health", verdict=["Healthy", "warning"], limit=500)
    assert some.rows == tuple(row for row in whole.rows if row["verdict"] in ("healthy", "warning"))
    assert (some.coverage, some.finding) == (whole.coverage, whole.finding)


async def test_model_fields_narrow_what_is_judged(account: DbtAccount) -> None:
    report = await account.arun_report("model_health", tags=["finance"], materialization="incremental", limit=500)
    models = await account.arun_report("list_models", tags=["finance"], materialization="incremental", limit=500)
    assert {row["unique_id"] for row in report.rows} == {row["unique_id"] for row in models.rows}


async def test_one_model_is_told_whole(failing_account: DbtAccount) -> None:
    worst = (await failing_account.arun_report("model_health", limit=1)).rows[0]
    report = await failing_account.arun_report("model_health", model=worst["name"])
    assert report.rows == (worst,)
    assert report.finding.startswith(f"{worst['name']} is failing: the last attempt")
    assert "ended in an error" in report.finding


async def test_after_a_failure_what_was_skipped_is_failing_too(failing_account: DbtAccount) -> None:
    skipped = await failing_account.arun_report("model_health", model_status="skipped", limit=500)
    assert skipped.rows
    assert {row["verdict"] for row in skipped.rows} == {"failing"}
    assert all("skipped it" in row["reasons"] for row in skipped.rows)


async def test_unknown_models_and_two_ways_to_name_one_are_refused(account: DbtAccount) -> None:
    with pytest.raises(NotFound):
        await account.arun_report("model_health", model="fct_nothing")
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("model_health", model="fct_revenue", models="fct_revenue")
    assert refused.value.argument == "model"
    with pytest.raises(InvalidArgument, match="failing"):
        await account.arun_report("model_health", verdict="ill")


def cloud_with(last_built: str, *starts: str) -> TinyCloud:
    """A model that was last built at a moment, by a job that started so often."""
    cloud = TinyCloud()
    info = {"executeCompletedAt": last_built, "lastRunGeneratedAt": last_built, "lastJobDefinitionId": 1}
    cloud.models = {100: [model("orders", 5.0, info=info)]}
    cloud.runs = [run(n, f"{each} 08:00", f"{each} 08:30") for n, each in enumerate(starts, 1)]
    cloud.tests = [
        {
            "uniqueId": "test.shop.unique_orders.1",
            "name": "unique_orders",
            "projectId": 10,
            "environmentId": 100,
            "testedNodeUniqueId": "model.shop.orders",
            "executionInfo": {"lastRunStatus": "pass"},
        }
    ]
    return cloud


DAILY = [f"2026-11-{day:02}" for day in range(8, 18)]
WEEKLY = ["2026-10-20", "2026-10-27", "2026-11-03", "2026-11-10"]


@pytest.mark.parametrize(
    ("last_built", "starts", "verdict"),
    [
        ("2026-11-17T08:10:00.000Z", DAILY, "healthy"),
        ("2026-11-10T08:10:00.000Z", DAILY, "warning"),
        ("2026-11-10T08:10:00.000Z", WEEKLY, "healthy"),
        ("2026-11-10T08:10:00.000Z", [], "healthy"),
        ("2026-10-10T08:10:00.000Z", [], "warning"),
    ],
)
async def test_a_model_is_old_by_how_often_its_job_runs(last_built: str, starts: list[str], verdict: str) -> None:
    async with cloud_with(last_built, *starts).account() as account:
        report = await account.arun_report("model_health")
    assert [(row["name"], row["verdict"]) for row in report.rows] == [("orders", verdict)]


async def test_only_jobs_of_old_models_are_asked_for_their_runs() -> None:
    asked = []
    for last_built in ("2026-11-17T08:10:00.000Z", "2026-11-10T08:10:00.000Z"):
        async with cloud_with(last_built, *DAILY).account() as account:
            await account.arun_report("model_health")
            asked.append(account.requests)
    assert asked[1] == asked[0] + 1


async def test_stale_sources_count_by_the_graph() -> None:
    cloud = cloud_with("2026-11-17T08:10:00.000Z")
    cloud.lineage = [
        {"uniqueId": "source.shop.raw.orders", "name": "orders", "parentIds": []},
        {"uniqueId": "model.shop.stg", "name": "stg", "parentIds": ["source.shop.raw.orders"]},
        {"uniqueId": "model.shop.orders", "name": "orders", "parentIds": ["model.shop.stg"]},
    ]
    cloud.sources = [
        {
            "uniqueId": "source.shop.raw.orders",
            "name": "orders",
            "sourceName": "raw",
            "freshness": {
                "freshnessChecked": True,
                "freshnessStatus": "Error",
                "criteria": {"errorAfter": {"count": 1, "period": "day"}},
            },
        }
    ]
    async with cloud.account() as account:
        (row,) = (await account.arun_report("model_health")).rows
    assert (row["verdict"], row["stale_sources"]) == ("warning", "raw.orders")
    assert row["reasons"] == "Upstream raw.orders (error) is stale."


async def test_failing_are_the_models_that_fail_themselves_or_whose_tests_do(failing_account: DbtAccount) -> None:
    health = await failing_account.arun_report("model_health", verdict="failing", limit=500)
    models = await failing_account.arun_report("failing_models", limit=500)
    tests = await failing_account.arun_report("failing_tests", limit=500)
    failed = {row["tested_model_id"] for row in tests.rows if row["last_run_status"] != "warn"}
    failing = {row["unique_id"] for row in models.rows} | {each for each in failed if each.startswith("model.")}
    assert failing
    assert {row["unique_id"] for row in health.rows} == failing
