"""The directory: what a token may not ask of the Admin API is found in Discovery, and what is missing is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import (
    ConfigurationError,
    DbtAccount,
    JobFilter,
    ModelFilter,
    NotFound,
    PermissionDenied,
    RunFilter,
    Settings,
    Unauthorized,
)

from tests.conftest import NOW
from tests.core.recount import production, seconds
from tests.core.tiny import TinyCloud, model, run

STATUS = {10: "success", 20: "failure"}
FORBIDDEN = httpx.Response(403, json={"status": {"code": 403, "user_message": "Forbidden"}})


def metadata_only(world: World, **settings: Any) -> DbtAccount:
    """An account whose token may not use the Admin API."""
    return DbtAccount(
        token="metadata-only",
        account_id=world.account.id,
        transport=sandbox.transport(world),
        settings=Settings(fixed_now=NOW, **settings),
    )


@pytest.fixture
async def account(world: World) -> AsyncIterator[DbtAccount]:
    homes = tuple(str(home.id) for home in production(world))
    async with metadata_only(world, environment_ids=homes) as account:
        yield account


async def test_models_are_all_there_and_nothing_of_them_is_missing(account: DbtAccount, world: World) -> None:
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as whole:
        expected = await whole.aget_models()
    found = await account.aget_models()
    assert [each.to_json() | {"project_name": "", "model_id": ""} for each in found] == [
        each.to_json() | {"project_name": "", "model_id": ""} for each in expected
    ]
    assert found.coverage.complete
    assert "DBT_ENVIRONMENT_IDS" in found.notes[0]


async def test_projects_are_called_as_dbt_calls_them(account: DbtAccount, world: World) -> None:
    found = await account.aget_projects()
    assert {(each.project_id, each.name) for each in found} == {
        (str(each.id), each.package) for each in world.projects()
    }
    assert all(each.model_count for each in found)


async def test_runs_are_those_that_models_mention_with_dbts_own_times(account: DbtAccount, world: World) -> None:
    raw = {str(each.id): each for each in world.runs()}
    found = await account.aget_runs(filter=RunFilter(period="last_7_days"))
    assert found
    for each in found:
        its = raw[each.run_id]
        assert each.status == STATUS[its.status]
        assert each.job_id == str(its.job_id)
        assert its.started_at <= each.start_time < each.end_time <= its.finished_at
        assert 0 < each.runtime <= seconds(its)
        assert each.queued is None
    assert {each.status for each in found} == {"success", "failure"}


async def test_what_is_missing_is_said_with_the_permission_that_would_bring_it(account: DbtAccount) -> None:
    for listing, word in ((await account.aget_jobs(), "So jobs are"), (await account.aget_runs(), "So runs are")):
        assert not listing.coverage.complete
        (missing,) = [note for note in listing.notes if word in note]
        assert "Forbidden" in missing
        assert "Job Viewer" in missing
        assert len(set(listing.notes)) == len(listing.notes)


async def test_jobs_are_known_by_their_ids_with_their_latest_runs(account: DbtAccount, world: World) -> None:
    jobs = {str(each.id): each for each in world.jobs()}
    latest: dict[str, int] = {}
    for each in world.runs():
        if each.status in STATUS and world.results(each.id) and (each.finished_at or NOW) > NOW - timedelta(days=1):
            latest[str(each.job_id)] = each.id
    found = {each.job_id: each for each in await account.aget_jobs()}
    assert found.keys() <= jobs.keys()
    assert len(found) >= 10
    for job_id, job in found.items():
        assert job.name == f"Job {job_id}"
        assert job.environment_id == str(jobs[job_id].environment_id)
        assert job.schedule is None
    assert [found[job_id].last_run_id for job_id in sorted(latest.keys() & found.keys())] == [
        str(latest[job_id]) for job_id in sorted(latest.keys() & found.keys())
    ]


async def test_a_job_and_its_runs_are_asked_for_by_id(account: DbtAccount, world: World) -> None:
    job = (await account.aget_jobs())[0]
    assert await account.aget_job(job.job_id) == job
    runs = await job.aget_runs(3)
    assert [each.job_id for each in runs] == [job.job_id] * 3
    assert [each.start_time for each in runs] == sorted((each.start_time for each in runs), reverse=True)
    assert (await account.aget_run(runs[0].run_id)).run_id == runs[0].run_id
    with pytest.raises(NotFound, match="no model mentions this run"):
        await account.aget_run(12345)


async def test_a_long_period_reaches_back_to_the_first_run_that_is_mentioned(account: DbtAccount) -> None:
    week, long = [await account.aget_runs(filter=RunFilter(period=f"last_{n}_days")) for n in (7, 90)]
    assert {each.run_id for each in week} < {each.run_id for each in long}


async def test_filters_work_on_what_discovery_tells(account: DbtAccount) -> None:
    jobs = await account.aget_jobs(JobFilter(tags="finance"))
    assert {each.project_id for each in jobs} == {"70403103920001"}
    models = await account.aget_models(ModelFilter(job_ids=[jobs[0]]))
    assert {each.environment_id for each in models} == {jobs[0].environment_id}
    report = await account.arun_report("longest_running_jobs", projects="finance")
    assert report.coverage.complete is False
    assert report.rows[0]["environment_name"].startswith("Environment 7040")


async def test_the_refusal_is_remembered_until_a_refresh(account: DbtAccount) -> None:
    await account.aget_jobs()
    before = account.requests
    await account.aget_jobs()
    assert account.requests == before
    await account.aget_projects(refresh=True)
    assert account.requests > before


async def test_without_environment_ids_one_error_says_what_to_set(world: World) -> None:
    async with metadata_only(world) as account:
        for ask in (account.aget_models, account.aget_jobs, account.aget_runs, account.aget_projects):
            with pytest.raises(PermissionDenied, match="set DBT_ENVIRONMENT_IDS"):
                await ask()


async def test_environments_that_are_out_of_sight_are_told(world: World) -> None:
    home = str(production(world)[0].id)
    async with metadata_only(world, environment_ids=("999", home)) as account:
        found = await account.aget_models()
        assert found
        assert not found.coverage.complete
        assert any("Environment 999 is out of the token's sight" in note for note in found.notes)
    async with metadata_only(world, environment_ids=("999",)) as account:
        with pytest.raises(PermissionDenied, match="Check DBT_ENVIRONMENT_IDS"):
            await account.aget_models()


async def test_an_environment_in_which_nothing_ever_ran_is_not_one_out_of_sight() -> None:
    cloud = tiny()
    cloud.models[200] = []
    cloud.faults["/accounts/1/"] = FORBIDDEN
    async with cloud.account(environment_ids=("100", "200")) as account:
        found = await account.aget_models()
    assert found.coverage.complete
    assert any("Environment 200 has no models: no run has succeeded in it yet." in note for note in found.notes)


async def test_of_several_environments_of_a_project_the_first_one_named_speaks_for_it(world: World) -> None:
    project = world.projects()[2]
    homes = [each for each in world.environments() if each.project_id == project.id and each.type == "deployment"]
    for order in (homes, homes[::-1]):
        async with metadata_only(world, environment_ids=tuple(str(each.id) for each in order)) as account:
            found = await account.aget_models()
            assert {each.environment_id for each in found} == {str(order[0].id)}
            assert len(await account.aget_models(ModelFilter(environment=str(order[1].id))))


def tiny() -> TinyCloud:
    """One job that built one model in two runs; Discovery and the Admin API tell the same of them."""
    cloud = TinyCloud()
    history = [
        {"uniqueId": "model.shop.orders", "runId": run_id, "jobId": 1, "status": status, "executionTime": 2.0}
        for run_id, status in ((8, "error"), (7, "success"))
    ]
    generated = {7: "2026-11-17T06:00:00.000Z", 8: "2026-11-18T06:00:00.000Z"}
    cloud.models = {
        100: [model("orders", 2.0, info={"lastRunId": 8, "lastRunStatus": "error", "lastJobDefinitionId": 1})]
    }
    cloud.histories = {"model.shop.orders": [each | {"runGeneratedAt": generated[each["runId"]]} for each in history]}
    cloud.nodes = {
        each["runId"]: {
            "models": [
                each
                | {
                    "compileStartedAt": generated[each["runId"]].replace("06:00:00", "05:59:50"),
                    "runGeneratedAt": generated[each["runId"]],
                    "runElapsedTime": 12.0,
                }
            ]
        }
        for each in history
    }
    cloud.runs = [
        run(7, "2026-11-17 05:59", "2026-11-17 06:01"),
        run(8, "2026-11-18 05:59", "2026-11-18 06:01", status=20),
    ]
    return cloud


@pytest.mark.parametrize("kind", ["jobs", "runs"])
async def test_a_token_that_sees_projects_but_not_jobs_or_runs_needs_no_ids(kind: str) -> None:
    cloud = tiny()
    cloud.faults[f"/{kind}/"] = FORBIDDEN
    async with cloud.account() as account:
        runs = await account.aget_runs(filter=RunFilter(period="last_7_days"))
        (project,) = await account.aget_projects()
    assert [(each.run_id, each.status) for each in runs] == [("8", "failure"), ("7", "success")]
    assert project.name == "Shop"
    assert not runs.coverage.complete
    if kind == "runs":  # the command began 12 s before it wrote its results, 2 s before the first model
        assert [each.runtime for each in runs] == [12.0, 12.0]


async def test_a_right_that_was_given_since_is_found_by_a_refresh() -> None:
    cloud = tiny()
    cloud.faults["/jobs/"] = FORBIDDEN
    async with cloud.account() as account:
        assert not (await account.aget_jobs()).coverage.complete
        cloud.faults.clear()
        assert not (await account.aget_jobs()).coverage.complete
        assert (await account.aget_jobs(refresh=True)).coverage.complete
        assert [each.name for each in await account.aget_jobs()] == ["Job 1"]
        assert (await account.aget_jobs()).coverage.complete


async def test_an_invalidation_makes_a_refusal_be_looked_at_again() -> None:
    cloud = tiny()
    cloud.faults["/jobs/"] = FORBIDDEN
    async with cloud.account() as account:
        assert not (await account.aget_jobs()).coverage.complete
        cloud.faults.clear()
        await account.ainvalidate_cache("runs")
        assert (await account.aget_jobs()).coverage.complete


async def test_who_was_let_in_before_is_told_of_a_refusal_and_what_is_known_stays() -> None:
    cloud = tiny()
    async with cloud.account() as account:
        before = await account.aget_jobs()
        cloud.faults["/jobs/"] = httpx.Response(403, html="<html>Blocked</html>")
        with pytest.raises(PermissionDenied):
            await account.aget_jobs(refresh=True)
        after = await account.aget_jobs()
    assert (after, after.coverage, after.stale) == (before, before.coverage, False)


async def test_an_inquiry_refreshes_each_thing_once(world: World) -> None:
    homes = tuple(str(home.id) for home in production(world))
    async with metadata_only(world, environment_ids=homes) as account:
        await account.aget_runs(filter=RunFilter(period="last_60_days"))
        first = account.requests
        await account.aget_runs(filter=RunFilter(period="last_60_days"), refresh=True)
        assert account.requests - first <= first  # the Admin API's refusals among them


async def test_a_refusal_that_looks_like_another_fault_counts_only_where_ids_are_set() -> None:
    for fault, error in (
        (httpx.Response(401, json={"status": {"code": 401, "user_message": "Invalid token."}}), Unauthorized),
        (httpx.Response(404, json={"status": {"code": 404, "user_message": "Not found."}}), ConfigurationError),
    ):
        cloud = tiny()
        cloud.faults["/accounts/1/"] = fault
        async with cloud.account() as account:
            with pytest.raises(error):
                await account.aget_models()
        async with cloud.account(environment_ids=("100",)) as account:
            assert [each.name for each in await account.aget_models()] == ["orders"]


async def test_who_answers_is_known_whichever_api_lets_the_token_in() -> None:
    cloud = tiny()
    cloud.faults["/accounts/1/"] = httpx.Response(401, json={"status": {"code": 401, "user_message": "Invalid token."}})
    async with cloud.account(environment_ids=("100",)) as account:
        assert (await account.aget_source()).kind == "dbt_cloud"


async def test_a_run_that_is_not_there_does_not_count_as_a_refusal_of_all_runs() -> None:
    cloud = tiny()
    cloud.faults["/jobs/"] = FORBIDDEN
    async with cloud.account(environment_ids=("100",)) as account:
        await account.aget_jobs()
        with pytest.raises(NotFound):
            await account.aget_run(999)
        assert (await account.aget_runs(filter=RunFilter(period="yesterday"))).coverage.considered


async def test_a_failure_beyond_a_cut_list_is_found() -> None:
    cloud = tiny()
    passed = {"status": "success", "runGeneratedAt": "2026-11-18T06:00:00.000Z"}
    many: list[dict[str, Any]] = [passed | {"uniqueId": f"model.shop.m{n}"} for n in range(100)]
    cloud.nodes[8] = {"models": many, "tests": [{"uniqueId": "test.shop.t", "status": "fail"}]}
    cloud.faults["/runs/"] = FORBIDDEN
    async with cloud.account() as account:
        found = await account.aget_run(8)
    assert found.status == "failure"
    assert (found.runtime, found.end_time) == (None, None)  # its end may lie beyond the cut
