"""Periods: the moments that words stand for, in any zone and on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery import InvalidArgument
from dbt_discovery.models.period import TimeRange, parse_period
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)  # a Wednesday
BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def resolved(text: str, now: datetime = NOW, zone: ZoneInfo | None = None) -> TimeRange:
    return parse_period(text).resolve(now, zone or ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-11-18T00:00", "2026-11-19T00:00"),
        ("yesterday", "2026-11-17T00:00", "2026-11-18T00:00"),
        ("this_week", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("last_week", "2026-11-09T00:00", "2026-11-16T00:00"),
        ("this_month", "2026-11-01T00:00", "2026-12-01T00:00"),
        ("last_month", "2026-10-01T00:00", "2026-11-01T00:00"),
        ("last_7_days", "2026-11-11T10:30", "2026-11-18T10:30"),
        ("last_1_day", "2026-11-17T10:30", "2026-11-18T10:30"),
        ("last_24_hours", "2026-11-17T10:30", "2026-11-18T10:30"),
        ("last_2_weeks", "2026-11-04T10:30", "2026-11-18T10:30"),
        ("2026-11-01", "2026-11-01T00:00", "2026-11-02T00:00"),
        ("2026-11-01/2026-11-15", "2026-11-01T00:00", "2026-11-16T00:00"),
        ("2026-11-01T08:00/2026-11-01T09:30", "2026-11-01T08:00", "2026-11-01T09:30"),
        ("2026-11-01T08:00Z/2026-11-01T12:00+01:00", "2026-11-01T08:00", "2026-11-01T11:00"),
        ("2026-11-01/2026-11-02T12:00", "2026-11-01T00:00", "2026-11-02T12:00"),
    ],
)
def test_words_stand_for_these_moments(text: str, start: str, end: str) -> None:
    span = resolved(text)
    assert (span.start, span.end) == (at(start), at(end))


@pytest.mark.parametrize("text", ["Last Week", "last-week", " last_week ", "LAST WEEK", "last  week"])
def test_spelling_of_words_is_forgiven(text: str) -> None:
    assert parse_period(text) == parse_period("last_week")


def test_spaces_around_the_slash_are_forgiven() -> None:
    assert parse_period(" 2026-11-01 / 2026-11-15 ").text == "2026-11-01/2026-11-15"


def test_monday_begins_the_week_even_on_a_sunday() -> None:
    sunday = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    assert resolved("this_week", sunday).start == at("2026-11-16T00:00")
    assert resolved("last_week", sunday).end == at("2026-11-16T00:00")


def test_monday_itself_is_in_this_week() -> None:
    assert resolved("this_week", at("2026-11-16T00:00")).start == at("2026-11-16T00:00")


def test_last_month_of_january_is_december() -> None:
    span = resolved("last_month", at("2026-01-31T12:00"))
    assert (span.start, span.end) == (at("2025-12-01T00:00"), at("2026-01-01T00:00"))


def test_this_month_of_february_ends_in_march() -> None:
    span = resolved("this_month", at("2028-02-29T12:00"))
    assert (span.start, span.end) == (at("2028-02-01T00:00"), at("2028-03-01T00:00"))


def test_days_begin_at_midnight_of_the_zone() -> None:
    assert resolved("today", zone=TOKYO).start == at("2026-11-17T15:00")
    late = at("2026-11-18T16:00")  # already the 19th in Tokyo
    assert resolved("today", late, TOKYO).start == at("2026-11-18T15:00")


def test_naive_instants_are_taken_in_the_zone() -> None:
    span = resolved("2026-11-01T08:00/2026-11-01T09:00", zone=BERLIN)
    assert (span.start, span.end) == (at("2026-11-01T07:00"), at("2026-11-01T08:00"))


def test_the_day_clocks_go_forward_has_23_hours() -> None:
    span = resolved("2026-03-29", zone=BERLIN)
    assert (span.start, span.end) == (at("2026-03-28T23:00"), at("2026-03-29T22:00"))


def test_the_day_clocks_go_back_has_25_hours() -> None:
    span = resolved("2026-10-25", zone=BERLIN)
    assert (span.start, span.end) == (at("2026-10-24T22:00"), at("2026-10-25T23:00"))


def test_a_week_with_a_change_of_clocks_begins_and_ends_at_local_midnight() -> None:
    span = resolved("last_week", at("2026-10-28T12:00"), BERLIN)
    assert (span.start, span.end) == (at("2026-10-18T22:00"), at("2026-10-25T23:00"))
    assert span.end - span.start == timedelta(hours=169)


def test_last_7_days_are_168_hours_across_a_change_of_clocks() -> None:
    span = resolved("last_7_days", at("2026-10-28T12:00"), BERLIN)
    assert span.end - span.start == timedelta(hours=168)


def test_start_is_inside_and_end_is_not() -> None:
    span = resolved("yesterday")
    assert at("2026-11-17T00:00") in span
    assert at("2026-11-18T00:00") - timedelta(microseconds=1) in span
    assert at("2026-11-18T00:00") not in span
    assert at("2026-11-17T00:00") - timedelta(microseconds=1) not in span


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("last_week", "last week (Mon 9 – Sun 15 Nov 2026)"),
        ("today", "today (Wed 18 Nov 2026)"),
        ("last_month", "last month (Thu 1 – Sat 31 Oct 2026)"),
        ("last_7_days", "last 7 days"),
        ("last_1_hours", "last 1 hour"),
        ("2026-10-30/2026-11-02", "Fri 30 Oct – Mon 2 Nov 2026"),
        ("2025-12-31/2026-01-01", "Wed 31 Dec 2025 – Thu 1 Jan 2026"),
    ],
)
def test_label_says_which_days(text: str, label: str) -> None:
    assert resolved(text).label == label


def test_range_names_its_zone() -> None:
    assert resolved("today", zone=BERLIN).timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "lastweek",
        "last_0_days",
        "last_-1_days",
        "last_7_fortnights",
        "2026-13-01",
        "2026-02-30",
        "2026-11-1",
        "20261101",
        "2026-11-01/",
        "/2026-11-01",
        "2026-11-01/2026-11-02/2026-11-03",
        "2026-11-15/2026-11-01",
        "2026-11-01T10:00",
        "2026-11-01T10:00/2026-11-01T10:00",
        "9999-12-31",
        "1990-01-01/2026-01-01",
        "last_9999_weeks",
        "today/yesterday",
        "2026-11-01T25:00/2026-11-02",
    ],
)
def test_what_is_no_period_is_refused_with_the_forms_that_are(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"last_week.*2026-11-01/2026-11-15") as refused:
        parse_period(text)
    assert refused.value.argument == "period"


def test_a_reversed_period_is_told_apart_from_gibberish() -> None:
    with pytest.raises(InvalidArgument, match="ends before it starts"):
        parse_period("2026-11-15/2026-11-01")


NAMES = st.sampled_from(["today", "yesterday", "this_week", "last_week", "this_month", "last_month"])
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",  # clocks change by half an hour
        "Africa/Cairo",  # some days begin at 01:00
        "America/Havana",  # some days have midnight twice
        "Pacific/Kiritimati",  # 14 hours ahead
    ]
)
QUICK = settings(max_examples=150, deadline=None)


INSTANT = timedelta(microseconds=1)


def days_of(name: str, today: date) -> set[date]:
    """The local dates of a named period, by looking at every date around and asking of each."""
    around = [today + timedelta(days=n) for n in range(-70, 70)]
    year, week, _ = today.isocalendar()
    before = (today - timedelta(days=7)).isocalendar()
    month = (today.year * 12 + today.month) - 1
    match name:
        case "today":
            return {today}
        case "yesterday":
            return {day for day in around if (today - day).days == 1}
        case "this_week":
            return {day for day in around if day.isocalendar()[:2] == (year, week)}
        case "last_week":
            return {day for day in around if day.isocalendar()[:2] == before[:2]}
        case "this_month":
            return {day for day in around if day.year * 12 + day.month - 1 == month}
        case _:
            return {day for day in around if day.year * 12 + day.month == month}


@given(NAMES, MOMENTS, ZONES)
@QUICK
def test_a_named_period_holds_the_moments_of_its_local_dates(name: str, now: datetime, zone: str) -> None:
    here = ZoneInfo(zone)
    span = resolved(name, now, here)
    days = days_of(name, now.astimezone(here).date())
    assert len(days) in {"today": (1,), "yesterday": (1,)}.get(name, (7,) if "week" in name else range(28, 32))
    noons = [datetime.combine(day, time(12), here) for day in sorted(days)]
    inside = [span.start, span.end - INSTANT, *noons]
    outside = [span.start - INSTANT, span.end, noons[0] - timedelta(days=1), noons[-1] + timedelta(days=1)]
    assert all(moment in span and moment.astimezone(here).date() in days for moment in inside)
    assert not any(moment in span or moment.astimezone(here).date() in days for moment in outside)


@given(NAMES, MOMENTS, ZONES, st.timedeltas(timedelta(days=-70), timedelta(days=70)))
@QUICK
def test_a_moment_is_in_a_named_period_exactly_if_its_local_date_is(
    name: str, now: datetime, zone: str, away: timedelta
) -> None:
    here, moment = ZoneInfo(zone), now + away
    assert (moment in resolved(name, now, here)) == (
        moment.astimezone(here).date() in days_of(name, now.astimezone(here).date())
    )


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Africa/Cairo", "2024-04-26", 23),
        ("Africa/Cairo", "2024-10-31", 25),
        ("America/Havana", "2024-11-03", 25),
        ("UTC", "2026-03-29", 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_clocks_give_it(zone: str, day: str, hours: float) -> None:
    span = resolved(day, zone=ZoneInfo(zone))
    assert span.end - span.start == timedelta(hours=hours)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(zone))
    assert (resolved("today", noon, ZoneInfo(zone)).start, resolved("today", noon, ZoneInfo(zone)).end) == (
        span.start,
        span.end,
    )


@given(MOMENTS, ZONES)
@QUICK
def test_weeks_go_from_monday_to_monday_and_days_follow_one_another(now: datetime, zone: str) -> None:
    here = ZoneInfo(zone)
    week = resolved("this_week", now, here)
    assert week.start.astimezone(here).weekday() == 0
    assert week.end.astimezone(here).weekday() == 0
    cursor = week.start
    for _ in range(7):
        day = resolved("today", cursor + timedelta(hours=12), here)
        assert day.start == cursor < day.end
        cursor = day.end
    assert cursor == week.end


@given(MOMENTS, ZONES)
@QUICK
def test_dates_with_a_slash_are_their_days_one_after_the_other(now: datetime, zone: str) -> None:
    here = ZoneInfo(zone)
    first = now.astimezone(here).date()
    days = [first + timedelta(days=n) for n in range(4)]
    spans = [resolved(day.isoformat(), now, here) for day in days]
    assert all(one.end == other.start for one, other in pairwise(spans))
    whole = resolved(f"{days[0]}/{days[-1]}", now, here)
    assert (whole.start, whole.end) == (spans[0].start, spans[-1].end)


@given(st.text(max_size=40) | st.text("lastdy_weekhour0123456789-/T:Z+ ", max_size=40), ZONES)
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_period_or_refused_as_one(text: str, zone: str) -> None:
    try:
        span = parse_period(text).resolve(NOW, ZoneInfo(zone))
    except InvalidArgument:
        return
    assert span.start < span.end


@given(
    st.sampled_from([("yesterday", "today"), ("last_week", "this_week"), ("last_month", "this_month")]), MOMENTS, ZONES
)
def test_last_ends_where_this_begins_and_now_is_in_this(pair: tuple[str, str], now: datetime, zone: str) -> None:
    last, this = (resolved(name, now, ZoneInfo(zone)) for name in pair)
    assert last.end == this.start
    assert now in this
    assert now not in last


@given(st.integers(1, 500), st.sampled_from([("hours", 1), ("days", 24), ("weeks", 168)]), MOMENTS)
def test_rolling_periods_last_their_hours_and_end_now(count: int, unit: tuple[str, int], now: datetime) -> None:
    span = resolved(f"last_{count}_{unit[0]}", now)
    assert span.end == now
    assert span.end - span.start == timedelta(hours=count * unit[1])


@given(st.dates(datetime(2001, 1, 1).date(), datetime(2090, 1, 1).date()), st.integers(0, 400), ZONES)
def test_two_dates_cover_both(first: object, days: int, zone: str) -> None:
    last = first + timedelta(days=days)  # type: ignore[operator]
    text = f"{first}/{last}"
    assert parse_period(parse_period(text).text).text == text
    span = resolved(text, zone=ZoneInfo(zone))
    noon = timedelta(hours=12)
    for day in (first, last):
        assert datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo(zone)) + noon in span


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01/0001-01-02", "9000-01-01"])
def test_a_period_before_or_long_after_dbt_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_period(text)
    assert refused.value.argument == "period"
