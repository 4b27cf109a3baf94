"""What a run is asked: its models with their times in it, against the world's raw records."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import NodeResult, World
from dbt_cloud_sandbox import Run as RawRun
from dbt_discovery import (
    AmbiguousName,
    DbtAccount,
    InvalidArgument,
    JobFilter,
    ModelFilter,
    ModelRanking,
    NotFound,
    QueryRejected,
    Run,
    RunFilter,
    SearchFilter,
)

from tests.core.tiny import TinyCloud, model, run


def models(world: World, ran: RawRun) -> list[NodeResult]:
    return [each for each in world.results(ran.id) if each.unique_id.startswith("model.")]


def time(result: NodeResult) -> float | None:
    return None if result.status == "skipped" else result.execution_time


@pytest.fixture
def raw(world: World) -> RawRun:
    """The newest failed run that skipped a model."""
    return next(
        each
        for each in reversed(world.runs())
        if each.status == 20 and any(one.status == "skipped" for one in models(world, each))
    )


@pytest.fixture
async def failed(account: DbtAccount, raw: RawRun) -> Run:
    return await account.aget_run(raw.id)


def node(name: str, runtime: float | None, **more: Any) -> dict[str, Any]:
    status = "skipped" if runtime is None else "success"
    given = {"uniqueId": f"model.shop.{name}", "name": name, "runId": 7, "jobId": 1, "status": status}
    return given | {"executionTime": runtime, "tags": [], "materializedType": "table"} | more


@pytest.fixture
async def shop() -> AsyncIterator[tuple[TinyCloud, DbtAccount]]:
    """A finished run of four models: orders 10 s, payments 4 s, users 1 s, and skipped refunds; gone has no state."""
    cloud = TinyCloud()
    cloud.models[100] = [model(each) for each in ("orders", "payments", "users", "refunds", "elsewhere")]
    cloud.runs = [run(7, "2026-11-18 07:00", "2026-11-18 07:10")]
    cloud.nodes[7] = {
        "models": [
            node("users", 1.0, packageName="lib", dbtGroup="people"),
            node("orders", 10.0, tags=["Till", "core"], materializedType="view"),
            node("refunds", None, tags=["till"]),
            node("payments", 4.0, tags=["till", "core"], status="error", error="broken"),
            node("gone", 2.0),
        ]
    }
    async with cloud.account() as account:
        yield cloud, account


async def test_models_are_those_of_the_raw_records_longest_first(failed: Run, world: World, raw: RawRun) -> None:
    found = await failed.aget_models()
    expected = {(each.unique_id, each.status, time(each), each.error) for each in models(world, raw)}
    assert {(each.unique_id, each.status, each.runtime, each.error) for each in found} == expected
    times = [each.runtime for each in found if each.runtime is not None]
    assert times == sorted(times, reverse=True)
    assert all(each.runtime is None for each in list(found)[len(times) :])
    skipped = sum(time(each) is None for each in models(world, raw))
    assert (found.coverage.considered, found.coverage.left_out) == (len(times), {"no_timing": skipped})
    assert skipped > 0
    assert {(each.run_id, each.job_id, each.url) for each in found} == {(failed.run_id, failed.job_id, failed.url)}


async def test_number_of_models_comes_with_a_single_run(failed: Run, world: World, raw: RawRun) -> None:
    assert failed.model_count == len(models(world, raw))
    assert failed.to_json()["model_count"] == failed.model_count


@pytest.mark.parametrize(
    ("filter", "kept"),
    [
        (None, ["orders", "payments", "gone", "users", "refunds"]),
        (ModelFilter(tags="TILL"), ["orders", "payments", "refunds"]),
        (ModelFilter(tags=["till", "core"], tags_match="all"), ["orders", "payments"]),
        (ModelFilter(materialization="view"), ["orders"]),
        (ModelFilter(package="lib"), ["users"]),
        (ModelFilter(group="people"), ["users"]),
        (ModelFilter(model_status="error"), ["payments"]),
        (ModelFilter(model_status=["skipped", "error"]), ["payments", "refunds"]),
        (SearchFilter(min_runtime=2.0, max_runtime=4.0), ["payments", "gone"]),
        (ModelFilter(models=["ORDERS", "model.shop.users"]), ["orders", "users"]),
        (ModelFilter(model_ids="Shop.payments"), ["payments"]),
        (ModelFilter(models="10/model.shop.gone"), ["gone"]),
        (ModelFilter(models="gone", min_runtime=3.0), []),
        (ModelFilter(models="elsewhere"), []),
    ],
    ids=lambda each: each.describe() if isinstance(each, ModelFilter | SearchFilter) else "",
)
async def test_filters_look_at_models_as_they_were_in_the_run(
    shop: tuple[TinyCloud, DbtAccount], filter: ModelFilter | None, kept: list[str]
) -> None:
    shown = await shop[1].aget_run(7)
    assert [each.name for each in await shown.aget_models(filter)] == kept


async def test_unknown_and_ambiguous_names_are_told(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_run(7)
    with pytest.raises(NotFound) as caught:
        await shown.aget_models(ModelFilter(models="order"))
    assert caught.value.near[0] == "orders"
    cloud.nodes[7]["models"].append(node("orders", 3.0, uniqueId="model.lib.orders"))
    with pytest.raises(AmbiguousName) as several:
        await shown.aget_models(ModelFilter(models="orders"), refresh=True)
    assert several.value.candidates == ("10/model.shop.orders", "10/model.lib.orders")


async def test_slowest_models_are_ranked_by_their_time_in_the_run(failed: Run, world: World, raw: RawRun) -> None:
    timed = {each.unique_id: time(each) for each in models(world, raw) if time(each) is not None}
    expected = sorted(timed.items(), key=lambda each: -(each[1] or 0.0))
    found = await failed.aget_slowest_models(3)
    assert [(each.model.unique_id, each.runtime, each.runs) for each in found] == [(*each, 1) for each in expected[:3]]
    assert all(isinstance(each, ModelRanking) for each in found)
    bound = expected[2][1]
    some = await failed.aget_slowest_models(10, ModelFilter(min_runtime=bound))
    assert [each.model.unique_id for each in some] == [name for name, _ in expected[:3]]


async def test_slowest_models_take_no_number_out_of_bounds(failed: Run) -> None:
    for wrong in (0, 501, None, "3", True):
        with pytest.raises(InvalidArgument, match="slowest_n takes a whole number from 1 to 500"):
            await failed.aget_slowest_models(wrong)  # type: ignore[arg-type]


async def test_average_is_the_mean_of_the_models_that_have_a_time(failed: Run, world: World, raw: RawRun) -> None:
    times = sorted((took for each in models(world, raw) if (took := time(each)) is not None), reverse=True)
    assert await failed.aget_average_model_runtime() == pytest.approx(sum(times) / len(times))
    assert await failed.aget_average_model_runtime(slowest_n=2) == pytest.approx(sum(times[:2]) / 2)
    kept = [each for each in times if each >= times[3]]
    found = await failed.aget_average_model_runtime(filter=ModelFilter(min_runtime=times[3]))
    assert found == pytest.approx(sum(kept) / len(kept))


async def test_averages_by_hand(shop: tuple[TinyCloud, DbtAccount]) -> None:
    shown = await shop[1].aget_run(7)
    assert await shown.aget_average_model_runtime() == (10 + 4 + 2 + 1) / 4
    assert await shown.aget_average_model_runtime(2) == 7.0
    assert await shown.aget_average_model_runtime(filter=ModelFilter(tags="till")) == 7.0
    assert await shown.aget_average_model_runtime(filter=ModelFilter(models="refunds")) is None
    with pytest.raises(InvalidArgument, match="slowest_n takes a whole number"):
        await shown.aget_average_model_runtime(0)


@pytest.mark.parametrize(
    ("status", "finish", "reason"),
    [
        (3, None, r"Run 7 is not over \(running\): dbt Cloud tells of its models afterwards."),
        (1, None, r"Run 7 is not over \(queued\)"),
        (30, "2026-11-18 07:10", "dbt Cloud has no results of run 7: it was cancelled."),
        (20, "2026-11-18 07:10", "no results of run 7: it may have failed before dbt began, or it keeps them"),
        (10, "2026-11-18 07:10", "dbt Cloud has no results of run 7: it keeps them for about two months."),
    ],
)
async def test_a_run_without_results_says_why(
    shop: tuple[TinyCloud, DbtAccount], status: int, finish: str | None, reason: str
) -> None:
    cloud, account = shop
    cloud.nodes.clear()
    cloud.runs = [run(7, "2026-11-18 07:00", finish, status=status)]
    shown = await account.aget_run(7)
    found = await shown.aget_models()
    assert list(found) == []
    assert not found.coverage.complete
    assert re.search(reason, found.notes[0])
    assert shown.model_count is None
    assert await shown.aget_average_model_runtime() is None


async def test_a_run_is_given_though_its_models_cannot_be_counted(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.faults["query RunModels"] = httpx.Response(400, json={"errors": [{"message": "Cannot query field model"}]})
    shown = await account.aget_run(7)
    assert (shown.status, shown.model_count) == ("success", None)
    with pytest.raises(QueryRejected):
        await shown.aget_models()


async def test_a_run_that_was_going_on_may_be_over_by_now(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.runs = [run(7, "2026-11-18 07:00", None)]
    shown = await account.aget_run(7)
    assert len(await shown.aget_models()) == 0
    cloud.runs = [run(7, "2026-11-18 07:00", "2026-11-18 07:10")]
    assert len(await shown.aget_models(refresh=True)) == 5
    assert shown.status == "running"


async def test_results_of_a_run_that_is_over_are_asked_for_once_and_again_on_refresh(
    shop: tuple[TinyCloud, DbtAccount],
) -> None:
    cloud, account = shop
    shown = await account.aget_run(7)
    await shown.aget_models()
    before = account.requests
    await shown.aget_models(ModelFilter(tags="till"))
    await shown.aget_average_model_runtime()
    assert account.requests == before
    cloud.nodes[7]["models"].pop()
    assert len(await shown.aget_models(refresh=True)) == 4


@pytest.mark.parametrize("name", ["aget_models", "aget_slowest_models", "aget_average_model_runtime"])
@pytest.mark.parametrize(
    "filter",
    [JobFilter(jobs="Audience sync"), JobFilter(projects="Growth"), JobFilter(environment="production")],
    ids=lambda each: each.describe(),
)
async def test_what_the_run_settles_is_refused(failed: Run, name: str, filter: JobFilter) -> None:
    with pytest.raises(InvalidArgument, match="One run is asked here: it cannot be narrowed by"):
        await getattr(failed, name)(filter=filter)


async def test_models_cannot_be_narrowed_by_what_concerns_runs(failed: Run) -> None:
    with pytest.raises(InvalidArgument, match="A filter of models cannot narrow by run_status"):
        await failed.aget_models(SearchFilter(run_status="failure"))
    with pytest.raises(InvalidArgument, match="A filter of models cannot narrow by period"):
        await failed.aget_models(RunFilter(period="today"))  # type: ignore[arg-type]


async def test_a_models_run_leads_back_to_the_run(failed: Run) -> None:
    (first, *_) = await failed.aget_models()
    assert await first.aget_run() == failed
    assert (await first.aget_model()).unique_id == first.unique_id


async def test_a_list_of_runs_leaves_the_models_uncounted(account: DbtAccount) -> None:
    assert {each.model_count for each in await account.aget_runs(3)} == {None}
