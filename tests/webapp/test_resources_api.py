"""Projects, jobs, models and runs over REST."""

from __future__ import annotations

from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest

COLLECTION = {"items", "total", "next", "as_of", "stale", "coverage", "notes"}


async def everything(client: httpx.AsyncClient, path: str, **params: Any) -> tuple[list[dict[str, Any]], int]:
    """All items of a collection, and on how many pages they came."""
    items: list[dict[str, Any]] = []
    cursor, pages = None, 0
    while cursor or not pages:
        page = (await client.get(path, params=params | ({"cursor": cursor} if cursor else {}))).json()
        items += page["items"]
        cursor, pages = page["next"], pages + 1
    return items, pages


@pytest.mark.parametrize(("path", "key"), [("projects", "project_id"), ("jobs", "job_id")])
async def test_everything_of_the_world_is_there(
    path: str, key: str, client: httpx.AsyncClient, world: sandbox.World
) -> None:
    answer = (await client.get(f"/{path}")).json()
    assert set(answer) == COLLECTION
    expected = sorted(str(each.id) for each in getattr(world, path)())
    assert sorted(item[key] for item in answer["items"]) == expected
    assert answer["total"] == len(expected)
    assert answer["next"] is None


@pytest.mark.parametrize(
    ("path", "params", "key"),
    [
        ("/models", {"limit": 7, "sort": "-last_success_runtime"}, ("project_id", "unique_id")),
        ("/models", {"limit": 50}, ("project_id", "unique_id")),
        ("/models", {"limit": 13, "sort": "materialization"}, ("project_id", "unique_id")),
        ("/runs", {"limit": 97, "period": "last_3_days"}, ("run_id",)),
        ("/runs", {"limit": 60, "period": "last_3_days", "sort": "runtime"}, ("run_id",)),
        ("/jobs", {"limit": 4, "sort": "-last_run_start_time"}, ("job_id",)),
    ],
)
async def test_paging_loses_and_repeats_nothing(
    path: str, params: dict[str, Any], key: tuple[str, ...], client: httpx.AsyncClient
) -> None:
    paged, pages = await everything(client, path, **params)
    whole, _ = await everything(client, path, **{**params, "limit": 500})
    assert pages > 2
    assert [[item[part] for part in key] for item in paged] == [[item[part] for part in key] for item in whole]
    assert len({tuple(item[part] for part in key) for item in paged}) == len(paged)


async def test_a_model_in_two_environments_is_on_the_pages_twice(client: httpx.AsyncClient) -> None:
    asked = {"jobs": ["Growth nightly", "Growth staging build"], "limit": 7}
    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        page = (await client.get("/models", params={**asked, **({"cursor": cursor} if cursor else {})})).json()
        seen += [(item["environment_id"], item["unique_id"]) for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == page["total"]
    assert len({unique_id for _, unique_id in seen}) < len(seen)


async def test_items_without_a_value_come_last_either_way(client: httpx.AsyncClient) -> None:
    for sort in ("runtime", "-runtime"):
        items, _ = await everything(client, "/runs", sort=sort, limit=500)
        runtimes = [item["runtime"] for item in items]
        known = [each for each in runtimes if each is not None]
        assert None in runtimes
        assert runtimes[: len(known)] == sorted(known, reverse=sort.startswith("-"))


async def test_runs_come_newest_first_and_name_their_default_period(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/runs?limit=50")).json()
    created = [item["created_at"] for item in answer["items"]]
    assert created == sorted(created, reverse=True)
    assert any("last 7 days" in note for note in answer["notes"])


async def test_runs_are_filtered_as_a_plain_loop_would(client: httpx.AsyncClient, world: sandbox.World) -> None:
    failed = {
        str(run.id)
        for run in world.runs()
        if run.started_at and run.started_at.date().isoformat() == "2026-11-16" and run.status == 20
    }
    items, _ = await everything(client, "/runs", period="2026-11-16", run_status="failure", limit=500)
    assert failed
    assert {item["run_id"] for item in items} == failed


async def test_jobs_are_filtered_by_project_and_type(client: httpx.AsyncClient) -> None:
    everyone = (await client.get("/jobs")).json()["items"]
    project = (await client.get("/projects")).json()["items"][0]
    kept = (await client.get("/jobs", params={"projects": project["name"], "job_type": "scheduled"})).json()
    expected = [
        job for job in everyone if job["project_id"] == project["project_id"] and job["job_type"] == "scheduled"
    ]
    assert expected
    assert kept["items"] == expected
    assert kept["total"] == len(expected)


async def test_models_are_filtered_by_runtime_and_materialization(client: httpx.AsyncClient) -> None:
    everyone, _ = await everything(client, "/models", limit=500)
    kept, _ = await everything(client, "/models", min_runtime=60, materialization=["table", "incremental"], limit=500)
    expected = [
        model
        for model in everyone
        if (model["last_success_runtime"] or 0) >= 60 and model["materialization"] in ("table", "incremental")
    ]
    assert expected
    assert kept == expected


@pytest.mark.parametrize(
    ("path", "key", "other"),
    [("/projects", "project_id", "name"), ("/jobs", "job_id", "name"), ("/models", "unique_id", "model_id")],
)
async def test_one_thing_is_found_by_id_and_by_name(path: str, key: str, other: str, client: httpx.AsyncClient) -> None:
    first = (await client.get(path)).json()["items"][0]
    for reference in (first[key], first[other], first[other].upper()):
        answer = await client.get(f"{path}/{reference}")
        assert answer.status_code == 200, answer.text
        assert answer.json() == first


async def test_a_model_is_found_by_project_and_unique_id(client: httpx.AsyncClient) -> None:
    first = (await client.get("/models")).json()["items"][0]
    answer = await client.get(f"/models/{first['project_id']}/{first['unique_id']}")
    assert answer.json() == first


async def test_one_run_is_found_by_id(client: httpx.AsyncClient) -> None:
    first = (await client.get("/runs")).json()["items"][-1]
    alone = (await client.get(f"/runs/{first['run_id']}")).json()
    assert alone | {"model_count": None} == first
    assert alone["model_count"] > 0


async def test_the_account_names_its_source(client: httpx.AsyncClient, world: sandbox.World) -> None:
    answer = (await client.get("/account")).json()
    assert answer["source"]["label"] == world.label
    assert answer["source"]["kind"] == "sandbox"
    assert answer["account_id"] == answer["source"]["account_id"] == str(world.account.id)
    assert answer["model"] == "scripted"


async def test_invalidating_the_cache_makes_the_next_question_ask_again(client: httpx.AsyncClient) -> None:
    account = client._transport.app.state.services.account  # type: ignore[attr-defined]
    await client.get("/jobs")
    before = account.requests
    assert (await client.post("/cache/invalidate", json={"scope": "jobs"})).json()["dropped"] >= 1
    await client.get("/jobs")
    assert account.requests > before
    assert (await client.post("/cache/invalidate")).json()["dropped"] >= 1
    assert (await client.post("/cache/invalidate", json={"scope": "everything"})).status_code == 422


async def test_health_asks_nothing_and_readiness_names_the_source(client: httpx.AsyncClient) -> None:
    account = client._transport.app.state.services.account  # type: ignore[attr-defined]
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert account.requests == 0
    ready = (await client.get("/readyz")).json()
    asked = account.requests
    assert (await client.get("/readyz")).json() == ready
    assert account.requests == asked
    assert ready["status"] == "ready"
    assert ready["threads"] == "kept"
