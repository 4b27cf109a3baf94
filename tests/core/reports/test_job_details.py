"""The report `job_details` against the world's raw records, and of jobs that lack something."""

from __future__ import annotations

from statistics import median
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import AmbiguousName, DbtAccount, InvalidArgument, NotFound

from tests.core.recount import ERROR, SUCCESS, finished, seconds
from tests.core.tiny import TinyCloud, job, run


async def details(account: DbtAccount, name: str) -> dict[str, Any]:
    (row,) = (await account.arun_report("job_details", job=name)).rows
    return row


async def test_every_job_is_told_as_its_raw_records_have_it(account: DbtAccount, world: World) -> None:
    for each in world.jobs():
        row = await details(account, str(each.id))
        own = [one for one in world.runs() if one.job_id == each.id]
        assert row["job_name"] == each.name
        assert row["schedule"] == (each.cron if each.scheduled else None)
        assert row["steps"].split("\n") == list(each.execute_steps)
        next_run = world.next_run(each.id)
        assert bool(row["next_run_time"]) == (next_run is not None)
        latest = [one for one in own[::-1] if one.status in (SUCCESS, ERROR) or "timed out" in str(one.status_message)]
        good = sum(one.status == SUCCESS for one in latest[:20])
        assert row["success_rate"] == pytest.approx(good / len(latest[:20])), each.name
        times = [seconds(one) for one in latest[:20] if finished(one)]
        assert row["median_runtime"] == pytest.approx(median(times))
        assert row["last_run_status"] in ("cancelled", {10: "success", 20: "failure"}.get(own[-1].status)) or (
            own[-1].status not in (SUCCESS, ERROR)
        )


async def test_what_it_builds_is_counted(account: DbtAccount, world: World) -> None:
    (nightly,) = [each for each in world.jobs() if each.name == "Finance nightly build"]
    last = [each for each in world.runs() if each.job_id == nightly.id and finished(each)][-1]
    built = {result.unique_id for result in world.results(last.id) if result.unique_id.startswith("model.")}
    assert (await details(account, "finance nightly build"))["model_count"] == len(built) > 10


async def test_a_next_run_that_has_passed_is_told_and_said() -> None:
    cloud = TinyCloud()
    scheduled = {"triggers": {"schedule": True}, "schedule": {"cron": "0 * * * *"}}
    cloud.jobs = [
        job(1, **scheduled, next_run="2026-11-18T09:00:00.000000+00:00"),
        job(2, schedule={"cron": "0 * * * *"}, next_run="2026-11-19T09:00:00+00:00"),
        job(3, **scheduled),
    ]
    async with cloud.account() as account:
        late = await account.arun_report("job_details", job="Job 1")
        off, none = await details(account, "Job 2"), await details(account, "Job 3")
    assert late.rows[0]["next_run_time"] == "2026-11-18T09:00:00Z"
    assert "lies in the past" in late.notes[0]
    assert (off["schedule"], off["next_run_time"]) == (None, None)
    assert (none["schedule"], none["next_run_time"]) == ("0 * * * *", None)


async def test_a_job_that_never_ran() -> None:
    async with TinyCloud().account() as account:
        report = await account.arun_report("job_details", job="1")
    (row,) = report.rows
    assert (row["last_run_status"], row["runs"], row["success_rate"], row["model_count"]) == (None, 0, None, 0)
    assert report.finding == "Job 1 (Shop) never ran, as far as dbt Cloud tells."


async def test_the_latest_run_may_go_on_and_then_has_no_time() -> None:
    cloud = TinyCloud()
    limit = "This run timed out after running for 1 hour"
    cloud.runs = [
        run(5, "2026-11-18 05:00", "2026-11-18 05:10"),
        run(6, "2026-11-18 06:00", "2026-11-18 07:00", status=30, status_message=limit),
        run(7, "2026-11-18 07:00", "2026-11-18 07:01", status=30),
        run(8, "2026-11-18 08:00", None, created_at="2026-11-18 07:50"),
    ]
    cloud.jobs = [job(1, most_recent_run=cloud.runs[-1])]
    async with cloud.account() as account:
        report = await account.arun_report("job_details", job="Job 1")
    (row,) = report.rows
    assert (row["last_run_status"], row["last_run_runtime"], row["last_run_queued"]) == ("running", None, 600.0)
    assert (row["runs"], row["success_rate"], row["median_runtime"]) == (2, 0.5, 600.0)
    assert (row["last_failure_time"], row["last_failure_url"][-2:]) == ("2026-11-18T06:00:00Z", "6/")
    assert (report.coverage.considered, report.coverage.left_out) == (2, {"running": 1, "cancelled": 1})
    assert report.finding == (
        "The latest run of Job 1 (Shop), 2026-11-18 08:00 UTC: running; 1 of its latest 2 finished runs succeeded, "
        "median runtime 10 min."
    )


async def test_a_single_finished_run_is_not_counted_as_if_there_were_more() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-18 05:00", "2026-11-18 05:10", status=20)]
    cloud.jobs = [job(1, most_recent_run=cloud.runs[0])]
    async with cloud.account() as account:
        finding = (await account.arun_report("job_details", job="Job 1")).finding
    assert finding.endswith("10 min: failure; its only finished run failed, median runtime 10 min.")


async def test_of_a_job_whose_newest_runs_were_cancelled_it_is_not_said_that_no_other_finished() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(n, f"2026-11-16 {n // 10:02}:00", f"2026-11-16 {n // 10:02}:10") for n in range(1, 6)]
    cloud.runs += [run(n, f"2026-11-17 {n // 10:02}:{n % 10}0", "2026-11-18 00:00", status=30) for n in range(10, 109)]
    cloud.jobs = [job(1, most_recent_run=cloud.runs[-1])]
    async with cloud.account() as account:
        report = await account.arun_report("job_details", job="Job 1")
    assert "; of its newest 100 runs one has finished: it succeeded" in report.finding
    assert "For 1 job the newest 100 runs hold fewer that count." in report.notes
    assert not report.coverage.complete


async def test_a_run_that_took_far_longer_does_not_mislead_unseen() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(day, f"2026-11-{day} 05:00", f"2026-11-{day} 05:10") for day in (11, 12, 13)]
    cloud.runs.append(run(14, "2026-11-14 05:00", "2026-11-14 09:00"))
    cloud.jobs = [job(1, most_recent_run=cloud.runs[-1])]
    async with cloud.account() as account:
        finding = (await account.arun_report("job_details", job="Job 1")).finding
    assert finding.endswith("median runtime 10 min (average 1 h 8 min: a few runs took far longer).")


async def test_what_cannot_be_read_is_missing_and_the_rest_is_told() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-18 05:00", "2026-11-18 05:10")]
    cloud.jobs = [job(1, execute_steps=["dbt build"], most_recent_run=cloud.runs[0])]
    cloud.faults["LatestModelsOfJobs"] = httpx.Response(400, json={"errors": [{"message": "No such luck"}]})
    async with cloud.account() as account:
        report = await account.arun_report("job_details", job="Job 1")
    assert (report.rows[0]["steps"], report.rows[0]["model_count"], report.rows[0]["runs"]) == ("dbt build", None, 1)
    assert not report.coverage.complete
    assert "What Job 1 builds could not be read" in report.notes[0]


async def test_runs_that_cannot_be_read_are_not_told_as_none() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-18 05:00", "2026-11-18 05:10")]
    cloud.jobs = [job(1, most_recent_run=cloud.runs[0])]
    cloud.faults["/runs/"] = httpx.Response(400, json={})
    async with cloud.account() as account:
        report = await account.arun_report("job_details", job="Job 1")
    assert report.finding == "The latest run of Job 1 (Shop), 2026-11-18 05:00 UTC, 10 min: success."
    assert report.rows[0]["runs"] is None
    assert not report.coverage.complete


async def test_a_job_has_to_be_named_and_be_there() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1, name="Nightly"), job(2, name="nightly")]
    async with cloud.account() as account:
        with pytest.raises(InvalidArgument, match="Name the job") as refused:
            await account.arun_report("job_details")
        assert refused.value.argument == "job"
        with pytest.raises(NotFound):
            await account.arun_report("job_details", job="Weekly")
        with pytest.raises(AmbiguousName):
            await account.arun_report("job_details", job="NIGHTLY")
