"""Runs and days as tests put them into a store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.history.records import Origin, StoredDay
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

__all__ = ["DAY", "EVER", "NOON", "ORIGIN", "a_run", "page_of", "stored", "whole_day"]

ORIGIN = Origin("5f3c", "Acme", "cloud.getdbt.com", "1")
DAY = date(2026, 11, 17)
NOON = datetime(2026, 11, 17, 12, tzinfo=UTC)
EVER = RunQuery(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
"""All runs there are."""


def page_of(project_id: str, run_id: str) -> str:
    """The page of a run that has no other."""
    return f"https://cloud.getdbt.com/projects/{project_id}/runs/{run_id}"


def a_run(run_id: int = 1, **more: Any) -> RunRecord:
    """A run that succeeded on `DAY` at noon after ten minutes, and half a minute in the queue."""
    given: dict[str, Any] = {
        "run_id": str(run_id),
        "job_id": "11",
        "project_id": "10",
        "environment_id": "100",
        "status": RunStatus.SUCCESS,
        "timed_out": False,
        "status_message": "",
        "created_at": NOON - timedelta(seconds=30),
        "started_at": NOON,
        "finished_at": NOON + timedelta(minutes=10),
        "runtime": 600.0,
        "queued": 30.0,
        "git_sha": None,
        "git_branch": None,
        "dbt_version": None,
        "url": page_of("10", str(run_id)),
    } | more
    if "url" not in more:
        given["url"] = page_of(given["project_id"], given["run_id"])
    return RunRecord(**given)


def whole_day(day: date = DAY, **more: Any) -> StoredDay:
    """A day of which everything is known for good."""
    given: dict[str, Any] = {"final": True, "complete": True, "as_of": NOON, "asked_at": 1_795_000_000.25} | more
    return StoredDay(day, **given)


def stored(runs: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    """Runs in the order in which a store gives them."""
    return tuple(sorted(runs, key=lambda run: (run.began, int(run.run_id))))
