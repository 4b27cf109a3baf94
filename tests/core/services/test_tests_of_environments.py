"""Tests of dbt's as an environment has them: their records, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.filters import Filter
from dbt_discovery.services.tests import parse_test

from tests.core.recount import attempts, production
from tests.core.tiny import TinyCloud

NODE: dict[str, Any] = {
    "uniqueId": "test.shop.not_null_orders_id.1234567890",
    "name": "not_null_orders_id",
    "projectId": 10,
    "environmentId": 100,
    "tags": ["nightly"],
    "columnName": "id",
    "testType": "GENERIC_DATA_TEST",
    "testMetadata": {"name": "not_null", "columnName": "id"},
    "testedNodeUniqueId": "model.shop.orders",
    "parents": [{"uniqueId": "model.shop.orders"}],
    "executionInfo": {
        "lastRunStatus": "fail",
        "lastRunId": 70403103936332,
        "lastRunGeneratedAt": "2026-11-18T06:00:00.000Z",
        "lastJobDefinitionId": 3,
        "lastRunError": "Got 4 results, configured to fail if != 0",
        "lastRunFailures": 4,
        "lastSuccessRunId": 6,
        "executionTime": 1.5,
    },
}
RELATIONSHIP = [{"uniqueId": "model.shop.orders"}, {"uniqueId": "model.shop.customers"}]


def test_every_field_is_read() -> None:
    test = parse_test(NODE)
    assert (test.key, test.identity) == (("100", test.unique_id), ("10", test.unique_id))
    assert (test.name, test.test_name, test.test_type) == ("not_null_orders_id", "not_null", "generic")
    assert (test.tested_model, test.column, test.tags) == ("model.shop.orders", "id", ("nightly",))
    assert (test.last_run_status, test.last_run_failures) == (NodeStatus.FAIL, 4)
    assert test.last_run_time == datetime(2026, 11, 18, 6, tzinfo=UTC)
    assert (test.last_run_id, test.last_run_job_id, test.last_success_run_id) == ("70403103936332", "3", "6")
    assert (test.last_runtime, test.timed_by_last_run) == (1.5, False)
    assert test.last_run_error == "Got 4 results, configured to fail if != 0"


def test_what_dbt_cloud_leaves_out_is_nothing_and_no_guess() -> None:
    bare = parse_test({"uniqueId": "test.shop.totals.1234567890", "projectId": 10, "environmentId": 100})
    assert (bare.name, bare.test_name, bare.test_type, bare.column) == ("totals", None, "", None)
    assert (bare.tested_model, bare.parents, bare.subjects) == (None, (), ())
    assert (bare.last_run_status, bare.last_run_failures, bare.last_runtime) == (None, None, None)
    assert not bare.timed_by_last_run


@pytest.mark.parametrize(
    ("given", "tested", "subjects"),
    [
        ({"parents": RELATIONSHIP}, "model.shop.orders", ("model.shop.orders",)),
        ({"testedNodeUniqueId": None}, "model.shop.orders", ("model.shop.orders",)),
        (
            {"testedNodeUniqueId": None, "parents": RELATIONSHIP},
            None,
            ("model.shop.orders", "model.shop.customers"),
        ),
    ],
)
def test_a_test_is_about_the_node_it_tests_else_about_all_it_reads(
    given: dict[str, Any], tested: str | None, subjects: tuple[str, ...]
) -> None:
    test = parse_test(NODE | given)
    assert (test.tested_model, test.subjects) == (tested, subjects)


@pytest.mark.parametrize(
    ("word", "told"),
    [("SINGULAR_DATA_TEST", "singular"), ("UNIT_TEST", "unit"), ("FUNCTION_TEST", "function_test"), (None, "")],
)
def test_types_of_tests_are_open(word: str | None, told: str) -> None:
    assert parse_test(NODE | {"testType": word}).test_type == told


def test_a_new_status_reads_as_unknown_and_its_own_run_times_it() -> None:
    info = {"lastRunStatus": "Reticulated", "lastRunId": 6, "lastSuccessRunId": 6, "executionTime": 2}
    test = parse_test(NODE | {"executionInfo": info})
    assert (test.last_run_status, test.last_runtime, test.timed_by_last_run) == (NodeStatus.UNKNOWN, 2.0, True)


async def test_tests_of_the_account_are_those_that_ran(account: DbtAccount, world: World) -> None:
    inquiry = account.inquire()
    tests = await inquiry.tests_in(await inquiry.state_environments(Filter()))
    newest = {
        (str(home.id), unique_id): found[-1]
        for home in production(world)
        for unique_id, found in attempts(world, home.id).items()
        if unique_id.startswith("test.")
    }
    assert {test.key for test in tests} == newest.keys()
    for test in tests:
        run, result = newest[test.key]
        passed = {"pass": "success"}.get(result.status, result.status)
        assert (test.last_run_id, test.last_run_status) == (str(run.id), passed)
        assert test.last_run_failures == result.failures


async def test_an_environment_out_of_sight_is_said_to_show_no_tests() -> None:
    cloud = TinyCloud()
    cloud.tests = [NODE]
    async with cloud.account() as account:
        inquiry = account.inquire()
        assert len(await inquiry.tests_in(await inquiry.state_environments(Filter()))) == 1
    cloud.faults = {"query Tests": httpx.Response(200, json={"data": {"environment": None}})}
    async with cloud.account() as account:
        inquiry = account.inquire()
        assert await inquiry.tests_in(await inquiry.state_environments(Filter())) == []
        assert not inquiry.complete
        assert inquiry.notes == ["Environment Prod (100) shows the token no tests."]
