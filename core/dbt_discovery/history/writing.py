"""Writing: rows put in the place of those that have the same key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["insert_new", "replace_rows", "storable"]

_AT_ONCE = 5_000
"""Rows of one statement."""


def replace_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Puts rows into a table, each in the place of one with the same primary key.

    Two processes may put the same at the same time: the later one wins.
    """
    statement = _inserting(connection)(table)
    keys = table.primary_key.columns
    others = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    upsert = statement.on_conflict_do_update(index_elements=list(keys), set_=others)
    # always in the same order, so that two processes cannot wait for each other
    ordered = sorted(rows, key=lambda row: tuple(row[key.name] for key in keys))
    for start in range(0, len(ordered), _AT_ONCE):
        connection.execute(upsert, ordered[start : start + _AT_ONCE])


def insert_new(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Puts a row into a table, unless there is one with the same primary key, which another process may just put."""
    connection.execute(_inserting(connection)(table).values(row).on_conflict_do_nothing())


def storable(text: str) -> str:
    """A text as every database takes it: without what JSON can hold but neither UTF-8 nor PostgreSQL has."""
    return text.encode(errors="replace").decode().replace("\0", "")


def _inserting(connection: Connection) -> Callable[[Table], Any]:
    """The INSERT of the database's own dialect, which knows what to do about conflicts."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert
    return sqlite.insert
