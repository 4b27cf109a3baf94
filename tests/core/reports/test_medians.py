"""Medians beside the means: one run of four hours must not mislead unseen."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, SearchFilter
from dbt_discovery.reports.averages import average_of

from tests.core.recount import finished, percentile, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, model, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))


def cloud_with(minutes: list[int]) -> TinyCloud:
    """A job whose runs took so many minutes, one a day up to yesterday, each with the model `orders` for all of it."""
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Nightly")]
    cloud.models = {100: [model("orders", 60.0)]}
    for day, length in enumerate(minutes, start=18 - len(minutes)):
        start, end = f"2026-11-{day:02} 11:00", f"2026-11-{day:02} {11 + length // 60}:{length % 60:02}"
        cloud.runs.append(run(day, start, end))
        cloud.nodes[day] = {
            "models": [
                {"uniqueId": "model.shop.orders", "runId": day, "status": "success", "executionTime": length * 60.0}
            ]
        }
    return cloud


async def test_medians_of_jobs_are_those_of_their_finished_runs(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("longest_running_jobs", period="last_week", order_by="median", limit=500)
    times: dict[str, list[float]] = {}
    for each in filter(finished, runs_between(world, *LAST_WEEK)):
        times.setdefault(str(each.job_id), []).append(seconds(each))
    assert {row["job_id"]: row["median_runtime"] for row in report.rows} == pytest.approx(
        {job_id: median(own) for job_id, own in times.items()}
    )
    measured = [row["median_runtime"] for row in report.rows]
    assert measured == sorted(measured, reverse=True)
    assert "in the median over" in report.finding


async def test_medians_of_models_are_those_of_the_runs_that_hold_them(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("slowest_models", period="last_week", order_by="median", limit=500)
    homes = {row["environment_id"] for row in report.rows}
    times: dict[str, list[float]] = {}
    for each in filter(finished, runs_between(world, *LAST_WEEK)):
        for result in world.results(each.id) if str(each.environment_id) in homes else ():
            if result.unique_id.startswith("model.") and result.status != "skipped":
                times.setdefault(result.unique_id, []).append(result.execution_time)
    assert len(report.rows) > 100
    for row in report.rows:
        own = times[row["unique_id"]]
        assert row["median_runtime"] == pytest.approx(median(own))
        assert row["p95_runtime"] == pytest.approx(percentile(own, 95))
    measured = [row["median_runtime"] for row in report.rows]
    assert measured == sorted(measured, reverse=True)


@pytest.mark.parametrize("name", ["longest_running_jobs", "slowest_models"])
async def test_one_long_full_refresh_is_said_with_what_most_runs_took(name: str) -> None:
    async with cloud_with([9, 8, 240, 9, 10, 9, 8]).account() as account:
        report = await account.arun_report(name, period="last_7_days")
        usual = await account.arun_report(name, period="last_7_days", order_by="median")
        longest = await account.arun_report("longest_running_jobs", period="last_7_days", order_by="max")
    (row,) = report.rows
    assert row["median_runtime"] == 540.0
    told = "41 min 51 s on average over 7 runs, though half of them took no more than 9 min"
    assert told in report.finding
    assert "9 min in the median over 7 runs" in usual.finding
    assert "average 41 min 51 s, median 9 min" in longest.finding


async def test_the_mean_stands_alone_where_the_median_is_near() -> None:
    async with cloud_with([9, 8, 12, 9]).account() as account:
        report = await account.arun_report("longest_running_jobs", period="last_7_days")
    assert "though" not in report.finding
    assert "9 min 30 s on average over 4 runs" in report.finding


def test_a_mean_far_below_the_median_is_said_too() -> None:
    assert average_of(3, 10.0, 40.0) == "10.0 s on average over 3 runs, though half of them took at least 40.0 s"
    assert average_of(2, 0.0, 0.0) == "0.00 s on average over 2 runs"


async def test_rankings_carry_the_medians(account: DbtAccount) -> None:
    week: dict[str, Any] = {"period": "last_week"}
    (job_row,) = (await account.arun_report("longest_running_jobs", limit=1, **week)).rows
    (job_place,) = await account.aget_longest_running_jobs(1, filter=SearchFilter(**week))
    assert job_place.median_runtime == job_row["median_runtime"]
    (row,) = (await account.arun_report("slowest_models", limit=1, last_n_runs=5)).rows
    (place,) = await account.aget_slowest_models(1, last_n_runs=5)
    assert (place.median_runtime, place.p95_runtime) == (row["median_runtime"], row["p95_runtime"])
