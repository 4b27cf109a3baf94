"""The reports `list_jobs` and `list_models` against the world's raw records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Job, Run, World
from dbt_discovery import DbtAccount, JobFilter, ModelFilter, Settings

from tests.conftest import NOW
from tests.core.recount import ERROR, attempts, production, seconds
from tests.core.tiny import TinyCloud, job, model, run

STATUS = {1: "queued", 2: "starting", 3: "running", 10: "success", 20: "failure", 30: "cancelled"}


async def rows(account: DbtAccount, name: str, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report(name, limit=500, **arguments)).rows)


def last_run(world: World, of: Job, *, over: bool = False) -> Run:
    return [one for one in world.runs() if one.job_id == of.id and (one.status >= 10 or not over)][-1]


async def test_jobs_are_all_jobs_by_name(account: DbtAccount, world: World) -> None:
    found = await rows(account, "list_jobs")
    jobs = sorted(world.jobs(), key=lambda each: each.name.casefold())
    assert [row["job_id"] for row in found] == [str(each.id) for each in jobs]
    projects = {each.id: each.name for each in world.projects()}
    environments = {each.id: each.name for each in world.environments()}
    for row, each in zip(found, jobs, strict=True):
        assert row["job_name"] == each.name
        assert row["project_name"] == projects[each.project_id]
        assert row["environment_name"] == environments[each.environment_id]
        assert row["job_type"] == each.job_type
        assert row["schedule"] == (each.cron if each.scheduled else None)


async def test_a_jobs_last_run_may_still_go_on_and_its_runtime_is_of_the_last_that_is_over(
    account: DbtAccount, world: World
) -> None:
    for row in await rows(account, "list_jobs"):
        each = next(one for one in world.jobs() if str(one.id) == row["job_id"])
        assert row["last_run_status"] == STATUS[last_run(world, each).status]
        over = last_run(world, each, over=True)
        assert row["last_run_runtime"] == (pytest.approx(seconds(over)) if over.started_at else None)


@pytest.mark.parametrize("order_by", ["last_run", "runtime"])
async def test_jobs_stand_in_the_order_asked_for(account: DbtAccount, order_by: str) -> None:
    key = "last_run_start_time" if order_by == "last_run" else "last_run_runtime"
    values = [row[key] for row in await rows(account, "list_jobs", order_by=order_by)]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert len(known) > 10


async def test_finding_counts_the_jobs_whose_last_run_failed(account: DbtAccount, world: World) -> None:
    bad = sum(last_run(world, each).status == ERROR for each in world.jobs())
    report = await account.arun_report("list_jobs")
    assert report.finding.startswith(f"{len(world.jobs())} jobs")
    assert f"the latest run of {bad} failed" in report.finding.lower()


async def test_finding_of_no_job(account: DbtAccount) -> None:
    report = await account.arun_report("list_jobs", job_type="merge")
    assert (report.finding, report.rows) == ("No job fits the question.", ())


async def test_runtime_bounds_apply_to_the_last_run_that_is_over(account: DbtAccount) -> None:
    everything = [row for row in await rows(account, "list_jobs") if row["last_run_runtime"]]
    least = sorted(row["last_run_runtime"] for row in everything)[5]
    found = await rows(account, "list_jobs", min_runtime=least)
    assert found == [row for row in everything if row["last_run_runtime"] >= least]


async def test_a_queued_runs_job_has_not_started_whatever_shows_it() -> None:
    cloud = TinyCloud()
    queued = run(5, None, None, created_at="2026-11-18 10:00", status=1)
    cloud.jobs = [job(1, most_recent_run=queued), job(2)]
    async with cloud.account() as account:
        first, second = await rows(account, "list_jobs")
        handles = await account.aget_jobs()
    assert (first["last_run_status"], second["last_run_status"]) == ("queued", None)
    for row, handle in zip((first, second), handles, strict=True):
        assert row["last_run_start_time"] == handle.to_json()["last_run_start_time"]


async def test_models_are_all_models_by_name(account: DbtAccount, world: World) -> None:
    found = await rows(account, "list_models")
    nodes = [
        (home.project_id, node)
        for home in production(world)
        for node in world.nodes(home.id)
        if node.resource_type == "model" and node.materialized != "ephemeral"
    ]
    nodes.sort(key=lambda each: each[1].name.casefold())
    assert [row["unique_id"] for row in found] == [node.unique_id for _, node in nodes]
    for row, (project_id, node) in zip(found, nodes, strict=True):
        assert row["project_id"] == str(project_id)
        assert row["materialization"] == node.materialized
        assert set(row["tags"].split(", ")) == set(node.tags)
        assert row["package"] == node.package_name


async def test_after_a_failed_attempt_a_model_has_no_runtime_of_its_own(
    failing_account: DbtAccount, failing_world: World
) -> None:
    tried = {
        unique_id: each
        for home in production(failing_world)
        for unique_id, each in attempts(failing_world, home.id).items()
    }
    failed = 0
    for row in await rows(failing_account, "list_models"):
        _, last = tried[row["unique_id"]][-1]
        times = [result.execution_time for _, result in tried[row["unique_id"]] if result.status == "success"]
        assert row["last_run_status"] == last.status
        assert row["last_success_runtime"] == pytest.approx(times[-1])
        assert row["last_run_runtime"] == (pytest.approx(times[-1]) if last.status == "success" else None)
        assert bool(row["last_run_start_time"])
        failed += last.status == "error"
    assert failed


@pytest.mark.parametrize(
    ("order_by", "key"), [("last_run", "last_run_start_time"), ("runtime", "last_success_runtime")]
)
async def test_models_stand_in_the_order_asked_for(account: DbtAccount, order_by: str, key: str) -> None:
    found = await rows(account, "list_models", order_by=order_by)
    if order_by == "runtime":
        values = [row[key] for row in found if row[key] is not None]
        assert values == sorted(values, reverse=True)
    else:
        days = [datetime.fromisoformat(row[key]).date() for row in found if row[key]]
        assert days == sorted(days, reverse=True)


async def test_never_run_models_are_listed_and_nothing_is_left_out() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 4.0), model("new", None, executionInfo=None)]
    async with cloud.account() as account:
        report = await account.arun_report("list_models")
    assert [(row["name"], row["last_run_status"]) for row in report.rows] == [("new", None), ("orders", "success")]
    assert report.coverage.considered + sum(report.coverage.left_out.values()) == 2


async def test_zero_seconds_come_before_no_time_at_all() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("a_none", None), model("b_zero", 0.0), model("c_some", 1.0)]
    async with cloud.account() as account:
        found = await rows(account, "list_models", order_by="runtime")
    assert [row["name"] for row in found] == ["c_some", "b_zero", "a_none"]


async def test_state_is_that_of_the_environment_the_settings_name(world: World) -> None:
    settings = Settings(fixed_now=NOW, environment="staging")
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        report = await account.arun_report("list_models", projects="Product Growth")
    (reading,) = [each for each in report.reading if each.key == "environment"]
    assert "staging" in reading.value.lower()


@pytest.mark.parametrize("typed", ["Production", "PRODUCTION", " production "])
async def test_an_environment_is_named_in_any_case(account: DbtAccount, typed: str) -> None:
    whole = await rows(account, "list_models")
    assert await rows(account, "list_models", environment=typed) == whole


async def test_rows_and_handles_tell_the_same(account: DbtAccount) -> None:
    jobs = {each.job_id: each.to_json() for each in await account.aget_jobs(JobFilter())}
    for row in await rows(account, "list_jobs"):
        handle = jobs[row["job_id"]]
        assert {key: handle[key] for key in row if key in handle} == {key: row[key] for key in row if key in handle}
    models = {(each.project_id, each.unique_id): each.to_json() for each in await account.aget_models(ModelFilter())}
    for row in await rows(account, "list_models"):
        handle = models[row["project_id"], row["unique_id"]]
        shared = [key for key in row if key in handle and key != "tags"]
        assert len(shared) > 8
        assert {key: handle[key] for key in shared} == {key: row[key] for key in shared}
