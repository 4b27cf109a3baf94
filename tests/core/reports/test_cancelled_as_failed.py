"""The report `failed_runs` where cancelled runs count as failed."""

from __future__ import annotations

from typing import Any

from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount

from tests.core.recount import CANCELLED, ERROR, runs_between, utc
from tests.core.tiny import TinyCloud, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))


async def test_every_cancelled_run_is_a_row(account: DbtAccount, world: World) -> None:
    runs = runs_between(world, *LAST_WEEK)
    expected = {str(one.id) for one in runs if one.status in (ERROR, CANCELLED)}
    report = await account.arun_report(
        "failed_runs", period="last_week", cancelled_as_failed=True, order_by="oldest", limit=1
    )
    assert report.total_rows == len(expected)
    assert report.coverage.considered == len(runs)
    assert report.coverage.left_out == {}
    assert report.finding.startswith(f"{len(expected)} of {len(runs)} runs failed or were cancelled last week")
    assert "cancelled runs count as failed" in report.filter


async def test_the_reading_offers_the_other_way(account: DbtAccount) -> None:
    for given in (False, True):
        report = await account.arun_report("failed_runs", period="today", limit=1, cancelled_as_failed=given)
        (reading,) = [each for each in report.reading if each.key == "failed"]
        assert ("or cancelled" in reading.value) is given
        (other,) = reading.alternatives
        again = await account.arun_report("failed_runs", **other.arguments)
        assert again.arguments["cancelled_as_failed"] is not given


async def test_a_run_that_never_started_is_told_and_not_asked_about() -> None:
    cloud = TinyCloud()
    never: dict[str, Any] = {"started_at": None, "status": 30, "status_message": "Cancelled: a newer run was queued."}
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:30", **never)]
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="yesterday", cancelled_as_failed=True)
        plain = await account.arun_report("failed_runs", period="yesterday")
    (row,) = report.rows
    assert (row["status"], row["status_message"]) == ("cancelled", never["status_message"])
    assert not [path for path in cloud.paths if path.endswith("/runs/5/")]
    assert report.notes == ()
    assert (report.coverage.considered, report.coverage.left_out) == (1, {})
    assert (plain.rows, plain.coverage.left_out) == ((), {"never_started": 1})
