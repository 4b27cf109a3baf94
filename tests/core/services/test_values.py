"""Single values in every form that dbt Cloud gives them, and in forms that it never should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from dbt_discovery import NodeStatus, RunStatus
from dbt_discovery.services import values
from dbt_discovery.services.values import (
    elapsed,
    to_event,
    to_id,
    to_moment,
    to_node_status,
    to_object,
    to_objects,
    to_run_status,
    to_seconds,
    to_text,
    to_texts,
)
from hypothesis import given, settings
from hypothesis import strategies as st

MOMENT = datetime(2026, 11, 18, 10, 42, 16, 179903, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        ("2026-11-18T10:42:16.179903+00:00", MOMENT),
        ("2026-11-18 10:42:16.179903+00:00", MOMENT),
        ("2026-11-18T10:42:16.179Z", MOMENT.replace(microsecond=179000)),
        ("2026-11-18T10:42:16.179903678Z", MOMENT),
        ("2026-11-18T11:42:16.179903+01:00", MOMENT),
        ("2026-11-18T10:42:16", MOMENT.replace(microsecond=0)),
        ("2026-11-18 10:42UTC", MOMENT.replace(second=0, microsecond=0)),
        ("2026-11-18 10:42 UTC", MOMENT.replace(second=0, microsecond=0)),
        (1642377765, datetime(2022, 1, 17, 0, 2, 45, tzinfo=UTC)),
        ("", None),
        (None, None),
        (True, None),
        ("soon", None),
        ({}, None),
        (10**20, None),
        (float("nan"), None),
        ("0001-01-01T00:00:00+00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("1642377765", None),
        ("1612123112345", None),
        ("24:00:36", None),
        ("1 day ago", None),
    ],
)
def test_timestamps_in_every_form(sent: Any, moment: datetime | None) -> None:
    assert to_moment(sent) == moment


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (1, "queued"),
        (2, "starting"),
        (3, "running"),
        (10, "success"),
        (20, "failure"),
        (30, "cancelled"),
        (99, "unknown"),
        (None, "unknown"),
        (True, "unknown"),
        ([10], "unknown"),
        ({}, "unknown"),
        ("10", "success"),
        ("Succeeded", "success"),
        ("Success", "success"),
        ("Errored", "failure"),
        ("Error", "failure"),
        ("Running", "running"),
        ("Queued", "queued"),
        ("Cancelled", "cancelled"),
        ("Levitating", "unknown"),
        ("", "unknown"),
    ],
)
def test_statuses_of_runs_are_codes_and_in_older_answers_words(code: Any, status: str) -> None:
    assert to_run_status(code) is RunStatus(status)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("success", NodeStatus.SUCCESS),
        ("pass", NodeStatus.SUCCESS),
        ("reused", NodeStatus.SUCCESS),
        ("partial success", NodeStatus.ERROR),
        ("no-op", NodeStatus.SKIPPED),
        ("skip", NodeStatus.SKIPPED),
        ("Error", NodeStatus.ERROR),
        ("Pass", NodeStatus.SUCCESS),
        ("WARN", NodeStatus.WARN),
        ("Skipped", NodeStatus.SKIPPED),
        ("Unknown", NodeStatus.UNKNOWN),
        (["error"], NodeStatus.UNKNOWN),
        ("runtime error", NodeStatus.ERROR),
        ("fail", NodeStatus.FAIL),
        ("warn", NodeStatus.WARN),
        ("levitated", NodeStatus.UNKNOWN),
        (None, None),
        ("", None),
    ],
)
def test_node_outcomes_are_read_in_any_capitals_and_stay_open_for_new_words(
    word: Any, status: NodeStatus | None
) -> None:
    assert to_node_status(word) is status


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (9.39, 9.39),
        (3, 3.0),
        (0, 0.0),
        ("9.39", 9.39),
        (" 2 ", 2.0),
        (-1, None),
        (-0.001, None),
        (float("nan"), None),
        (float("inf"), None),
        ("NaN", None),
        ("00:01:50", None),
        (10**400, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_seconds_are_a_number_that_is_not_negative(sent: Any, seconds: float | None) -> None:
    assert to_seconds(sent) == seconds


@pytest.mark.parametrize(
    ("sent", "text"), [(70403103936332, "70403103936332"), ("123", "123"), (None, ""), (True, ""), ({}, ""), ([1], "")]
)
def test_ids_are_text_of_any_length(sent: Any, text: str) -> None:
    assert to_id(sent) == text


def test_texts_and_objects_of_another_form_are_nothing() -> None:
    assert (to_text(""), to_text(None), to_text({"a": 1}), to_text(7)) == (None, None, None, "7")
    assert (to_texts("pii"), to_texts(["a", None, 3, "b"]), to_texts(None), to_texts({})) == (
        ("pii",),
        ("a", "b"),
        (),
        (),
    )
    assert (to_object(None), to_object([1]), to_object({"a": 1})) == ({}, {}, {"a": 1})
    assert (to_objects(None), to_objects("x"), to_objects([{"a": 1}, 2, None])) == ((), (), ({"a": 1},))


QUICK = settings(max_examples=200, deadline=None)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, OFFSETS, st.sampled_from(" T"))
@QUICK
def test_a_moment_survives_any_offset_and_either_separator(moment: datetime, offset: timezone, separator: str) -> None:
    read = to_moment(moment.astimezone(offset).isoformat(separator))
    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


@given(MOMENTS, st.integers(0, 999))
@QUICK
def test_nanoseconds_are_cut_to_microseconds(moment: datetime, nanoseconds: int) -> None:
    assert to_moment(f"{moment:%Y-%m-%dT%H:%M:%S.%f}{nanoseconds:03}Z") == moment


@given(MOMENTS)
@QUICK
def test_milliseconds_minutes_and_epoch_seconds_are_the_same_clock(moment: datetime) -> None:
    thousandth = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert to_moment(f"{thousandth:%Y-%m-%dT%H:%M:%S}.{thousandth.microsecond // 1000:03}Z") == thousandth
    assert to_moment(f"{moment:%Y-%m-%d %H:%M}UTC") == moment.replace(second=0, microsecond=0)
    whole = moment.replace(microsecond=0)
    assert to_moment((whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)) == whole


@given(MOMENTS, MOMENTS)
@QUICK
def test_time_that_elapsed_is_never_negative(start: datetime, end: datetime) -> None:
    took = elapsed(start, end)
    assert (took is None) == (end < start)
    if took is not None:
        assert start + timedelta(seconds=took) - end <= timedelta(microseconds=2_000)
    assert elapsed(None, end) is elapsed(start, None) is None


DIGITS = st.text("0123456789-:TZ+. W", max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | DIGITS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(JSON)
@settings(max_examples=500, deadline=None)
def test_no_value_raises_whatever_it_is(value: Any) -> None:
    for name in values.__all__:
        if name != "elapsed":
            getattr(values, name)(value)
    moment, event, seconds = to_moment(value), to_event(value), to_seconds(value)
    assert event is None or (event == moment and event.year > 1)
    assert moment is None or moment.tzinfo is UTC
    assert seconds is None or 0 <= seconds < float("inf")
