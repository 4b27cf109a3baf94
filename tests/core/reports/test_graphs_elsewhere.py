"""Lineage, critical path, comparison and health over real artifacts, odd deployments and poor tokens."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, PermissionDenied, Settings

from tests.core.recount import finished, production
from tests.core.tiny import TinyCloud, model, run

NIGHTLY, NIGHTLY_ID = "Finance nightly build", "70403103940001"
SLOW = "model.coffee_shop.demand_forecast"
LAST_BUILD = "13-build-later"


@pytest.fixture
def later(artifacts: Path) -> datetime:
    """An hour after the last file of the real dbt runs was written."""
    files = [json.loads(file.read_text()) for file in artifacts.glob("*/*.json")]
    return max(datetime.fromisoformat(each["metadata"]["generated_at"]) for each in files) + timedelta(hours=1)


@pytest.fixture
async def shop(artifacts: Path, later: datetime) -> AsyncIterator[DbtAccount]:
    """An account over real dbt runs."""
    async with DbtAccount(
        transport=sandbox.transport(artifacts=artifacts, now=lambda: later), settings=Settings(fixed_now=later)
    ) as account:
        yield account


def manifest(artifacts: Path) -> dict[str, Any]:
    return dict(json.loads((artifacts / LAST_BUILD / "manifest.json").read_text()))


async def test_lineage_is_the_one_in_the_manifest(shop: DbtAccount, artifacts: Path) -> None:
    """Ephemeral models, which are in no warehouse, are on the way all the same."""
    below: set[str] = set()
    line = ["source.coffee_shop.till.orders"]
    while line:
        children = manifest(artifacts)["child_map"].get(line.pop(), [])
        fresh = [each for each in children if not each.startswith(("test.", "unit_test.")) and each not in below]
        below |= set(fresh)
        line += fresh
    report = await shop.arun_report("lineage", model="till.orders", direction="downstream", limit=500)
    assert {row["unique_id"] for row in report.rows} == below
    assert report.coverage.complete


async def test_the_critical_path_of_a_real_build_leads_to_its_slowest_model(shop: DbtAccount, artifacts: Path) -> None:
    results = json.loads((artifacts / LAST_BUILD / "run_results.json").read_text())["results"]
    took = {each["unique_id"]: each["execution_time"] for each in results}
    reads = manifest(artifacts)["parent_map"]
    rows = (await shop.arun_report("critical_path", job="dbt build")).rows
    assert {row["unique_id"]: row["runtime"] for row in rows} == {
        row["unique_id"]: took[row["unique_id"]] for row in rows
    }
    assert max(rows, key=lambda row: row["could_win"])["unique_id"] == SLOW
    models = [row["unique_id"] for row in rows if row["resource_type"] == "model"]
    for earlier, later in pairwise(models):
        assert earlier in reads[later]


def statuses(folder: Path) -> dict[str, str]:
    """What a real run made of its nodes. dbt lists exposures too, which nothing runs."""
    results = json.loads((folder / "run_results.json").read_text())["results"]
    return {each["unique_id"]: each["status"] for each in results if not each["unique_id"].startswith("exposure.")}


async def test_a_real_build_that_failed_against_the_one_before(shop: DbtAccount, artifacts: Path) -> None:
    before, after = statuses(artifacts / "04-build"), statuses(artifacts / "05-build-model-fails")
    failed = {each for each, status in after.items() if status in ("error", "fail")}
    runs = await (await shop.aget_job("dbt build")).aget_runs(20)
    broken = [run for run in runs if run.status == "failure"][-1]
    report = await shop.arun_report("compare_runs", run_id=broken.run_id, limit=500)
    found = {row["unique_id"]: row["change"] for row in report.rows if row["change"] not in ("slower", "faster")}
    assert {each for each, change in found.items() if change == "newly_failed"} == failed != set()
    skipped = {each for each in after if after[each] == "skipped" and before[each] != "skipped"}
    assert {each for each, change in found.items() if change == "status_changed"} == skipped


async def test_the_health_of_real_models_rests_on_their_tests(shop: DbtAccount) -> None:
    report = await shop.arun_report("model_health", limit=500)
    models = await shop.aget_models()
    assert {row["unique_id"] for row in report.rows} == {each.unique_id for each in models}
    tested = {each for parent in report.rows if parent["test_count"] for each in [parent["unique_id"]]}
    assert all("No test checks it." in row["reasons"] for row in report.rows if row["unique_id"] not in tested)
    assert tested


def long_run() -> TinyCloud:
    """A run of a chain of 250 models, on a dbt Cloud that cuts lists at a hundred."""
    cloud = TinyCloud()
    cloud.most_rows = 100
    cloud.models = {100: [model("m0", 1.0)]}
    cloud.runs = [run(7, "2026-11-17 08:00", "2026-11-17 08:30")]
    cloud.nodes = {
        7: {
            "models": [
                {
                    "uniqueId": f"model.shop.m{n}",
                    "status": "success",
                    "executionTime": 1.0,
                    "dependsOn": [f"model.shop.m{n - 1}"] if n else [],
                }
                for n in range(250)
            ]
        }
    }
    return cloud


async def test_a_list_that_dbt_cloud_cuts_is_read_to_its_end() -> None:
    async with long_run().account() as account:
        report = await account.arun_report("critical_path", run_id=7)
    assert report.total_rows == 250
    assert report.coverage.complete


async def test_a_list_that_cannot_be_read_to_its_end_is_said() -> None:
    cloud = long_run()
    cloud.faults["TimedModelPages"] = httpx.Response(400, json={"errors": [{"message": "no paginationCursor"}]})
    async with cloud.account() as account:
        report = await account.arun_report("critical_path", run_id=7)
    assert report.total_rows == 100
    assert report.notes == ("The nodes of run 7 could not be read to their end.",)
    assert not report.coverage.complete


async def test_older_runs_are_those_of_their_artifacts(world: sandbox.World, settings: Settings) -> None:
    """Discovery keeps results for two months, here for ten days; artifacts have all but what tests read."""
    runs = [each for each in world.runs() if str(each.job_id) == NIGHTLY_ID and finished(each)]
    old = next(each for each in reversed(runs) if each.finished_at and world.now() - each.finished_at > timedelta(20))
    found = {}
    for name, faults in (("whole", sandbox.Faults()), ("gone", sandbox.Faults(results_kept=timedelta(days=10)))):
        async with DbtAccount(transport=sandbox.transport(world, faults=faults), settings=settings) as account:
            compared = await account.arun_report("compare_runs", run_id=old.id, limit=500)
            path = await account.arun_report("critical_path", run_id=old.id)
            found[name] = (compared, path)
    (whole, long), (gone, short) = found["whole"], found["gone"]
    keys = ("unique_id", "change", "before_status", "after_status", "before_runtime", "after_runtime")
    assert [[row[key] for key in keys] for row in gone.rows] == [[row[key] for key in keys] for row in whole.rows]
    assert sum(row["runtime"] for row in short.rows) <= sum(row["runtime"] for row in long.rows)
    assert short.rows
    assert any("tests read is not told" in note for note in short.notes)
    assert not any("tests read is not told" in note for note in long.notes)


class Refusing(httpx.AsyncBaseTransport):
    """The sandbox, for a token that may not use whatever has one of these words in its path."""

    def __init__(self, inner: httpx.AsyncBaseTransport, *words: str) -> None:
        self._inner, self._words = inner, words

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if any(word in request.url.path for word in self._words):
            return httpx.Response(403, json={"errors": [{"message": "no"}]}, request=request)
        return await self._inner.handle_async_request(request)


async def test_a_token_that_the_discovery_api_refuses_compares_runs_by_their_artifacts(
    world: sandbox.World, settings: Settings, account: DbtAccount
) -> None:
    expected = await account.arun_report("compare_runs", job=NIGHTLY)
    refusing = Refusing(sandbox.transport(world), "graphql")
    async with DbtAccount(
        token="sandbox", account_id=world.account.id, transport=refusing, settings=settings
    ) as limited:
        report = await limited.arun_report("compare_runs", job=NIGHTLY)
    assert [row["unique_id"] for row in report.rows] == [row["unique_id"] for row in expected.rows] != []
    neither = Refusing(sandbox.transport(world), "graphql", "artifacts")
    async with DbtAccount(token="sandbox", account_id=world.account.id, transport=neither, settings=settings) as none:
        with pytest.raises(PermissionDenied):
            await none.arun_report("compare_runs", job=NIGHTLY)


async def test_a_token_for_metadata_alone_is_answered_and_told_what_is_missing(
    world: sandbox.World, settings: Settings, account: DbtAccount
) -> None:
    homes = tuple(str(each.id) for each in production(world))
    poor = settings.model_copy(update={"environment_ids": homes})
    questions: list[tuple[str, dict[str, Any]]] = [
        ("lineage", {"model": "stg_netsuite__invoices"}),
        ("critical_path", {"job": NIGHTLY_ID}),
        ("compare_runs", {"job": NIGHTLY_ID}),
        ("model_health", {"limit": 500}),
    ]
    async with DbtAccount(
        token="metadata-only", account_id=world.account.id, transport=sandbox.transport(world), settings=poor
    ) as limited:
        for name, arguments in questions:
            full, partial = await account.arun_report(name, **arguments), await limited.arun_report(name, **arguments)
            identity = [(row["unique_id"], row.get("verdict"), row.get("runtime")) for row in full.rows]
            assert [(row["unique_id"], row.get("verdict"), row.get("runtime")) for row in partial.rows] == identity
            assert not partial.coverage.complete
            assert "may not use dbt Cloud's Admin API" in partial.notes[0]
