"""Bare SQL: the figures of `longest_running_jobs` straight from the run store's file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

__all__ = ["longest_jobs_in_sql"]

_LONGEST_JOBS = """
WITH counted AS (
  SELECT
    job_id,
    run_id,
    runtime / 1e6 AS runtime,
    queued / 1e6 AS queued,
    row_number() OVER (PARTITION BY job_id ORDER BY runtime) - 1 AS place,
    count(*) OVER (PARTITION BY job_id) AS runs
  FROM stored_runs
  WHERE source_id = :source AND status IN (10, 20) AND runtime IS NOT NULL AND began >= :start AND began < :end
)
SELECT
  job_id,
  count(*),
  avg(runtime) AS average,
  max(runtime),
  sum(runtime * max(0, 1 - abs(place - 0.95 * (runs - 1)))),
  sum(runtime),
  avg(queued),
  max(CASE WHEN place = runs - 1 THEN run_id END)
FROM counted
GROUP BY job_id
ORDER BY average DESC
"""
"""Moments are microseconds since 1970. The 95th percentile interpolates between the two runs beside its place."""
_LEFT_OUT = """
SELECT job_id, status, started_at IS NULL, count(*)
FROM stored_runs
WHERE source_id = :source AND (status NOT IN (10, 20) OR runtime IS NULL) AND began >= :start AND began < :end
GROUP BY 1, 2, 3
"""
"""What the report says beside: how many runs do not count, and why."""

LongestJob = tuple[str, int, float, float, float, float, float, str]


def longest_jobs_in_sql(store: Path, period: str) -> list[LongestJob]:
    """Each job's runs, average, longest, 95th percentile, total and average queued, and its longest run's id.

    Args:
        store: The SQLite file.
        period: Two dates with a slash between, both included.

    Raises:
        sqlite3.OperationalError: The file holds no such store.
    """
    first, last = (datetime.combine(datetime.fromisoformat(day), time(), UTC) for day in period.split("/"))
    moments = {"start": _microseconds(first), "end": _microseconds(last + timedelta(days=1))}
    with closing(sqlite3.connect(store)) as connection:
        (moments["source"],) = connection.execute("SELECT source_id FROM stored_sources").fetchone()
        connection.execute(_LEFT_OUT, moments).fetchall()
        return connection.execute(_LONGEST_JOBS, moments).fetchall()


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
