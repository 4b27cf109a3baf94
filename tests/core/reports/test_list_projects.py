"""The report `list_projects` against the world's raw records, and on accounts that lack something."""

from __future__ import annotations

import httpx
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount

from tests.core.recount import production
from tests.core.tiny import TinyCloud, job, model


async def test_projects_are_all_projects_with_what_is_in_them(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("list_projects")
    projects = sorted(world.projects(), key=lambda each: each.name.casefold())
    assert [row["project_id"] for row in report.rows] == [str(each.id) for each in projects]
    for row, project in zip(report.rows, projects, strict=True):
        (home,) = [each for each in production(world) if each.project_id == project.id]
        built = [n for n in world.nodes(home.id) if n.resource_type == "model" and n.materialized != "ephemeral"]
        assert row["model_count"] == len(built)
        assert row["job_count"] == sum(each.project_id == project.id for each in world.jobs())
        here = {each.name for each in world.environments() if each.project_id == project.id}
        assert set(row["environments"].split(", ")) == here
    total = sum(row["model_count"] for row in report.rows)
    assert f"{total} models and {len(world.jobs())} jobs" in report.finding
    assert report.coverage.considered == total


async def test_rows_and_handles_tell_the_same(account: DbtAccount) -> None:
    report = await account.arun_report("list_projects")
    for row, handle in zip(report.rows, await account.aget_projects(), strict=True):
        told = handle.to_json()
        assert {key: row[key] for key in ("project_id", "description", "model_count", "job_count")} == {
            key: told[key] for key in ("project_id", "description", "model_count", "job_count")
        }
        assert row["project_name"] == told["name"]
        assert row["environments"] == ", ".join(each["name"] for each in told["environments"])


async def test_most_models_or_jobs_come_first_where_asked_for(account: DbtAccount) -> None:
    for order_by, key in (("models", "model_count"), ("jobs", "job_count")):
        values = [row[key] for row in (await account.arun_report("list_projects", order_by=order_by)).rows]
        assert values == sorted(values, reverse=True)
        assert len(set(values)) > 1


async def test_an_environment_keeps_the_projects_that_have_it_and_counts_what_is_in_it(
    account: DbtAccount, world: World
) -> None:
    (row,) = (await account.arun_report("list_projects", environment="staging")).rows
    (staging,) = [each for each in world.environments() if each.deployment_type == "staging"]
    assert row["project_id"] == str(staging.project_id)
    assert row["environments"] == staging.name
    assert row["job_count"] == sum(each.environment_id == staging.id for each in world.jobs()) > 0


async def test_a_project_without_a_production_environment_has_no_number_of_models_and_comes_last() -> None:
    cloud = TinyCloud()
    cloud.projects.append({"id": 20, "name": "Attic", "description": "Old things."})
    cloud.models[100] = []
    async with cloud.account() as account:
        report = await account.arun_report("list_projects", order_by="models")
    assert [(row["project_name"], row["model_count"]) for row in report.rows] == [("Shop", 0), ("Attic", None)]
    assert report.rows[1]["job_count"] == 0
    assert "Project Attic has no production environment" in report.notes[0]


async def test_models_that_cannot_be_counted_are_said() -> None:
    cloud = TinyCloud()
    cloud.jobs, cloud.models[100] = [job(1), job(2)], [model("orders")]
    cloud.faults["query ModelCount"] = httpx.Response(400, json={"errors": [{"message": "Nothing to count"}]})
    async with cloud.account() as account:
        report = await account.arun_report("list_projects")
    assert (report.rows[0]["model_count"], report.rows[0]["job_count"]) == (None, 2)
    assert report.finding == "1 project: Shop."
    assert not report.coverage.complete
    assert "Nothing to count" in report.notes[0]
