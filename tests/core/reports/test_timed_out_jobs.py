"""A job whose latest run hit its time limit, in the reports about jobs."""

from __future__ import annotations

from typing import Any

from tests.core.tiny import TinyCloud, job, run


def cloud(**latest: Any) -> TinyCloud:
    own = run(6, "2026-11-18 05:00", "2026-11-18 06:00", status=30, **latest)
    found = TinyCloud()
    found.runs, found.jobs = [own], [job(1, most_recent_run=own)]
    return found


async def test_a_run_stopped_at_its_time_limit_is_told_as_failed() -> None:
    async with cloud(status_message="This run timed out after running for 1 hour.").account() as account:
        listed = await account.arun_report("list_jobs")
        (row,) = (await account.arun_report("job_details", job="1")).rows
    assert listed.finding == "1 job: Job 1. The latest run of 1 failed."
    assert (row["last_run_status"], row["last_run_timed_out"]) == ("cancelled", True)


async def test_one_that_somebody_cancelled_is_not() -> None:
    async with cloud(status_message="Cancelled by user.").account() as account:
        listed = await account.arun_report("list_jobs")
        (row,) = (await account.arun_report("job_details", job="1")).rows
    assert listed.finding == "1 job: Job 1."
    assert (row["last_run_status"], row["last_run_timed_out"]) == ("cancelled", False)
