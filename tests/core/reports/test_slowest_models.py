"""The report `slowest_models` against plain loops over the world's raw results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import NodeResult, Run, World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound

from tests.core.recount import attempts, finished, production, utc
from tests.core.tiny import TinyCloud, model, run

Key = tuple[str, str]


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("slowest_models", limit=500, **arguments)).rows)


def key(row: dict[str, Any]) -> Key:
    return row["project_id"], row["unique_id"]


def tries(world: World) -> dict[Key, list[tuple[Run, NodeResult]]]:
    """What happened to every model of the production environments, in the order in which runs finished."""
    return {
        (str(home.project_id), unique_id): tried
        for home in production(world)
        for unique_id, tried in attempts(world, home.id).items()
        if unique_id.startswith("model.")
    }


def last_successes(world: World) -> dict[Key, float]:
    found = {}
    for each, tried in tries(world).items():
        times = [result.execution_time for _, result in tried if result.status == "success"]
        if times:
            found[each] = times[-1]
    return found


async def test_runtime_is_that_of_the_last_successful_build(account: DbtAccount, world: World) -> None:
    expected = last_successes(world)
    found = await rows(account)
    assert {key(row): row["runtime"] for row in found} == pytest.approx(expected)
    assert all(row["max_runtime"] == row["runtime"] and row["runs"] == 1 for row in found)
    assert [row["runtime"] for row in found] == sorted(expected.values(), reverse=True)


async def test_last_run_status_is_that_of_the_last_attempt(account: DbtAccount, world: World) -> None:
    expected = {each: tried[-1][1].status for each, tried in tries(world).items()}
    found = {key(row): row["last_run_status"] for row in await rows(account)}
    assert found == {each: expected[each] for each in found}


def mean_of_last(world: World, count: int) -> dict[Key, tuple[float, float, int]]:
    """Mean, longest and number of the last attempts that have a time, of the newest twenty."""
    found = {}
    for each, tried in tries(world).items():
        times = [result.execution_time for _, result in tried[-20:] if result.status != "skipped"][-count:]
        if times:
            found[each] = (sum(times) / len(times), max(times), len(times))
    return found


@pytest.mark.parametrize("count", [2, 5, 20])
async def test_over_several_runs_it_is_the_mean(account: DbtAccount, world: World, count: int) -> None:
    expected = mean_of_last(world, count)
    found = await rows(account, last_n_runs=count)
    assert {key(row) for row in found} == set(expected)
    for row in found:
        runtime, longest, runs = expected[key(row)]
        assert (row["runtime"], row["max_runtime"], row["runs"]) == (pytest.approx(runtime), longest, runs)


async def test_order_by_max_ranks_by_the_longest_single_run(account: DbtAccount, world: World) -> None:
    expected = mean_of_last(world, 5)
    found = await rows(account, last_n_runs=5, order_by="max")
    assert [row["max_runtime"] for row in found] == sorted((each[1] for each in expected.values()), reverse=True)


def within(world: World, start: datetime, end: datetime) -> dict[Key, list[float]]:
    """Every model's times in the finished production runs that started in a stretch of time."""
    homes = {home.id for home in production(world)}
    found: dict[Key, list[float]] = {}
    for one in world.runs():
        if one.environment_id in homes and finished(one) and one.started_at and start <= one.started_at < end:
            for unique_id, time in of_run(world, one).items():
                found.setdefault((str(one.project_id), unique_id), []).append(time)
    return found


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("yesterday", "2026-11-17T00:00", "2026-11-18T00:00"),
        ("last_week", "2026-11-09T00:00", "2026-11-16T00:00"),
        ("2026-11-01/2026-11-03", "2026-11-01T00:00", "2026-11-04T00:00"),
    ],
)
async def test_over_a_period_it_is_the_mean_of_all_runs_in_it(
    account: DbtAccount, world: World, period: str, start: str, end: str
) -> None:
    expected = within(world, utc(start), utc(end))
    assert max(map(len, expected.values())) > 20 or period == "yesterday"  # more than a model's known history
    report = await account.arun_report("slowest_models", period=period, limit=500)
    found = {key(row): row for row in report.rows}
    assert set(found) == set(expected)
    for each, times in expected.items():
        assert found[each]["runtime"] == pytest.approx(sum(times) / len(times)), each
        assert (found[each]["runs"], found[each]["max_runtime"]) == (len(times), max(times))
    assert report.coverage.complete


async def test_runs_whose_results_are_gone_make_the_answer_incomplete() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 4.0)]
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:30"), run(6, "2026-11-17 09:00", "2026-11-17 09:30")]
    node = {"uniqueId": "model.shop.orders", "resourceType": "model", "status": "success", "executionTime": 6.0}
    cloud.nodes[6] = {"models": [node]}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", period="yesterday")
    assert [row["runs"] for row in report.rows] == [1]
    assert not report.coverage.complete
    assert "no results of 1 run" in report.notes[0]


async def test_a_list_that_dbt_cloud_may_have_cut_and_cannot_page_is_not_called_whole() -> None:
    cloud = TinyCloud()
    unknown = {"message": 'Cannot query field "paginationCursor" on type "ModelNode".'}
    cloud.faults["paginationCursor"] = httpx.Response(400, json={"errors": [unknown]})
    cloud.models[100] = [model("orders", 4.0)]
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:30")]
    named = [f"model.shop.m{number}" for number in range(99)] + ["model.shop.orders"]
    at = {"resourceType": "model", "status": "success", "executionTime": 6.0}
    cloud.nodes[5] = {"models": [{"uniqueId": unique_id} | at for unique_id in named]}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", period="yesterday")
    assert not report.coverage.complete
    assert "The models of 1 run could not be read to their end." in report.notes


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"run_id": 5, "period": "yesterday"}, "run_id"),
        ({"run_id": 5, "jobs": "nope"}, "run_id"),
        ({"run_id": 5, "last_n_runs": 2}, "run_id"),
        ({"period": "yesterday", "last_n_runs": 2}, "last_n_runs"),
    ],
    ids=str,
)
async def test_choices_of_runs_that_exclude_each_other_are_refused(
    account: DbtAccount, given: dict[str, Any], argument: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("slowest_models", **given)
    assert refused.value.argument == argument


def of_run(world: World, one: Run) -> dict[str, float]:
    return {
        result.unique_id: result.execution_time
        for result in world.results(one.id)
        if result.unique_id.startswith("model.") and result.status != "skipped"
    }


async def test_narrowed_by_run_it_is_that_runs_own_times(account: DbtAccount, world: World) -> None:
    some = [each for each in world.runs()[-400:] if finished(each) and 2 < len(of_run(world, each)) < 20][-1]
    report = await account.arun_report("slowest_models", run_id=str(some.id), limit=500)
    expected = of_run(world, some)
    assert {row["unique_id"]: row["runtime"] for row in report.rows} == pytest.approx(expected)
    assert report.coverage.considered == len(expected)


async def test_a_run_id_may_be_a_number_or_a_handle(account: DbtAccount, world: World) -> None:
    some = [each for each in world.runs()[-400:] if finished(each) and len(of_run(world, each)) > 2][-1]
    handle = await account.aget_run(some.id)
    assert await rows(account, run_id=handle) == await rows(account, run_id=some.id) != []


async def test_narrowed_by_job_it_is_its_latest_finished_runs(account: DbtAccount, world: World) -> None:
    job = 70403103940002
    newest = [each for each in world.runs() if each.job_id == job and finished(each)][-3:]
    expected: dict[str, list[float]] = {}
    for each in newest:
        for unique_id, time in of_run(world, each).items():
            expected.setdefault(unique_id, []).append(time)
    found = await rows(account, jobs=["Finance hourly payments"], last_n_runs=3)
    assert {row["unique_id"] for row in found} == set(expected)
    for row in found:
        times = expected[row["unique_id"]]
        assert (row["runtime"], row["runs"]) == (pytest.approx(sum(times) / len(times)), len(times))


async def test_narrowed_by_job_and_period_it_is_the_jobs_runs_in_it(account: DbtAccount, world: World) -> None:
    start, end = utc("2026-11-09T00:00"), utc("2026-11-16T00:00")
    times: dict[str, list[float]] = {}
    for each in world.runs():
        if each.job_id == 70403103940002 and finished(each) and each.started_at and start <= each.started_at < end:
            for unique_id, time in of_run(world, each).items():
                times.setdefault(unique_id, []).append(time)
    report = await account.arun_report("slowest_models", job_ids=[70403103940002], period="last_week", limit=500)
    assert {row["unique_id"]: row["runs"] for row in report.rows} == {name: len(found) for name, found in times.items()}
    for row in report.rows:
        assert row["runtime"] == pytest.approx(sum(times[row["unique_id"]]) / row["runs"])
    assert report.coverage.complete


def nodes(world: World) -> list[tuple[str, Any]]:
    return [
        (str(home.project_id), node)
        for home in production(world)
        for node in world.nodes(home.id)
        if node.resource_type == "model"
    ]


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        ({"tags": ["pii"]}, lambda project, node: "pii" in node.tags),
        ({"tags": ["PII", "hourly"]}, lambda project, node: bool({"pii", "hourly"} & set(node.tags))),
        (
            {"tags": ["finance", "close"], "tags_match": "all"},
            lambda project, node: {"finance", "close"} <= set(node.tags),
        ),
        ({"materialization": "incremental"}, lambda project, node: node.materialized == "incremental"),
        ({"package": ["growth"]}, lambda project, node: node.package_name == "growth"),
        ({"group": ["billing"]}, lambda project, node: node.group == "billing"),
        ({"projects": ["marketing"]}, lambda project, node: project == "70403103920002"),
        (
            {"projects": ["marketing"], "include_or_exclude": "exclude"},
            lambda project, node: project != "70403103920002",
        ),
        (
            {"projects": ["Finance Analytics"], "materialization": ["view"], "tags": "staging"},
            lambda project, node: (
                project == "70403103920001" and node.materialized == "view" and "staging" in node.tags
            ),
        ),
        (
            {"models": "stg_netsuite__invoices"},
            lambda project, node: node.unique_id == "model.finance.stg_netsuite__invoices",
        ),
    ],
    ids=lambda each: str(each) if isinstance(each, dict) else "kept",
)
async def test_narrowing(account: DbtAccount, world: World, arguments: dict[str, Any], keeps: Any) -> None:
    expected = {(project, node.unique_id) for project, node in nodes(world) if keeps(project, node)}
    expected &= set(last_successes(world))
    assert expected
    assert {key(row) for row in await rows(account, **arguments)} == expected


async def test_every_way_to_call_a_model_means_the_same(account: DbtAccount) -> None:
    (whole,) = await rows(account, models="stg_netsuite__invoices")
    for name in (
        "STG_NETSUITE__INVOICES",
        "model.finance.stg_netsuite__invoices",
        "Finance Analytics.stg_netsuite__invoices",
        "70403103920001/model.finance.stg_netsuite__invoices",
    ):
        assert await rows(account, models=name) == await rows(account, model_ids=name) == [whole]


async def test_model_status_is_that_of_the_last_attempt_and_the_time_that_of_the_last_success(
    failing_account: DbtAccount, failing_world: World
) -> None:
    failed = {each for each, tried in tries(failing_world).items() if tried[-1][1].status == "error"}
    assert failed
    found = {key(row): row["runtime"] for row in await rows(failing_account, model_status="failed")}
    expected = last_successes(failing_world)
    assert found == pytest.approx({each: expected[each] for each in failed if each in expected})


async def test_bounds_apply_to_the_runtime_and_are_inclusive(account: DbtAccount) -> None:
    everything = await rows(account)
    most, least = everything[3]["runtime"], everything[9]["runtime"]
    assert await rows(account, min_runtime=least, max_runtime=most) == everything[3:10]


async def test_staging_is_asked_for_by_its_name(account: DbtAccount, world: World) -> None:
    times = {
        unique_id: [result.execution_time for _, result in tried if result.status == "success"]
        for unique_id, tried in attempts(world, 70403103930007).items()
        if unique_id.startswith("model.")
    }
    found = {row["unique_id"]: row["runtime"] for row in await rows(account, environment="staging")}
    assert found == pytest.approx({unique_id: each[-1] for unique_id, each in times.items() if each})


async def test_an_unknown_run_is_not_found(account: DbtAccount) -> None:
    with pytest.raises(NotFound, match="run “1”"):
        await account.arun_report("slowest_models", run_id="1")


async def test_a_run_id_that_is_no_number_is_refused(account: DbtAccount) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("slowest_models", run_id="latest")
    assert refused.value.argument == "run_id"


async def test_finding_names_the_slowest_and_its_time(account: DbtAccount, world: World) -> None:
    expected = last_successes(world)
    slowest = max(expected, key=expected.__getitem__)
    report = await account.arun_report("slowest_models")
    assert report.finding.startswith(slowest[1].rsplit(".", 1)[-1])
    minutes, rest = divmod(round(expected[slowest]), 60)
    assert f"{minutes} min {rest} s" in report.finding


async def test_what_has_no_time_is_counted_and_not_listed() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 4.0), model("ghost", None)]
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models")
    assert [row["name"] for row in report.rows] == ["orders"]
    assert (report.coverage.considered, report.coverage.left_out) == (1, {"no_timing": 1})


async def test_a_skipped_attempt_has_no_time_and_an_error_has_its_own() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 4.0)]
    at = {"uniqueId": "model.shop.orders", "executeStartedAt": "2026-11-18T05:00:00Z"}
    cloud.histories["model.shop.orders"] = [
        at | {"status": "skipped", "executionTime": 0.01},
        at | {"status": "error", "executionTime": 10.0},
        at | {"status": "success", "executionTime": 20.0},
        at | {"status": "success", "executionTime": 99.0},
    ]
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", last_n_runs=2)
    assert [(row["runtime"], row["runs"]) for row in report.rows] == [(15.0, 2)]


async def test_times_of_two_models_with_one_unique_id_stay_apart() -> None:
    cloud = TinyCloud()
    cloud.projects.append({"id": 20, "name": "Other shop"})
    cloud.environments.append(
        {"id": 200, "project_id": 20, "name": "Prod", "type": "deployment", "deployment_type": "production"}
    )
    cloud.models = {
        100: [model("orders", 1.0)],
        200: [model("orders", 2.0, projectId=20, environmentId=200)],
    }
    async with cloud.account() as account:
        found = await rows(account)
    assert [(row["project_name"], row["runtime"]) for row in found] == [("Other shop", 2.0), ("Shop", 1.0)]


async def test_an_environment_out_of_sight_makes_the_answer_incomplete() -> None:
    cloud = TinyCloud()
    cloud.models[100] = None
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models")
    assert not report.coverage.complete
    assert "Prod" in report.notes[0]


async def test_a_jobs_models_of_a_period_are_those_of_runs_that_started_in_it() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 4.0)]
    cloud.runs = [
        run(5, "2026-11-16 23:59", "2026-11-17 00:30"),
        run(6, "2026-11-17 00:00", "2026-11-17 00:30"),
        run(7, "2026-11-17 12:00", "2026-11-17 12:30", status=30),
    ]
    for number in (5, 6, 7):
        node = {"uniqueId": "model.shop.orders", "resourceType": "model", "status": "success", "executionTime": number}
        cloud.nodes[number] = {"models": [node]}
    async with cloud.account() as account:
        found = await rows(account, jobs="Job 1", period="2026-11-17")
    assert [(row["runtime"], row["runs"]) for row in found] == [(6.0, 1)]


async def test_history_is_asked_for_in_few_requests(account: DbtAccount) -> None:
    await account.aget_models()
    before = account.requests
    await account.arun_report("slowest_models", last_n_runs=5)
    assert account.requests - before <= 10  # 144 models, twenty at a time and project


def test_last_n_runs_has_its_bounds() -> None:
    account = TinyCloud().account()
    try:
        for count in (0, 21):
            with pytest.raises(InvalidArgument) as refused:
                account.run_report("slowest_models", last_n_runs=count)
            assert refused.value.argument == "last_n_runs"
    finally:
        account.close()


async def test_models_that_are_no_more_are_counted_as_left_out() -> None:
    cloud = TinyCloud()
    cloud.models = {100: [model("orders", 5.0)]}
    cloud.runs = [run(11, "2026-11-17 10:00", "2026-11-17 10:10")]
    built = [
        {"uniqueId": f"model.shop.{name}", "status": "success", "executionTime": 3.0} for name in ("orders", "gone")
    ]
    cloud.nodes = {11: {"models": built}}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", run_id="11")
        assert [row["name"] for row in report.rows] == ["orders"]
        assert not report.coverage.complete
        assert report.notes == ("1 model left out that these runs built and the environment no longer has.",)
        narrowed = await account.arun_report("slowest_models", run_id="11", models="orders")
        assert narrowed.coverage.complete
