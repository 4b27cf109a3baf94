"""Faults on demand."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from dbt_cloud_sandbox import Fault, Faults, World, transport

from .conftest import connect

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
