"""The verdict on freshness, on sources written by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dbt_discovery import FreshnessStatus, SourceFreshness
from dbt_discovery.analysis.freshness import judge_freshness

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
HOUR = 3600.0
CHECKED = NOW - timedelta(hours=3)


def source(name: str, status: str, age: float | None = HOUR, **more: Any) -> SourceFreshness:
    """A source of the shop, checked three hours ago; it warns after six hours and fails after a day."""
    given: dict[str, Any] = {
        "unique_id": f"source.shop.raw.{name}",
        "source_name": "raw",
        "name": name,
        "status": FreshnessStatus(status),
        "max_loaded_at": None if age is None else CHECKED - timedelta(seconds=age),
        "snapshotted_at": CHECKED,
        "age": age,
        "warn_after": 6 * HOUR,
        "error_after": 24 * HOUR,
        "checked_at": CHECKED + timedelta(minutes=1),
    }
    return SourceFreshness(**given | more)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "unknown"], "unknown"),
        (["unknown", "warn", "pass"], "warn"),
        (["warn", "error", "unknown"], "error"),
    ],
)
def test_the_worst_source_decides(statuses: list[str], worst: str) -> None:
    found, _, sources = judge_freshness([source(f"s{n}", status) for n, status in enumerate(statuses)], NOW)
    assert found == worst
    assert sources[0].status == worst


def test_without_sources_there_is_no_verdict() -> None:
    assert judge_freshness([], NOW) == (None, (), ())


def test_a_source_without_criteria_is_not_judged() -> None:
    free = source("free", "unknown", None, warn_after=None, error_after=None)
    status, reasons, sources = judge_freshness([free, source("orders", "pass")], NOW)
    assert status is FreshnessStatus.PASS
    assert reasons[-1] == "Without freshness criteria, and so not judged: raw.free."
    assert [each.name for each in sources] == ["orders", "free"]
    assert judge_freshness([free], NOW)[0] is None


def test_one_criterion_is_enough_to_be_judged() -> None:
    assert judge_freshness([source("orders", "error", warn_after=None)], NOW)[0] is FreshnessStatus.ERROR
    assert judge_freshness([source("orders", "warn", error_after=None)], NOW)[0] is FreshnessStatus.WARN


def test_reasons_tell_age_check_and_criterion() -> None:
    _, reasons, _ = judge_freshness([source("orders", "warn", 7 * HOUR), source("users", "error", 50 * HOUR)], NOW)
    assert reasons == (
        "raw.users had a newest row 2 d 2 h old when checked 3 h ago: error after 1 d.",
        "raw.orders had a newest row 7 h old when checked 3 h ago: warn after 6 h.",
    )


def test_a_fresh_source_is_measured_by_the_first_criterion() -> None:
    _, reasons, _ = judge_freshness([source("orders", "pass")], NOW)
    assert reasons == ("raw.orders had a newest row 1 h old when checked 3 h ago, within the 6 h allowed.",)


def test_several_fresh_sources_are_one_sentence_with_the_oldest_check() -> None:
    older = source("users", "pass", snapshotted_at=NOW - timedelta(hours=9))
    _, reasons, _ = judge_freshness([source("orders", "pass"), older], NOW)
    assert reasons == ("2 sources fresh when checked; the oldest check is 9 h old.",)


def test_a_source_that_was_never_checked_is_unknown_and_said() -> None:
    never = source("orders", "unknown", None, snapshotted_at=None, checked_at=None)
    status, reasons, _ = judge_freshness([never], NOW)
    assert status is FreshnessStatus.UNKNOWN
    assert reasons == ("raw.orders has criteria, but no check of its freshness came to a finding.",)


def test_a_row_ahead_of_the_check_is_said() -> None:
    _, reasons, _ = judge_freshness([source("orders", "pass", -90.0)], NOW)
    assert reasons[0].startswith("raw.orders has a newest row 1 min 30 s ahead of its check's clock")


def test_a_finding_without_an_age_is_said() -> None:
    _, reasons, _ = judge_freshness([source("orders", "error", None)], NOW)
    assert reasons == ("raw.orders came to error when checked 3 h ago; dbt Cloud gives no age.",)


def test_the_year_one_means_never_loaded() -> None:
    empty = source("orders", "error", 6.3e10, max_loaded_at=datetime(1, 1, 1, tzinfo=UTC))
    _, reasons, _ = judge_freshness([empty], NOW)
    assert reasons == ("raw.orders had never had a row when checked 3 h ago: error after 1 d.",)
