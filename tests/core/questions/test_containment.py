"""Containment: jobs and runs narrowed by the models they hold, and models by the jobs that build them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dbt_cloud_sandbox import Run, World
from dbt_discovery import (
    AmbiguousName,
    DbtAccount,
    InvalidArgument,
    JobFilter,
    ModelFilter,
    NotFound,
    ProjectFilter,
    RunFilter,
    SearchFilter,
)

from tests.conftest import NOW
from tests.core.recount import finished, production, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, model, run

PRODUCTION = {"environment": "production"}


def built(world: World, run: Run) -> set[str]:
    """The models in a run's own results."""
    return {result.unique_id for result in world.results(run.id) if result.unique_id.startswith("model.")}


def latest_builds(world: World) -> dict[int, set[str]]:
    """The models of each job's latest run that left results."""
    found: dict[int, set[str]] = {}
    for each in sorted(world.runs(), key=lambda run: (run.created_at, run.id)):
        if finished(each) and (models := built(world, each)):
            found[each.job_id] = models
    return found


def tagged(world: World, environment_id: int, tag: str) -> set[str]:
    nodes = world.nodes(environment_id)
    return {node.unique_id for node in nodes if node.resource_type == "model" and tag in node.tags}


async def test_jobs_are_narrowed_by_the_tag_of_a_model_they_build(account: DbtAccount, world: World) -> None:
    latest = latest_builds(world)
    tag = "finance"
    expected = {
        str(job.id) for job in world.jobs() if latest.get(job.id, set()) & tagged(world, job.environment_id, tag)
    }

    found = await account.aget_jobs(JobFilter(tags=tag))

    assert {each.job_id for each in found} == expected
    assert 0 < len(expected) < len(world.jobs())


async def test_jobs_are_narrowed_by_a_model_name_whichever_environment_they_run_in(
    account: DbtAccount, world: World
) -> None:
    name = "fct_payments"
    latest = latest_builds(world)
    expected = {str(job_id) for job_id, models in latest.items() if any(uid.endswith(f".{name}") for uid in models)}

    found = await account.aget_jobs(SearchFilter(models=name))

    assert {each.job_id for each in found} == expected
    assert expected


async def test_runs_are_narrowed_by_the_models_of_their_own_results(account: DbtAccount, world: World) -> None:
    name = "fct_payments"
    here = runs_between(world, utc("2026-11-17T00:00"), utc("2026-11-18T00:00"))
    expected = {str(each.id) for each in here if any(uid.endswith(f".{name}") for uid in built(world, each))}

    found = await account.aget_runs(filter=RunFilter(models=name, period="yesterday"))

    assert {each.run_id for each in found} == expected
    assert 0 < len(expected) < len(here)


async def test_a_run_without_results_holds_what_its_job_built_last(account: DbtAccount, world: World) -> None:
    name, latest = "fct_payments", latest_builds(world)
    building = {job_id for job_id, models in latest.items() if any(uid.endswith(f".{name}") for uid in models)}
    here = runs_between(world, NOW - timedelta(days=30), NOW)
    expected = {
        str(each.id)
        for each in here
        if (
            any(uid.endswith(f".{name}") for uid in built(world, each))
            if built(world, each)
            else each.job_id in building
        )
    }
    found = await account.aget_runs(filter=RunFilter(models=name, period="last_30_days"))

    assert {each.run_id for each in found} == expected
    assert {each.status for each in found} > {"success", "failure"}
    guessed = sum(str(each.id) in expected and not built(world, each) for each in here)
    assert guessed
    assert any("taken to hold what the latest run of the job built" in note for note in found.notes)
    assert found.coverage.considered == len(found)
    cancelled = await account.aget_runs(filter=RunFilter(models=name, period="last_30_days", run_status=["cancelled"]))
    assert {each.run_id for each in cancelled} == {str(r.id) for r in here if r.status == 30} & expected


async def test_models_are_narrowed_by_the_job_that_builds_them(account: DbtAccount, world: World) -> None:
    jobs = {each.name: each for each in world.jobs()}
    ours = jobs["Finance hourly payments"]
    models = {node.unique_id for node in world.nodes(ours.environment_id) if node.resource_type == "model"}

    found = await account.aget_models(ModelFilter(jobs="finance hourly payments"))

    assert {each.unique_id for each in found} == latest_builds(world)[ours.id] & models
    assert found[0].environment_id == str(ours.environment_id)


async def test_fields_of_models_and_jobs_are_combined(account: DbtAccount, world: World) -> None:
    found = await account.aget_jobs(
        JobFilter(models="fct_payments", job_type="scheduled", jobs=["Finance nightly build"])
    )
    assert [each.name for each in found] == ["Finance nightly build"]
    assert not await account.aget_jobs(JobFilter(models="fct_payments", projects="marketing"))


async def test_the_longest_jobs_are_ranked_among_those_that_build_a_slow_model(
    account: DbtAccount, world: World
) -> None:
    slow = ModelFilter(min_runtime=600)
    names = {
        each.unique_id for each in await account.aget_models(ModelFilter(min_runtime=600, environment="production"))
    }
    homes = {each.id for each in production(world)}
    latest = latest_builds(world)
    building = {each.id for each in world.jobs() if each.environment_id in homes and latest.get(each.id, set()) & names}
    runtimes: dict[int, list[float]] = {}
    for each in runs_between(world, NOW - timedelta(days=7), NOW):
        if finished(each) and each.job_id in building:
            runtimes.setdefault(each.job_id, []).append(seconds(each))
    expected = {str(job_id): sum(times) / len(times) for job_id, times in runtimes.items()}

    found = await account.aget_longest_running_jobs(50, filter=RunFilter(environment="production"), model_filter=slow)

    assert {each.job.job_id: each.avg_runtime for each in found} == pytest.approx(expected)
    assert 0 < len(expected) < len(world.jobs())
    assert [each.avg_runtime for each in found] == sorted(expected.values(), reverse=True)


async def test_a_model_filter_that_no_job_satisfies_leaves_nothing(account: DbtAccount) -> None:
    found = await account.aget_longest_running_jobs(model_filter=ModelFilter(tags="nobody-has-this"))
    assert (len(found), found.total, found.coverage.considered) == (0, 0, 0)


async def test_the_report_takes_the_same_fields(account: DbtAccount) -> None:
    direct = await account.aget_longest_running_jobs(3, model_filter=ModelFilter(tags="finance"))
    report = await account.arun_report("longest_running_jobs", tags="finance", limit=3)
    assert [row["job_id"] for row in report.rows] == [each.job.job_id for each in direct]
    assert report.filter == "tag finance"
    again = await account.arun_report("longest_running_jobs", **{**report.arguments, "limit": 3})
    assert again.rows == report.rows


async def test_projects_cannot_be_narrowed_by_models(account: DbtAccount) -> None:
    with pytest.raises(InvalidArgument, match="cannot narrow by tags"):
        await account.aget_projects(SearchFilter(tags=["finance"]))
    with pytest.raises(InvalidArgument, match="cannot narrow by period"):
        await account.aget_models(SearchFilter(period="today"))
    with pytest.raises(InvalidArgument, match="cannot narrow by run_status"):
        await account.aget_jobs(SearchFilter(run_status="failed"))


def two_projects() -> TinyCloud:
    """Two projects with a model of one name, and a job in each of the environments of the first."""
    cloud = TinyCloud()
    cloud.projects.append({"id": 20, "name": "Bank"})
    cloud.environments += [
        {"id": 101, "project_id": 10, "name": "Stage", "type": "deployment", "deployment_type": "staging"},
        {"id": 200, "project_id": 20, "name": "Prod", "type": "deployment", "deployment_type": "production"},
    ]
    cloud.jobs = [job(1), job(2, environment_id=101), job(3, project_id=20, environment_id=200)]
    orders = {"name": "orders", "uniqueId": "model.shop.orders"}
    cloud.models = {
        100: [model("orders", 5.0), model("items", 1.0)],
        101: [model("orders", 9.0, environmentId=101)],
        200: [model("orders", 7.0, projectId=20, environmentId=200, uniqueId="model.bank.orders")],
    }
    cloud.runs = [
        run(11, "2026-11-17 10:00", "2026-11-17 10:10"),
        run(12, "2026-11-17 11:00", "2026-11-17 11:10", job_id=2, environment_id=101),
        run(13, "2026-11-17 12:00", "2026-11-17 12:10", job_id=3, project_id=20, environment_id=200),
        run(14, "2026-11-17 13:00", "2026-11-17 13:10"),
    ]
    built = [{**orders, "status": "success", "executionTime": 1.0}]
    cloud.nodes = {
        11: {"models": built},
        12: {"models": built},
        13: {"models": [{**built[0], "uniqueId": "model.bank.orders"}]},
        14: {"models": []},
    }
    return cloud


async def test_a_name_that_two_projects_have_is_ambiguous_and_one_in_two_environments_is_not() -> None:
    async with two_projects().account() as account:
        with pytest.raises(AmbiguousName) as both:
            await account.aget_runs(filter=RunFilter(models="orders", period="yesterday"))
        assert set(both.value.candidates) == {"10/model.shop.orders", "20/model.bank.orders"}
        found = await account.aget_runs(filter=RunFilter(models="orders", projects="shop", period="yesterday"))
        assert [each.run_id for each in found] == ["12", "11"]
        only = await account.aget_runs(
            filter=RunFilter(models="orders", projects="shop", environment="staging", period="yesterday")
        )
        assert [each.run_id for each in only] == ["12"]


async def test_an_unknown_model_is_told_with_the_names_that_are_near() -> None:
    async with two_projects().account() as account:
        with pytest.raises(NotFound) as unknown:
            await account.aget_runs(filter=RunFilter(models="ordrs", period="yesterday"))
        assert unknown.value.near == ("orders",)


async def test_a_handle_stands_for_exactly_its_model() -> None:
    async with two_projects().account() as account:
        bank = await account.aget_project("Bank")
        (orders,) = await bank.aget_models()
        found = await account.aget_runs(filter=RunFilter(models=[orders], period="yesterday"))
        assert [each.run_id for each in found] == ["13"]


async def test_projects_are_left_out_by_handle_id_and_name() -> None:
    async with two_projects().account() as account:
        bank = await account.aget_project("Bank")
        for reference in (bank, 20, "20", "bank"):
            left = await account.aget_projects(ProjectFilter(projects=[reference], include_or_exclude="exclude"))
            assert [each.name for each in left] == ["Shop"]
            kept = await account.aget_projects(ProjectFilter(projects=[reference]))
            assert [each.name for each in kept] == ["Bank"]
