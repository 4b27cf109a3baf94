"""The report `longest_running_jobs` against plain loops over the world's raw runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Run, World
from dbt_discovery import DbtAccount, Settings

from tests.conftest import NOW
from tests.core.recount import CANCELLED, ERROR, finished, runs_between, seconds, tally, utc
from tests.core.tiny import TinyCloud, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))
LAST_7_DAYS = (NOW - timedelta(days=7), NOW)


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("longest_running_jobs", limit=500, **arguments)).rows)


def assert_rows(found: list[dict[str, Any]], runs: list[Run]) -> None:
    """The rows are those runs by job, all measures included."""
    expected = tally(runs)
    assert {row["job_id"] for row in found} == {str(job) for job in expected}
    for row in found:
        job = expected[int(row["job_id"])]
        assert row["runs"] == len(job.runtimes)
        assert row["avg_runtime"] == pytest.approx(job.avg)
        assert row["max_runtime"] == pytest.approx(job.max)
        assert row["p95_runtime"] == pytest.approx(job.p95)
        assert row["total_runtime"] == pytest.approx(job.total)
        assert row["avg_queued"] == pytest.approx(sum(job.queued) / len(job.queued))
        assert row["max_run_id"] == str(job.longest)


@pytest.mark.parametrize(
    ("period", "span"),
    [
        (None, LAST_7_DAYS),
        ("last_7_days", LAST_7_DAYS),
        ("last_week", LAST_WEEK),
        ("today", (utc("2026-11-18T00:00"), utc("2026-11-19T00:00"))),
        ("yesterday", (utc("2026-11-17T00:00"), utc("2026-11-18T00:00"))),
        ("last_month", (utc("2026-10-01T00:00"), utc("2026-11-01T00:00"))),
        ("2026-11-02/2026-11-03", (utc("2026-11-02T00:00"), utc("2026-11-04T00:00"))),
        ("2026-11-17T09:59:30Z/2026-11-17T10:00:30Z", (utc("2026-11-17T09:59:30"), utc("2026-11-17T10:00:30"))),
    ],
)
async def test_measures_are_those_of_the_finished_runs_that_started_in_the_period(
    account: DbtAccount, world: World, period: str | None, span: tuple[datetime, datetime]
) -> None:
    runs = runs_between(world, *span)
    assert runs
    assert_rows(await rows(account, **({"period": period} if period else {})), runs)


@pytest.mark.parametrize("order_by", ["avg", "max", "p95", "total"])
async def test_rows_stand_in_the_order_asked_for(account: DbtAccount, world: World, order_by: str) -> None:
    found = await rows(account, period="last_week", order_by=order_by)
    expected = tally(runs_between(world, *LAST_WEEK))
    by_measure = sorted(expected, key=lambda job: -getattr(expected[job], order_by))
    assert [row["job_id"] for row in found] == [str(job) for job in by_measure]


async def test_coverage_counts_every_run_of_the_period(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("longest_running_jobs", period="today")
    runs = runs_between(world, utc("2026-11-18T00:00"), utc("2026-11-19T00:00"))
    left_out = {
        "cancelled": sum(run.status == CANCELLED and run.started_at is not None for run in runs),
        "never_started": sum(run.status == CANCELLED and run.started_at is None for run in runs),
        "running": sum(run.status < 10 for run in runs),
    }
    assert left_out["running"] == 2  # one in the queue, one under way
    assert report.coverage.considered == sum(map(finished, runs))
    assert report.coverage.left_out == {reason: count for reason, count in left_out.items() if count}
    assert report.coverage.considered + sum(report.coverage.left_out.values()) == len(runs)
    assert (report.coverage.unit, report.coverage.complete) == ("runs", True)


async def test_coverage_counts_what_was_cancelled_by_whether_it_had_started(account: DbtAccount, world: World) -> None:
    runs = runs_between(world, *LAST_WEEK)
    report = await account.arun_report("longest_running_jobs", period="last_week")
    cancelled = [run for run in runs if run.status == CANCELLED]
    assert report.coverage.left_out["never_started"] == sum(run.started_at is None for run in cancelled) > 0
    assert report.coverage.left_out.get("cancelled", 0) == sum(run.started_at is not None for run in cancelled)


def over_midnight(world: World) -> Run:
    """A run that started before a midnight and ended after it, the last of its kind."""
    return [
        run
        for run in world.runs()
        if finished(run) and run.started_at and run.finished_at and run.started_at.day != run.finished_at.day
    ][-1]


async def test_a_run_over_midnight_belongs_to_the_day_on_which_it_started(account: DbtAccount, world: World) -> None:
    late = over_midnight(world)
    assert late.started_at is not None
    day = late.started_at.date()
    found = await rows(account, period=str(day), job_ids=[late.job_id])
    assert_rows(found, [each for each in runs_between(world, *_day(day)) if each.job_id == late.job_id])
    after = await rows(account, period=str(day + timedelta(days=1)), job_ids=[late.job_id])
    own = [each for each in runs_between(world, *_day(day + timedelta(days=1))) if each.job_id == late.job_id]
    assert late not in own
    assert_rows(after, own)


def _day(day: Any) -> tuple[datetime, datetime]:
    return utc(f"{day}T00:00"), utc(f"{day}T00:00") + timedelta(days=1)


async def test_a_run_that_waited_over_midnight_belongs_to_the_day_on_which_it_started() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-17 00:10", "2026-11-17 00:20", created_at="2026-11-16 01:00")]
    async with cloud.account() as account:
        (row,) = await rows(account, period="2026-11-17")
        assert (row["max_run_id"], row["avg_runtime"], row["avg_queued"]) == ("5", 600.0, 83400.0)
        assert await rows(account, period="2026-11-16") == []


async def test_a_run_that_ends_after_now_or_never_does_not_count_yet() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        run(5, "2026-11-18 09:00", None),
        run(6, None, None, created_at="2026-11-18 10:00", status=1),
        run(7, "2026-11-18 08:00", "2026-11-18 08:01"),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("longest_running_jobs", period="today")
    assert [row["runs"] for row in report.rows] == [1]
    assert report.coverage.left_out == {"running": 2}


async def test_fewer_runs_than_asked_for_within_reach_is_not_complete() -> None:
    cloud = TinyCloud()
    newest = [run(1000 + n, "2026-11-18 08:00", "2026-11-18 08:01", status=30) for n in range(100)]
    cloud.runs = [run(5, "2026-11-01 08:00", "2026-11-01 08:01"), *newest]
    async with cloud.account() as account:
        report = await account.arun_report("longest_running_jobs", last_n_runs=1)
    assert report.coverage.considered == 1 or not report.coverage.complete


async def test_runs_of_a_job_that_is_gone_are_not_passed_over_in_silence() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        run(5, "2026-11-17 08:00", "2026-11-17 08:01"),
        run(6, "2026-11-17 08:00", "2026-11-17 09:00", job_id=99),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("longest_running_jobs", period="yesterday")
    assert len(report.rows) == 2 or report.notes


async def test_days_are_those_of_the_time_zone(world: World) -> None:
    settings = Settings(fixed_now=NOW, timezone="Asia/Tokyo")
    zone = ZoneInfo("Asia/Tokyo")
    start = datetime(2026, 11, 17, tzinfo=zone)
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        report = await account.arun_report("longest_running_jobs", period="yesterday", limit=500)
    assert report.period is not None
    assert (report.period.start, report.period.timezone) == (start, "Asia/Tokyo")
    assert_rows(list(report.rows), runs_between(world, start, start + timedelta(days=1)))


def latest(world: World, count: int, start: datetime | None = None, end: datetime | None = None) -> list[Run]:
    """Each job's newest finished runs, of a stretch of time if one is given."""
    kept: list[Run] = []
    for job in world.jobs():
        own = [run for run in world.runs() if run.job_id == job.id and finished(run)]
        if start and end:
            own = [run for run in own if run.started_at and start <= run.started_at < end]
        kept += sorted(own, key=lambda run: run.id)[-count:]
    return kept


@pytest.mark.parametrize("count", [1, 5, 50])
async def test_last_n_runs_are_the_newest_finished_of_each_job(account: DbtAccount, world: World, count: int) -> None:
    report = await account.arun_report("longest_running_jobs", last_n_runs=count, limit=500)
    assert_rows(list(report.rows), latest(world, count))
    assert report.period is None
    assert report.coverage.considered == sum(row["runs"] for row in report.rows)


@pytest.mark.parametrize("count", [1, 3, 100])
async def test_last_n_runs_of_a_period_long_ago_are_found(account: DbtAccount, world: World, count: int) -> None:
    start, end = utc("2026-10-01T00:00"), utc("2026-11-01T00:00")
    report = await account.arun_report("longest_running_jobs", last_n_runs=count, period="last_month", limit=500)
    assert_rows(list(report.rows), latest(world, count, start, end))
    assert report.coverage.complete


NARROWING: list[tuple[dict[str, Any], Any]] = [
    ({"projects": ["Marketing"]}, lambda run: run.project_id == 70403103920002),
    ({"projects": "marketing"}, lambda run: run.project_id == 70403103920002),
    ({"project_ids": [70403103920002, "70403103920001"]}, lambda run: run.project_id != 70403103920003),
    ({"projects": ["Marketing"], "include_or_exclude": "exclude"}, lambda run: run.project_id != 70403103920002),
    ({"environment": "staging"}, lambda run: run.environment_id == 70403103930007),
    ({"environment": "production"}, lambda run: run.environment_id != 70403103930007),
    ({"environment": "70403103930002"}, lambda run: run.environment_id == 70403103930002),
    ({"jobs": ["audience SYNC"]}, lambda run: run.job_id == 70403103940009),
    ({"jobs": "Audience sync", "job_ids": 70403103940001}, lambda run: run.job_id in (70403103940009, 70403103940001)),
    ({"job_type": "ci"}, lambda run: run.job_id == 70403103940017),
    ({"run_status": "failure"}, lambda run: run.status == ERROR),
    ({"run_status": ["success", "failure"]}, lambda run: True),
    (
        {"projects": "growth", "run_status": "failed", "environment": "staging"},
        lambda run: run.environment_id == 70403103930007 and run.status == ERROR,
    ),
]


@pytest.mark.parametrize(
    ("arguments", "keeps"), NARROWING, ids=lambda value: str(value)[:50] if isinstance(value, dict) else "kept"
)
async def test_narrowing(account: DbtAccount, world: World, arguments: dict[str, Any], keeps: Any) -> None:
    if arguments.get("projects") == "growth":
        arguments = arguments | {"projects": "Product Growth"}
    runs = [run for run in runs_between(world, *LAST_WEEK) if keeps(run)]
    assert any(map(finished, runs))
    assert_rows(await rows(account, period="last_week", **arguments), runs)


async def test_bounds_apply_to_the_average_and_are_inclusive(account: DbtAccount, world: World) -> None:
    expected = tally(runs_between(world, *LAST_WEEK))
    everything = await rows(account, period="last_week")
    least, most = everything[6]["avg_runtime"], everything[2]["avg_runtime"]
    found = await rows(account, period="last_week", min_runtime=least, max_runtime=most)
    assert [row["job_id"] for row in found] == [row["job_id"] for row in everything[2:7]]
    assert all(least - 1e-6 <= expected[int(row["job_id"])].avg <= most + 1e-6 for row in found)


async def test_limit_cuts_the_rows_and_nothing_else(account: DbtAccount) -> None:
    whole = await account.arun_report("longest_running_jobs", period="last_week", limit=500)
    cut = await account.arun_report("longest_running_jobs", period="last_week", limit=3)
    assert cut.rows == whole.rows[:3]
    assert (cut.total_rows, cut.coverage, cut.finding) == (len(whole.rows), whole.coverage, whole.finding)


async def test_finding_names_the_first_job_its_number_and_the_period(account: DbtAccount, world: World) -> None:
    expected = tally(runs_between(world, *LAST_WEEK))
    first = max(expected, key=lambda job: expected[job].avg)
    name = next(job.name for job in world.jobs() if job.id == first)
    report = await account.arun_report("longest_running_jobs", period="last_week")
    hours, minutes = divmod(round(expected[first].avg / 60), 60)
    words = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    assert report.finding.startswith(f"{name} (")
    assert words.split(" min")[0] in report.finding
    assert "last week (Mon 9 – Sun 15 Nov 2026)" in report.finding


async def test_a_period_without_runs_says_so(account: DbtAccount) -> None:
    report = await account.arun_report("longest_running_jobs", period="2020-01-01")
    assert (report.rows, report.total_rows, report.coverage.considered) == ((), 0, 0)
    assert report.finding.startswith("No finished run")


async def test_a_period_in_the_future_is_empty(account: DbtAccount) -> None:
    assert await rows(account, period="2027-01-01") == []


async def test_reading_tells_that_no_period_was_named(account: DbtAccount) -> None:
    named = await account.arun_report("longest_running_jobs", period="last_7_days")
    assumed = await account.arun_report("longest_running_jobs")
    assert assumed.rows == named.rows
    assert assumed.arguments == named.arguments
    assert "none was named" in assumed.reading[0].value
    assert "none was named" not in named.reading[0].value


async def test_the_longest_run_is_the_one_it_says(account: DbtAccount, world: World) -> None:
    (row, *_) = await rows(account, period="last_week", order_by="max")
    run = next(run for run in world.runs() if str(run.id) == row["max_run_id"])
    assert seconds(run) == pytest.approx(row["max_runtime"])
    assert str(run.job_id) == row["job_id"]
