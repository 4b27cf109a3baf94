"""The stretch of time that a period is compared with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery.models.period import parse_period
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)  # a Wednesday
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("yesterday", "2026-11-16T00:00", "2026-11-17T00:00"),
        ("last_week", "2026-11-02T00:00", "2026-11-09T00:00"),
        ("last_month", "2026-09-01T00:00", "2026-10-01T00:00"),
        ("last_7_days", "2026-11-04T10:30", "2026-11-11T10:30"),
        ("last_24_hours", "2026-11-16T10:30", "2026-11-17T10:30"),
        ("2026-11-01", "2026-10-31T00:00", "2026-11-01T00:00"),
        ("2026-11-01/2026-11-15", "2026-10-17T00:00", "2026-11-01T00:00"),
        ("2026-11-01T08:00Z/2026-11-01T09:30Z", "2026-11-01T06:30", "2026-11-01T08:00"),
        # what still goes on is compared as far as it has come
        ("today", "2026-11-17T00:00", "2026-11-17T10:30"),
        ("this_week", "2026-11-09T00:00", "2026-11-11T10:30"),
        ("this_month", "2026-10-01T00:00", "2026-10-18T10:30"),
        ("2026-11-17/2026-11-20", "2026-11-13T00:00", "2026-11-14T10:30"),
        ("2026-11-18T10:00Z/2026-11-18T14:00Z", "2026-11-18T06:00", "2026-11-18T06:30"),
        # and what has not begun, whole
        ("2026-12-01/2026-12-02", "2026-11-29T00:00", "2026-12-01T00:00"),
    ],
)
def test_a_period_is_compared_with_as_much_time_right_before_it(text: str, start: str, end: str) -> None:
    span = parse_period(text).before(NOW, UTC)
    assert (span.start, span.end) == (at(start), at(end))


@pytest.mark.parametrize(
    ("text", "now", "start", "end"),
    [
        # Berlin's clocks went back on 25 October 2026: that week has 169 hours, and the one before 168
        ("last_week", "2026-10-28T12:00", "2026-10-11T22:00", "2026-10-18T22:00"),
        ("this_week", "2026-10-28T12:00", "2026-10-18T22:00", "2026-10-21T11:00"),
        ("yesterday", "2026-10-26T12:00", "2026-10-23T22:00", "2026-10-24T22:00"),
        ("today", "2026-10-25T12:00", "2026-10-23T22:00", "2026-10-24T11:00"),
    ],
)
def test_days_are_those_of_the_clock_where_it_changes(text: str, now: str, start: str, end: str) -> None:
    span = parse_period(text).before(at(now), BERLIN)
    assert (span.start, span.end) == (at(start), at(end))


def test_a_month_is_compared_up_to_the_end_of_a_shorter_one() -> None:
    span = parse_period("this_month").before(at("2026-03-31T09:00"), UTC)
    assert (span.start, span.end) == (at("2026-02-01T00:00"), at("2026-03-01T00:00"))


@pytest.mark.parametrize(
    ("text", "label", "when"),
    [
        ("last_week", "Mon 2 – Sun 8 Nov 2026", "from Mon 2 to Sun 8 Nov 2026"),
        ("yesterday", "Mon 16 Nov 2026", "on Mon 16 Nov 2026"),
        ("today", "Tue 17 Nov 2026 00:00 – 10:30", "from Tue 17 Nov 2026 00:00 to 10:30"),
    ],
)
def test_it_is_called_by_its_dates(text: str, label: str, when: str) -> None:
    span = parse_period(text).before(NOW, UTC)
    assert (span.label, span.when) == (label, when)


@given(
    text=st.sampled_from(["today", "yesterday", "this_week", "last_week", "this_month", "last_month", "last_5_days"]),
    now=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_it_can_be_asked_for_by_its_own_words_and_ends_before_the_period(text: str, now: datetime, zone: str) -> None:
    moment, home = now.replace(tzinfo=UTC), ZoneInfo(zone)
    span, before = parse_period(text).resolve(moment, home), parse_period(text).before(moment, home)
    assert before.start < before.end <= span.start
    assert before.end - before.start <= span.end - span.start + timedelta(days=3, hours=2)  # a month has 28 to 31 days
    again = parse_period(before.text).resolve(moment, home)
    assert (again.start, again.end) == (before.start, before.end)
