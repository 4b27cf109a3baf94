"""The report `runtime_anomalies`: it finds what the world has planted, by its raw records, and hardly anything else."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, Settings

from tests.conftest import ARTIFACTS, NOW
from tests.core.recount import finished, production, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, model, run

STORIES = {"fct_general_ledger": 0, "fct_attribution": 9, "rpt_retention_cohorts": 18}
"""The models that the world slows down, and by how many days their projects' chapters are shifted."""
WEEKLY_FULL_REFRESH = 70403103940004
MONTH = "2026-10-20/2026-11-17"
START, END = utc("2026-10-20T00:00"), utc("2026-11-18T00:00")


def slow_on(day: date, phase: int) -> bool:
    """Whether the world's stories have a model slow: for the last twelve days of every four weeks."""
    return ((day - date(2024, 1, 1)).days - phase) % 28 >= 16


def changes(phase: int) -> set[date]:
    """The days of the month on which a model changes its pace."""
    days = [START.date() + timedelta(days=n) for n in range((END - START).days)]
    return {day for day in days if slow_on(day, phase) != slow_on(day - timedelta(days=1), phase)}


def long_runs(world: World) -> set[tuple[str, str]]:
    """The models, and their runs, that took more than two and a half times as long as in the median of eight weeks.

    Those of the weekly full refresh are left out: that they take longer on Sundays at four is nothing unusual.
    """
    homes, times = {each.id for each in production(world)}, {}
    for each in runs_between(world, START - timedelta(days=28), END):
        for result in world.results(each.id) if finished(each) and each.environment_id in homes else ():
            if result.unique_id.startswith("model.") and result.status == "success":
                times.setdefault(result.unique_id, []).append((each, result.execution_time))
    return {
        (unique_id, str(each.id))
        for unique_id, own in times.items()
        for each, time in own
        if each.started_at and each.started_at >= START
        if each.job_id != WEEKLY_FULL_REFRESH
        if time > 2.5 * median(other for _, other in own) and time > 10
        if unique_id.rsplit(".", 1)[1] not in STORIES
    }


async def test_every_change_of_pace_of_the_slowed_models_is_found_and_no_other(account: DbtAccount) -> None:
    report = await account.arun_report("runtime_anomalies", period=MONTH, of="models", limit=500)
    shifts = [row for row in report.rows if row["kind"] == "level shift"]
    found = {(row["name"], datetime.fromisoformat(row["start_time"]).date()) for row in shifts}
    expected = {(name, day) for name, phase in STORIES.items() for day in changes(phase)}
    assert len(found) == len(shifts) == len(expected) == 6
    for name, day in expected:  # the first run after a change may have failed before it came to the model
        assert found & {(name, day), (name, day + timedelta(days=1))}, (name, day)
    assert all(row["kind"] == "level shift" for row in report.rows[:6])
    for row in shifts:
        slower = slow_on(datetime.fromisoformat(row["start_time"]).date(), STORIES[row["name"]])
        assert (row["runtime"] > 1.8 * row["expected"]) if slower else (row["expected"] > 1.8 * row["runtime"])
        assert (row["deviation"] > 0) == slower


async def test_models_that_took_far_longer_once_are_outliers_and_hardly_any_other_run_is(
    account: DbtAccount, world: World
) -> None:
    report = await account.arun_report("runtime_anomalies", period=MONTH, of="models", limit=500)
    outliers = {
        (row["unique_id"], row["run_id"])
        for row in report.rows
        if row["kind"] == "outlier" and row["name"] not in STORIES
    }
    expected = long_runs(world)
    assert len(expected) > 5
    assert expected <= outliers
    judged = sum(each.started_at is not None for each in runs_between(world, START, END))
    assert len(outliers - expected) < judged / 200  # of runs that each hold several models


async def test_jobs_change_their_level_with_the_model_that_is_the_suspect(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("runtime_anomalies", period="last_week", jobs="Marketing attribution")
    first = report.rows[0]
    assert (first["kind"], first["start_time"][:10]) == ("level shift", "2026-11-11")
    own = [each for each in runs_between(world, END - timedelta(days=60), NOW) if each.job_id == int(first["job_id"])]
    good = [each for each in own if each.status == 10 and each.started_at]
    before, after = utc("2026-10-30T00:00"), utc("2026-11-11T00:00")
    slow = [seconds(each) for each in good if before <= (each.started_at or NOW) < after]
    quick = [seconds(each) for each in good if after <= (each.started_at or NOW) < utc("2026-11-18T10:30")]
    assert first["expected"] == pytest.approx(median(slow), rel=0.03)
    assert first["runtime"] == pytest.approx(median(quick), rel=0.03)
    assert first["suspects"].startswith("fct_attribution took 2 min")
    assert "went from 12 min" in report.finding
    assert report.finding.endswith("(fct_attribution took 2 min 36 s instead of 5 min 28 s).")


@pytest.mark.parametrize(
    "quiet", ["Finance hourly payments", "Audience sync", "Experiment metrics", "Churn and propensity models"]
)
async def test_quiet_jobs_have_no_new_level_and_hardly_an_outlier(account: DbtAccount, quiet: str) -> None:
    report = await account.arun_report("runtime_anomalies", period=MONTH, jobs=quiet, limit=500)
    assert report.coverage.considered >= 28
    assert [row["kind"] for row in report.rows].count("level shift") == 0
    assert report.total_rows <= max(1, 0.01 * report.coverage.considered)


async def test_a_run_that_is_slow_since_today_is_an_outlier_on_a_commit_of_its_own(
    account: DbtAccount, world: World
) -> None:
    report = await account.arun_report("runtime_anomalies", period="today", of="models", models="fct_general_ledger")
    assert {row["kind"] for row in report.rows} == {"outlier"}
    raw = {str(each.id): each for each in world.runs()}
    for row in report.rows:
        (result,) = [each for each in world.results(int(row["run_id"])) if each.unique_id == row["unique_id"]]
        assert row["runtime"] == pytest.approx(result.execution_time)
    sha = raw[report.rows[0]["run_id"]].git_sha
    assert sha
    assert report.rows[0]["suspects"] == f"first run on commit {sha[:7]}"


def nightly(number: int = 30, **odd: Any) -> TinyCloud:
    """A job of ten minutes a night up to this one, whose runs scatter by a few seconds."""
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Nightly", execute_steps=["dbt build"])]
    cloud.models = {100: [model("orders", 60.0)]}
    for place in range(number):
        start = datetime(2026, 11, 18, 2) - timedelta(days=number - 1 - place)
        end = start + timedelta(minutes=10, seconds=place * 7 % 20)
        cloud.runs.append(run(100 + place, str(start), str(end), git_sha="a" * 40, git_version="1.9"))
    return cloud


async def test_a_full_refresh_is_named_as_the_suspect() -> None:
    cloud = nightly()
    long = cloud.runs[-3]
    long["finished_at"] = "2026-11-16 04:30:00"
    long["run_steps"] = [{"index": 1, "name": "Invoke dbt with `dbt build --full-refresh`", "status": 10, "logs": ""}]
    async with cloud.account() as account:
        report = await account.arun_report("runtime_anomalies", period="last_7_days")
    (row,) = report.rows
    assert (row["kind"], row["run_id"], row["runtime"]) == ("outlier", str(long["id"]), 9000.0)
    assert row["expected"] == pytest.approx(610, abs=10)
    assert row["suspects"] == "full refresh: dbt build --full-refresh"
    assert report.finding == (
        "1 outlier in the last 7 days, the clearest: Nightly (Shop) took 2 h 30 min instead of 10 min 8 s on "
        "2026-11-16 02:00 UTC (full refresh: dbt build --full-refresh)."
    )


async def test_a_new_version_and_more_models_are_suspects_of_a_new_level() -> None:
    cloud = nightly()
    for place, each in enumerate(cloud.runs):
        late = place >= 22
        each["dbt_version"] = "1.10" if late else "1.9"
        if late:
            each["finished_at"] = str(datetime.fromisoformat(each["finished_at"]) + timedelta(minutes=5))
        names = ["orders", "items", "big"] if late else ["orders", "items"]
        cloud.nodes[each["id"]] = {
            "models": [
                {"uniqueId": f"model.shop.{name}", "runId": each["id"], "status": "success", "executionTime": 30.0}
                for name in names
            ]
        }
    async with cloud.account() as account:
        report = await account.arun_report("runtime_anomalies", period="last_14_days")
    (row,) = report.rows
    assert (row["kind"], row["run_id"]) == ("level shift", "122")
    assert row["suspects"] == "3 models instead of 2; first run with dbt 1.10"


async def test_too_few_runs_are_said_and_not_judged() -> None:
    async with nightly(8).account() as account:
        report = await account.arun_report("runtime_anomalies", period="last_7_days")
    assert report.rows == ()
    assert report.finding.startswith("No job has enough finished runs in the last 7 days")
    assert report.notes == ("1 job not judged: fewer than 10 successful runs are known to compare with.",)


async def test_suspects_that_cannot_be_asked_for_cost_no_answer() -> None:
    cloud = nightly()
    cloud.runs[-3]["finished_at"] = "2026-11-16 04:30:00"
    cloud.faults = {"/runs/127/": httpx.Response(403, json={"status": {"user_message": "No."}})}
    async with cloud.account() as account:
        report = await account.arun_report("runtime_anomalies", period="last_7_days")
    assert [(row["run_id"], row["suspects"]) for row in report.rows] == [("127", None)]


async def test_no_more_than_ten_runs_are_looked_into(world: World) -> None:
    transport: Any = sandbox.transport(world)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=NOW)) as account:
        await account.arun_report("runtime_trend", period="last_90_days")
        before = account.requests
        report = await account.arun_report("runtime_anomalies", period="last_30_days", sensitivity="high", limit=500)
        assert report.total_rows > 25
        assert account.requests - before <= 10 + 10  # a run's steps each, and results of at most six runs each


async def test_real_runs_of_long_ago_are_judged_as_far_as_there_are_enough() -> None:
    now = NOW + timedelta(days=400)
    world = sandbox.artifacts_world(ARTIFACTS, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        report = await account.arun_report("runtime_anomalies", of="models")
    assert report.finding.startswith("No")
    assert report.coverage.considered == sum(map(finished, world.runs()))


async def test_of_models_the_runs_count_that_are_of_their_environments(account: DbtAccount, world: World) -> None:
    homes = {each.id for each in production(world)}
    runs = runs_between(world, utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))
    own = [run for run in runs if run.environment_id in homes]
    report = await account.arun_report("runtime_anomalies", period="last_week", of="models")
    assert report.coverage.considered == sum(map(finished, own)) < sum(map(finished, runs))
    assert sum(report.coverage.left_out.values()) == len(own) - report.coverage.considered
