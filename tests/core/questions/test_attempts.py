"""A model's runs: its last attempt, its newest, and those of a period, against the world's raw records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import NodeResult, Run, World
from dbt_discovery import (
    DbtAccount,
    InvalidArgument,
    Model,
    ModelFilter,
    ModelRun,
    NotFound,
    RunFilter,
    SearchFilter,
    UnexpectedResponse,
)

from tests.conftest import NOW
from tests.core.recount import attempts, finished, runs_between
from tests.core.tiny import TinyCloud, job, model, run

NAME = "int_events_typed"


@pytest.fixture
async def typed(account: DbtAccount) -> Model:
    return await account.aget_model(NAME)


def history(world: World, shown: Model) -> list[tuple[Run, NodeResult]]:
    """Every attempt at a model that the newest runs hold, newest first."""
    return attempts(world, int(shown.environment_id))[shown.unique_id][::-1]


def seen(node: ModelRun) -> tuple[str, str, str, float | None]:
    return node.run_id, node.job_id, node.status, node.runtime


def told(run: Run, result: NodeResult) -> tuple[str, str, str, float | None]:
    time = None if result.status == "skipped" else result.execution_time
    return str(run.id), str(run.job_id), result.status, time


def row(run_id: int, status: str = "success", runtime: float | None = 10.0, **more: Any) -> dict[str, Any]:
    node = {"uniqueId": "model.shop.orders", "name": "orders", "runId": run_id, "jobId": 1, "status": status}
    return node | {"executionTime": runtime, "runGeneratedAt": f"2026-11-18T0{run_id}:00:00.000Z"} | more


async def test_newest_runs_are_those_of_the_raw_records(typed: Model, world: World) -> None:
    expected = [told(*each) for each in history(world, typed)]
    found = await typed.aget_runs(last_n=5)
    assert [seen(each) for each in found] == expected[:5]
    assert found.coverage.complete
    assert [each.unique_id for each in found] == [typed.unique_id] * 5


async def test_more_than_dbt_cloud_gives_is_said(typed: Model, world: World) -> None:
    found = await typed.aget_runs(last_n=50)
    assert [seen(each) for each in found] == [told(*each) for each in history(world, typed)[:20]]
    assert not found.coverage.complete
    assert "newest 20 runs" in found.notes[0]


async def test_runs_of_a_period_reach_further_than_the_history(typed: Model, world: World) -> None:
    start = (NOW - timedelta(days=30)).replace(hour=0, minute=0)
    here = [each for each in runs_between(world, start, NOW) if str(each.environment_id) == typed.environment_id]
    expected = [
        told(each, result)
        for each in sorted(filter(finished, here), key=lambda each: (each.started_at, each.id), reverse=True)
        for result in world.results(each.id)
        if result.unique_id == typed.unique_id
    ]
    found = await typed.aget_runs(last_n=None, filter=RunFilter(period="2026-10-19/2026-11-18"))
    assert len(found) > 25
    assert [seen(each) for each in found] == expected
    some = await typed.aget_runs(last_n=7, filter=RunFilter(period="2026-10-19/2026-11-18"))
    assert list(some) == list(found)[:7]
    assert some.total == len(found)


async def test_bounds_apply_to_the_models_own_time(typed: Model, world: World) -> None:
    times = [told(*each) for each in history(world, typed)[:20]]
    bound = sorted(time for *_, time in times if time is not None)[10]
    found = await typed.aget_runs(20, RunFilter(min_runtime=bound))
    assert [seen(each) for each in found] == [each for each in times if each[3] is not None and each[3] >= bound]
    below = await typed.aget_runs(20, SearchFilter(max_runtime=bound))
    assert {each.runtime for each in found} & {each.runtime for each in below} == {bound}


async def test_a_named_job_keeps_its_own_runs(account: DbtAccount, world: World) -> None:
    shown = await account.aget_model("int_web_sessions")
    jobs = {each.id: each.name for each in world.jobs()}
    newest = history(world, shown)[:20]
    names = {jobs[each.job_id] for each, _ in newest}
    assert len(names) > 1
    for name in names:
        found = await shown.aget_runs(20, RunFilter(jobs=[name]))
        assert [seen(each) for each in found] == [told(*each) for each in newest if jobs[each[0].job_id] == name]


async def test_status_is_the_one_of_the_whole_run(typed: Model, world: World) -> None:
    newest = history(world, typed)[:20]
    failed = [told(*each) for each in newest if each[0].status == 20]
    assert [seen(each) for each in await typed.aget_runs(20, RunFilter(run_status="failure"))] == failed
    succeeded = [told(*each) for each in newest if each[0].status == 10]
    assert [seen(each) for each in await typed.aget_runs(20, RunFilter(run_status="success"))] == succeeded


@pytest.mark.parametrize(
    "filter",
    [
        RunFilter(tags="finance"),
        RunFilter(models="fct_orders"),
        RunFilter(projects="Growth"),
        RunFilter(environment="staging"),
        SearchFilter(package="growth"),
        SearchFilter(include_or_exclude="exclude", projects="Growth"),
    ],
    ids=lambda each: each.describe(),
)
async def test_what_the_model_settles_is_refused(typed: Model, filter: RunFilter | SearchFilter) -> None:
    with pytest.raises(InvalidArgument, match="One model is asked here: it cannot be narrowed by"):
        await typed.aget_runs(filter=filter)


@pytest.mark.parametrize("last_n", [0, -3, 5000, "3", 1.5, True])
async def test_numbers_out_of_bounds_are_refused(typed: Model, last_n: Any) -> None:
    with pytest.raises(InvalidArgument, match="last_n takes a whole number from 1 to"):
        await typed.aget_runs(last_n)


async def test_an_unknown_job_is_not_found_with_near_names(typed: Model) -> None:
    with pytest.raises(NotFound) as caught:
        await typed.aget_runs(filter=RunFilter(jobs="Growth nightlie"))
    assert caught.value.near[0] == "Growth nightly"


async def test_a_model_run_leads_to_its_run_and_its_model(typed: Model, world: World) -> None:
    (shown,) = await typed.aget_runs(1)
    assert await shown.aget_model() == typed
    ran = await shown.aget_run()
    raw = next(each for each in world.runs() if str(each.id) == shown.run_id)
    assert (ran.run_id, ran.job_id) == (str(raw.id), str(raw.job_id))
    assert shown.reference == f"{raw.id}/{typed.unique_id}"
    assert shown.run_id in shown.url
    assert tuple(shown.to_json()) == ModelRun.FIELDS


async def test_last_run_is_the_newest_attempt(account: DbtAccount, world: World) -> None:
    for name in (NAME, "int_web_sessions", "fct_revenue"):
        shown = await account.aget_model(name)
        last = await shown.aget_last_run()
        assert last is not None
        assert seen(last) == told(*history(world, shown)[0])
        assert last.run_id == shown.last_run_id


@pytest.fixture
async def shop() -> AsyncIterator[tuple[TinyCloud, DbtAccount]]:
    """One model, whose last attempt failed in run 8 after a success in run 7."""
    cloud = TinyCloud()
    info = {"lastRunStatus": "error", "lastRunId": 8, "lastRunError": "broken", "lastJobDefinitionId": 1}
    info |= {"lastRunGeneratedAt": "2026-11-18T08:00:00.000Z", "lastSuccessRunId": 7}
    cloud.models[100] = [model("orders", 10.0, info=info)]
    cloud.histories["model.shop.orders"] = [row(8, "error", 2.5, error="broken"), row(7)]
    cloud.runs = [run(n, f"2026-11-18 0{n}:00", f"2026-11-18 0{n}:30") for n in (7, 8)]
    async with cloud.account() as account:
        yield cloud, account


async def test_a_failed_attempt_has_its_own_time_not_the_last_success(shop: tuple[TinyCloud, DbtAccount]) -> None:
    shown = await shop[1].aget_model("orders")
    assert (shown.last_run_status, shown.last_run_runtime, shown.last_success_runtime) == ("error", None, 10.0)
    last = await shown.aget_last_run()
    assert last is not None
    assert (last.run_id, last.status, last.runtime, last.error) == ("8", "error", 2.5, "broken")


async def test_a_last_attempt_beyond_the_history_has_no_borrowed_time(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.histories["model.shop.orders"] = [row(7)]
    last = await (await account.aget_model("orders")).aget_last_run()
    assert last is not None
    assert (last.run_id, last.job_id, last.status, last.error) == ("8", "1", "error", "broken")
    assert (last.runtime, last.start_time, last.end_time) == (None, None, None)


async def test_an_attempt_newer_than_the_handle_is_found(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_model("orders")
    cloud.histories["model.shop.orders"].insert(0, row(9, "success", 11.0))
    last = await shown.aget_last_run(refresh=True)
    assert last is not None
    assert (last.run_id, last.runtime) == ("9", 11.0)


async def test_a_model_never_attempted_has_no_last_run(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.models[100] = [model("idle", info={"lastRunId": None, "lastRunStatus": None, "lastSuccessRunId": None})]
    shown = await account.aget_model("idle")
    assert await shown.aget_last_run() is None
    assert list(await shown.aget_runs()) == []


async def test_a_skipped_attempt_is_listed_without_a_time(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.histories["model.shop.orders"].insert(0, row(9, "skipped", 0.02))
    found = await (await account.aget_model("orders")).aget_runs()
    assert [(each.status, each.runtime) for each in found] == [("skipped", None), ("error", 2.5), ("success", 10.0)]
    assert (found.coverage.considered, found.coverage.left_out) == (3, {})


async def test_a_run_that_is_known_has_the_address_that_dbt_cloud_gives_it(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    for each in cloud.runs:
        each["href"] = f"https://custom.example/runs/{each['id']}/"
    cloud.nodes[7] = {"models": [{"uniqueId": "model.shop.orders", "status": "success", "executionTime": 1.0}]}
    shown = await account.aget_model("orders")
    for filter in (RunFilter(run_status="success"), RunFilter(period="last_7_days")):
        found = await shown.aget_runs(filter=filter)
        assert {each.url for each in found} == {f"https://custom.example/runs/{each.run_id}/" for each in found}
        assert len(found) > 0
    made = (await shown.aget_runs())[0]
    assert made.url == f"https://cloud.getdbt.com/deploy/1/projects/10/runs/{made.run_id}/"


async def test_a_run_that_dbt_cloud_no_longer_has_is_said(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.runs = cloud.runs[:1]
    found = await (await account.aget_model("orders")).aget_runs(filter=RunFilter(run_status="success"))
    assert [each.run_id for each in found] == ["7"]
    assert not found.coverage.complete
    assert found.notes == ("dbt Cloud no longer has 1 run of orders, whose status is not known.",)


async def test_runs_under_way_are_said_in_a_period(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.runs.append(run(9, "2026-11-18 09:00", None))
    cloud.nodes = {n: {"models": [row(n)]} for n in (7, 8)}
    found = await (await account.aget_model("orders")).aget_runs(filter=RunFilter(period="today"))
    assert [each.run_id for each in found] == ["8", "7"]
    assert found.notes == ("1 run not over yet: what becomes of the model there is not known.",)


async def test_a_job_of_another_project_keeps_nothing(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.projects.append({"id": 20, "name": "Lab"})
    cloud.jobs.append(job(2, project_id=20, environment_id=200))
    shown = await account.aget_model("orders")
    assert list(await shown.aget_runs(filter=RunFilter(job_ids="2"))) == []


async def test_refresh_asks_for_the_history_again(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_model("orders")
    assert len(await shown.aget_runs()) == 2
    cloud.histories["model.shop.orders"] = [row(9), *cloud.histories["model.shop.orders"]]
    assert len(await shown.aget_runs()) == 2
    assert len(await shown.aget_runs(refresh=True)) == 3


async def test_a_model_that_its_environment_lost_cannot_be_given(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    (newest, _) = await (await account.aget_model("orders")).aget_runs()
    cloud.models[100] = [model("payments")]
    with pytest.raises(NotFound):
        await newest.aget_model(refresh=True)


async def test_a_fault_upstream_is_not_taken_for_a_run_that_is_gone(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.histories["model.shop.orders"].append(row(3))
    cloud.faults["/runs/3/"] = httpx.Response(200, text="<html>Signed out</html>")
    shown = await account.aget_model("orders")
    with pytest.raises(UnexpectedResponse):
        await shown.aget_runs(filter=RunFilter(run_status="success"))


async def test_a_model_of_another_environment_is_asked_there(account: DbtAccount, world: World) -> None:
    staging = next(each for each in world.environments() if each.deployment_type == "staging")
    (shown,) = await account.aget_models(ModelFilter(models=[NAME], environment=str(staging.id)))
    found = await shown.aget_runs(3)
    assert [seen(each) for each in found] == [told(*each) for each in history(world, shown)[:3]]
    assert (await found[0].aget_model()).environment_id == str(staging.id)
