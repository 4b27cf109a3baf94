"""Selection: what filters keep where jobs move, environments differ, and dbt Cloud has forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, JobFilter, ModelFilter, ProjectFilter, RunFilter

from tests.core.recount import finished, seconds
from tests.core.tiny import TinyCloud, job, model, run

STAGE = {"id": 101, "project_id": 10, "name": "Stage", "type": "deployment", "deployment_type": "staging"}
BANK = {"id": 200, "project_id": 20, "name": "Prod", "type": "deployment", "deployment_type": "production"}


def built(*names: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """What a run made of some models."""
    return {
        "models": [
            {"uniqueId": f"model.shop.{name}", "name": name, "status": "success", "executionTime": 2.0} | more
            for name in names
        ]
    }


def moved() -> TinyCloud:
    """A job that ran in staging, and since yesterday noon in production."""
    cloud = TinyCloud()
    cloud.environments.append(STAGE)
    cloud.models = {100: [model("orders")], 101: [model("orders", environmentId=101)]}
    cloud.runs = [
        run(11, "2026-11-17 10:00", "2026-11-17 10:10", environment_id=101),
        run(12, "2026-11-17 13:00", "2026-11-17 13:20"),
    ]
    cloud.nodes = {11: built("orders", executionTime=9.0), 12: built("orders", executionTime=1.0)}
    return cloud


async def test_a_run_belongs_to_the_environment_in_which_it_ran() -> None:
    async with moved().account() as account:
        for environment, run_id, average in (("staging", "11", 600.0), ("production", "12", 1200.0)):
            wanted = RunFilter(environment=environment, period="yesterday")
            assert [each.run_id for each in await account.aget_runs(filter=wanted)] == [run_id]
            for chosen in ({"period": "yesterday"}, {"last_n_runs": 5, "jobs": "Job 1"}):
                report = await account.arun_report("longest_running_jobs", environment=environment, **chosen)
                assert [row["avg_runtime"] for row in report.rows] == [average]


async def test_a_models_runs_are_those_of_its_own_environment() -> None:
    async with moved().account() as account:
        orders = await account.aget_model("orders")
        found = await orders.aget_runs(filter=RunFilter(period="yesterday"))
        assert [(each.run_id, each.runtime) for each in found] == [("12", 1.0)]
        (only,) = await account.aget_jobs()
        assert await only.aget_average_historical_model_runtime() == 1.0


async def test_projects_are_kept_by_the_environment_they_have_and_counted_within_it() -> None:
    cloud = moved()
    cloud.projects.append({"id": 20, "name": "Bank"})
    cloud.environments.append(BANK)
    cloud.jobs += [job(2, environment_id=101), job(3, environment_id=101), job(4, project_id=20, environment_id=200)]
    cloud.models[200] = []
    async with cloud.account() as account:
        (shop,) = await account.aget_projects(ProjectFilter(environment="staging"))
        assert (shop.name, shop.job_count, [each["name"] for each in shop.environments]) == ("Shop", 2, ["Stage"])
        assert {each.name for each in await account.aget_projects(ProjectFilter(environment="production"))} == {
            "Shop",
            "Bank",
        }


async def test_models_of_a_type_of_job_are_those_of_the_environment_in_which_such_jobs_run() -> None:
    cloud = moved()
    cloud.jobs = [job(1, job_type="scheduled"), job(2, job_type="ci", environment_id=101)]
    cloud.runs.append(run(13, "2026-11-17 14:00", "2026-11-17 14:10", job_id=2, environment_id=101))
    cloud.nodes[13] = built("orders", executionTime=7.0)
    async with cloud.account() as account:
        for kind, home in (("ci", "101"), ("scheduled", "100")):
            found = await account.aget_models(ModelFilter(job_type=kind))
            assert [each.environment_id for each in found] == [home]
        ranked = await account.arun_report("slowest_models", job_type="ci", period="yesterday")
        assert [(row["environment_name"], row["runtime"]) for row in ranked.rows] == [("Stage", 7.0)]


async def test_types_of_jobs_and_their_names_agree_on_the_sandbox(account: DbtAccount, world: World) -> None:
    names = [each.name for each in world.jobs() if each.job_type == "ci"]
    by_type, by_name = (
        await account.aget_models(ModelFilter(job_type="ci")),
        await account.aget_models(ModelFilter(jobs=names)),
    )
    assert by_type == by_name
    assert by_type


async def test_the_models_of_one_run_are_filtered_as_they_were_in_it(account: DbtAccount, world: World) -> None:
    looked_at = 0
    for raw in [each for each in world.runs() if each.status == 20][-20:]:
        failed = {
            r.unique_id for r in world.results(raw.id) if r.status == "error" and r.unique_id.startswith("model.")
        }
        one, wanted = await account.aget_run(raw.id), ModelFilter(model_status="error")
        assert {each.unique_id for each in await one.aget_models(wanted)} == failed
        assert {each.model.unique_id for each in await one.aget_slowest_models(100, wanted)} == failed
        looked_at += bool(failed)
    assert looked_at


async def test_a_run_of_another_project_holds_no_model_of_this_one() -> None:
    cloud = moved()
    cloud.projects.append({"id": 20, "name": "Bank"})
    cloud.environments.append(BANK)
    cloud.models[200] = []
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", run_id="12", projects="Bank")
        assert (report.rows, report.notes, report.coverage.complete) == ((), (), True)


async def test_a_node_that_a_run_only_lists_was_not_built_by_it() -> None:
    cloud = moved()
    cloud.nodes[12]["models"].append(
        {"uniqueId": "model.shop.items", "name": "items", "status": None, "executionTime": None}
    )
    cloud.models[100] = [model("orders"), model("items")]
    async with cloud.account() as account:
        one = await account.aget_run(12)
        assert one.model_count == 1
        assert [each.name for each in await one.aget_models()] == ["orders"]
        assert [each.name for each in await (await account.aget_job(1)).aget_models()] == ["orders"]
        assert not await account.aget_jobs(JobFilter(models="items"))
        assert not await account.aget_runs(filter=RunFilter(models="items", period="yesterday"))
        items = await account.aget_model("items")
        assert not await items.aget_runs(filter=RunFilter(period="yesterday"))
        report = await account.arun_report("slowest_models", run_id="12")
        assert report.coverage.left_out == {}


async def test_a_job_whose_results_dbt_cloud_has_forgotten_is_not_said_to_build_nothing() -> None:
    cloud = moved()
    cloud.nodes = {}
    cloud.jobs = [job(1, most_recent_run=cloud.runs[1], most_recent_completed_run=cloud.runs[1])]
    async with cloud.account() as account:
        for found in (
            await account.aget_jobs(JobFilter(models="orders")),
            await account.aget_longest_running_jobs(model_filter=ModelFilter(models=["orders"])),
            await (await account.aget_job(1)).aget_models(),
        ):
            assert len(found) == 0
            assert not found.coverage.complete
            assert "dbt Cloud has no results of 1 job: what these build is not known." in found.notes


async def test_a_named_job_and_a_model_filter_both_count(account: DbtAccount, world: World) -> None:
    name = "Finance nightly build"
    found = await account.aget_longest_running_jobs(
        filter=RunFilter(jobs=[name, "Audience sync"], period="last_week"), model_filter=ModelFilter(tags="finance")
    )
    assert [each.job.name for each in found] == [name]
    (raw,) = [each for each in world.jobs() if each.name == name]
    times = [
        seconds(each)
        for each in world.runs()
        if each.job_id == raw.id and finished(each) and "2026-11-09" <= str(each.started_at)[:10] <= "2026-11-15"
    ]
    assert found[0].avg_runtime == pytest.approx(sum(times) / len(times))


async def test_where_the_newest_runs_hold_too_few_that_count_it_is_said() -> None:
    cloud = moved()
    cloud.runs = [run(n, f"2026-11-1{n // 24 % 7} {n % 24:02}:00", None, status=30) for n in range(1, 121)]
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", jobs="Job 1")
        assert report.rows == ()
        assert not report.coverage.complete
        assert report.notes == ("For 1 job the newest 100 runs hold fewer that count.",)


async def test_a_short_history_is_said() -> None:
    cloud = moved()
    skipped = {"uniqueId": "model.shop.orders", "runId": 1, "jobId": 1, "status": "skipped", "executionTime": None}
    timed = skipped | {"status": "success", "executionTime": 4.0}
    cloud.histories = {"model.shop.orders": [skipped] * 18 + [timed] * 2}
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", last_n_runs=5)
        assert [(row["runtime"], row["runs"]) for row in report.rows] == [(4.0, 2)]
        assert report.notes == ("For 1 model the latest 20 runs hold fewer than 5 with a time.",)
        assert not report.coverage.complete


def two_dailies() -> TinyCloud:
    """A job called Daily in each of two environments; in staging nothing ran for three weeks."""
    cloud = TinyCloud()
    cloud.environments.append(STAGE)
    stage = run(21, "2026-10-28 10:00", "2026-10-28 10:10", job_id=2, environment_id=101)
    prod = run(22, "2026-11-18 08:00", "2026-11-18 08:30")
    cloud.jobs = [
        job(1, name="Daily", most_recent_run=prod, most_recent_completed_run=prod),
        job(2, name="Daily", environment_id=101, most_recent_run=stage, most_recent_completed_run=stage),
    ]
    cloud.runs = [stage, prod]
    return cloud


async def test_a_name_of_two_jobs_means_the_one_in_the_environment_asked_for() -> None:
    async with two_dailies().account() as account:
        wanted = {"jobs": "Daily", "environment": "staging", "period": "2026-10-28"}
        assert [each.run_id for each in await account.aget_runs(filter=RunFilter(**wanted))] == ["21"]
        assert [row["job_id"] for row in (await account.arun_report("longest_running_jobs", **wanted)).rows] == ["2"]
        assert (await account.arun_report("failed_runs", **wanted)).coverage.considered == 1


async def test_without_a_period_the_latest_run_of_the_environment_asked_for_counts() -> None:
    async with two_dailies().account() as account:
        found = await account.aget_runs(filter=RunFilter(environment="staging"))
        assert [each.run_id for each in found] == ["21"]
        report = await account.arun_report("longest_running_jobs", environment="staging")
        assert [row["job_id"] for row in report.rows] == ["2"]


async def test_jobs_of_other_environments_are_not_missed(account: DbtAccount, world: World) -> None:
    before = account.requests
    report = await account.arun_report("longest_running_jobs", environment="staging", last_n_runs=5)
    assert report.coverage.complete
    assert report.notes == ()
    staging = {str(each.id) for each in world.jobs() if str(each.environment_id).endswith("07")}
    assert {row["job_id"] for row in report.rows} <= staging
    assert account.requests - before <= 4 + len(staging)


async def test_a_job_that_builds_no_models_is_not_said_to_have_left_no_results() -> None:
    cloud = moved()
    cloud.nodes[12] = {"models": [], "tests": [{"uniqueId": "test.shop.t", "status": "pass"}]}
    async with cloud.account() as account:
        found = await account.aget_runs(filter=RunFilter(models="orders", environment="production", period="yesterday"))
        assert (len(found), found.notes) == (0, ())


async def test_a_status_that_is_new_is_no_reason_to_drop_a_model() -> None:
    cloud = moved()
    cloud.nodes[12] = built("orders", status="deferred", executionTime=None)
    async with cloud.account() as account:
        one = await account.aget_run(12)
        assert one.model_count == 1
        assert [(each.name, each.status) for each in await one.aget_models()] == [("orders", "unknown")]
