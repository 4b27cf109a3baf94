"""Numbers as people write them."""

from __future__ import annotations

import re

import pytest
from dbt_discovery.words import count, duration, either
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.4, "0.40 s"),
        (0.999, "1.00 s"),
        (1, "1.0 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (60, "1 min"),
        (245, "4 min 5 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h"),
        (7380, "2 h 3 min"),
        (86399, "1 d"),
        (93600, "1 d 2 h"),
        (-245, "-4 min 5 s"),
        (-0.001, "0.00 s"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "run", "0 runs"),
        (1, "run", "1 run"),
        (1234, "run", "1,234 runs"),
        (2, "query", "2 queries"),
        (2, "day", "2 days"),
    ],
)
def test_count(number: int, noun: str, words: str) -> None:
    assert count(number, noun) == words


@pytest.mark.parametrize(
    ("items", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_either(items: list[str], words: str) -> None:
    assert either(items) == words


def test_either_takes_another_word() -> None:
    assert either([1, 2], "and") == "1 and 2"


SECONDS = st.floats(0, 1e7) | st.integers(0, 10**7) | st.integers(0, 10**5).map(lambda n: n / 100)
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def spoken(words: str) -> float:
    """What the words say, in seconds."""
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+) (\w+)", words))


@given(SECONDS, SECONDS)
@settings(max_examples=500, deadline=None)
def test_a_longer_time_never_reads_as_a_shorter_one(one: float, other: float) -> None:
    shorter, longer = sorted((one, other))
    assert spoken(duration(shorter)) <= spoken(duration(longer))


@given(SECONDS)
@settings(max_examples=500, deadline=None)
def test_words_are_as_near_as_their_smallest_unit_and_no_unit_runs_over(seconds: float) -> None:
    words = duration(seconds)
    numbers = {unit: float(number) for number, unit in re.findall(r"([\d.]+) (\w+)", words)}
    assert numbers.get("s", 0) < 60
    assert numbers.get("min", 0) < 60
    assert numbers.get("h", 0) < 24
    half = 0.051 if seconds < 59.95 else 0.51 if seconds < 3599.5 else 31 if seconds < 86370 else 1801
    assert abs(spoken(words) - seconds) <= half
    assert all(number for number in numbers.values()) or words == "0.00 s"
    assert duration(-seconds) in (f"-{words}", "0.00 s")
