"""What belongs to one project, job, model or run, below its path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry

from tests.webapp.test_problems import checked
from tests.webapp.test_resources_api import COLLECTION, everything

JOB = "Finance nightly build"


async def first(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    item: dict[str, Any] = (await client.get(path, params=params)).json()["items"][0]
    return item


async def test_a_projects_jobs_are_those_of_the_world(client: httpx.AsyncClient, world: sandbox.World) -> None:
    for project in world.projects():
        expected = sorted(str(job.id) for job in world.jobs() if job.project_id == project.id)
        for reference in (project.id, project.name):
            answer = (await client.get(f"/projects/{reference}/jobs")).json()
            assert set(answer) == COLLECTION
            assert sorted(item["job_id"] for item in answer["items"]) == expected


async def test_a_projects_models_are_those_that_a_filter_keeps(client: httpx.AsyncClient) -> None:
    project = await first(client, "/projects")
    below, _ = await everything(client, f"/projects/{project['name']}/models", materialization="table", limit=9)
    filtered, _ = await everything(client, "/models", projects=project["project_id"], materialization="table")
    assert below
    assert below == filtered


async def test_a_jobs_runs_are_those_of_the_world(client: httpx.AsyncClient, world: sandbox.World) -> None:
    (job,) = [job for job in world.jobs() if job.name == JOB]
    started = [run for run in world.runs() if run.job_id == job.id and run.started_at]
    expected = {str(run.id) for run in started if run.started_at.date().isoformat() == "2026-11-16"}
    items, _ = await everything(client, f"/jobs/{job.id}/runs", period="2026-11-16")
    assert expected
    assert {item["run_id"] for item in items} == expected


async def test_a_jobs_models_and_a_models_jobs_agree(client: httpx.AsyncClient) -> None:
    models, _ = await everything(client, f"/jobs/{JOB}/models", limit=500)
    assert models
    for model in models[:3]:
        jobs, _ = await everything(client, f"/models/{model['project_id']}/{model['unique_id']}/jobs")
        assert JOB in {job["name"] for job in jobs}
    other = next(iter({job["name"] for job in jobs} - {JOB}), None)
    narrowed, _ = await everything(client, f"/models/{model['project_id']}/{model['unique_id']}/jobs", jobs=JOB)
    assert [job["name"] for job in narrowed] == [JOB] != [other]


async def test_a_models_runs_come_newest_first_and_page_by_page(client: httpx.AsyncClient) -> None:
    model = await first(client, "/models", materialization="table")
    path = f"/models/{model['project_id']}/{model['unique_id']}/runs"
    runs, _ = await everything(client, path, limit=500)
    paged, pages = await everything(client, path, limit=3)
    assert paged == runs
    assert pages > 2
    finished = [run["finished_at"] for run in runs]
    assert finished == sorted(finished, reverse=True)
    assert {run["unique_id"] for run in runs} == {model["unique_id"]}


async def test_a_runs_models_are_those_of_its_results(client: httpx.AsyncClient) -> None:
    run = await first(client, f"/jobs/{JOB}/runs", run_status="success")
    whole = (await client.get(f"/runs/{run['run_id']}")).json()
    models, _ = await everything(client, f"/runs/{run['run_id']}/models", limit=7)
    assert len(models) == whole["model_count"] > 7
    assert len({model["unique_id"] for model in models}) == len(models)
    known = [model["runtime"] for model in models if model["runtime"] is not None]
    assert known == sorted(known, reverse=True)


async def test_a_slash_in_a_reference_may_stand_as_it_is_or_encoded(client: httpx.AsyncClient) -> None:
    model = await first(client, "/models")
    plain = f"{model['project_id']}/{model['unique_id']}"
    for part in ("", "/runs", "/jobs", "/sql"):
        answers = [await client.get(f"/models/{each}{part}") for each in (plain, quote(plain, safe=""))]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].content == answers[1].content


async def test_the_code_of_a_model_comes_as_json_and_as_text(
    client: httpx.AsyncClient, sandbox_account: Callable[..., DbtAccount]
) -> None:
    model = await first(client, "/models", materialization="table")
    reference = f"{model['project_id']}/{model['unique_id']}"
    async with sandbox_account() as account:
        handle = await account.aget_model(reference)
        raw, compiled = await handle.aget_raw_sql(), await handle.aget_sql()
    code = (await client.get(f"/models/{reference}/sql")).json()
    assert code == {
        "unique_id": model["unique_id"],
        "name": model["name"],
        "project_id": model["project_id"],
        "raw_code": raw,
        "compiled_code": compiled,
    }
    text = await client.get(f"/models/{reference}/sql", headers={"Accept": "text/plain"})
    assert text.text == compiled != raw
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["vary"] == "Accept"


NARROWED = {
    "/projects/Marketing/slowest_models": ("slowest_models", {"projects": "Marketing"}),
    "/projects/Marketing/longest_running_jobs": ("longest_running_jobs", {"projects": "Marketing"}),
    f"/jobs/{JOB}/slowest_models": ("slowest_models", {"jobs": JOB}),
    f"/jobs/{JOB}/runtimes": ("list_runs", {"jobs": JOB}),
    "/models/fct_invoices/lineage": ("lineage", {"model": "fct_invoices"}),
}


@pytest.mark.parametrize("path", [path for path, (name, _) in NARROWED.items() if name in registry()])
async def test_a_report_below_one_thing_is_the_report_narrowed_to_it(path: str, client: httpx.AsyncClient) -> None:
    name, narrowing = NARROWED[path]
    below = (await client.get(path, params={"limit": 4})).json()
    assert below == (await client.get(f"/reports/{name}", params={"limit": 4, **narrowing})).json()
    assert below["rows"]
    assert (await client.get(below["path"])).json()["rows"] == below["rows"]


async def test_a_runs_slowest_models_are_its_models(client: httpx.AsyncClient) -> None:
    run = await first(client, f"/jobs/{JOB}/runs", run_status="success")
    report = (await client.get(f"/runs/{run['run_id']}/slowest_models", params={"limit": 5})).json()
    models, _ = await everything(client, f"/runs/{run['run_id']}/models", limit=500)
    assert [row["runtime"] for row in report["rows"]] == [model["runtime"] for model in models[:5]]


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/projects/Marketing/models?projects=Finance", "projects"),
        ("/projects/Marketing/slowest_models?project_ids=1", "project_ids"),
        (f"/jobs/{JOB}/runs?jobs=other", "jobs"),
        (f"/jobs/{JOB}/slowest_models?environment=staging", "environment"),
        (f"/jobs/{JOB}/slowest_models?run_id=1", "run_id"),
        ("/models/fct_invoices/runs?models=dim_date", "models"),
        ("/runs/1/slowest_models?period=today", "period"),
    ],
)
async def test_what_the_path_settles_is_not_to_be_said_again(
    path: str, parameter: str, client: httpx.AsyncClient
) -> None:
    assert checked(await client.get(path), 422, "invalid-argument")["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    "path",
    [
        *(f"/projects/none{part}" for part in ("", "/models", "/jobs", "/slowest_models", "/longest_running_jobs")),
        *(f"/jobs/none{part}" for part in ("", "/models", "/runs", "/slowest_models")),
        *(f"/models/none{part}" for part in ("", "/runs", "/jobs", "/sql")),
        *(f"/runs/none{part}" for part in ("", "/models", "/slowest_models")),
        *(f"/runs/1{part}" for part in ("/models", "/slowest_models")),
    ],
)
async def test_nothing_is_below_what_is_not_there(path: str, client: httpx.AsyncClient) -> None:
    checked(await client.get(path), 404, "not-found")


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/%20/runs", "/runs/%20/slowest_models", "/models//sql"])
async def test_a_path_that_names_nothing_is_no_path(path: str, client: httpx.AsyncClient) -> None:
    checked(await client.get(path), 404, "no-such-path")
