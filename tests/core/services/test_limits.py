"""Limits: silence after a 429, for as long as it asks for, and an end to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from dbt_discovery import RateLimited
from dbt_discovery.services.limits import ApiLimits, retry_after

START = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_nothing_is_held_back_before_a_429() -> None:
    ApiLimits("Admin API", 1, Clock()).check()


@pytest.mark.parametrize(("wait", "seconds"), [(None, 300), (timedelta(seconds=42), 42), (timedelta(hours=1), 3600)])
def test_cooling_down_lasts_until_the_clock_has_passed(wait: timedelta | None, seconds: int) -> None:
    clock = Clock()
    limits = ApiLimits("Admin API", 1, clock)
    assert limits.cool_down(wait).retry_at == START + timedelta(seconds=seconds)
    clock.now += timedelta(seconds=seconds - 1)
    with pytest.raises(RateLimited) as refused:
        limits.check()
    assert refused.value.retry_at == START + timedelta(seconds=seconds)
    clock.now += timedelta(seconds=1)
    limits.check()


def test_the_sentence_names_the_api_and_the_moment() -> None:
    error = ApiLimits("Discovery API", 1, Clock()).cool_down(None)
    assert "Discovery API" in str(error)
    assert "10:35:00 UTC" in str(error)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "12"}, 12),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0),
        ({"x-rate-limit-retry-after-seconds": "7"}, 7),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": ""}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    wait = retry_after(httpx.Response(429, headers=headers))
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=100)
    wait = retry_after(httpx.Response(429, headers={"Retry-After": format_datetime(later, usegmt=True)}))
    assert wait is not None
    assert timedelta(seconds=90) < wait <= timedelta(seconds=100)


def test_retry_after_in_the_past_is_no_wait() -> None:
    earlier = datetime.now(UTC) - timedelta(hours=1)
    assert (
        retry_after(httpx.Response(429, headers={"Retry-After": format_datetime(earlier, usegmt=True)})) == timedelta()
    )
