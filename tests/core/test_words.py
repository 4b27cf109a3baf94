"""Numbers as people write them."""

from __future__ import annotations

import pytest
from dbt_discovery.words import count, duration, either


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
