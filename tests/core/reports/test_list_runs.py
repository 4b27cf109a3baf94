"""The report `list_runs` against the world's raw records, and of runs in every state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, RunFilter

from tests.core.recount import runs_between, seconds, utc
from tests.core.tiny import TinyCloud, run

STATUS = {1: "queued", 2: "starting", 3: "running", 10: "success", 20: "failure", 30: "cancelled"}


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("list_runs", **{"limit": 500, **arguments})).rows)


async def test_runs_are_those_that_started_in_the_period_newest_first(account: DbtAccount, world: World) -> None:
    found = await rows(account, period="yesterday")
    expected = runs_between(world, utc("2026-11-17T00:00:00"), utc("2026-11-18T00:00:00"))
    expected.sort(key=lambda each: (each.started_at or each.created_at, each.id), reverse=True)
    assert [row["run_id"] for row in found] == [str(each.id) for each in expected]
    names = {each.id: each.name for each in world.jobs()}
    for row, each in zip(found, expected, strict=True):
        assert (row["status"], row["job_name"]) == (STATUS[each.status], names[each.job_id])
        assert row["git_sha"] == each.git_sha
        assert row["runtime"] == (pytest.approx(seconds(each)) if each.started_at and each.finished_at else None)
        assert str(each.id) in row["url"]


async def test_without_a_period_they_are_those_of_the_last_seven_days(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("list_runs")
    expected = runs_between(world, utc("2026-11-11T10:30:00"), utc("2026-11-18T10:30:01"))
    assert (report.total_rows, report.coverage.considered) == (len(expected), len(expected))
    assert report.arguments["period"] == "last_7_days"
    assert "none was named" in report.reading[0].value
    assert report.finding.startswith(f"{len(expected)} runs started in the last 7 days: ")


async def test_rows_and_handles_tell_the_same(account: DbtAccount) -> None:
    handles = await account.aget_runs(filter=RunFilter(period="yesterday", job_type="scheduled"))
    found = await rows(account, period="yesterday", job_type="scheduled")
    assert len(found) == len(handles) > 10
    for row, handle in zip(found, handles, strict=True):
        told = handle.to_json()
        shared = [key for key in row if key in told]
        assert len(shared) > 10
        assert {key: row[key] for key in shared} == {key: told[key] for key in shared}


@pytest.mark.parametrize("order_by", ["oldest", "runtime", "queued"])
async def test_runs_stand_in_the_order_asked_for(account: DbtAccount, order_by: str) -> None:
    found = await rows(account, period="yesterday", order_by=order_by)
    key = "start_time" if order_by == "oldest" else order_by
    values = [row[key] for row in found if row[key] is not None]
    assert values == sorted(values, reverse=order_by != "oldest")
    assert len(values) > 50


async def test_runtimes_models_and_status_narrow(account: DbtAccount, world: World) -> None:
    long = await rows(account, period="yesterday", min_runtime=3600)
    assert 0 < len(long) < 30
    assert all(row["runtime"] >= 3600 for row in long)
    failed = await rows(account, period="yesterday", run_status="failed")
    assert {row["status"] for row in failed} == {"failure"}
    revenue = await rows(account, period="yesterday", models="fct_revenue")
    expected = [
        str(each.id)
        for each in runs_between(world, utc("2026-11-17T00:00:00"), utc("2026-11-18T00:00:00"))
        if any(result.unique_id == "model.finance.fct_revenue" for result in world.results(each.id))
    ]
    assert sorted(row["run_id"] for row in revenue) == sorted(expected)
    assert len(expected) > 1


@pytest.fixture
def shop() -> TinyCloud:
    """Runs of one job in every state, all of 18 November."""
    cloud = TinyCloud()
    limit = "This run timed out after running for 1 hour, the configured timeout."
    cloud.runs = [
        run(1, "2026-11-18 05:00", "2026-11-18 05:10"),
        run(2, "2026-11-18 06:00", "2026-11-18 06:05", status=20, created_at="2026-11-18 05:59"),
        run(3, "2026-11-18 07:00", "2026-11-18 08:00", status=30, status_message=limit),
        run(4, None, "2026-11-18 08:30", status=30, created_at="2026-11-18 08:00"),
        run(5, "2026-11-18 09:00", None),
        run(6, None, None, status=1, created_at="2026-11-18 10:00"),
        run(7, "2026-11-18 10:05", "2026-11-18 10:06", status=77),
    ]
    return cloud


async def test_every_state_is_told_as_it_is(shop: TinyCloud) -> None:
    async with shop.account() as account:
        report = await account.arun_report("list_runs", period="today", order_by="oldest")
    told = [(row["status"], row["timed_out"], row["runtime"], row["queued"]) for row in report.rows]
    assert told == [
        ("success", False, 600.0, 0.0),
        ("failure", False, 300.0, 60.0),
        ("cancelled", True, 3600.0, 0.0),
        ("cancelled", False, None, 1800.0),
        ("running", False, None, 0.0),
        ("queued", False, None, None),
        ("unknown", False, None, 0.0),
    ]
    assert [row["start_time"] for row in report.rows[3:6]] == [None, "2026-11-18T09:00:00Z", None]
    assert report.finding == (
        "7 runs started today (Wed 18 Nov 2026): 1 succeeded, 1 failed, 1 timed out, 1 cancelled, 1 running, 1 queued "
        "and 1 unknown. The latest is of Job 1, 2026-11-18 10:05 UTC."
    )


async def test_those_without_the_measure_come_last_in_its_order(shop: TinyCloud) -> None:
    async with shop.account() as account:
        by_runtime = await rows(account, period="today", order_by="runtime")
        by_queue = await rows(account, period="today", order_by="queued")
    assert [row["run_id"] for row in by_runtime][:3] == ["3", "1", "2"]
    assert {row["runtime"] for row in by_runtime[3:]} == {None}
    assert [row["run_id"] for row in by_queue][:2] == ["4", "2"]
    assert by_queue[-1]["run_id"] == "6"


async def test_no_run_is_said_with_the_period(shop: TinyCloud) -> None:
    async with shop.account() as account:
        report = await account.arun_report("list_runs", period="2026-11-01")
    assert (report.rows, report.finding) == ((), "No run that fits the question started on Sun 1 Nov 2026.")


async def test_the_seven_days_up_to_the_latest_run_are_taken_and_stay_the_same(shop: TinyCloud) -> None:
    latest = shop.runs[-1]
    shop.jobs[0] |= {"most_recent_run": latest, "most_recent_completed_run": latest}
    async with shop.account(fixed_now=datetime.fromisoformat("2026-12-24T08:00:00+00:00")) as account:
        report = await account.arun_report("list_runs")
        again = await account.arun_report("list_runs", **report.arguments)
    assert report.arguments["period"] == "2026-11-12/2026-11-18"
    assert again.rows == report.rows
    assert len(report.rows) == 7
