"""The report `runtime_trend` against plain loops over the world's raw runs, and on tiny clouds made for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import fmean, median
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound, Settings

from tests.conftest import ARTIFACTS, NOW
from tests.core.recount import ERROR, finished, percentile, production, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, model, run

TWO_WEEKS = (utc("2026-11-02T00:00"), utc("2026-11-16T00:00"))


def day_of(moment: datetime | None) -> date:
    assert moment
    return moment.date()


async def test_each_day_has_the_measures_of_the_jobs_runs_that_started_on_it(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("runtime_trend", job="Finance nightly build", period="2026-11-02/2026-11-15")
    own = [each for each in runs_between(world, *TWO_WEEKS) if each.job_id == 70403103940001]
    assert [row["bucket"] for row in report.rows] == [f"2026-11-{day:02}" for day in range(2, 16)]
    for row in report.rows:
        here = [each for each in own if str(day_of(each.started_at)) == row["bucket"] and finished(each)]
        times = [seconds(each) for each in here]
        assert row["runs"] == len(times) > 0
        assert row["avg_runtime"] == pytest.approx(fmean(times))
        assert row["median_runtime"] == pytest.approx(median(times))
        assert row["p95_runtime"] == pytest.approx(percentile(times, 95))
        assert row["max_runtime"] == pytest.approx(max(times))
        assert row["failures"] == sum(each.status == ERROR for each in here)
    assert report.coverage.considered == sum(map(finished, own))
    assert report.chart
    assert (report.chart.kind, report.chart.x) == ("line", "start")


async def test_runs_of_all_jobs_are_counted_together_by_hour(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("runtime_trend", period="2026-11-13", by="hour", cancelled_as_failed=True)
    runs = runs_between(world, utc("2026-11-13T00:00"), utc("2026-11-14T00:00"))
    assert len(report.rows) == 24
    for row in report.rows:
        start = datetime.fromisoformat(row["start"])
        here = [each for each in runs if start <= (each.started_at or each.created_at) < start + timedelta(hours=1)]
        assert row["runs"] == sum(map(finished, here))
        assert row["failures"] == sum(each.status != 10 for each in here)
    assert sum(report.coverage.left_out.values()) == sum(not finished(each) for each in runs) > 0


async def test_a_model_has_its_own_time_in_the_runs_that_hold_it(account: DbtAccount, world: World) -> None:
    report = await account.arun_report(
        "runtime_trend", model="rpt_retention_cohorts", period="2026-11-02/2026-11-15", by="week"
    )
    homes = {each.id for each in production(world)}
    for row, start in zip(report.rows, ("2026-11-02", "2026-11-09"), strict=True):
        begin = utc(f"{start}T00:00")
        times = [
            result.execution_time
            for each in runs_between(world, begin, begin + timedelta(days=7))
            if finished(each) and each.environment_id in homes
            for result in world.results(each.id)
            if result.unique_id == "model.growth.rpt_retention_cohorts" and result.status == "success"
        ]
        assert row["runs"] == len(times) > 4
        assert row["median_runtime"] == pytest.approx(median(times))
        assert row["failures"] == 0
    # the world's known regression begins in the night to 9 November
    assert "longer, from 1 min 4" in report.finding
    assert report.rows[1]["median_runtime"] > 3 * report.rows[0]["median_runtime"]


async def test_a_quiet_job_is_steady(account: DbtAccount) -> None:
    report = await account.arun_report("runtime_trend", job="Finance hourly payments", period="last_30_days")
    assert "steady, from" in report.finding


def hourly(starts: list[str], minutes: int = 10) -> TinyCloud:
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Sync")]
    for number, start in enumerate(starts, start=1):
        moment = datetime.fromisoformat(start)
        cloud.runs.append(run(number, start, (moment + timedelta(minutes=minutes)).isoformat(sep=" ")))
    return cloud


async def test_days_are_those_of_the_accounts_clock_and_empty_ones_are_there() -> None:
    """In Berlin, 25 October 2026 had 25 hours: from 22:00 UTC the day before to 23:00."""
    cloud = hourly(["2026-10-24 21:59", "2026-10-24 22:00", "2026-10-25 22:59", "2026-10-25 23:00", "2026-10-27 12:00"])
    async with cloud.account(timezone="Europe/Berlin") as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="2026-10-24/2026-10-27")
    assert [(row["bucket"], row["runs"]) for row in report.rows] == [
        ("2026-10-24", 1),
        ("2026-10-25", 2),
        ("2026-10-26", 1),
        ("2026-10-27", 1),
    ]
    assert report.rows[1]["start"] == "2026-10-24T22:00:00Z"
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="2026-10-24/2026-10-27")
    empty = report.rows[2]
    assert (empty["bucket"], empty["runs"], empty["failures"]) == ("2026-10-26", 0, 0)
    assert {empty[key] for key in ("avg_runtime", "median_runtime", "p95_runtime", "max_runtime")} == {None}


async def test_a_cut_first_or_last_day_is_said() -> None:
    cloud = hourly(["2026-11-12 12:00", "2026-11-17 12:00"])
    async with cloud.account() as account:
        rolling = await account.arun_report("runtime_trend", job="Sync", period="last_7_days")
        weeks = await account.arun_report("runtime_trend", job="Sync", period="2026-11-12/2026-11-14", by="week")
        whole = await account.arun_report("runtime_trend", job="Sync", period="2026-11-12/2026-11-17")
    assert rolling.notes == ("The period begins in the middle of the first day.", "The last day is not over yet.")
    assert weeks.notes == (
        "The period begins in the middle of the first week.",
        "The last week is cut by the period's end.",
    )
    assert whole.notes == ()
    assert len(rolling.rows) == 8


async def test_days_to_come_are_no_rows() -> None:
    async with hourly(["2026-11-16 12:00"]).account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="this_week")
    assert [row["bucket"] for row in report.rows] == ["2026-11-16", "2026-11-17", "2026-11-18"]


async def test_a_run_stopped_at_its_limit_is_a_failure_without_a_time() -> None:
    cloud = hourly(["2026-11-16 12:00"])
    cloud.runs.append(
        run(7, "2026-11-17 10:00", "2026-11-17 12:00", status=30, status_message="This run timed out after 2 hours.")
    )
    cloud.runs.append(run(8, "2026-11-17 14:00", "2026-11-17 14:01", status=30))
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="2026-11-16/2026-11-17")
        strict = await account.arun_report(
            "runtime_trend", job="Sync", period="2026-11-16/2026-11-17", cancelled_as_failed=True
        )
    assert [(row["runs"], row["failures"], row["max_runtime"]) for row in report.rows] == [(1, 0, 600.0), (0, 1, None)]
    assert [row["failures"] for row in strict.rows] == [0, 2]
    assert report.coverage.left_out == {"cancelled": 2}


async def test_errors_of_a_model_are_its_failures() -> None:
    cloud = hourly(["2026-11-16 12:00", "2026-11-17 12:00", "2026-11-17 13:00"])
    cloud.models = {100: [model("orders", 60.0)]}
    outcomes = {1: ("success", 60.0), 2: ("error", 5.0), 3: ("skipped", None)}
    for run_id, (status, time) in outcomes.items():
        row = {"uniqueId": "model.shop.orders", "runId": run_id, "status": status, "executionTime": time}
        cloud.nodes[run_id] = {"models": [row]}
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", model="orders", period="2026-11-16/2026-11-17")
    assert [(row["runs"], row["failures"]) for row in report.rows] == [(1, 0), (1, 1)]
    assert report.coverage.left_out == {"no_timing": 1}


async def test_more_rows_than_a_report_gives_make_the_next_longer_stretch(account: DbtAccount) -> None:
    report = await account.arun_report("runtime_trend", job="Growth nightly", period="last_30_days", by="hour")
    assert report.arguments["by"] == "day"
    assert len(report.rows) == 31
    assert any("By hour there would be more than 500 rows" in note for note in report.notes)


async def test_without_a_period_the_length_of_a_row_decides(account: DbtAccount) -> None:
    taken = {
        by: (await account.arun_report("runtime_trend", by=by)).arguments["period"] for by in ("hour", "day", "week")
    }
    assert taken == {"hour": "last_48_hours", "day": "last_14_days", "week": "last_12_weeks"}


@pytest.mark.parametrize(
    ("by", "latest", "period"),
    [
        ("hour", "2026-11-14 12:00", "2026-11-13/2026-11-14"),
        ("day", "2026-11-10 12:00", "last_14_days"),
        ("day", "2026-11-02 12:00", "2026-10-20/2026-11-02"),
        ("week", "2026-10-01 12:00", "last_12_weeks"),
    ],
)
async def test_without_a_period_it_reaches_to_the_latest_run_where_that_is_older(
    by: str, latest: str, period: str
) -> None:
    cloud = hourly([latest])
    cloud.jobs[0]["most_recent_run"] = cloud.runs[0]
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", by=by)
    assert report.arguments["period"] == period
    assert sum(row["runs"] for row in report.rows) == 1


async def test_a_run_that_began_a_moment_after_the_own_clock_is_of_the_last_row() -> None:
    cloud = hourly(["2026-11-18 10:00:01"], minutes=0)
    async with cloud.account(fixed_now=NOW - timedelta(minutes=30)) as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="today", by="hour")
    assert (report.rows[-1]["bucket"], report.rows[-1]["runs"]) == ("2026-11-18 09:00", 1)


async def test_a_few_long_runs_are_said_and_the_median_told() -> None:
    cloud = hourly([f"2026-11-{day:02} 12:00" for day in range(9, 16)])
    cloud.runs.append(run(50, "2026-11-15 14:00", "2026-11-15 18:00"))
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="last_week")
    assert "Sync took 10 min in the median over 8 runs last week" in report.finding
    assert "(38 min 45 s on average, since a few runs took far longer)" in report.finding


async def test_a_job_that_the_rest_of_the_question_leaves_out_has_no_runs(account: DbtAccount) -> None:
    report = await account.arun_report("runtime_trend", job="Growth nightly", projects="Marketing")
    assert report.rows == ()
    assert report.finding.startswith("No finished run of Growth nightly started")


async def test_a_job_and_a_model_are_not_both_the_subject(account: DbtAccount) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("runtime_trend", job="Growth nightly", model="fct_revenue")
    assert refused.value.argument == "model"
    with pytest.raises(NotFound):
        await account.arun_report("runtime_trend", job="Growht nightly")


async def test_real_runs_of_long_ago_have_a_trend() -> None:
    now = NOW + timedelta(days=400)
    world = sandbox.artifacts_world(ARTIFACTS, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        report = await account.arun_report("runtime_trend", model="demand_forecast")
        runs = await account.arun_report("runtime_trend")
    assert sum(row["runs"] for row in report.rows) > 1
    assert sum(row["runs"] for row in runs.rows) == sum(map(finished, world.runs()))


async def test_a_token_for_metadata_alone_gets_what_discovery_knows(world: World) -> None:
    home = next(each for each in world.environments() if each.deployment_type == "production")
    settings = Settings(fixed_now=NOW, environment_ids=(str(home.id),))
    transport: Any = sandbox.transport(world)
    async with DbtAccount(
        token="metadata-only", account_id="70403103900001", transport=transport, settings=settings
    ) as account:
        report = await account.arun_report("runtime_trend", period="last_7_days")
    assert sum(row["runs"] for row in report.rows) > 0
    assert any("Discovery" in note for note in report.notes)


async def test_of_very_long_periods_the_newest_rows_are_given_and_the_cut_is_said(account: DbtAccount) -> None:
    report = await account.arun_report("runtime_trend", job="Growth nightly", period="last_3660_days", by="week")
    assert len(report.rows) == 500
    assert report.rows[-1]["bucket"] == "week of 2026-11-16"
    assert any("Only the newest 500 of 524 rows are given" in note for note in report.notes)


async def test_the_direction_is_the_one_of_the_runs_whenever_they_were() -> None:
    """Of 60 days only the last ten have runs: the halves are five of these each."""
    cloud = hourly([f"2026-11-{day:02} 12:00" for day in range(7, 12)])
    for day in range(13, 18):
        cloud.runs.append(run(day * 10, f"2026-11-{day} 12:00", f"2026-11-{day} 12:20"))
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="last_60_days")
        single = await account.arun_report("runtime_trend", job="Sync", period="2026-11-13")
    assert report.finding == (
        "Sync took 15 min in the median over 10 runs in the last 60 days: 100% longer, from 10 min in the first half "
        "of the runs to 20 min in the second."
    )
    assert single.finding == "Sync took 20 min in the only run on Fri 13 Nov 2026."


async def test_a_change_that_chance_may_have_made_is_no_direction() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Sync")]
    for day, minutes in enumerate([10, 30, 12, 13, 14, 11, 40, 29], start=9):
        cloud.runs.append(run(day, f"2026-11-{day:02} 12:00", f"2026-11-{day:02} 12:{minutes}"))
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="2026-11-09/2026-11-16")
        two = await account.arun_report("runtime_trend", job="Sync", period="2026-11-09/2026-11-10")
    assert "no clear direction, from 12 min 30 s in the first half of the runs to 21 min 30 s" in report.finding
    assert "which are too few to tell a direction" in two.finding


async def test_one_finished_run_among_others_is_not_told_as_the_only_one() -> None:
    cloud = hourly(["2026-11-13 12:00", "2026-11-13 14:00"])
    cloud.runs[1]["status"] = 30
    async with cloud.account() as account:
        report = await account.arun_report("runtime_trend", job="Sync", period="2026-11-13")
    assert report.finding == "Sync took 10 min in the only run whose time counts on Fri 13 Nov 2026."
