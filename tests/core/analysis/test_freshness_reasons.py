"""What is said of one source, and which of several is worst."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery.analysis.freshness import criteria_in_words, freshness_reason, is_outdated, severity

from tests.core.analysis.test_freshness import HOUR, NOW, source


def test_the_reason_of_one_source_is_a_sentence() -> None:
    stale = source("orders", "warn", 7 * HOUR)
    assert freshness_reason(stale, NOW) == "raw.orders had a newest row 7 h old when checked 3 h ago: warn after 6 h."


def test_without_criteria_it_is_not_judged() -> None:
    free = source("free", "pass", warn_after=None, error_after=None)
    assert freshness_reason(free, NOW) == "raw.free has no freshness criteria, and so is not judged."
    assert criteria_in_words(free) is None
    assert not is_outdated(free, NOW + timedelta(days=9))


@pytest.mark.parametrize(("hours", "outdated"), [(5, False), (7, True)])
def test_a_check_that_passed_says_little_once_it_is_older_than_what_it_allowed(hours: int, outdated: bool) -> None:
    passed = source("orders", "pass", snapshotted_at=NOW - timedelta(hours=hours))
    assert is_outdated(passed, NOW) is outdated
    assert freshness_reason(passed, NOW).endswith("so it says little of now.") is outdated
    assert freshness_reason(passed, NOW).count(".") == 2  # one in the name


def test_a_source_that_was_stale_or_never_checked_is_not_called_outdated() -> None:
    assert not is_outdated(source("orders", "error"), NOW + timedelta(days=9))
    assert not is_outdated(source("orders", "pass", snapshotted_at=None, checked_at=None), NOW)


@pytest.mark.parametrize(
    ("warn", "error", "words"),
    [
        (6 * HOUR, 24 * HOUR, "warn after 6 h, error after 1 d"),
        (None, 90 * 60.0, "error after 1 h 30 min"),
        (600.0, None, "warn after 10 min"),
    ],
)
def test_criteria_are_told_in_words(warn: float | None, error: float | None, words: str) -> None:
    assert criteria_in_words(source("orders", "pass", warn_after=warn, error_after=error)) == words


def test_the_worst_comes_first_and_of_those_the_oldest() -> None:
    never = source("never", "error", 6.3e10, max_loaded_at=datetime(1, 1, 1, tzinfo=UTC))
    free = source("free", "error", 99 * HOUR, warn_after=None, error_after=None)
    unknown = source("unknown", "unknown", None)
    sources = [
        free,
        source("fresh", "pass"),
        unknown,
        source("late", "warn", 8 * HOUR),
        source("old", "error", 40 * HOUR),
        source("older", "error", 50 * HOUR),
        never,
    ]
    names = [each.name for each in sorted(sources, key=severity)]
    assert names == ["never", "older", "old", "late", "unknown", "fresh", "free"]
