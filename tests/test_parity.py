"""One question, every door: the same first row and the same number."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from click.testing import CliRunner
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from dbt_discovery_web.cli import main
from langchain_dbt_discovery import DbtDiscoveryToolkit

from .conftest import ARTIFACTS, NOW

AFTER_THE_RUNS = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """A world, the settings that lead to it, and the client of a web app on it."""

    world: sandbox.World
    settings: Settings
    web: httpx.AsyncClient
    variables: dict[str, str]


@pytest.fixture(params=["generated", "real runs"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, world: sandbox.World) -> AsyncIterator[Place]:
    """The generated world, and then the real runs of the fixtures, at a moment just after them."""
    now, folder = NOW, None
    if request.param == "real runs":
        folder = ARTIFACTS
        world = sandbox.artifacts_world(folder, now=lambda: datetime(2100, 1, 1, tzinfo=UTC))
        now = max(run.finished_at for run in world.runs() if run.finished_at) + AFTER_THE_RUNS
        world = sandbox.artifacts_world(folder, now=lambda: now)
    database = f"sqlite:///{tmp_path / 'threads.db'}"
    settings = Settings(fixed_now=now, sandbox_artifacts=folder, database_url=database)
    variables = {"DBT_DISCOVERY_NOW": now.isoformat(), "DBT_DISCOVERY_DATABASE_URL": database}
    if folder:
        variables["DBT_SANDBOX_ARTIFACTS"] = str(folder)
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as web,
    ):
        yield Place(world, settings, web, variables)


def longest_jobs(world: sandbox.World, now: datetime) -> tuple[str, float]:
    """Name and average run time of the longest-running job of the last 14 days, by a plain loop over raw runs."""
    times: dict[int, list[float]] = {}
    for run in world.runs():
        finished = run.status in (10, 20) and run.started_at and run.finished_at
        if finished and now - timedelta(days=14) <= run.started_at < now:
            times.setdefault(run.job_id, []).append((run.finished_at - run.started_at).total_seconds())
    job_id = max(times, key=lambda each: fmean(times[each]))
    return next(job.name for job in world.jobs() if job.id == job_id), fmean(times[job_id])


def slowest_model(world: sandbox.World) -> tuple[str, float]:
    """Name and time of the model whose latest success in production took longest, by a plain loop over raw results."""
    production = {env.id for env in world.environments() if env.type == "deployment"}
    production -= {env.id for env in world.environments() if env.deployment_type != "production"}
    latest: dict[tuple[int, str], float] = {}
    for run in world.runs():
        if run.environment_id not in production:
            continue
        if "docs generate" in next(job.name for job in world.jobs() if job.id == run.job_id):
            continue
        for result in world.results(run.id):
            if result.unique_id.startswith("model.") and result.status == "success":
                latest[run.project_id, result.unique_id] = result.execution_time
    key = max(latest, key=lambda each: latest[each])
    return key[1].rsplit(".", 1)[-1], latest[key]


CASES = {
    "longest_running_jobs": ("what were the longest-running jobs in the last 14 days?", {"period": "last_14_days"}),
    "slowest_models": ("which models are slowest?", {}),
}


async def command(place: Place, *words: str) -> dict[str, Any]:
    """What a command prints as JSON. A command has a loop of its own, so it runs in a thread."""
    result = await asyncio.to_thread(CliRunner(env=place.variables).invoke, main, words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", CASES)
async def test_every_door_gives_the_same_first_row_and_number(place: Place, name: str) -> None:
    question, arguments = CASES[name]
    transport = sandbox.transport(place.world)
    async with DbtAccount(transport=transport, settings=place.settings) as account:
        python = (await account.arun_report(name, **arguments)).to_json()
        tools = {tool.name: tool for tool in DbtDiscoveryToolkit(account=account).get_tools()}
        call = {"type": "tool_call", "id": "1", "name": f"dbt_{name}", "args": arguments}
        tool = (await tools[f"dbt_{name}"].ainvoke(call)).artifact
    rest = (await place.web.get(f"/reports/{name}", params=arguments)).json()
    chat = (await place.web.post("/chat", json={"message": question})).json()
    options = [text for key, value in arguments.items() for text in (f"--{key.replace('_', '-')}", value)]
    terminal = await command(place, "report", name, *options, "--json")
    asked = await command(place, "ask", question, "--json")

    answers: dict[str, dict[str, Any]] = {
        "tool": tool,
        "REST": rest,
        "chat": chat["reports"][0],
        "command line": terminal,
        "ask": asked["reports"][0],
    }
    for door, answer in answers.items():
        assert answer["rows"][0] == python["rows"][0], door
        assert answer["finding"] == python["finding"], door
        assert answer["path"] == python["path"], door
    assert python["finding"] in chat["answer"]

    first = python["rows"][0]
    if name == "longest_running_jobs":
        expected, shown = longest_jobs(place.world, place.settings.now()), (first["job_name"], first["avg_runtime"])
    else:
        expected, shown = slowest_model(place.world), (first["name"], first["runtime"])
    assert shown[0] == expected[0]
    assert shown[1] == pytest.approx(expected[1], abs=1e-3)


async def test_path_of_a_report_gives_the_report_again(place: Place) -> None:
    asked = await place.web.get("/reports/longest_running_jobs", params={"period": "last_30_days", "order_by": "max"})
    again = await place.web.get(asked.json()["path"])
    assert again.json()["rows"] == asked.json()["rows"]
