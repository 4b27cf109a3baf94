"""When schedules start jobs, and how often they collide, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery.analysis.schedules import WeekOfJob, collisions, read_schedule, week_of_job

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = 3600.0


def week(cron: str, minutes: float = 1, job_id: str = "1") -> WeekOfJob:
    found = week_of_job(job_id, cron, minutes * 60, MONDAY)
    assert found
    return found


def met(one: str, minutes: float, other: str, other_minutes: float) -> int:
    """How often the other job is in the way when the one is due."""
    found = dict(collisions(week(one, minutes), [week(other, other_minutes, "2")]))
    return found.get("2", 0)


@pytest.mark.parametrize(
    ("cron", "starts", "interval"),
    [
        ("0 2 * * *", 7, 24 * HOUR),
        ("*/15 * * * *", 7 * 96, 900.0),
        ("0 6,8 * * *", 14, 2 * HOUR),
        ("30 5 * * 1-5", 5, 24 * HOUR),
        ("30 5 * * MON-FRI", 5, 24 * HOUR),
        ("0 4 * * 0", 1, 7 * 24 * HOUR),
        ("0 4 * * 7", 1, 7 * 24 * HOUR),
        ("0 0 1 * *", 0, 31 * 24 * HOUR),  # the first of December, and of January
        ("0 0,1,6 * * 2", 3, HOUR),
    ],
)
def test_a_schedule_is_read_as_cron_reads_it(cron: str, starts: int, interval: float) -> None:
    found = read_schedule(cron, MONDAY, MONDAY + WEEK)
    assert found
    assert (len(found.starts), found.interval) == (starts, interval)


def test_the_first_moment_is_inside_and_the_last_is_not() -> None:
    found = read_schedule("0 0 * * *", MONDAY, MONDAY + timedelta(days=2))
    assert found
    assert found.starts == (MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    "cron",
    ["", "hourly", "* * * *", "0 0 * * * *", "61 * * * *", "0 0 30 2 *", "*/0 * * * *", "²² * * * *", "9" * 5000],
)
def test_what_is_no_schedule_is_not_understood(cron: str) -> None:
    assert read_schedule(cron, MONDAY, MONDAY + WEEK) is None
    assert week_of_job("1", cron, 60.0, MONDAY) is None
    assert read_schedule(f"{'9' * 5000} * * * *", MONDAY, MONDAY + WEEK) is None


@pytest.mark.parametrize(
    ("one", "minutes", "other", "other_minutes", "times"),
    [
        ("0 2 * * *", 10, "0 2 * * *", 10, 7),  # due in the same minute
        ("0 2 * * *", 10, "30 1 * * *", 29, 0),
        ("0 2 * * *", 10, "30 1 * * *", 31, 7),
        ("0 2 * * *", 10, "5 2 * * *", 10, 0),  # only later in the way: the other one meets this
        ("5 2 * * *", 10, "0 2 * * *", 10, 7),
        ("0 * * * *", 1, "0 */2 * * *", 76, 168),  # still running an hour later
        ("0 * * * *", 1, "0 */2 * * *", 60, 84),
        ("0 2 * * 1-5", 1, "0 0 * * 0", 24 * 60, 0),
        ("0 2 * * 1-5", 1, "0 0 * * 0", 27 * 60, 1),  # Sunday's run reaches into Monday, also from the week before
    ],
)
def test_a_collision_is_a_start_while_the_other_runs(
    one: str, minutes: float, other: str, other_minutes: float, times: int
) -> None:
    assert met(one, minutes, other, other_minutes) == times


def test_a_run_of_unknown_or_endless_length_does_no_harm() -> None:
    unknown = week_of_job("2", "0 2 * * *", None, MONDAY)
    endless = week_of_job("3", "0 2 * * *", 1e12, MONDAY)
    assert unknown
    assert endless
    found = collisions(week("0 2,3 * * *"), [unknown, endless])
    assert found == [("3", 14), ("2", 7)]


def test_collisions_stand_by_number_and_leave_the_job_itself_aside() -> None:
    own = week("0 * * * *", 90)
    others = [week("0 3 * * *", 1, "2"), week("0 3,4 * * *", 1, "3"), week("30 3 * * *", 5, "4")]
    assert collisions(own, [own, *others]) == [("3", 14), ("2", 7)]


def test_minutes_are_those_of_a_plain_walk_through_the_week() -> None:
    cron, length = "7,37 */3 * * 1,3,5", 52
    busy = set()
    for minute in range(-length, 7 * 24 * 60):
        moment = MONDAY + timedelta(minutes=minute)
        if moment.minute in (7, 37) and moment.hour % 3 == 0 and moment.isoweekday() in (1, 3, 5):
            busy |= {place for place in range(minute, minute + length) if place >= 0}
    found = week(cron, length).busy
    assert {place for place in range(7 * 24 * 60 + length) if found >> place & 1} == busy
