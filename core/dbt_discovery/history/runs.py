"""Runs and days in the run store: what is put in, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.history.moments import day_number, day_of, moment_of, to_micros, to_seconds
from dbt_discovery.history.records import StoredDay, day_among
from dbt_discovery.history.tables import RUNS, STORED_DAYS
from dbt_discovery.history.writing import replace_rows, storable
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

__all__ = ["CODES", "STATUSES", "RunUrl", "asked_for", "put_days", "stored_days", "stored_runs"]

CODES = {
    RunStatus.UNKNOWN: 0,
    RunStatus.QUEUED: 1,
    RunStatus.STARTING: 2,
    RunStatus.RUNNING: 3,
    RunStatus.SUCCESS: 10,
    RunStatus.FAILURE: 20,
    RunStatus.CANCELLED: 30,
}
"""Statuses as dbt Cloud's own codes."""
STATUSES = {code: status for status, code in CODES.items()}

RunUrl = Callable[[str, str], str]


def stored_days(connection: Connection, source_id: int, days: Sequence[date]) -> dict[date, StoredDay]:
    """What is known of those of some days, given in order, that are in the store."""
    if not days:
        return {}
    first, last = day_number(days[0]), day_number(days[-1])
    rows = connection.execute(
        select(STORED_DAYS).where(STORED_DAYS.c.source_id == source_id, STORED_DAYS.c.day.between(first, last))
    )
    found = (
        StoredDay(day_of(row.day), row.final, row.complete, moment_of(row.as_of), row.asked_at / 1_000_000)
        for row in rows
    )
    return {each.day: each for each in found}


def put_days(
    connection: Connection, source_id: int, days: Sequence[StoredDay], runs: Iterable[RunRecord], url: RunUrl
) -> None:
    """Puts whole days in the place of what was known of them, with their runs."""
    by_number = {day_number(each.day): each for each in days}
    connection.execute(delete(RUNS).where(RUNS.c.source_id == source_id, RUNS.c.day.in_(list(by_number))))
    given = [each.day for each in days]
    replace_rows(connection, RUNS, [_row(source_id, run, day_number(day_among(given, run)), url) for run in runs])
    replace_rows(
        connection,
        STORED_DAYS,
        [
            {
                "source_id": source_id,
                "day": number,
                "final": each.final,
                "complete": each.complete,
                "as_of": to_micros(each.as_of),
                "asked_at": to_micros(each.asked_at),
            }
            for number, each in by_number.items()
        ],
    )


def stored_runs(connection: Connection, source_id: int, query: RunQuery, url: RunUrl) -> tuple[RunRecord, ...]:
    """The runs that are asked for, oldest first."""
    wanted = select(*_READ).where(asked_for(source_id, query)).order_by(RUNS.c.began, RUNS.c.run_id)
    return tuple(_record(row, url) for row in connection.execute(wanted).all())


def asked_for(source_id: int, query: RunQuery) -> ColumnElement[bool]:
    """What a row of `stored_runs` has to be for a query to keep it."""
    conditions = [
        RUNS.c.source_id == source_id,
        RUNS.c.began >= to_micros(query.start),
        RUNS.c.began < to_micros(query.end),
    ]
    if query.statuses:
        conditions.append(RUNS.c.status.in_([CODES[status] for status in query.statuses]))
    if query.environment_ids is not None:
        conditions.append(RUNS.c.environment_id.in_([int(each) for each in query.environment_ids]))
    if query.job_ids is not None:
        conditions.append(RUNS.c.job_id.in_([int(each) for each in query.job_ids]))
    return and_(*conditions)


def _row(source_id: int, run: RunRecord, day: int, url: RunUrl) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "run_id": int(run.run_id),
        "day": day,
        "job_id": _number(run.job_id),
        "project_id": _number(run.project_id),
        "environment_id": _number(run.environment_id),
        "status": CODES[run.status],
        "timed_out": run.timed_out,
        "began": to_micros(run.began),
        "created_at": to_micros(run.created_at),
        "started_at": to_micros(run.started_at),
        "finished_at": to_micros(run.finished_at),
        "runtime": to_micros(run.runtime),
        "queued": to_micros(run.queued),
        "status_message": _storable(run.status_message),
        "git_sha": _storable(run.git_sha),
        "git_branch": _storable(run.git_branch),
        "dbt_version": _storable(run.dbt_version),
        "url": None if run.url == url(run.project_id, run.run_id) else _storable(run.url),
    }


_READ = (
    *(RUNS.c.run_id, RUNS.c.job_id, RUNS.c.project_id, RUNS.c.environment_id, RUNS.c.status, RUNS.c.timed_out),
    *(RUNS.c.status_message, RUNS.c.created_at, RUNS.c.started_at, RUNS.c.finished_at, RUNS.c.runtime, RUNS.c.queued),
    *(RUNS.c.git_sha, RUNS.c.git_branch, RUNS.c.dbt_version, RUNS.c.url),
)
"""The columns of a record, in the order of its fields."""


def _record(row: Sequence[Any], url: RunUrl) -> RunRecord:
    # taken apart at once: a row's columns by name take as long again for a hundred thousand runs
    run, job, project, environment, status, timed_out, message, created, started, finished, runtime, queued, *rest = row
    git_sha, git_branch, dbt_version, page = rest
    run_id, project_id = str(run), _text(project)
    return RunRecord(
        run_id=run_id,
        job_id=_text(job),
        project_id=project_id,
        environment_id=_text(environment),
        status=STATUSES[status],
        timed_out=timed_out,
        status_message=message or "",
        created_at=moment_of(created),
        started_at=moment_of(started),
        finished_at=moment_of(finished),
        runtime=to_seconds(runtime),
        queued=to_seconds(queued),
        git_sha=git_sha,
        git_branch=git_branch,
        dbt_version=dbt_version,
        url=page or url(project_id, run_id),
    )


def _storable(text: str | None) -> str | None:
    return storable(text) if text else None


def _number(identifier: str) -> int | None:
    return int(identifier) if identifier else None


def _text(number: int | None) -> str:
    return "" if number is None else intern(str(number))
