"""Bars in lanes: as few lanes as hold them, and each bar where its time is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery_web.browse.gantt import Gantt, Stretch, packed
from dbt_discovery_web.browse.history import Past, days_of, strip_of

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def stretch(start: float, end: float, name: str = "x") -> Stretch:
    return Stretch(start=start, end=end, name=name, told=name, status="success")


def past(began: datetime, runtime: float | None, status: str = "success", run_id: str = "1") -> Past:
    return Past(run_id, status, began, runtime)


def test_what_runs_at_once_lies_in_lanes_of_its_own() -> None:
    one, two, three, four = stretch(0, 10), stretch(2, 4), stretch(4, 6), stretch(10, 11)
    assert packed([four, three, one, two]) == [[one, four], [two, three]]


def test_what_takes_no_time_at_the_same_moment_needs_no_lane_more() -> None:
    assert len(packed([stretch(1, 1), stretch(1, 1)])) == 1


def test_bars_lie_where_their_time_is_and_within_the_whole() -> None:
    gantt = Gantt.of("x", [("", [stretch(25, 50)]), ("", [stretch(100, 100), stretch(-5, 0)])], 0, 100, [(50, "half")])
    first, end, before = gantt.bars
    assert (first.x, first.width) == ("25.000%", "25.000%")
    assert float(end.x.rstrip("%")) + float(end.width.rstrip("%")) == pytest.approx(100)
    assert before.x == "0.000%"
    assert first.y < end.y == before.y
    assert gantt.marks[0].x == "50.000%"


def test_the_marks_at_the_ends_stay_inside() -> None:
    gantt = Gantt.of("x", [("", [])], 0, 10, [(0, "0"), (5, "5"), (10, "10")])
    assert [mark.anchor for mark in gantt.marks] == ["start", "middle", "end"]


def test_a_run_over_midnight_lies_on_both_days() -> None:
    run = past(datetime(2026, 11, 17, 23, tzinfo=UTC), 7200.0)
    days = days_of([run], NOON, UTC)
    assert days is not None
    assert days.lanes == ("Wed 18 Nov", "Tue 17 Nov")
    assert [(bar.stretch.start, bar.stretch.end) for bar in days.bars] == [(0.0, 3600.0), (82800.0, 86400.0)]


def test_days_are_those_of_the_zone() -> None:
    run = past(datetime(2026, 11, 17, 23, 30, tzinfo=UTC), 60.0)
    days = days_of([run], NOON, ZoneInfo("Europe/Berlin"))
    assert days is not None
    assert days.lanes == ("Wed 18 Nov",)
    assert days.bars[0].stretch.start == 1800.0


def test_days_are_the_latest_that_had_runs_and_at_most_fourteen() -> None:
    runs = [past(NOON - timedelta(days=2 * back), 60.0) for back in range(20)]
    days = days_of(runs, NOON, UTC)
    assert days is not None
    assert len(days.lanes) == 14
    assert days.lanes[0] == "Wed 18 Nov"
    assert days.lanes[-1] == "Fri 23 Oct"


def test_without_runs_there_are_no_days() -> None:
    assert days_of([], NOON, UTC) is None


def test_a_strip_goes_from_the_oldest_to_the_newest_as_tall_as_runs_took() -> None:
    runs = [past(NOON, 10.0, run_id="new"), past(NOON - timedelta(hours=1), 40.0, "failure", "old")]
    strip = strip_of(runs, UTC)
    assert [bar.run.run_id for bar in strip.bars] == ["old", "new"]
    tall, low = (float(bar.height) for bar in strip.bars)
    assert tall / low == pytest.approx(4)
    assert strip.label == "The latest 2 runs, the oldest first: 1 failed, 1 succeeded."


def test_a_run_without_a_time_is_seen_all_the_same() -> None:
    strip = strip_of([past(NOON, None, "running")], UTC)
    assert float(strip.bars[0].height) > 0
    assert strip.bars[0].told == "18 Nov 2026, 12:00: running"
