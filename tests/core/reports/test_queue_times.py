"""The report `queue_times` against plain loops over the world's raw runs, and on rows written by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Job, Run, World
from dbt_discovery import DbtAccount, InvalidArgument, Settings

from tests.conftest import NOW
from tests.core.recount import CANCELLED, finished, percentile, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))
AUDIENCE, EVEN, ODD = 70403103940009, 70403103940012, 70403103940013


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("queue_times", limit=500, **arguments)).rows)


def queued(one: Run) -> float:
    assert one.started_at is not None
    return (one.started_at - one.created_at).total_seconds()


def started(world: World) -> dict[str, list[Run]]:
    """The runs of last week that started, by job."""
    found: dict[str, list[Run]] = {}
    for one in runs_between(world, *LAST_WEEK):
        if one.started_at:
            found.setdefault(str(one.job_id), []).append(one)
    return found


async def test_waits_are_from_creation_to_start(account: DbtAccount, world: World) -> None:
    expected = started(world)
    found = {row["job_id"]: row for row in await rows(account, period="last_week")}
    assert found.keys() == expected.keys()
    for job_id, row in found.items():
        waits = [queued(one) for one in expected[job_id]]
        assert row["runs"] == len(waits)
        assert row["avg_queued"] == pytest.approx(mean(waits), abs=1e-3)
        assert row["median_queued"] == pytest.approx(median(waits), abs=1e-3)
        assert row["p95_queued"] == pytest.approx(percentile(waits, 95), abs=1e-3)
        assert row["max_queued"] == pytest.approx(max(waits), abs=1e-3)
        whole = [(queued(one), seconds(one)) for one in expected[job_id]]
        share = sum(wait for wait, _ in whole) / sum(wait + runtime for wait, runtime in whole)
        assert row["waiting_share"] == pytest.approx(share, abs=1e-6)


async def test_runs_that_never_started_stand_apart(account: DbtAccount, world: World) -> None:
    never = [one for one in runs_between(world, *LAST_WEEK) if not one.started_at]
    assert {(one.job_id, one.status) for one in never} == {(AUDIENCE, CANCELLED)}
    report = await account.arun_report("queue_times", period="last_week")
    assert report.rows[0]["cancelled_waiting"] == len(never)
    assert report.coverage.left_out == {"never_started": len(never)}
    assert report.coverage.considered == sum(map(len, started(world).values()))
    assert f"{len(never)} more runs cancelled before they started" in report.finding


async def test_what_ran_meanwhile_is_that_of_every_pair_of_runs(account: DbtAccount, world: World) -> None:
    (row,) = await rows(account, period="last_week", jobs="Audience sync")
    waiting = started(world)[str(AUDIENCE)]
    in_all = sum(map(queued, waiting))
    shares = {}
    for rival in (each for each in world.jobs() if each.id != AUDIENCE):
        overlap = 0.0
        for other in (one for one in world.runs() if one.job_id == rival.id and one.started_at):
            assert other.started_at is not None
            for one in waiting:
                assert one.started_at is not None
                common = min(one.started_at, other.finished_at or NOW) - max(one.created_at, other.started_at)
                overlap += max(common.total_seconds(), 0.0)
        shares[rival.name] = overlap / in_all
    first = sorted(shares, key=shares.__getitem__, reverse=True)[:3]
    told = re.findall(r"(?:^|, )([^,(]+) \(([\d.]+) %\)", row["waited_for"])
    assert {name for name, _ in told} == set(first)
    assert all(float(share) == pytest.approx(100 * shares[name], abs=0.051) for name, share in told)


def fires(cron: str) -> set[int]:
    """The minutes of a week from Wednesday 10:30 on in which a schedule of plain numbers starts its job."""
    minutes, hours, _, _, weekdays = (
        None if part == "*" else {int(each) for each in part.split(",")} for part in cron.split()
    )
    found = set()
    for place in range(-24 * 60, 7 * 24 * 60):
        moment = NOW + timedelta(minutes=place)
        fits = [(minutes, moment.minute), (hours, moment.hour), (weekdays, moment.isoweekday() % 7)]
        if all(wanted is None or value in wanted for wanted, value in fits):
            found.add(place)
    return found


def length(world: World, one: Job) -> int:
    """The minutes that a run of a job takes by its median last week."""
    times = [seconds(each) for each in started(world)[str(one.id)] if finished(each)]
    return -int(-median(times) // 60)


async def test_collisions_are_those_of_a_walk_through_the_week(account: DbtAccount, world: World) -> None:
    jobs = [each for each in world.jobs() if each.scheduled]
    busy = {
        each.id: {minute for start in fires(each.cron) for minute in range(start, start + length(world, each))}
        for each in jobs
    }
    checked = 0
    for row in await rows(account, period="last_week"):
        own = [each for each in jobs if str(each.id) == row["job_id"]]
        if not own:
            assert row["collisions"] is None
            continue
        due = {minute for minute in fires(own[0].cron) if minute >= 0}
        met = {each.name: len(due & busy[each.id]) for each in jobs if each is not own[0]}
        met = {name: times for name, times in met.items() if times}
        told = dict(re.findall(r"(?:^|, | and )([^,(]+?) \((\d+) × a week\)", row["collisions"]))
        assert {name: int(times) for name, times in told.items()}.items() <= met.items()
        assert len(told) == min(len(met), 3)
        assert (row["collisions"] == "none") == (not met)
        if len(met) > 3:
            assert row["collisions"].endswith(f"and {len(met) - 3} more")
        checked += len(told)
    assert checked > 20


async def test_jobs_of_the_same_environment_are_named_first(account: DbtAccount) -> None:
    (row,) = await rows(account, period="last_week", jobs="Growth events even hours")
    assert row["collisions"].startswith("Growth events odd hours (84 × a week)")
    (inside,) = await rows(account, period="last_week", jobs="Growth events even hours", projects="Product Growth")
    assert "Audience sync" in row["collisions"]
    assert "Audience sync" not in inside["collisions"]


async def test_intervals_and_medians_are_those_of_the_schedules(account: DbtAccount, world: World) -> None:
    found = {row["job_id"]: row for row in await rows(account, period="last_week")}
    for each in (one for one in world.jobs() if one.scheduled):
        minutes = sorted(fires(each.cron))
        row = found[str(each.id)]
        if len(minutes) > 2:
            assert row["interval"] == min(later - sooner for sooner, later in pairwise(minutes)) * 60
        assert row["over_scheduled"] is (row["median_runtime"] > row["interval"])
        times = [seconds(one) for one in started(world)[str(each.id)] if finished(one)]
        assert row["median_runtime"] == pytest.approx(median(times), abs=1e-3)


@pytest.mark.parametrize("order_by", ["avg", "p95", "max"])
async def test_the_order_asked_for_is_kept(account: DbtAccount, order_by: str) -> None:
    report = await account.arun_report("queue_times", period="last_week", order_by=order_by, limit=500)
    measures = [row[f"{order_by}_queued"] for row in report.rows]
    assert measures == sorted(measures, reverse=True)
    assert report.chart
    assert report.chart.y == (f"{order_by}_queued",)


async def test_an_environment_keeps_its_own_runs(account: DbtAccount, world: World) -> None:
    found = await rows(account, period="last_week", environment="staging", projects="Product Growth")
    expected = {one.job_id for one in runs_between(world, *LAST_WEEK) if one.environment_id == 70403103930007}
    assert {int(row["job_id"]) for row in found} == expected


def scheduled(job_id: int, cron: str, **more: Any) -> dict[str, Any]:
    return job(job_id, triggers={"schedule": True}, schedule={"cron": cron}, **more)


def waiting(run_id: int, created: str, began: str, ended: str, **more: Any) -> dict[str, Any]:
    day = "2026-11-17"
    return run(run_id, f"{day} {began}", f"{day} {ended}", created_at=f"{day} {created}", **more)


async def test_a_job_that_takes_longer_than_its_interval_is_over_scheduled() -> None:
    cloud = TinyCloud()
    cloud.jobs = [scheduled(1, "0 */2 * * *"), scheduled(2, "0 0 * * *")]
    cloud.runs = [
        waiting(5, "02:00", "02:00", "04:30"),
        waiting(6, "04:00", "04:30", "07:00"),
        waiting(7, "00:00", "00:00", "00:10", job_id=2),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday")
    first, second = report.rows
    assert (first["over_scheduled"], first["interval"], first["median_runtime"]) == (True, 7200.0, 9000.0)
    assert second["over_scheduled"] is False
    assert first["waited_for"] == "its own earlier run (100 %)"
    assert "over-scheduled, as its runs take 2 h 30 min and come due as little as 2 h apart" in report.finding


async def test_an_over_scheduled_job_is_told_though_others_waited_longer() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1), scheduled(2, "0 * * * *", name="Too often")]
    cloud.runs = [waiting(5, "02:00", "02:20", "02:30"), waiting(6, "03:00", "03:01", "04:30", job_id=2)]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday", limit=1)
    assert len(report.rows) == 1
    assert report.finding.endswith("; over-scheduled: Too often.")


async def test_a_schedule_that_is_switched_off_collides_with_nothing() -> None:
    cloud = TinyCloud()
    off = job(2, triggers={"schedule": False}, schedule={"cron": "0 2 * * *"})
    cloud.jobs = [scheduled(1, "0 2 * * *"), off]
    cloud.runs = [waiting(5, "02:00", "02:01", "02:30"), waiting(6, "02:00", "02:02", "02:30", job_id=2)]
    async with cloud.account() as account:
        found = {row["job_id"]: row for row in await rows(account, period="yesterday")}
    assert found["1"]["collisions"] == "none"
    assert (found["2"]["collisions"], found["2"]["interval"], found["2"]["over_scheduled"]) == (None, None, None)


async def test_a_schedule_that_is_not_understood_is_said() -> None:
    cloud = TinyCloud()
    cloud.jobs = [scheduled(1, "whenever"), scheduled(2, "0 2 * * *")]
    cloud.runs = [waiting(5, "02:00", "02:01", "02:30"), waiting(6, "02:00", "02:02", "02:30", job_id=2)]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday")
    found = {row["job_id"]: row for row in report.rows}
    assert found["1"]["collisions"] == "schedule not understood"
    assert found["2"]["collisions"] == "none"
    assert report.notes == ("The schedule of 1 job is not understood: Job 1 (“whenever”).",)


async def test_a_run_from_before_the_period_may_be_in_the_way() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1), job(2)]
    late = run(5, "2026-11-16 23:00", "2026-11-17 00:30", job_id=2)
    cloud.runs = [late, waiting(6, "00:10", "00:30", "00:40")]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday")
    (row,) = report.rows
    assert row["waited_for"] == "Job 2 (100 %)"
    assert report.coverage.considered == 1


async def test_a_long_wait_that_is_rare_does_not_mislead() -> None:
    cloud = TinyCloud()
    cloud.runs = [waiting(n, f"0{n}:00", f"0{n}:01", f"0{n}:10") for n in range(1, 8)]
    cloud.runs.append(waiting(9, "09:00", "13:00", "13:10"))
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday")
    assert "30 min 52 s on average over 8 runs" in report.finding  # seven minutes and four hours, by eight
    assert "half of them no longer than 1 min" in report.finding


async def test_runs_that_wait_now_are_told() -> None:
    cloud = TinyCloud()
    now = {"created_at": "2026-11-18 10:20", "started_at": None, "finished_at": None}
    cloud.runs = [run(5, None, None, status=1, **now), waiting(6, "02:00", "02:01", "02:30")]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="last_2_days")
    assert "1 run waiting now, the longest for 10 min." in report.notes
    assert (report.coverage.considered, report.coverage.left_out) == (1, {"running": 1})


async def test_where_nothing_waited_it_says_so() -> None:
    cloud = TinyCloud()
    cloud.runs = [waiting(5, "02:00", "02:00", "02:30")]
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday")
        nothing = await account.arun_report("queue_times", period="2026-11-01")
    assert report.finding.startswith("No run waited yesterday")
    assert nothing.finding.startswith("No run whose wait is known")


async def test_it_works_on_artifacts_which_know_no_queue(artifacts: Path) -> None:
    now = NOW + timedelta(days=6)
    world = sandbox.artifacts_world(artifacts, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        report = await account.arun_report("queue_times")
    assert report.finding.startswith("No run waited")
    assert {row["over_scheduled"] for row in report.rows} == {None}


async def test_a_token_for_metadata_alone_is_told_that_queue_times_are_missing(
    world: World, settings: Settings
) -> None:
    homes = tuple(str(each.id) for each in world.environments() if each.deployment_type == "production")
    narrow = settings.model_copy(update={"environment_ids": homes})
    transport = sandbox.transport(world)
    async with DbtAccount("metadata-only", world.account.id, transport=transport, settings=narrow) as account:
        report = await account.arun_report("queue_times")
    assert report.rows == ()
    assert set(report.coverage.left_out) == {"no_timing"}
    assert any("Queue times" in note for note in report.notes)


@pytest.mark.parametrize("arguments", [{"order_by": "total"}, {"tags": "finance"}, {"limit": 0}])
async def test_bad_arguments_are_refused_by_name(account: DbtAccount, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("queue_times", **arguments)
    assert refused.value.argument == next(iter(arguments))


async def test_a_single_wait_among_many_runs_is_not_no_wait() -> None:
    """Of thirty runs of the second job one waited, which its 95th percentile does not show."""
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="A"), job(2, name="B")]
    cloud.runs = [run(n, f"2026-11-17 {n % 24:02}:00", None, job_id=1 + n % 2) for n in range(1, 61)]
    cloud.runs[0] |= {"created_at": "2026-11-17 00:30"}
    async with cloud.account() as account:
        report = await account.arun_report("queue_times", period="yesterday", order_by="p95")
    assert [row["job_name"] for row in report.rows] == ["B", "A"]
    assert report.finding.startswith("B (Shop) waited longest yesterday")
