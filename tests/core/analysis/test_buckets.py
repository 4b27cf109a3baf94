"""Hours, days and weeks of an account's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery.analysis.buckets import BucketLength, Buckets
from dbt_discovery.models.period import TimeRange, parse_period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)


def cut(text: str, length: BucketLength, zone: ZoneInfo | None = None, now: datetime = NOW) -> Buckets:
    home = zone or ZoneInfo("UTC")
    return Buckets.of(parse_period(text).resolve(now, home), length, home)


def hours(buckets: Buckets) -> list[float]:
    return [(after - before) / timedelta(hours=1) for before, after in pairwise(buckets.edges)]


def test_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    assert hours(cut("2026-03-28/2026-03-30", "day", BERLIN)) == [24, 23, 24]
    assert hours(cut("2026-10-24/2026-10-26", "day", BERLIN)) == [24, 25, 24]
    assert hours(cut("2026-10-24/2026-10-26", "day")) == [24, 24, 24]


def test_weeks_begin_on_monday_and_may_have_an_hour_more_or_less() -> None:
    spring = cut("2026-03-23/2026-04-05", "week", BERLIN)
    assert hours(spring) == [167, 168]
    assert [start.astimezone(BERLIN).weekday() for start in spring.starts] == [0, 0]


@pytest.mark.parametrize(("day", "number"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-01", 24)])
def test_a_day_has_as_many_hours_as_its_clock_shows(day: str, number: int) -> None:
    found = cut(day, "hour", BERLIN)
    assert len(found) == number
    assert set(hours(found)) == {1.0}


def test_hours_begin_where_the_clock_of_the_zone_has_them() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")  # half an hour off
    found = cut("2026-11-01", "hour", kolkata)
    assert {start.astimezone(kolkata).minute for start in found.starts} == {0}
    assert {start.minute for start in found.starts} == {30}


@pytest.mark.parametrize(
    ("text", "length", "number", "first", "last"),
    [
        ("last_week", "day", 7, False, False),
        ("last_week", "week", 1, False, False),
        ("last_7_days", "day", 8, True, True),
        ("last_7_days", "week", 2, True, True),
        ("2026-11-18/2026-11-22", "week", 1, True, False),  # Wednesday to Sunday
        ("2026-11-02/2026-11-03", "week", 1, False, True),
        ("2026-11-18T10:15Z/2026-11-18T10:20Z", "hour", 1, True, True),
    ],
)
def test_a_period_that_cuts_the_first_or_last_says_so(
    text: str, length: BucketLength, number: int, first: bool, last: bool
) -> None:
    found = cut(text, length)
    assert (len(found), found.cut_first, found.cut_last) == (number, first, last)


def test_a_moment_lies_in_the_one_that_began_last() -> None:
    found = cut("2026-11-01/2026-11-03", "day")
    for place, start in enumerate(found.starts):
        assert found.place(start) == place
        assert found.place(start + timedelta(hours=24) - timedelta(microseconds=1)) == place


def test_they_are_called_by_the_clock_of_the_account() -> None:
    span = TimeRange("x", "x", datetime(2026, 11, 15, 23, tzinfo=UTC), datetime(2026, 11, 16, 23, tzinfo=UTC), "x")
    names = {length: Buckets.of(span, length, BERLIN).label(span.start, BERLIN) for length in ("hour", "day", "week")}
    assert names == {"hour": "2026-11-16 00:00", "day": "2026-11-16", "week": "week of 2026-11-16"}
