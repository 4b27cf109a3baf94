"""Lists and details over real dbt runs, and with a token for metadata alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.words import duration

from tests.conftest import ARTIFACTS, NOW
from tests.core.recount import attempts, production

SLOW = "model.coffee_shop.demand_forecast"


@pytest.fixture
async def shop() -> AsyncIterator[DbtAccount]:
    """An account over real runs, some days after the last of them."""
    now = datetime(2026, 12, 1, tzinfo=UTC)
    transport = sandbox.transport(artifacts=ARTIFACTS, now=lambda: now)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        yield account


@pytest.fixture
async def narrow(world: World) -> AsyncIterator[DbtAccount]:
    """An account whose token may not use the Admin API."""
    homes = tuple(str(home.id) for home in production(world))
    settings = Settings(fixed_now=NOW, environment_ids=homes)
    transport = sandbox.transport(world)
    async with DbtAccount("metadata-only", world.account.id, transport=transport, settings=settings) as account:
        yield account


def built(artifacts: Path) -> list[dict[str, Any]]:
    """The results of the runs that built something, in the order in which they ran."""
    files = [json.loads(file.read_text()) for file in sorted(artifacts.glob("*/run_results.json"))]
    return [each for each in files if each["args"]["which"] in ("build", "run")]


async def test_average_of_a_models_runs_is_that_of_the_files(shop: DbtAccount) -> None:
    times = [r["execution_time"] for each in built(ARTIFACTS) for r in each["results"] if r["unique_id"] == SLOW]
    report = await shop.arun_report("model_runs", model="demand_forecast")
    assert [row["runtime"] for row in report.rows] == pytest.approx(times[::-1])
    assert f"{duration(sum(times) / len(times))} on average, median {duration(median(times))}" in report.finding


async def test_a_run_counts_the_nodes_of_its_file(shop: DbtAccount) -> None:
    (row,) = (await shop.arun_report("run_details", job="dbt build")).rows
    last = [each for each in built(ARTIFACTS) if each["args"]["which"] == "build"][-1]
    for kind in ("model", "test", "seed", "snapshot"):
        number = sum(result["unique_id"].startswith(f"{kind}.") for result in last["results"])
        assert f"{number} {kind}" in row["nodes"]


async def test_a_job_a_model_and_the_lists_are_told(shop: DbtAccount) -> None:
    (job,) = (await shop.arun_report("job_details", job="dbt build")).rows
    assert (job["schedule"], job["next_run_time"], job["steps"]) == (None, None, "dbt build")
    (model,) = (await shop.arun_report("model_details", model="demand_forecast", sql=True)).rows
    assert model["jobs"] == "dbt build"
    assert model["raw_code"] != model["compiled_code"]
    (project,) = (await shop.arun_report("list_projects")).rows
    assert project["project_name"] == "coffee_shop"
    runs = await shop.arun_report("list_runs", limit=500)
    assert len(runs.rows) == len(list(ARTIFACTS.glob("*/run_results.json"))) + len(
        list(ARTIFACTS.glob("*/sources.json"))
    )


async def test_without_the_admin_api_a_model_and_its_runs_are_whole(narrow: DbtAccount, world: World) -> None:
    unique_id = "model.finance.fct_revenue"
    home = next(home for home in production(world) if unique_id in attempts(world, home.id))
    times = [result.execution_time for _, result in attempts(world, home.id)[unique_id][::-1][:10]]
    runs = await narrow.arun_report("model_runs", model="fct_revenue")
    assert [row["runtime"] for row in runs.rows] == pytest.approx(times)
    (row,) = (await narrow.arun_report("model_details", model="fct_revenue")).rows
    assert row["last_run_runtime"] == pytest.approx(times[0])
    assert all(row[key] for key in ("owner", "jobs", "test_count", "row_count", "source_freshness", "parent_count"))


@pytest.mark.parametrize("name", ["list_projects", "list_runs", "job_details", "run_details"])
async def test_without_the_admin_api_what_is_missing_is_said(narrow: DbtAccount, name: str) -> None:
    job = (await narrow.aget_jobs())[0]
    report = await narrow.arun_report(name, **({"job": job} if name.endswith("details") else {}))
    assert report.rows
    assert not report.coverage.complete
    assert any("may not use dbt Cloud's Admin API" in note for note in report.notes)
    if name == "run_details":
        assert (report.rows[0]["steps"], report.rows[0]["queued"]) == ("", None)
        assert " model" in report.rows[0]["nodes"]
