"""The report `job_reliability` against plain loops over the world's raw runs, and on rows written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Run, World
from dbt_discovery import DbtAccount, InvalidArgument, Settings

from tests.conftest import NOW
from tests.core.recount import CANCELLED, ERROR, SUCCESS, runs_between, utc
from tests.core.tiny import TinyCloud, job, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))
SPEND = 70403103940008


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("job_reliability", limit=500, **arguments)).rows)


def stopped(one: Run) -> bool:
    return one.status == CANCELLED and "timed out" in (one.status_message or "")


def outcome(one: Run, *, strict: bool = False) -> str:
    """What became of a run, as the report counts it; `strict` counts cancelled ones as failed."""
    if one.status == SUCCESS:
        return "succeeded"
    if one.status == ERROR or stopped(one) or (strict and one.status == CANCELLED):
        return "failed"
    return "cancelled" if one.status == CANCELLED else "open"


def outages(runs: Iterable[Run]) -> tuple[list[float], datetime | None]:
    """The lengths of the outages that ended, and when the one began that goes on."""
    ended, began = [], None
    judged = [one for one in runs if outcome(one) in ("succeeded", "failed") and one.finished_at]
    for one in sorted(judged, key=lambda one: one.finished_at or NOW):
        assert one.finished_at is not None
        if outcome(one) == "failed" and began is None:
            began = one.finished_at
        if outcome(one) == "succeeded" and began is not None:
            ended.append((one.finished_at - began).total_seconds())
            began = None
    return ended, began


def by_job(runs: Iterable[Run]) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for one in runs:
        found.setdefault(str(one.job_id), []).append(one)
    return found


@pytest.mark.parametrize("strict", [False, True])
async def test_counts_are_those_of_the_raw_runs(account: DbtAccount, world: World, strict: bool) -> None:
    expected = by_job(runs_between(world, NOW - timedelta(days=30), NOW))
    found = {row["job_id"]: row for row in await rows(account, period="last_30_days", cancelled_as_failed=strict)}
    assert found.keys() == expected.keys()
    for job_id, row in found.items():
        outcomes = [outcome(one, strict=strict) for one in expected[job_id]]
        cancelled = sum(one.status == CANCELLED and not stopped(one) for one in expected[job_id])
        good, bad = outcomes.count("succeeded"), outcomes.count("failed")
        assert (row["succeeded"], row["failed"], row["cancelled"]) == (good, bad, cancelled)
        assert row["runs"] == len(outcomes) - outcomes.count("open")
        assert row["success_rate"] == pytest.approx(good / (good + bad))


async def test_outages_are_those_of_the_raw_runs(account: DbtAccount, world: World) -> None:
    expected = by_job(runs_between(world, *LAST_WEEK))
    recovered = broken = 0
    for row in await rows(account, period="last_week"):
        ended, began = outages(expected[row["job_id"]])
        assert row["outages"] == len(ended) + (began is not None)
        if ended:
            recovered += 1
            assert row["mean_time_to_recovery"] == pytest.approx(mean(ended), abs=0.01)
            assert row["median_time_to_recovery"] == pytest.approx(median(ended), abs=0.01)
        else:
            assert row["mean_time_to_recovery"] is None
        if began:
            broken += 1
            assert abs(datetime.fromisoformat(row["failing_since"]) - began) < timedelta(milliseconds=1)
            ended.append((LAST_WEEK[1] - began).total_seconds())
        assert row["longest_outage"] == (pytest.approx(max(ended), abs=0.01) if ended else None)
        assert (row["failing_since"] is None) == (began is None)
    assert recovered > 5
    assert broken > 1


async def test_whether_a_job_was_failing_before_the_period(account: DbtAccount, world: World) -> None:
    inside = by_job(runs_between(world, *LAST_WEEK))
    before = by_job(runs_between(world, LAST_WEEK[0] - timedelta(days=7), LAST_WEEK[0]))
    told = set()
    for row in await rows(account, period="last_week"):
        ends = [
            sorted(
                (one.finished_at, outcome(one))
                for one in runs[row["job_id"]]
                if outcome(one) in ("succeeded", "failed")
            )
            for runs in (before, inside)
        ]
        expected = ends[0][-1][1] == "failed" and ends[1][0][1] == "failed"
        assert row["failing_before"] is expected
        assert (row["remark"] == "Was failing before the period began") is expected
        told.add(expected)
    assert told == {True, False}


async def test_the_order_asked_for_is_kept(account: DbtAccount) -> None:
    failed = await rows(account, period="last_30_days")
    assert [row["failed"] for row in failed] == sorted((row["failed"] for row in failed), reverse=True)
    rates = [row["success_rate"] for row in await rows(account, period="last_30_days", order_by="success_rate")]
    assert rates == sorted(rates)
    times = [row["mean_time_to_recovery"] for row in await rows(account, period="last_week", order_by="recovery")]
    known = [time for time in times if time is not None]
    assert known == sorted(known, reverse=True)
    assert times[len(known) :] == [None] * (len(times) - len(known))


async def test_coverage_tells_what_was_not_judged(account: DbtAccount, world: World) -> None:
    runs = runs_between(world, utc("2026-11-18T00:00"), utc("2026-11-19T00:00"))
    report = await account.arun_report("job_reliability", period="today")
    kinds = [outcome(one) for one in runs]
    assert report.coverage.considered == kinds.count("succeeded") + kinds.count("failed")
    assert report.coverage.left_out["running"] == kinds.count("open") == 2
    assert sum(report.coverage.left_out.values()) + report.coverage.considered == len(runs)


async def test_finding_names_the_job_that_failed_most(account: DbtAccount, world: World) -> None:
    runs = [one for one in runs_between(world, *LAST_WEEK) if one.job_id == SPEND]
    bad = sum(outcome(one) == "failed" for one in runs)
    report = await account.arun_report("job_reliability", period="last_week")
    assert report.finding.startswith("Campaign spend sync (Marketing) failed most last week")
    assert f"{bad} of {len(runs)} runs failed" in report.finding
    assert "were failing at its end" in report.finding
    assert "failing now" in (await account.arun_report("job_reliability", period="last_7_days")).finding


async def test_a_model_keeps_the_jobs_that_build_it(account: DbtAccount, world: World) -> None:
    found = await rows(account, period="last_week", models="fct_ad_spend")
    names = {row["job_name"] for row in found}
    assert "Campaign spend sync" in names
    assert names < {job.name for job in world.jobs()}


def failing(run_id: int, day: int, **more: Any) -> dict[str, Any]:
    return run(run_id, f"2026-11-{day} 08:00", f"2026-11-{day} 08:30", status=20, **more)


async def test_a_job_without_a_finished_run_has_no_rate_and_says_why() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        run(5, "2026-11-17 08:00", "2026-11-17 08:30", status=30),
        run(6, "2026-11-17 09:00", None),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="yesterday")
    (row,) = report.rows
    assert (row["success_rate"], row["runs"]) == (None, 1)
    assert row["remark"] == "No run has finished: 1 cancelled and 1 not over"
    assert report.finding.startswith("No run that fits the question")
    assert report.coverage.left_out == {"cancelled": 1, "running": 1}


async def test_jobs_that_did_not_run_are_told_and_are_no_rows() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1), job(2)]
    cloud.runs = [failing(5, 17)]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="yesterday")
    assert [row["job_id"] for row in report.rows] == ["1"]
    assert any(note.startswith("1 job had no run on") or "1 job had no run yesterday" in note for note in report.notes)


async def test_runs_before_the_period_tell_of_its_beginning_and_count_nowhere() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        failing(4, 16, job_id=99),
        failing(5, 16),
        failing(6, 17),
        run(7, "2026-11-17 10:00", "2026-11-17 10:30"),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="yesterday")
    (row,) = report.rows
    assert (row["failed"], row["outages"], row["mean_time_to_recovery"]) == (1, 1, 7200.0)
    assert row["failing_before"] is True
    assert report.coverage.complete  # that the deleted job's run lies before the period is nobody's business
    assert report.coverage.considered == 2


async def test_a_job_of_another_environment_was_not_failing_in_this_one() -> None:
    cloud = TinyCloud()
    staging = {"id": 101, "project_id": 10, "name": "Stage", "type": "deployment", "deployment_type": "staging"}
    cloud.environments.append(staging)
    cloud.runs = [failing(5, 16, environment_id=101), failing(6, 17)]
    async with cloud.account() as account:
        (row,) = (await account.arun_report("job_reliability", period="yesterday", environment="production")).rows
    assert row["failing_before"] is None


async def test_looking_back_asks_for_nothing_that_dbt_cloud_no_longer_keeps() -> None:
    cloud = TinyCloud()
    cloud.runs = [failing(5, 17)]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="last_364_days")
    assert report.coverage.complete
    assert report.rows[0]["failing_before"] is None


async def test_when_nothing_failed_it_says_of_how_many() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:30")]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="yesterday")
    assert report.finding.startswith("No job failed")
    assert "1 run of 1 job succeeded" in report.finding


async def test_where_mean_and_median_part_the_finding_says_so() -> None:
    cloud = TinyCloud()
    hours = [(1, 20), (2, 10), (3, 20), (4, 10), (5, 20), (20, 10)]  # down for one hour, one hour and fifteen
    cloud.runs = [
        run(n, f"2026-11-17 {hour:02}:00", f"2026-11-17 {hour:02}:30", status=s) for n, (hour, s) in enumerate(hours, 5)
    ]
    async with cloud.account() as account:
        report = await account.arun_report("job_reliability", period="yesterday", order_by="recovery")
    assert "5 h 40 min on average (the median is 1 h)" in report.finding


async def test_it_works_on_artifacts(artifacts: Path) -> None:
    world = sandbox.artifacts_world(artifacts, now=lambda: NOW + timedelta(days=6))
    async with DbtAccount(
        transport=sandbox.transport(world), settings=Settings(fixed_now=NOW + timedelta(days=6))
    ) as account:
        found = {row["job_name"]: row for row in await rows(account)}
    for name, runs in by_job(world.runs()).items():
        row = next(row for row in found.values() if row["job_id"] == name)
        assert row["failed"] == sum(one.status == ERROR for one in runs)


async def test_a_token_for_metadata_alone_gets_what_discovery_tells(world: World, settings: Settings) -> None:
    homes = tuple(str(each.id) for each in world.environments() if each.deployment_type == "production")
    narrow = settings.model_copy(update={"environment_ids": homes})
    async with DbtAccount(
        "metadata-only", world.account.id, transport=sandbox.transport(world), settings=narrow
    ) as account:
        report = await account.arun_report("job_reliability")
    assert report.rows[0]["failed"] > 0
    assert not report.coverage.complete
    assert any("cancelled runs" in note and "missing" in note for note in report.notes)


@pytest.mark.parametrize(
    "arguments", [{"order_by": "runs"}, {"run_status": "failure"}, {"cancelled_as_failed": "often"}]
)
async def test_bad_arguments_are_refused_by_name(account: DbtAccount, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("job_reliability", **arguments)
    assert refused.value.argument == next(iter(arguments))
