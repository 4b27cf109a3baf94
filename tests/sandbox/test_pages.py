"""Pages from memory are the bytes of a fresh sandbox, and runs are found as a plain loop finds them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import Faults, Run, World, artifacts_world, generated_world
from dbt_cloud_sandbox.admin import render
from dbt_cloud_sandbox.ledger import Ledger
from dbt_cloud_sandbox.memory import Memory

from .conftest import NOW, Client, connect, production
from .trees import manifest, model, run_results, success, write

STATES = """query ($id: BigInt!) { environment(id: $id) { applied { lastUpdatedAt models(first: 500) { edges { node {
  uniqueId executionInfo { lastRunId lastRunStatus executionTime } } } } } } }"""


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def moving(clock: Clock) -> World:
    return generated_world(days=3, now=clock)


async def told(client: Client) -> list[bytes]:
    """What a client sees of runs, jobs and the state of an environment."""
    runs, jobs = f"{client.account}/runs/", f"{client.account}/jobs/"
    under_way = next((run for run in client.world.runs() if run.finished_at is None), client.world.runs()[-1])
    asked: list[tuple[str, dict[str, Any]]] = [
        (runs, {"order_by": "-id", "limit": 30}),
        (runs, {"status__in": "[1,2,3]", "include_related": '["trigger","run_steps"]'}),
        (f"{runs}{under_way.id}/", {"include_related": '["run_steps","job"]'}),
        (jobs, {"include_related": '["most_recent_run"]'}),
    ]
    answers = [await client.http.get(path, params=params) for path, params in asked]
    variables = {"id": production(client.world, "marketing")}
    answers.append(await client.http.post("/graphql", json={"query": STATES, "variables": variables}))
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content for answer in answers]


@pytest.mark.parametrize(
    "ahead",
    [
        timedelta(),
        timedelta(microseconds=700_000),
        timedelta(seconds=1),
        timedelta(seconds=61),
        timedelta(hours=2),
        timedelta(days=1, hours=3),
    ],
    ids=str,
)
async def test_a_page_asked_again_is_what_a_fresh_sandbox_gives(clock: Clock, moving: World, ahead: timedelta) -> None:
    client = connect(moving)
    before = await told(client)
    clock.moment = NOW + ahead
    again = await told(client)
    fresh = await told(connect(generated_world(days=3 + ahead.days, now=lambda: NOW + ahead)))
    assert again == await told(client)
    assert again == fresh
    assert (before == again) is (ahead < timedelta(seconds=1))


async def test_a_page_is_made_once_and_given_again(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    plain = render.run

    def counted(record: Run, *rest: Any) -> dict[str, Any]:
        made.append(record.id)
        return plain(record, *rest)

    monkeypatch.setattr(render, "run", counted)
    first = await client.runs(limit=7, status=20)
    again = await client.http.get(f"{client.account}/runs/", params={"status": 20, "limit": 7})
    assert again.json()["data"] == first
    assert len(made) == 7
    await client.runs(limit=8, status=20)
    assert len(made) == 15


async def test_an_unfinished_runs_duration_grows_by_the_second(clock: Clock, moving: World) -> None:
    client = connect(moving)
    run = next(run for run in moving.runs() if run.status == 3)
    seen = []
    for seconds in (0.0, 0.4, 1.0, 1.9, 3.0):
        clock.moment = NOW + timedelta(seconds=seconds)
        seen.append((await client.get(f"{client.account}/runs/{run.id}/"))["data"]["duration"])
    ages = [int((NOW + timedelta(seconds=whole) - run.created_at).total_seconds()) for whole in (0, 0, 1, 1, 3)]
    assert seen == [f"{age // 3600:02}:{age // 60 % 60:02}:{age % 60:02}" for age in ages]


async def test_a_run_that_finishes_changes_the_pages_it_is_on(clock: Clock, moving: World) -> None:
    client = connect(moving)
    home = production(moving, "growth")
    under_way = {run.id for run in moving.runs() if run.finished_at is None and run.environment_id == home}
    later = generated_world(days=3, now=lambda: NOW + timedelta(hours=3))
    done = [run for run in later.runs() if run.id in under_way and run.finished_at and run.has_artifacts]
    run = min(done, key=lambda run: run.finished_at or NOW)
    assert run.finished_at
    path = f"{client.account}/runs/{run.id}/"
    clock.moment = run.finished_at - timedelta(microseconds=1)
    assert (await client.get(path))["data"]["is_complete"] is False
    before = (await client.data(STATES, id=home))["environment"]["applied"]["lastUpdatedAt"]
    clock.moment = run.finished_at
    assert (await client.get(path))["data"]["is_complete"] is True
    after = (await client.data(STATES, id=home))["environment"]["applied"]["lastUpdatedAt"]
    assert before < after == run.finished_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_faults_of_the_deployment_have_answers_of_their_own(world: World) -> None:
    faults = Faults()
    client = connect(world, faults=faults)
    day = {"created_at__range": json.dumps(["2026-11-15T00:00:00Z", "2026-11-16T00:00:00Z"])}
    rows = await client.runs(**day)
    faults.range_filters = False
    await client.get(f"{client.account}/runs/", answer=400, **day)
    faults.clear()
    assert await client.runs(**day) == rows
    faults.complexity_limit = 3
    await client.graphql(STATES, answer=400, id=production(world, "finance"))
    faults.clear()
    assert await client.data(STATES, id=production(world, "finance"))


def test_memory_keeps_what_was_asked_for_latest_within_its_limit() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text

    memory: Memory[str] = Memory(6, len)
    for text in ("aa", "bb", "cc", "aa", "dd", "bb", "aa", "toolong", "toolong", "aa"):
        assert memory.get(text, lambda text=text: make(text)) == text  # type: ignore[misc]
    # dd pushes bb out, bb then pushes cc out; what is too heavy is made anew and pushes nothing out
    assert made == ["aa", "bb", "cc", "dd", "bb", "toolong", "toolong"]
    memory.forget()
    assert memory.get("aa", lambda: "new") == "new"


@pytest.fixture
def unordered(tmp_path: Path) -> World:
    """Runs of dbt Core: their ids are hashes and do not tell in which order they were created."""
    write(tmp_path, manifest([model("a")]))
    for place in range(40):
        body = run_results([success(model("a"), 1.0)], invocation=f"run-{place}", at=100 * place + 60)
        write(tmp_path / str(place), body)
    return artifacts_world(tmp_path)


@pytest.mark.parametrize("kind", ["generated", "artifacts"])
def test_a_ledger_finds_what_a_plain_loop_finds(world: World, unordered: World, kind: str) -> None:
    runs = (world if kind == "generated" else unordered).runs()
    ledger = Ledger(runs)
    some = runs[:: max(1, len(runs) // 40)]
    for run in some:
        assert ledger.run(run.id) is run
        assert ledger.run(run.id + 1) is None
        assert list(ledger.after(run.id)) == [r for r in runs if r.id > run.id]
        assert list(ledger.where("job_id", run.job_id)) == [r for r in runs if r.job_id == run.job_id]
    for first, last in pairwise(some):
        begin, end = sorted((first.created_at, last.created_at))
        found = ledger.created_between(begin, end)
        assert {run.id for run in found} == {run.id for run in runs if begin <= run.created_at <= end}
    home = runs[0].environment_id
    over = [r for r in runs if r.environment_id == home and r.finished_at and r.status != 30]
    assert list(ledger.done(home)) == sorted(over, key=lambda run: (run.finished_at or NOW, run.id))
    assert ledger.run(0) is None
    assert list(ledger.where("status", 99)) == list(ledger.done(0)) == []


async def test_a_world_of_thousands_starts_and_answers_in_seconds() -> None:
    begun = time.process_time()
    world = generated_world(now=lambda: NOW, models=2_000, runs=20_000)
    client = connect(world)
    rows = await client.runs(order_by="-id")
    home = next(home.id for home in world.environments() if home.deployment_type == "production")
    state = await client.data(STATES, id=home)
    assert time.process_time() - begun < 5
    assert len(rows) == 100
    assert rows[0]["id"] == world.runs()[-1].id
    assert len(state["environment"]["applied"]["models"]["edges"]) == 500
    assert world.runs()[0].created_at.date() == (NOW - timedelta(days=90)).astimezone(UTC).date()
