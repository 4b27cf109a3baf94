"""The reports over real dbt runs, against the files those runs wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings

SLOW = "model.coffee_shop.demand_forecast"


def read(artifacts: Path) -> dict[str, dict[str, Any]]:
    """Each run's run_results.json, by folder, in the order in which they ran."""
    return {file.parent.name: json.loads(file.read_text()) for file in sorted(artifacts.glob("*/run_results.json"))}


def built(artifacts: Path) -> dict[str, dict[str, Any]]:
    """The runs that built something: `dbt docs generate` only compiles."""
    return {name: each for name, each in read(artifacts).items() if each["args"]["which"] in ("build", "run")}


def results(run: dict[str, Any], kind: str = "model.") -> list[dict[str, Any]]:
    return [result for result in run["results"] if result["unique_id"].startswith(kind)]


def latest(artifacts: Path) -> datetime:
    """When the last file was written."""
    metadata = [json.loads(file.read_text())["metadata"] for file in artifacts.glob("*/*.json")]
    return max(datetime.fromisoformat(each["generated_at"]) for each in metadata)


@pytest.fixture
async def shop(artifacts: Path) -> AsyncIterator[DbtAccount]:
    """An account over the runs, an hour after the last of them."""
    now = latest(artifacts) + timedelta(hours=1)
    transport = sandbox.transport(artifacts=artifacts, now=lambda: now)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        yield account


async def rows(account: DbtAccount, name: str, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report(name, limit=500, **arguments)).rows)


async def test_source_is_the_artifacts(shop: DbtAccount) -> None:
    report = await shop.arun_report("list_jobs")
    assert report.source.kind == "artifacts"
    assert "coffee_shop" in report.source.label


async def test_slowest_models_are_those_of_the_last_successful_builds(shop: DbtAccount, artifacts: Path) -> None:
    expected: dict[str, float] = {}
    for run in built(artifacts).values():
        expected |= {r["unique_id"]: r["execution_time"] for r in results(run) if r["status"] == "success"}
    found = await rows(shop, "slowest_models")
    assert {row["unique_id"]: row["runtime"] for row in found} == pytest.approx(expected)
    assert found[0]["unique_id"] == max(expected, key=expected.__getitem__) == SLOW


async def test_the_model_that_slows_down_averages_over_its_last_runs(shop: DbtAccount, artifacts: Path) -> None:
    times = [r["execution_time"] for run in built(artifacts).values() for r in results(run) if r["unique_id"] == SLOW]
    (row,) = await rows(shop, "slowest_models", models="demand_forecast", last_n_runs=3)
    assert (row["runtime"], row["max_runtime"]) == (pytest.approx(sum(times[-3:]) / 3), pytest.approx(max(times[-3:])))


async def test_narrowed_by_tag_they_are_those_of_the_manifest(shop: DbtAccount, artifacts: Path) -> None:
    nodes = json.loads((artifacts / "13-build-later" / "manifest.json").read_text())["nodes"]
    finance = {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
        and "finance" in node["tags"]
        and node["config"]["materialized"] != "ephemeral"
    }
    assert {row["unique_id"] for row in await rows(shop, "slowest_models", tags="finance")} == finance
    assert {row["unique_id"] for row in await rows(shop, "list_models", tags="FINANCE")} == finance


async def test_failed_runs_are_those_that_failed_with_dbts_own_words(shop: DbtAccount, artifacts: Path) -> None:
    newest, oldest, freshness = await rows(shop, "failed_runs")
    assert "source freshness" in freshness["job_name"]  # a source was older than it may be: dbt calls that an error
    (broken,) = [r for r in results(read(artifacts)["05-build-model-fails"]) if r["status"] == "error"]
    assert "stg_deliveries" in oldest["failed_nodes"]
    assert "model" in oldest["failed_nodes"]
    assert broken["message"].strip()[:60] in oldest["error"]
    (test,) = [r for r in results(read(artifacts)["09-build-test-fails"], "test.") if r["status"] == "fail"]
    assert test["unique_id"].split(".")[2] in newest["failed_nodes"]
    assert test["message"].strip()[:40] in newest["error"]


async def test_longest_running_jobs_rank_the_commands(shop: DbtAccount, artifacts: Path) -> None:
    builds = [run for run in built(artifacts).values() if run["args"]["which"] == "build"]
    finance = [run for run in built(artifacts).values() if run["args"]["which"] == "run"]
    found = {row["job_name"]: row for row in await rows(shop, "longest_running_jobs")}
    build = next(row for name, row in found.items() if "dbt build" in name)
    tagged = next(row for name, row in found.items() if "tag:finance" in name)
    assert (build["runs"], tagged["runs"]) == (len(builds), len(finance))
    assert build["avg_runtime"] > tagged["avg_runtime"]
    assert max(found.values(), key=lambda row: row["avg_runtime"]) is build
    elapsed = [run["elapsed_time"] for run in builds]
    assert build["max_runtime"] == pytest.approx(max(elapsed), abs=10)
    assert build["max_runtime"] >= max(elapsed)


async def test_jobs_are_the_commands_that_ran(shop: DbtAccount) -> None:
    names = {row["job_name"] for row in await rows(shop, "list_jobs")}
    assert len(names) == 4
    for command in ("dbt build", "dbt run --select tag:finance", "dbt source freshness", "dbt docs generate"):
        assert any(command in name for name in names), command


async def test_models_are_those_of_the_latest_manifest(shop: DbtAccount, artifacts: Path) -> None:
    nodes = json.loads((artifacts / "13-build-later" / "manifest.json").read_text())["nodes"]
    expected = {
        unique_id
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "ephemeral"
    }
    found = await rows(shop, "list_models")
    assert {row["unique_id"] for row in found} == expected
    assert "model.coffee_shop.regulars" in expected


async def test_just_after_the_failure_the_failed_model_has_no_runtime(artifacts: Path, tmp_path: Path) -> None:
    for name in ("01-build", "03-finance", "04-build", "05-build-model-fails"):
        shutil.copytree(artifacts / name, tmp_path / "runs" / name)
    shutil.copy(artifacts / "manifest.json", tmp_path / "runs")
    run = read(artifacts)["05-build-model-fails"]
    success = next(r for r in results(read(artifacts)["04-build"]) if r["unique_id"].endswith("stg_deliveries"))
    now = datetime.fromisoformat(run["metadata"]["generated_at"]) + timedelta(hours=1)
    transport = sandbox.transport(artifacts=tmp_path / "runs", now=lambda: now)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        (row,) = await rows(account, "list_models", models="stg_deliveries")
        skipped = await rows(account, "list_models", model_status="skipped")
        (slow,) = await rows(account, "slowest_models", models="stg_deliveries")
    assert (row["last_run_status"], row["last_run_runtime"]) == ("error", None)
    assert row["last_success_runtime"] == slow["runtime"] == pytest.approx(success["execution_time"])
    assert slow["last_run_status"] == "error"
    assert {each["unique_id"] for each in skipped} == {r["unique_id"] for r in results(run) if r["status"] == "skipped"}
    assert skipped
    assert all(each["last_run_runtime"] is None for each in skipped)


async def test_last_runs_are_the_latest_in_time(shop: DbtAccount, artifacts: Path) -> None:
    elapsed = [run["elapsed_time"] for run in built(artifacts).values() if run["args"]["which"] == "build"]
    (row,) = await rows(shop, "longest_running_jobs", jobs=await build_job(shop), last_n_runs=2)
    assert row["runs"] == 2
    assert row["avg_runtime"] == pytest.approx(sum(elapsed[-2:]) / 2, abs=0.2)
    times = [r["execution_time"] for run in built(artifacts).values() for r in results(run) if r["unique_id"] == SLOW]
    (slow,) = await rows(shop, "slowest_models", jobs=await build_job(shop), models="demand_forecast", last_n_runs=2)
    assert slow["runtime"] == pytest.approx(sum(times[-2:]) / 2)


async def build_job(account: DbtAccount) -> str:
    return next(job.job_id for job in await account.aget_jobs() if job.record.steps == ("dbt build",))


async def test_one_runs_models_are_its_files(shop: DbtAccount, artifacts: Path) -> None:
    expected = {r["unique_id"]: r["execution_time"] for r in results(read(artifacts)["14-finance-later"])}
    run = next(each for each in await shop.aget_runs() if "tag:finance" in each.job_name)
    found = await rows(shop, "slowest_models", run_id=run.run_id)
    assert {row["unique_id"]: row["runtime"] for row in found} == pytest.approx(expected)


async def test_a_jobs_last_run_is_the_latest_in_time(shop: DbtAccount, artifacts: Path) -> None:
    last = read(artifacts)["14-finance-later"]["metadata"]["generated_at"]
    row = next(row for row in await rows(shop, "list_jobs") if "tag:finance" in row["job_name"])
    started = datetime.fromisoformat(row["last_run_start_time"])
    assert timedelta() < datetime.fromisoformat(last) - started < timedelta(seconds=3)
    handle = await (await shop.aget_job(row["job_id"])).aget_last_run()
    assert handle is not None
    assert handle.start_time is not None
    assert abs(handle.start_time - started) < timedelta(milliseconds=1)


async def test_a_test_of_another_model_reads_a_model_without_covering_it(shop: DbtAccount) -> None:
    (details,) = (await shop.arun_report("model_details", model="stg_shops")).rows
    (coverage,) = await rows(shop, "test_coverage", models="stg_shops")
    assert (details["test_count"], coverage["test_count"]) == (1, 0)
