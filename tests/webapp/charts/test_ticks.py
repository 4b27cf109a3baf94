from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery_web.charts.ticks import Unit, number_axis, time_axis
from hypothesis import given
from hypothesis import strategies as st

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("greatest", "unit", "labels"),
    [
        (7, "count", "0 2 4 6 8"),
        (1, "count", "0 1"),
        (1234, None, "0 500 1,000 1,500"),
        (0.07, None, "0.00 0.02 0.04 0.06 0.08"),
        (0.93, "ratio", "0 % | 20 % | 40 % | 60 % | 80 % | 100 %"),
        (0.004, "ratio", "0.0 % | 0.1 % | 0.2 % | 0.3 % | 0.4 %"),
        (4.5, "seconds", "0 | 1 s | 2 s | 3 s | 4 s | 5 s"),
        (0.31, "seconds", "0 | 0.1 s | 0.2 s | 0.3 s | 0.4 s"),
        (100, "seconds", "0 | 30 s | 1 min | 1 min 30 s | 2 min"),
        (610, "seconds", "0 | 2 min | 4 min | 6 min | 8 min | 10 min | 12 min"),
        (5400, "seconds", "0 | 15 min | 30 min | 45 min | 1 h | 1 h 15 min | 1 h 30 min"),
        (80_000, "seconds", "0 | 6 h | 12 h | 18 h | 1 d"),
        (864_000, "seconds", "0 | 2 d | 4 d | 6 d | 8 d | 10 d"),
        (3, "days", "0 d | 1 d | 2 d | 3 d"),
    ],
)
def test_numbers_have_ticks_that_people_count_in(greatest: float, unit: Unit, labels: str) -> None:
    axis = number_axis("Measure", [greatest / 3, greatest], unit)
    assert [tick.label for tick in axis.ticks] == (labels.split(" | ") if "|" in labels else labels.split())
    assert axis.start == 0
    assert axis.end >= greatest


def test_values_below_zero_are_on_the_axis_too() -> None:
    axis = number_axis("Change", [-370.0, 400.0], "seconds")
    assert [tick.label for tick in axis.ticks] == ["-10 min", "-5 min", "0", "5 min", "10 min"]
    assert axis.place(0.0) == 0.5


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 0.0]])
def test_an_axis_of_nothing_still_has_a_length(values: list[float]) -> None:
    axis = number_axis("Runs", values, "count")
    assert axis.start < axis.end


@given(st.lists(st.floats(-1e9, 1e9), max_size=5), st.sampled_from(["seconds", "ratio", "count", "days", None]))
def test_every_value_lies_between_a_few_ticks_at_equal_distances(values: list[float], unit: Unit) -> None:
    axis = number_axis("Measure", values, unit)
    assert all(-1e-6 <= axis.place(value) <= 1 + 1e-6 for value in [*values, 0.0])
    assert 2 <= len(axis.ticks) <= 9
    steps = [after.at - before.at for before, after in zip(axis.ticks, axis.ticks[1:], strict=False)]
    assert max(steps) == pytest.approx(min(steps))
    assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)


def labels(start: datetime, end: datetime, zone: ZoneInfo = BERLIN) -> list[str]:
    return [tick.label for tick in time_axis("Time", start.timestamp(), end.timestamp(), zone).ticks]


def test_days_begin_at_midnight_of_the_zone() -> None:
    start, end = datetime(2026, 11, 9, tzinfo=BERLIN), datetime(2026, 11, 15, tzinfo=BERLIN)
    assert labels(start, end) == [f"{day} Nov" for day in range(9, 16)]
    assert labels(start, end, ZoneInfo("UTC")) == [f"{day} Nov" for day in range(9, 15)]


def test_hours_follow_the_clock_on_the_wall_through_the_change_to_winter_time() -> None:
    start = datetime(2026, 10, 24, 18, tzinfo=BERLIN)
    axis = time_axis("Time", start.timestamp(), start.timestamp() + 20 * 3600, BERLIN)
    assert [tick.label for tick in axis.ticks] == ["18:00", "21:00", "25 Oct", "03:00", "06:00", "09:00", "12:00"]
    assert axis.ticks[3].at - axis.ticks[2].at == 4 * 3600  # that night has an hour more


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (40, ["10:30:00", "10:30:05", "10:30:10"]),
        (3 * 3600, ["10:30", "11:00", "11:30"]),
        (40 * 86400, ["23 Nov", "30 Nov", "7 Dec"]),
        (300 * 86400, ["Jan 2027", "Apr 2027", "Jul 2027"]),
        (4000 * 86400, ["Jan 2028", "Jan 2030", "Jan 2032"]),
    ],
)
def test_the_step_fits_the_length(seconds: int, expected: list[str]) -> None:
    start = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
    axis = time_axis("Time", start.timestamp(), start.timestamp() + seconds, ZoneInfo("UTC"))
    assert [tick.label for tick in axis.ticks][:3] == expected
    assert len(axis.ticks) <= 10
    assert axis.timed


def test_a_single_moment_has_an_axis_around_it() -> None:
    moment = datetime(2026, 11, 18, 10, 30, tzinfo=UTC).timestamp()
    axis = time_axis("Time", moment, moment, ZoneInfo("UTC"))
    assert axis.place(moment) == 0.5
