"""Whose runs the store holds, what it has of each, and how it is emptied."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, inspect, select, text

from dbt_discovery.history.moments import day_of, moment_of
from dbt_discovery.history.records import Origin, StoredSource
from dbt_discovery.history.tables import NODE_LISTS, RESULTS, RUNS, SOURCES, STORED_DAYS
from dbt_discovery.history.writing import insert_new, storable

__all__ = ["claim", "clear", "describe_sources", "size_of", "stored_numbers"]

_OF_MODELS = RESULTS.c.kind == "models"
"""What is counted as results: the tests of a run are fetched only for questions about tests."""


def claim(connection: Connection, origin: Origin) -> None:
    """Takes the source for this transaction: no other process writes there until it has ended."""
    named = {name: storable(getattr(origin, name)) for name in ("label", "host", "account_id")}
    insert_new(connection, SOURCES, {"source_id": origin.source_id, **named})
    connection.execute(select(SOURCES.c.label).where(SOURCES.c.source_id == origin.source_id).with_for_update())


def describe_sources(connection: Connection, origin: Origin) -> tuple[StoredSource, ...]:
    """What the store has of the source that asks, and then of each other."""
    known = {row.source_id: (row.label, row.host, row.account_id) for row in connection.execute(select(SOURCES))}
    own = {origin.source_id: (origin.label, origin.host, origin.account_id)}
    found = [
        _described(connection, source_id, named, mine=source_id in own) for source_id, named in (known | own).items()
    ]
    return tuple(sorted(found, key=lambda each: (not each.mine, each.label, each.host)))


def clear(connection: Connection, origin: Origin | None) -> int:
    """Removes what there is of one source, or of all; gives how many runs that were."""
    sources = select(SOURCES.c.source_id).with_for_update()
    connection.execute(sources.where(SOURCES.c.source_id == origin.source_id) if origin else sources)
    removed = [
        connection.execute(delete(table).where(table.c.source_id == origin.source_id) if origin else delete(table))
        for table in (RUNS, STORED_DAYS, RESULTS, NODE_LISTS, SOURCES)
    ]
    return removed[0].rowcount


def stored_numbers(connection: Connection) -> tuple[int, int]:
    """How many runs, and models' results of runs, a database holds of all sources; none where it holds no store yet."""
    if not inspect(connection).has_table(RESULTS.name):
        return 0, 0
    runs, results = select(func.count()).select_from(RUNS), select(func.count()).where(_OF_MODELS)
    return connection.execute(runs).scalar_one(), connection.execute(results).scalar_one()


def size_of(connection: Connection) -> int:
    """Bytes that the database takes, with everything else that is in it."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages, bytes_each = (
        connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size")
    )
    return int(pages * bytes_each)


def _described(connection: Connection, source_id: int, named: tuple[str, str, str], *, mine: bool) -> StoredSource:
    day = STORED_DAYS.c
    days = select(func.count(), func.min(day.day), func.max(day.day), func.max(day.asked_at))
    number, first, last, asked_at = connection.execute(days.where(day.source_id == source_id)).one()
    open_days = select(func.count()).where(day.source_id == source_id, day.final.is_(False))
    runs = select(func.count()).where(RUNS.c.source_id == source_id)
    results = select(func.count()).where(RESULTS.c.source_id == source_id, _OF_MODELS)
    label, host, account_id = named
    return StoredSource(
        label=label,
        host=host,
        account_id=account_id,
        mine=mine,
        days=number,
        open_days=connection.execute(open_days).scalar_one(),
        first_day=None if first is None else day_of(first),
        last_day=None if last is None else day_of(last),
        runs=connection.execute(runs).scalar_one(),
        results=connection.execute(results).scalar_one(),
        asked_at=moment_of(asked_at),
    )
