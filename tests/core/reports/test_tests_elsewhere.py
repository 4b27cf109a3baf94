"""The reports about tests over real dbt runs, and for a token that may not use the Admin API."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, Settings

from tests.core.recount import production
from tests.core.reports.test_artifacts import latest
from tests.core.upstream import NOW

FOR_EVER = {"period": "last_300_days"}


@pytest.fixture
async def shop(artifacts: Path) -> AsyncIterator[DbtAccount]:
    """An account over real runs, an hour after the last of them."""
    now = latest(artifacts) + timedelta(hours=1)
    transport = sandbox.transport(artifacts=artifacts, now=lambda: now)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        yield account


def outcomes(artifacts: Path) -> list[dict[str, Any]]:
    """What the runs made of their tests, in the order in which they ran; `dbt docs generate` only compiles."""
    runs = [json.loads(file.read_text()) for file in sorted(artifacts.glob("*/run_results.json"))]
    rows = [row for run in runs if run["args"]["which"] in ("build", "test") for row in run["results"]]
    return [row for row in rows if row["unique_id"].startswith(("test.", "unit_test.")) and row["status"] != "skipped"]


async def test_tests_of_artifacts_fail_as_their_files_say(shop: DbtAccount, artifacts: Path) -> None:
    last = {row["unique_id"]: row["status"] for row in outcomes(artifacts)}
    now = await shop.arun_report("failing_tests", limit=500)
    assert {row["unique_id"]: row["last_run_status"] for row in now.rows} == {
        unique_id: status for unique_id, status in last.items() if status in ("fail", "error", "warn")
    }
    assert now.coverage.considered == len(last)
    runs = Counter(row["unique_id"] for row in outcomes(artifacts))
    failures = Counter(row["unique_id"] for row in outcomes(artifacts) if row["status"] in ("fail", "error"))
    often = await shop.arun_report("failing_tests", limit=500, **FOR_EVER)
    found = {row["unique_id"]: (row["failures"], row["runs"]) for row in often.rows}
    assert found == {unique_id: (number, runs[unique_id]) for unique_id, number in failures.items()}
    assert found


async def test_times_of_artifacts_are_those_of_their_files(shop: DbtAccount, artifacts: Path) -> None:
    total = Counter[str]()
    for row in outcomes(artifacts):
        total[row["unique_id"]] += row["execution_time"]
    report = await shop.arun_report("slowest_tests", order_by="total", limit=500, **FOR_EVER)
    assert {row["unique_id"]: row["total_runtime"] for row in report.rows} == pytest.approx(dict(total))


async def test_unit_tests_and_tests_of_sources_find_their_places(shop: DbtAccount, artifacts: Path) -> None:
    unit = {row["unique_id"] for row in outcomes(artifacts) if row["unique_id"].startswith("unit_test.")}
    report = await shop.arun_report("test_coverage", limit=500)
    kinds = " ".join(row["test_kinds"] for row in report.rows)
    assert f"{len(unit)} unit" in kinds
    assert "tests of sources" in report.notes[0]


async def test_artifacts_name_no_commit_so_nothing_is_said_of_flakiness(shop: DbtAccount) -> None:
    report = await shop.arun_report("flaky_tests")
    assert (report.rows, report.coverage.complete) == ((), False)
    assert "cannot be told" in report.finding


async def test_a_token_without_the_admin_api_has_the_same_state_and_says_what_is_missing(world: World) -> None:
    homes = tuple(str(home.id) for home in production(world))
    settings = Settings(fixed_now=NOW, environment_ids=homes)
    transport = sandbox.transport(world)
    few = DbtAccount("metadata-only", world.account.id, transport=transport, settings=settings)
    whole = DbtAccount(account_id=world.account.id, transport=transport, settings=Settings(fixed_now=NOW))
    async with few, whole:
        # Since when a test fails is told by runs, of which only the latest are known; the rest is in the state itself.
        for name, complete in {"failing_tests": False, "slowest_tests": True, "test_coverage": True}.items():
            found, expected = [await each.arun_report(name, limit=500) for each in (few, whole)]
            assert [row["unique_id"] for row in found.rows] == [row["unique_id"] for row in expected.rows]
            assert found.coverage.complete is complete, name
            assert "names of environments, jobs and projects are not known" in found.notes[0], name
        flaky = await few.arun_report("flaky_tests", period="yesterday")
        often = await few.arun_report("failing_tests", period="last_2_days")
    assert flaky.rows == ()
    assert any("do not tell their commit" in note for note in flaky.notes)
    assert any("last ran in a job that is not known" in note for note in often.notes)
