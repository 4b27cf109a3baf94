"""The tables that threads are kept in, and how those of an earlier release are brought up to date."""

from __future__ import annotations

import json

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
    text,
)

from dbt_discovery_web.database.errors import UnusableDatabase

__all__ = ["SOURCE_FIELDS", "exchanges", "prepare", "source_key", "threads"]

_tables = MetaData()
threads = Table(
    "threads",
    _tables,
    Column("thread_id", String(36), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("updated", Text, nullable=False, index=True),
    Column("source", Text, nullable=False, server_default=""),
)
exchanges = Table(
    "exchanges",
    _tables,
    Column("exchange_id", Integer, primary_key=True),
    Column("thread_id", ForeignKey("threads.thread_id"), nullable=False, index=True),
    Column("asked", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", JSON, nullable=False),  # JSON's null until there is one
    Column("turn_id", Text),
    Column("verdict", Text),
    Column("comment", Text),
)

SOURCE_FIELDS = ("kind", "host", "account_id", "label")
"""The fields of a source that tell it from others."""

_LATER = ("turn_id", "verdict", "comment")
"""Columns of exchanges that the first release did not have."""


def prepare(connection: Connection) -> None:
    """Makes the tables. Those of an earlier release get what they lack; threads get the source of their reports.

    Raises:
        UnusableDatabase: They are another program's.
    """
    columns = _columns(connection, threads)
    if columns and not columns >= {"thread_id", "title", "created", "updated"}:
        raise UnusableDatabase("it holds another program's data")
    if columns and "source" not in columns:
        _add_sources(connection)
    _tables.create_all(connection)
    for name in _LATER:
        if name not in _columns(connection, exchanges):
            connection.execute(text(f"ALTER TABLE exchanges ADD COLUMN {name} TEXT"))


def source_key(*fields: str) -> str:
    """What tells a source from others, as it is kept."""
    return json.dumps(fields)


def _columns(connection: Connection, table: Table) -> set[str]:
    known = inspect(connection)
    return {column["name"] for column in known.get_columns(table.name)} if known.has_table(table.name) else set()


def _add_sources(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE threads ADD COLUMN source TEXT NOT NULL DEFAULT ''"))
    reported = exchanges.c.answer["reports"][0]["source"]
    fields = [reported[field].as_string() for field in SOURCE_FIELDS]
    found = select(exchanges.c.thread_id, *fields).where(fields[0].is_not(None))
    for thread_id, *values in connection.execute(found).all():
        given = threads.update().where(threads.c.thread_id == thread_id)
        connection.execute(given.values(source=source_key(*values)))
