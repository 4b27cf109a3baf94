"""How reliable a job was, on runs written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count as counter

import pytest
from dbt_discovery.analysis.reliability import Reliability, has_failed, measure_reliability
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
UNTIL = MONDAY + timedelta(days=1)
HOUR = 3600.0
STATUSES = {"s": "success", "f": "failure", "c": "cancelled", "t": "cancelled", "r": "running", "u": "unknown"}

_ids = counter(1)


def run(kind: str, hour: float, *, ended: bool = True) -> RunRecord:
    """A run that ended at an hour of Monday, ten minutes after it started; `t` was stopped at its time limit."""
    end = MONDAY + timedelta(hours=hour)
    return RunRecord(
        run_id=str(next(_ids)),
        job_id="1",
        project_id="10",
        environment_id="100",
        status=RunStatus(STATUSES[kind]),
        timed_out=kind == "t",
        status_message="",
        created_at=end - timedelta(minutes=10),
        started_at=end - timedelta(minutes=10),
        finished_at=end if ended else None,
        runtime=600.0 if ended else None,
        queued=0.0,
        git_sha=None,
        git_branch=None,
        dbt_version=None,
        url="",
    )


def runs(kinds: str) -> list[RunRecord]:
    """One run an hour, from one o'clock on."""
    return [run(kind, hour) for hour, kind in enumerate(kinds, 1)]


def measured(kinds: str, before: str = "", *, cancelled_as_failed: bool = False) -> Reliability:
    earlier = [run(kind, hour - len(before)) for hour, kind in enumerate(before)]
    return measure_reliability(runs(kinds), UNTIL, before=earlier, cancelled_as_failed=cancelled_as_failed)


@pytest.mark.parametrize(
    ("kinds", "succeeded", "failed", "cancelled", "rate"),
    [
        ("sssf", 3, 1, 0, 0.75),
        ("sstt", 2, 2, 0, 0.5),
        ("scc", 1, 0, 2, 1.0),
        ("cc", 0, 0, 2, None),
        ("ff", 0, 2, 0, 0.0),
        ("", 0, 0, 0, None),
        ("sfru", 1, 1, 0, 0.5),
    ],
)
def test_rate_is_that_of_runs_that_succeeded_or_failed(
    kinds: str, succeeded: int, failed: int, cancelled: int, rate: float | None
) -> None:
    found = measured(kinds)
    assert (found.succeeded, found.failed, found.cancelled, found.success_rate) == (succeeded, failed, cancelled, rate)
    assert found.runs == succeeded + failed + cancelled


def test_cancelled_runs_fail_where_that_is_asked_for_and_are_still_told_as_cancelled() -> None:
    found = measured("sccf", cancelled_as_failed=True)
    assert (found.runs, found.succeeded, found.failed, found.cancelled) == (4, 1, 3, 2)
    assert found.success_rate == 0.25


def test_an_outage_lasts_from_the_first_failure_to_the_next_success() -> None:
    found = measured("sffsfs")  # two hours from the first failure to the success after it, then one hour
    assert found.outages == 2
    assert found.mean_time_to_recovery == found.median_time_to_recovery == 1.5 * HOUR
    assert found.longest_outage == 2 * HOUR
    assert found.failing_since is None
    assert found.last_success_time == MONDAY + timedelta(hours=6)


def test_one_long_outage_moves_the_mean_and_not_the_median() -> None:
    found = measured("fsfsffffffffs")  # 1, 1 and 8 hours
    assert found.mean_time_to_recovery == pytest.approx(10 * HOUR / 3)
    assert found.median_time_to_recovery == HOUR


def test_an_outage_that_goes_on_counts_in_no_mean() -> None:
    found = measured("fsff")
    assert (found.outages, found.mean_time_to_recovery) == (2, HOUR)
    assert found.failing_since == MONDAY + timedelta(hours=3)
    assert found.longest_outage == 21 * HOUR  # from three in the morning to midnight


def test_a_job_that_never_recovered_has_no_time_to_recovery() -> None:
    found = measured("ff")
    assert (found.mean_time_to_recovery, found.median_time_to_recovery) == (None, None)
    assert found.failing_since == MONDAY + timedelta(hours=1)
    assert found.last_success_time is None


def test_a_cancelled_run_neither_ends_nor_begins_an_outage() -> None:
    assert measured("fcs").mean_time_to_recovery == 2 * HOUR
    assert measured("scs").outages == 0
    assert measured("scs", cancelled_as_failed=True).outages == 1


@pytest.mark.parametrize(
    ("before", "inside", "expected"),
    [
        ("sf", "fs", True),
        ("sf", "sf", False),  # it had recovered when the stretch began
        ("fs", "fs", False),
        ("", "fs", None),
        ("c", "fs", None),
        ("fc", "cf", True),
        ("f", "", False),
    ],
)
def test_whether_the_first_outage_had_begun_before(before: str, inside: str, expected: bool | None) -> None:
    assert measured(inside, before).failing_before is expected


def test_an_outage_begins_inside_the_stretch_even_where_the_job_was_failing_before() -> None:
    found = measured("fs", "ff")
    assert (found.failing_before, found.mean_time_to_recovery) == (True, HOUR)


def test_the_order_in_which_runs_are_given_does_not_matter() -> None:
    given = runs("sffsfcs")
    assert measure_reliability(given[::-1], UNTIL) == measure_reliability(given, UNTIL)


def test_runs_are_ordered_by_their_end() -> None:
    slow = run("f", 3)
    quick = run("s", 2)
    assert measure_reliability([slow, quick], UNTIL).failing_since == MONDAY + timedelta(hours=3)


def test_without_an_end_the_beginning_has_to_do() -> None:
    found = measure_reliability([run("f", 1, ended=False), run("s", 2)], UNTIL)
    assert found.mean_time_to_recovery == HOUR + 600.0


@pytest.mark.parametrize(("kind", "plainly", "with_cancelled"), [("s", 0, 0), ("f", 1, 1), ("t", 1, 1), ("c", 0, 1)])
def test_what_counts_as_failed(kind: str, plainly: int, with_cancelled: int) -> None:
    assert has_failed(run(kind, 1)) == bool(plainly)
    assert has_failed(run(kind, 1), cancelled_as_failed=True) == bool(with_cancelled)
