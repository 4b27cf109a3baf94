"""Faults on demand."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest
from dbt_cloud_sandbox import Fault, Faults, World, artifacts_world, transport

from .conftest import Client, connect
from .trees import manifest, model, run_results, success, write

QUERY = {"query": "{ job(id: 1) { id } }"}


async def test_too_many_requests_may_say_when_to_come_back(world: World) -> None:
    client = connect(world, faults=Faults(Fault(status=429, retry_after=30, times=2), Fault(status=429)))
    answers = [await client.http.get("/api/v3/accounts/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [429, 429, 429, 200]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["30", "30", None, None]


async def test_a_server_error_has_each_apis_body(world: World) -> None:
    faults = Faults(Fault(status=502, api="discovery"), Fault(status=500, api="admin"))
    client = connect(world, faults=faults)
    admin = await client.http.get("/api/v3/accounts/")
    assert (admin.status_code, admin.json()["status"]["is_success"]) == (500, False)
    discovery = await client.http.post("/graphql", json=QUERY)
    assert discovery.status_code == 502
    assert discovery.json()["errors"][0]["message"].startswith("There was a server error")
    assert (await client.http.post("/graphql", json=QUERY)).status_code == 200


async def test_a_page_may_be_cut_or_no_json_at_all(world: World) -> None:
    client = connect(world, faults=Faults(Fault(kind="truncated"), Fault(kind="invalid")))
    for _ in range(2):
        response = await client.http.get(f"{client.account}/jobs/")
        assert response.status_code == 200
        with pytest.raises(ValueError, match=r"line 1 column"):
            response.json()
    assert (await client.http.get(f"{client.account}/jobs/")).json()["data"]


async def test_a_reset_is_a_network_error(world: World) -> None:
    client = connect(world, faults=Faults(Fault(kind="reset")))
    with pytest.raises(httpx.ReadError, match="dropped the connection"):
        await client.http.get("/api/v3/accounts/")
    assert (await client.http.get("/api/v3/accounts/")).status_code == 200


async def test_latency_is_added_and_taken_away(world: World) -> None:
    faults = Faults(latency=0.05)
    client = connect(world, faults=faults)
    begun = time.perf_counter()
    await client.http.get("/api/v3/accounts/")
    assert time.perf_counter() - begun >= 0.05
    faults.add(Fault())
    faults.clear()
    begun = time.perf_counter()
    assert (await client.http.get("/api/v3/accounts/")).status_code == 200
    assert time.perf_counter() - begun < 0.05


async def test_the_transport_makes_a_world_of_its_own() -> None:
    async with httpx.AsyncClient(
        transport=transport(), base_url="http://sandbox", headers={"Authorization": "Token x"}
    ) as client:
        response = await client.get("/api/v3/accounts/")
    assert response.headers["X-Dbt-Cloud-Sandbox"].startswith("kind=sandbox; world=")


async def test_many_requests_in_process_leave_the_event_loop_its_turns() -> None:
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count_turns())
    async with httpx.AsyncClient(transport=transport(), headers={"Authorization": "Bearer x"}) as client:
        url = "http://sandbox.localhost/api/v3/accounts/"
        answers = await asyncio.gather(*(client.get(url) for _ in range(40)))
    counting.cancel()
    assert all(answer.status_code == 200 for answer in answers)
    assert turns >= 40


JOB_MODELS = "query ($id: BigInt!, $first: Int) { job(id: $id) { models(first: $first) { uniqueId } } }"
NESTED = "query ($id: BigInt!) { job(id: $id) { models { uniqueId parentsModels { uniqueId name } } } }"


def many_models(folder: Path, count: int = 130) -> World:
    ids = [model(f"model_{number:03}") for number in range(count)]
    return artifacts_world(write(folder, manifest(ids), run_results([success(uid, 1.0) for uid in ids])))


async def test_a_jobs_list_without_first_may_be_cut_at_100_without_a_word(tmp_path: Path) -> None:
    world = many_models(tmp_path)
    job = world.jobs()[0].id
    faults = Faults(capped_job_lists=True)
    client = connect(world, faults=faults)
    rows = (await client.data(JOB_MODELS, id=job))["job"]["models"]
    assert [row["uniqueId"] for row in rows] == [model(f"model_{number:03}") for number in range(100)]
    assert len((await client.data(JOB_MODELS, id=job, first=30))["job"]["models"]) == 30
    faults.clear()
    assert len((await client.data(JOB_MODELS, id=job))["job"]["models"]) == 130


async def test_pagination_cursors_may_not_exist(client: Client) -> None:
    asked = "query ($id: BigInt!) { job(id: $id) { models(first: 1) { uniqueId paginationCursor } } }"
    faults = Faults(pagination_cursors=False)
    old = connect(client.world, faults=faults)
    job = client.world.jobs()[0].id
    body = await old.graphql(asked, answer=400, id=job)
    assert [error["message"] for error in body["errors"]] == [
        'Cannot query field "paginationCursor" on type "ModelNode".'
    ]
    assert body["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert len((await old.data(JOB_MODELS, id=job, first=1))["job"]["models"]) == 1
    fields = '{ __type(name: "ModelNode") { fields { name } } }'
    names = {field["name"] for field in (await old.data(fields))["__type"]["fields"]}
    assert {"uniqueId", "rawCode"} <= names
    assert "paginationCursor" not in names
    faults.clear()
    assert (await old.data(asked, id=job))["job"]["models"][0]["paginationCursor"]


async def test_the_complexity_limit_can_be_moved_and_its_answer_left_bare(client: Client) -> None:
    job = client.world.jobs()[0].id
    # job, models and uniqueId cost 1 each, parentsModels 1 and each of its two fields 10: 24 in all
    kind, bare = Faults(complexity_limit=24), Faults(complexity_limit=23, bare_complexity=True)
    assert (await connect(client.world, faults=kind).data(NESTED, id=job))["job"]["models"]
    kind.complexity_limit = 23
    body = await connect(client.world, faults=kind).graphql(NESTED, answer=400, id=job)
    assert body["errors"][0]["extensions"] == {"code": "COMPLEXITY_EXCEEDED"}
    strict = connect(client.world, faults=bare)
    response = await strict.http.post("/graphql", json={"query": NESTED, "variables": {"id": job}})
    assert (response.status_code, response.text) == (400, "Bad Request")
    bare.clear()
    assert (await strict.data(NESTED, id=job))["job"]["models"]


def test_clearing_makes_them_as_new() -> None:
    odd = Faults(
        Fault(),
        latency=1.0,
        range_filters=False,
        pagination_cursors=False,
        capped_job_lists=True,
        complexity_limit=1,
        bare_complexity=True,
    )
    odd.clear()
    assert vars(odd) == vars(Faults())
