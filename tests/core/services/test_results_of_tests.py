"""What many runs made of their tests: fetched only when it is asked for, twenty runs in a request, else from files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dbt_cloud_sandbox import Faults, World
from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.results import RunResults

from tests.core.services.test_artifact_parsing import artifact, result
from tests.core.services.test_run_results import Cloud, account_on

PASSED = {"pass": "success"}


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    cloud = Cloud()
    yield cloud
    await cloud.store.aclose()


def outcome(name: str, status: str = "pass", **more: Any) -> dict[str, Any]:
    return {"uniqueId": f"test.shop.{name}", "status": status, "executionTime": 0.25} | more


async def test_tests_of_twenty_runs_come_in_one_request_and_models_do_not_come_with_them(cloud: Cloud) -> None:
    runs = [cloud.in_discovery(n) for n in range(1, 21)]
    for n in range(1, 21):
        cloud.nodes[n]["tests"] = [outcome("b", "fail"), outcome("a", "warn"), outcome("c", None, executionTime=None)]
    answers = await cloud.service.of_runs(runs, "tests")
    expected = RunResults(("test.shop.a", "test.shop.b"), (NodeStatus.WARN, NodeStatus.FAIL), (0.25, 0.25))
    assert [answer.value for answer in answers] == [expected] * 20
    assert cloud.queries == 1
    assert "models" not in cloud.requests[-1].content.decode()


async def test_each_kind_is_asked_for_once_and_only_when_it_is_wanted(cloud: Cloud) -> None:
    run = cloud.in_discovery(1)
    cloud.nodes[1]["tests"] = [outcome("a")]
    await cloud.service.of_runs([run])
    assert "tests" not in cloud.requests[-1].content.decode()
    assert (await cloud.service.known([run]), await cloud.service.known([run], "tests")) == ({"1"}, set())
    for _ in range(2):
        (answer,) = await cloud.service.of_runs([run], "tests")
        assert answer.value == RunResults(("test.shop.a",), (NodeStatus.SUCCESS,), (0.25,))
        await cloud.service.of_runs([run])
    assert cloud.queries == 2


async def test_a_list_of_tests_that_is_cut_is_read_to_its_end(cloud: Cloud) -> None:
    run = cloud.in_discovery(1)
    cloud.nodes[1]["tests"] = [outcome(f"t{n:03}") for n in range(250)]
    cloud.most_rows = 100
    (answer,) = await cloud.service.of_runs([run], "tests")
    assert answer.complete
    assert answer.value is not None
    assert answer.value.unique_ids == tuple(f"test.shop.t{n:03}" for n in range(250))


async def test_files_have_the_tests_of_runs_of_which_discovery_has_nothing(cloud: Cloud) -> None:
    run = cloud.add(2)
    cloud.files[2] = artifact(
        result("model.shop.a", seconds=9.0),
        result("test.shop.b", "fail", seconds=0.5),
        result("unit_test.shop.a.c", "pass", seconds=0.125),
    )
    (answer,) = await cloud.service.of_runs([run], "tests")
    statuses = (NodeStatus.FAIL, NodeStatus.SUCCESS)
    assert answer.value == RunResults(("test.shop.b", "unit_test.shop.a.c"), statuses, (0.5, 0.125))


@pytest.mark.parametrize("faults", [Faults(), Faults(results_kept=timedelta(hours=60))], ids=["discovery", "files"])
async def test_tests_of_the_sandbox_are_those_of_its_records(world: World, faults: Faults) -> None:
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    async with account_on(world, faults) as account:
        services = account._connection.services
        runs = (await services.runs.between(RunQuery(monday, monday + timedelta(days=1)))).value
        finished = [run for run in runs if run.status.finished]
        answers = await services.run_results.of_runs(finished, "tests")
    seen = 0
    for run, answer in zip(finished, answers, strict=True):
        expected = {
            each.unique_id: (PASSED.get(each.status, each.status), each.status == "skipped" or each.execution_time)
            for each in world.results(int(run.run_id))
            if each.unique_id.startswith("test.")
        }
        assert answer.value is not None
        rows = zip(answer.value.unique_ids, answer.value.statuses, answer.value.runtimes, strict=True)
        told = {unique_id: (str(status), status == "skipped" or runtime) for unique_id, status, runtime in rows}
        assert told == expected
        seen += len(told)
    assert seen > 300
