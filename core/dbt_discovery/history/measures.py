"""Sums over stored runs, worked out by the database as `run_summary` works them out of records."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from dbt_discovery.analysis.measures import reason_left_out
from dbt_discovery.analysis.run_summary import JobMeasures, RunCount, RunQuery
from dbt_discovery.history.runs import CODES, STATUSES, asked_for
from dbt_discovery.history.tables import RUNS
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.report import LeftOut

__all__ = ["counts_of_runs", "measures_of_jobs"]


def counts_of_runs(connection: Connection, source_id: int, query: RunQuery) -> tuple[RunCount, ...]:
    """How many of the runs asked for there are of each job and kind."""
    number: Counter[tuple[str, str, RunStatus, LeftOut | None]] = Counter()
    for row in connection.execute(_counts(source_id, query)):
        status = STATUSES[row.status]
        reason = reason_left_out(status, started=not row.unstarted, timed=not row.untimed)
        number[_text(row.job_id), _text(row.project_id), status, reason] += row.runs
    return tuple(RunCount(*kind, runs) for kind, runs in number.items())


def measures_of_jobs(connection: Connection, source_id: int, query: RunQuery) -> dict[str, JobMeasures]:
    """How long those runs of each job took that are asked for and count, by the job's id."""
    return {str(row.job_id): _measured(row) for row in connection.execute(_measures(source_id, query))}


def _counts(source_id: int, query: RunQuery) -> Select[Any]:
    """How many runs there are of each job and of each sort that a reason may rest on."""
    kind = (RUNS.c.job_id, RUNS.c.project_id, RUNS.c.status, RUNS.c.started_at.is_(None), RUNS.c.runtime.is_(None))
    columns = (*kind[:3], kind[3].label("unstarted"), kind[4].label("untimed"), func.count().label("runs"))
    return select(*columns).where(asked_for(source_id, query)).group_by(*kind)


def _measures(source_id: int, query: RunQuery) -> Select[Any]:
    """One row a job: counted, added up, and the runtimes at the ranks that make its median and 95th percentile."""
    finished = [CODES[status] for status in RunStatus if status.finished]
    ranked = (
        select(
            *(RUNS.c.job_id, RUNS.c.run_id, RUNS.c.runtime, RUNS.c.queued),
            func.row_number().over(partition_by=RUNS.c.job_id, order_by=(RUNS.c.runtime, RUNS.c.run_id)).label("place"),
            func.count().over(partition_by=RUNS.c.job_id).label("size"),
        )
        .where(asked_for(source_id, query), RUNS.c.status.in_(finished), RUNS.c.runtime.is_not(None))
        .where(RUNS.c.job_id.is_not(None))
        .subquery()
    )
    run, lower = ranked.c, 19 * (ranked.c.size - 1) // 20 + 1
    places = {"low": (run.size + 1) // 2, "high": run.size // 2 + 1, "lower": lower, "upper": lower + 1}
    return select(
        run.job_id,
        func.count().label("runs"),
        func.sum(run.runtime).label("total"),
        func.max(run.runtime).label("longest"),
        func.max(case((run.place == run.size, run.run_id))).label("longest_id"),
        *(func.max(case((run.place == place, run.runtime))).label(name) for name, place in places.items()),
        func.sum(run.queued).label("queued"),
        func.count(run.queued).label("queued_runs"),
    ).group_by(run.job_id)


def _measured(row: Row[Any]) -> JobMeasures:
    upper = row.lower if row.upper is None else row.upper  # of a single run there is no next
    return JobMeasures.of(
        str(row.job_id),
        runs=row.runs,
        total=int(row.total),
        longest=(row.longest, str(row.longest_id)),
        middle=(row.low, row.high),
        ranks=(row.lower, upper),
        queued=(int(row.queued or 0), row.queued_runs),
    )


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
