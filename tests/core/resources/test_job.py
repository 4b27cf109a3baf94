"""What a job is asked: its models, its runs' times, and averages over them, against the world's raw records."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from dbt_cloud_sandbox import NodeResult, Run, World
from dbt_discovery import (
    AmbiguousName,
    DbtAccount,
    InvalidArgument,
    Job,
    JobFilter,
    ModelFilter,
    NotFound,
    RunFilter,
    SearchFilter,
)

from tests.core.recount import finished, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, model, run


@pytest.fixture
async def nightly(account: DbtAccount) -> Job:
    return await account.aget_job("Growth nightly")


@pytest.fixture
async def ml(account: DbtAccount) -> Job:
    return await account.aget_job("Churn and propensity models")


def newest(world: World, shown: Job) -> list[Run]:
    """Its runs, newest first."""
    mine = [each for each in world.runs() if str(each.job_id) == shown.job_id]
    return sorted(mine, key=lambda each: each.created_at, reverse=True)


def over(world: World, shown: Job) -> list[Run]:
    """Its finished runs among the newest hundred, newest first."""
    return [each for each in newest(world, shown)[:100] if finished(each)]


def built(world: World, ran: Run) -> list[NodeResult]:
    return [each for each in world.results(ran.id) if each.unique_id.startswith("model.")]


def time(result: NodeResult) -> float | None:
    return None if result.status == "skipped" else result.execution_time


def tagged(world: World, shown: Job, tag: str) -> set[str]:
    return {each.unique_id for each in world.nodes(int(shown.environment_id)) if tag in each.tags}


@pytest.fixture
async def shop() -> AsyncIterator[tuple[TinyCloud, DbtAccount]]:
    """Four finished runs of a job; orders takes 10, 20, -, 40 seconds, payments 1, -, 3, 4."""
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 40.0, tags=["slow"]), model("payments", 4.0)]
    for n, (orders, payments) in enumerate([(10.0, 1.0), (20.0, None), (None, 3.0), (40.0, 4.0)], 1):
        cloud.runs.append(run(n, f"2026-11-17 0{n}:00", f"2026-11-17 0{n}:{n}0", status=20 if n == 2 else 10))
        cloud.nodes[n] = {"models": [node("orders", orders), node("payments", payments)]}
    async with cloud.account() as account:
        yield cloud, account


def node(name: str, runtime: float | None) -> dict[str, Any]:
    return {
        "uniqueId": f"model.shop.{name}",
        "status": "skipped" if runtime is None else "success",
        "executionTime": 0.01 if runtime is None else runtime,
    }


# Models


async def test_models_are_those_of_its_latest_run(ml: Job, world: World) -> None:
    found = await ml.aget_models()
    expected = {each.unique_id for each in built(world, over(world, ml)[0])}
    assert {each.unique_id for each in found} == expected
    slow = await ml.aget_models(SearchFilter(min_runtime=60.0))
    times = {each.unique_id: each.last_success_runtime for each in found}
    assert {each.unique_id for each in slow} == {each for each, took in times.items() if took and took >= 60.0}
    assert 0 < len(slow) < len(found)


async def test_slowest_models_are_by_the_mean_of_its_latest_runs(ml: Job, world: World) -> None:
    times: dict[str, list[float]] = {}
    for ran in over(world, ml)[:3]:
        for result in built(world, ran):
            if (took := time(result)) is not None:
                times.setdefault(result.unique_id, []).append(took)
    means = sorted(((sum(each) / len(each), name) for name, each in times.items()), reverse=True)
    found = await ml.aget_slowest_models(slowest_n=4, last_n_runs=3)
    assert [(each.model.unique_id, each.runtime) for each in found] == [
        (name, pytest.approx(mean)) for mean, name in means[:4]
    ]
    assert found.total == len(means)


# Runs


async def test_last_runs_that_the_filter_keeps_are_counted_after_it(nightly: Job, world: World) -> None:
    failed = [str(each.id) for each in newest(world, nightly)[:100] if each.status == 20]
    assert len(failed) > 3
    found = await nightly.aget_runs(3, RunFilter(run_status="failure"))
    assert [each.run_id for each in found] == failed[:3]
    assert found.coverage.complete
    short = await nightly.aget_runs(len(failed) + 1, SearchFilter(run_status="failure"))
    assert [each.run_id for each in short] == failed
    assert not short.coverage.complete
    assert short.notes == ("Only the newest 100 runs of Growth nightly are looked through: name a period for more.",)


async def test_every_run_that_is_listed_is_considered(shop: tuple[TinyCloud, DbtAccount]) -> None:
    """Whatever its status: only averages and rankings leave runs out."""
    cloud, account = shop
    cloud.runs += [
        run(5, "2026-11-17 05:00", "2026-11-17 05:01", status=30),
        run(6, None, "2026-11-17 06:01", status=30, created_at="2026-11-17 06:00"),
    ]
    shown = await account.aget_job(1)
    for filter in (RunFilter(), RunFilter(period="2026-11-17")):
        found = await shown.aget_runs(10, filter)
        assert (len(found), found.coverage.considered, found.coverage.left_out) == (6, 6, {})
    never = await shown.aget_runs(10, RunFilter(run_status="cancelled"))
    assert (len(never), never.coverage.considered, never.coverage.left_out) == (2, 2, {})


async def test_what_is_no_filter_is_refused_by_its_name(nightly: Job) -> None:
    with pytest.raises(InvalidArgument, match=r"^model_filter takes a ModelFilter or a SearchFilter") as refused:
        await nightly.aget_average_job_runtime(model_filter="orders")  # type: ignore[arg-type]
    assert refused.value.argument == "model_filter"
    with pytest.raises(InvalidArgument, match=r"^filter takes a RunFilter or a SearchFilter"):
        await nightly.aget_runs(filter={"period": "today"})  # type: ignore[arg-type]


async def test_last_run_tells_how_many_models_it_held(ml: Job, world: World) -> None:
    last = await ml.aget_last_run()
    assert last is not None
    assert last.run_id == str(newest(world, ml)[0].id)
    assert last.model_count == len(built(world, newest(world, ml)[0]))
    (listed, *_) = await ml.aget_runs(1)
    assert listed.model_count is None


# Runtimes


async def test_runtimes_are_those_of_its_newest_finished_runs(nightly: Job, world: World) -> None:
    found = await nightly.aget_runtimes(last_n=20)
    expected = over(world, nightly)
    assert [each.run_id for each in found] == [str(each.id) for each in expected[:20]]
    assert [each.runtime for each in found] == [pytest.approx(seconds(each)) for each in expected[:20]]
    assert [each.start_time for each in found] == [each.started_at for each in expected[:20]]
    assert [each.status for each in found] == ["success" if each.status == 10 else "failure" for each in expected[:20]]
    for each, ran in zip(found, expected, strict=False):
        assert ran.started_at is not None
        assert each.queued == pytest.approx((ran.started_at - ran.created_at).total_seconds())
        assert each.models is None
        assert each.run_id in each.url
    assert found.total == len(expected)


async def test_runtimes_by_model_hold_each_runs_models_longest_first(ml: Job, world: World) -> None:
    found = await ml.aget_runtimes(5, by_model=True)
    for each, ran in zip(found, over(world, ml), strict=False):
        assert each.models is not None
        expected = sorted(built(world, ran), key=lambda one: -(time(one) or 0.0))
        assert {(one.unique_id, one.status, one.runtime) for one in each.models} == {
            (one.unique_id, one.status, time(one)) for one in expected
        }
        times = [one.runtime for one in each.models if one.runtime is not None]
        assert times == sorted(times, reverse=True)
        assert all(one.name == one.unique_id.split(".")[-1] for one in each.models)


async def test_runtimes_of_a_period_and_a_status(nightly: Job, world: World) -> None:
    week = [
        each
        for each in runs_between(world, utc("2026-11-09T00:00:00"), utc("2026-11-16T00:00:00"))
        if str(each.job_id) == nightly.job_id
    ]
    found = await nightly.aget_runtimes(100, filter=RunFilter(period="last_week", run_status="success"))
    assert {each.run_id for each in found} == {str(each.id) for each in week if each.status == 10}
    assert [each.start_time for each in found] == sorted((each.start_time for each in found), reverse=True)  # type: ignore[type-var]


async def test_what_is_passed_over_is_counted(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.runs += [
        run(5, "2026-11-17 05:00", "2026-11-17 05:01", status=30),
        run(6, None, "2026-11-17 06:01", status=30, created_at="2026-11-17 06:00"),
        run(7, "2026-11-18 10:00", None),
        run(8, "2026-11-16 10:00", "2026-11-16 10:10", status=30),
    ]
    shown = await account.aget_job(1)
    found = await shown.aget_runtimes(2)
    assert [(each.run_id, each.runtime) for each in found] == [("4", 2400.0), ("3", 1800.0)]
    assert (found.total, found.coverage.considered) == (4, 4)
    assert found.coverage.left_out == {"cancelled": 1, "never_started": 1, "running": 1}
    assert (await shown.aget_runtimes(9)).coverage.left_out["cancelled"] == 2


async def test_names_of_models_come_from_the_environment(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.models[100] = [model("orders.v2", 40.0) | {"name": "orders"}]
    cloud.nodes[4] = {"models": [node("orders.v2", 40.0), node("gone", 1.0)]}
    (report,) = await (await account.aget_job(1)).aget_runtimes(1, by_model=True)
    assert report.models is not None
    assert [each.name for each in report.models] == ["orders", "gone"]


async def test_a_run_without_results_left_is_said(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    del cloud.nodes[3]
    found = await (await account.aget_job(1)).aget_runtimes(4, by_model=True)
    assert [len(each.models or ()) for each in found] == [2, 0, 2, 2]
    assert not found.coverage.complete


# Averages


async def test_average_runtime_is_the_mean_of_finished_runs(nightly: Job, world: World) -> None:
    runs = over(world, nightly)
    assert await nightly.aget_average_job_runtime(7) == pytest.approx(sum(map(seconds, runs[:7])) / 7)
    good = [each for each in runs if each.status == 10][:5]
    found = await nightly.aget_average_job_runtime(5, RunFilter(run_status="success"))
    assert found == pytest.approx(sum(map(seconds, good)) / 5)


async def test_average_runtime_of_the_runs_that_hold_a_model(ml: Job, world: World) -> None:
    held = tagged(world, ml, "ml")
    runs = [each for each in over(world, ml) if any(one.unique_id in held for one in built(world, each))][:6]
    found = await ml.aget_average_job_runtime(6, model_filter=ModelFilter(tags="ml"))
    assert found == pytest.approx(sum(map(seconds, runs)) / 6)
    assert await ml.aget_average_job_runtime(6, model_filter=ModelFilter(models="dim_accounts")) is None
    assert await ml.aget_average_job_runtime(6, RunFilter(models="dim_accounts")) is None


async def test_average_of_a_run_filter_and_a_model_filter_by_hand(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_job(1)  # runs of 600, 1200, 1800 and 2400 seconds
    assert await shown.aget_average_job_runtime() == 1500.0
    assert await shown.aget_average_job_runtime(2) == 2100.0
    assert await shown.aget_average_job_runtime(filter=RunFilter(max_runtime=1200.0)) == 900.0
    assert await shown.aget_average_job_runtime(filter=RunFilter(period="2026-11-16")) is None
    cloud.nodes[4] = {"models": [node("payments", 4.0)]}
    slow = ModelFilter(tags="slow")
    assert await shown.aget_average_job_runtime(model_filter=slow, refresh=True) == 1200.0
    assert await shown.aget_average_job_runtime(1, model_filter=slow) == 1800.0


async def test_historical_average_by_hand(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_job(1)
    orders, payments = (10 + 20 + 40) / 3, (1 + 3 + 4) / 3
    ask = shown.aget_average_historical_model_runtime
    assert await ask() == pytest.approx((orders + payments) / 2)
    assert await ask(slowest_n=1) == pytest.approx(orders)
    assert await ask(last_n_runs=2) == pytest.approx((40.0 + 3.5) / 2)
    assert await ask(filter=ModelFilter(tags="slow")) == pytest.approx(orders)
    assert await ask(filter=ModelFilter(models="payments")) == pytest.approx(payments)
    assert await ask(filter=SearchFilter(max_runtime=5.0)) == pytest.approx(payments)
    assert await ask(filter=ModelFilter(min_runtime=1000.0)) is None
    cloud.runs = cloud.runs[:1]
    assert await ask(refresh=True) == pytest.approx(5.5)


async def test_historical_average_of_the_world(ml: Job, world: World) -> None:
    times: dict[str, list[float]] = {}
    for ran in over(world, ml)[:10]:
        for result in built(world, ran):
            if (took := time(result)) is not None:
                times.setdefault(result.unique_id, []).append(took)
    means = sorted((sum(each) / len(each) for each in times.values()), reverse=True)
    assert await ml.aget_average_historical_model_runtime() == pytest.approx(sum(means) / len(means))
    assert await ml.aget_average_historical_model_runtime(slowest_n=3) == pytest.approx(sum(means[:3]) / 3)


async def test_a_job_that_never_ran_has_no_averages() -> None:
    async with TinyCloud().account() as account:
        shown = await account.aget_job(1)
        assert await shown.aget_average_job_runtime() is None
        assert await shown.aget_average_historical_model_runtime() is None
        assert list(await shown.aget_runtimes(by_model=True)) == []
        assert list(await shown.aget_models()) == []
        assert list(await shown.aget_slowest_models()) == []


# What is refused


@pytest.mark.parametrize("name", ["aget_runs", "aget_runtimes", "aget_average_job_runtime"])
@pytest.mark.parametrize("last_n", [0, 101, "3", 1.5, True])
async def test_numbers_out_of_bounds_are_refused(nightly: Job, name: str, last_n: Any) -> None:
    with pytest.raises(InvalidArgument, match="last_n takes a whole number from 1 to 100: name a period for more"):
        await getattr(nightly, name)(last_n)


@pytest.mark.parametrize("name", ["aget_runtimes", "aget_average_job_runtime"])
async def test_a_number_that_has_to_be_said_is_not_none(nightly: Job, name: str) -> None:
    with pytest.raises(InvalidArgument, match="last_n takes a whole number from 1 to 100"):
        await getattr(nightly, name)(None)


@pytest.mark.parametrize(
    "given", [{"last_n_runs": 0}, {"last_n_runs": 101}, {"last_n_runs": None}, {"slowest_n": 0}, {"slowest_n": "3"}]
)
async def test_numbers_of_the_historical_average_are_checked(nightly: Job, given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(InvalidArgument, match=f"{name} takes a whole number"):
        await nightly.aget_average_historical_model_runtime(**given)


@pytest.mark.parametrize(
    "name",
    [
        "aget_models",
        "aget_runs",
        "aget_runtimes",
        "aget_slowest_models",
        "aget_average_job_runtime",
        "aget_average_historical_model_runtime",
    ],
)
@pytest.mark.parametrize(
    "filter",
    [JobFilter(jobs="Audience sync"), JobFilter(job_type="ci"), JobFilter(projects="Growth"), JobFilter(environment=1)],
    ids=lambda each: each.describe(),
)
async def test_what_the_job_settles_is_refused(nightly: Job, name: str, filter: JobFilter) -> None:
    with pytest.raises(InvalidArgument, match="One job is asked here: it cannot be narrowed by"):
        await getattr(nightly, name)(filter=filter)


async def test_models_cannot_be_narrowed_by_period(nightly: Job) -> None:
    with pytest.raises(InvalidArgument, match="A filter of models cannot narrow by period"):
        await nightly.aget_models(SearchFilter(period="today"))


ASKING_OF_MODELS = ["aget_models", "aget_slowest_models", "aget_average_historical_model_runtime"]


@pytest.mark.parametrize("name", ASKING_OF_MODELS)
async def test_an_unknown_model_is_told_with_what_is_near(nightly: Job, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        await getattr(nightly, name)(filter=ModelFilter(models="int_event_typed"))
    assert "int_events_typed" in caught.value.near


@pytest.mark.parametrize("name", ASKING_OF_MODELS)
async def test_a_name_of_two_models_is_told_with_both(shop: tuple[TinyCloud, DbtAccount], name: str) -> None:
    cloud, account = shop
    cloud.models[100] = [model("orders", 40.0), model("orders", 1.0) | {"uniqueId": "model.lib.orders"}]
    shown = await account.aget_job(1)
    with pytest.raises(AmbiguousName) as caught:
        await getattr(shown, name)(filter=ModelFilter(models="orders"))
    assert caught.value.candidates == ("10/model.shop.orders", "10/model.lib.orders")


async def test_refresh_asks_for_the_runs_again(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_job(1)
    assert len(await shown.aget_runtimes()) == 4
    cloud.runs.append(run(9, "2026-11-18 09:00", "2026-11-18 09:01"))
    assert len(await shown.aget_runtimes()) == 4
    assert [each.run_id for each in await shown.aget_runtimes(1, refresh=True)] == ["9"]


async def test_another_jobs_runs_are_not_its_own(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.jobs.append(job(2))
    cloud.runs.append(run(9, "2026-11-17 09:00", "2026-11-17 09:10", job_id=2))
    one, other = await account.aget_job(1), await account.aget_job(2)
    assert {each.run_id for each in await one.aget_runtimes(filter=RunFilter(period="2026-11-17"))} == set("1234")
    assert [each.run_id for each in await other.aget_runtimes(filter=RunFilter(period="2026-11-17"))] == ["9"]
