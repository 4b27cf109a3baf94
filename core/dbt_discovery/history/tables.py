"""Tables of the run store. All of it can be fetched again: a change here raises `VERSION`, and stores are made anew.

Moments are whole microseconds since 1970 in UTC, durations whole microseconds, days whole days since 1970: every
database adds them up alike.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

__all__ = ["NODE_LISTS", "RESULTS", "RUNS", "SOURCES", "STORED_DAYS", "TABLES", "VERSION", "VERSIONS"]

VERSION = 2
"""The form that the tables have."""

TABLES = MetaData()

VERSIONS = Table("store_version", TABLES, Column("version", Integer, primary_key=True))

SOURCES = Table(
    "stored_sources",
    TABLES,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("label", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("account_id", Text, nullable=False),
)
"""Whose runs these are: an account at a host, as one token sees it; of a sandbox also which world it shows.

The id follows from that: it is the same in every store, and in one that is made anew in the middle of a question.
"""

STORED_DAYS = Table(
    "stored_days",
    TABLES,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("final", Boolean, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
)
"""The UTC days whose runs are here. `asked_at` is by the real clock, `as_of` by the one that reports go by."""

RUNS = Table(
    "stored_runs",
    TABLES,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),
    Column("job_id", BigInteger),
    Column("project_id", BigInteger),
    Column("environment_id", BigInteger),
    Column("status", SmallInteger, nullable=False),
    Column("timed_out", Boolean, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("runtime", BigInteger),
    Column("queued", BigInteger),
    Column("status_message", Text),
    Column("git_sha", Text),
    Column("git_branch", Text),
    Column("dbt_version", Text),
    Column("url", Text),
    sqlite_with_rowid=False,
)
"""Runs. `began` puts a run into a period; `url` is empty where it follows from the ids."""

Index("stored_runs_day", RUNS.c.source_id, RUNS.c.day)
Index(
    "stored_runs_measured",
    *(RUNS.c.source_id, RUNS.c.began, RUNS.c.job_id, RUNS.c.project_id, RUNS.c.environment_id),
    *(RUNS.c.status, RUNS.c.started_at, RUNS.c.runtime, RUNS.c.queued),
)
"""Holds all that sums of runs need, so that these never read the runs themselves."""

NODE_LISTS = Table(
    "stored_node_lists",
    TABLES,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", Text, primary_key=True),
    Column("unique_ids", LargeBinary, nullable=False),
)
"""Lists of models, or of tests, by unique_id: most runs of a job build the same."""

RESULTS = Table(
    "stored_results",
    TABLES,
    Column("source_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("outcomes", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What finished runs made of their `models` or `tests`: for each of the list, in its order, the status and runtime."""
