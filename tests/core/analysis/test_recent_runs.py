"""What the newest runs of a job say of it."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery.analysis.recent_runs import recent_runs
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.parsing import parse_run

from tests.core.tiny import run

LIMIT = {"status": 30, "status_message": "This run timed out after running for 1 hour"}


def runs(*rows: dict[str, Any]) -> list[RunRecord]:
    """Runs, newest first, one an hour that takes as many minutes as its id says unless it says otherwise."""
    return [parse_run(row, lambda project_id, run_id: "") for row in rows]


def ended(run_id: int, **more: Any) -> dict[str, Any]:
    return run(run_id, "2026-11-18 08:00", f"2026-11-18 08:{run_id:02}") | more


def test_rate_and_median_are_of_runs_that_came_to_an_end() -> None:
    found = recent_runs(
        runs(ended(5, finished_at=None, status=3), ended(4), ended(3, status=20), ended(2, status=30), ended(1)), 20
    )
    assert [each.run_id for each in found.runs] == ["4", "3", "1"]
    assert (found.succeeded, found.success_rate) == (2, pytest.approx(2 / 3))
    assert (found.median_runtime, found.avg_runtime) == (180.0, 160.0)
    assert [each.run_id for each in found.passed_over] == ["5", "2"]


def test_a_run_stopped_at_its_time_limit_failed_but_its_time_is_no_measure() -> None:
    found = recent_runs(runs(ended(59, **LIMIT), ended(2)), 20)
    assert found.success_rate == 0.5
    assert found.median_runtime == 120.0
    assert [has_failed(each) for each in found.runs] == [True, False]


def test_no_more_than_asked_for_are_taken_and_what_is_older_is_not_passed_over() -> None:
    found = recent_runs(runs(ended(5), ended(4, status=30), ended(3), ended(2, status=30), ended(1)), 2)
    assert [each.run_id for each in found.runs] == ["5", "3"]
    assert [each.run_id for each in found.passed_over] == ["4"]


def test_of_no_runs_nothing_is_known() -> None:
    for found in (recent_runs([], 20), recent_runs(runs(ended(1, status=30)), 20)):
        assert (found.success_rate, found.median_runtime, found.avg_runtime) == (None, None, None)
    assert len(found.passed_over) == 1
