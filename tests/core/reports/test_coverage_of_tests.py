"""The report `test_coverage` against plain loops over the world's nodes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount

from tests.core.recount import production
from tests.core.tiny import TinyCloud, model


async def test_tests_and_tested_columns_of_every_model_are_counted(account: DbtAccount, world: World) -> None:
    tests, columns = Counter[str](), dict[str, set[str]]()
    for home in production(world):
        for node in world.nodes(home.id):
            if node.resource_type == "test" and node.tested_node:
                tests[node.tested_node] += 1
                columns.setdefault(node.tested_node, set()).update([node.column_name] if node.column_name else [])
    report = await account.arun_report("test_coverage", limit=500)
    assert len(report.rows) == report.coverage.considered > 100
    for row in report.rows:
        assert row["test_count"] == tests[row["unique_id"]]
        assert row["tested_columns"] == len(columns.get(row["unique_id"], ()))
    models = {row["unique_id"] for row in report.rows}
    tested = len(models & tests.keys())
    share = f"{tested} of {len(models)} models have at least one test ({100 * tested / len(models):.1f} %"
    assert report.finding.startswith(share)
    for project_id in {row["project_id"] for row in report.rows}:
        own = [row for row in report.rows if row["project_id"] == project_id]
        expected = sum(row["test_count"] > 0 for row in own) / len(own)
        assert [row["project_coverage"] for row in own] == pytest.approx([expected] * len(own))


async def test_models_without_a_test_come_first_and_public_ones_before_others(account: DbtAccount) -> None:
    rows = (await account.arun_report("test_coverage", limit=500)).rows
    order = [(row["test_count"], row["access"] != "public") for row in rows]
    assert order == sorted(order)
    assert order[0] == (0, False)
    by_name = (await account.arun_report("test_coverage", limit=500, order_by="name")).rows
    assert [row["name"] for row in by_name] == sorted(row["name"] for row in rows)
    by_project = (await account.arun_report("test_coverage", limit=500, order_by="project")).rows
    assert [row["project_name"] for row in by_project] == sorted(row["project_name"] for row in rows)


async def test_filters_of_models_narrow_what_is_covered(account: DbtAccount) -> None:
    report = await account.arun_report("test_coverage", materialization=["incremental"], limit=500)
    assert {row["materialization"] for row in report.rows} == {"incremental"}


def a_test(name: str, **more: Any) -> dict[str, Any]:
    node = {"uniqueId": f"test.shop.{name}", "name": name, "projectId": 10, "environmentId": 100}
    return node | {"testType": "GENERIC_DATA_TEST", "testedNodeUniqueId": "model.shop.orders"} | more


def reading(*unique_ids: str, **more: Any) -> dict[str, Any]:
    """A singular test that dbt attaches to nothing."""
    parents = [{"uniqueId": unique_id} for unique_id in unique_ids]
    return {"testedNodeUniqueId": None, "testType": "SINGULAR_DATA_TEST", "parents": parents} | more


async def test_what_a_test_covers_is_what_it_is_attached_to_else_what_it_reads() -> None:
    cloud = TinyCloud()
    cloud.models = {100: [model(name) for name in ("orders", "shops", "drinks", "beans")]}
    cloud.tests = [
        a_test("unique", columnName="ID", testMetadata={"name": "unique"}),
        a_test("not_null", columnName="id", testMetadata={"name": "not_null"}, executionInfo={"lastRunStatus": "fail"}),
        a_test("not_null_shop", columnName="shop", testMetadata={"name": "not_null"}),
        a_test("relationship", parents=[{"uniqueId": "model.shop.orders"}, {"uniqueId": "model.shop.beans"}]),
        a_test("totals", **reading("model.shop.shops", "model.shop.drinks", "model.shop.drinks")),
        a_test("one", **reading("model.shop.shops", testType="UNIT_TEST")),
        a_test("fresh", **reading("source.shop.till.orders")),
        a_test("fresher", **reading("source.shop.till.orders")),
        a_test("seeded", testedNodeUniqueId="seed.shop.rates"),
        a_test("nothing", **reading()),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("test_coverage")
    found = {
        row["name"]: (row["test_count"], row["tested_columns"], row["failing_tests"], row["test_kinds"])
        for row in report.rows
    }
    assert found == {
        "beans": (0, 0, 0, ""),
        "drinks": (1, 0, 0, "1 singular"),
        "shops": (2, 0, 0, "1 singular, 1 unit"),
        "orders": (4, 2, 1, "2 not_null, 1 unique, 1 generic"),
    }
    assert [row["name"] for row in report.rows] == ["beans", "drinks", "shops", "orders"]
    assert report.finding == "3 of 4 models have at least one test (75 %): none for beans."
    assert report.notes == (
        "Beside the tests of models there are 2 tests of sources and 1 test of seeds, which do not count here.",
    )


async def test_a_project_without_models_has_no_coverage() -> None:
    async with TinyCloud().account() as account:
        report = await account.arun_report("test_coverage")
    assert (report.finding, report.rows) == ("No model fits the question.", ())


async def test_coverage_is_not_said_to_be_whole_where_a_model_has_no_test() -> None:
    cloud = TinyCloud()
    names = [f"m{number}" for number in range(300)]
    cloud.models = {100: [model(name) for name in names]}
    cloud.tests = [a_test(name, testedNodeUniqueId=f"model.shop.{name}") for name in names[1:]]
    async with cloud.account() as account:
        report = await account.arun_report("test_coverage", limit=1)
    assert report.finding == "299 of 300 models have at least one test (99.7 %): none for m0."
