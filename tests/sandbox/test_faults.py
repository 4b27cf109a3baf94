"""Faults on demand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from dbt_cloud_sandbox import Fault, Faults, World, artifacts_world, create_app, transport

from .conftest import Client, connect, production
from .trees import manifest, model, run_results, success, write

AUTHORIZED = (b"authorization", b"Token any")
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


JOB = "query ($id: BigInt!, $run: BigInt) { job(id: $id, runId: $run) { runId } }"
HISTORY = """query ($id: BigInt!, $of: String!) {
  environment(id: $id) { applied { modelHistoricalRuns(uniqueId: $of, lastRunCount: 20) { runId } } }
}"""


async def test_results_may_be_forgotten_after_some_days(client: Client) -> None:
    faults = Faults(results_kept=timedelta(days=2))
    forgetful = connect(client.world, faults=faults)
    since = datetime(2026, 11, 16, tzinfo=UTC)  # two days before NOW, in whole days
    over = [run for run in client.world.runs() if run.has_artifacts and run.finished_at][-600:]
    kept = {run.id for run in over if run.finished_at and run.finished_at >= since}
    assert 50 < len(kept) < 550
    for run in over[::10]:
        job = (await forgetful.data(JOB, id=run.job_id, run=run.id))["job"]
        assert job == ({"runId": run.id} if run.id in kept else None)
        assert (await client.data(JOB, id=run.job_id, run=run.id))["job"] == {"runId": run.id}
    of = {"id": production(client.world, "finance"), "of": "model.finance.fct_revenue"}
    everything, recent = [
        [row["runId"] for row in (await each.data(HISTORY, **of))["environment"]["applied"]["modelHistoricalRuns"]]
        for each in (client, forgetful)
    ]
    assert recent == [run_id for run_id in everything if run_id in kept]
    assert 0 < len(recent) < len(everything)
    faults.clear()
    assert (await forgetful.data(JOB, id=over[0].job_id, run=over[0].id))["job"] == {"runId": over[0].id}


async def test_results_are_forgotten_as_time_passes_though_nothing_else_changes(tmp_path: Path) -> None:
    folder = write(tmp_path, manifest([model("a")]), run_results([success(model("a"), 1.0)]))
    clock = [datetime.max.replace(tzinfo=UTC)]
    world = artifacts_world(folder, now=lambda: clock[0])
    (run,) = world.runs()
    assert run.finished_at is not None
    client = connect(world, faults=Faults(results_kept=timedelta(days=1)))
    answers = []
    for passed in (timedelta(), timedelta(days=1), timedelta(days=2)):
        clock[0] = run.finished_at + passed
        answers.append((await client.data(JOB, id=run.job_id))["job"])
    assert answers == [{"runId": run.id}, {"runId": run.id}, None]


def test_clearing_makes_them_as_new() -> None:
    odd = Faults(
        Fault(),
        latency=1.0,
        range_filters=False,
        pagination_cursors=False,
        capped_job_lists=True,
        complexity_limit=1,
        bare_complexity=True,
        results_kept=timedelta(days=1),
    )
    odd.clear()
    assert vars(odd) == vars(Faults())


async def test_a_client_that_goes_away_before_it_has_asked_is_no_fault(world: World) -> None:
    app = create_app(world)
    sent: list[object] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": [AUTHORIZED]}
    await app(scope, gone, send)
    assert sent == []
