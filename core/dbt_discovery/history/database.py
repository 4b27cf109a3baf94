"""A database that holds a run store: opened, its tables made where they are missing or of another form."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery.history.tables import TABLES, VERSION, VERSIONS

__all__ = ["PATIENCE", "Database"]

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 10.0
"""Seconds to wait for others that write."""
_READERS = 4
"""Questions that are put to a database at the same time."""
_MOST_PAGES = 65_536
"""Most pages of 4 KiB that a store in memory takes: 256 MiB."""
_TABLES_LOCK = 0x6462_7464
"""The number of the lock that processes hold in PostgreSQL while they make tables."""

logger = logging.getLogger(__name__)


class Database:
    """One database, asked from threads of its own: the event loop never waits for a disk.

    Once something fails, all that waits for the database fails too, and it is opened anew for whoever asks next: nobody
    waits for it in turn.

    Args:
        address: Where it is.
        patience: Seconds to wait for others that write.

    Attributes:
        address: Where it is.
    """

    def __init__(self, address: DatabaseAddress, patience: float = PATIENCE) -> None:
        self.address = address
        in_memory = address.kind == "memory"
        self._engine = _memory_engine() if in_memory else _engine(address, patience)
        self._threads = ThreadPoolExecutor(1 if in_memory else _READERS, thread_name_prefix="dbt-discovery-store")
        self._opening: asyncio.Future[None] | None = None
        self._closed = False

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` finds, in one transaction.

        Raises:
            SQLAlchemyError, OSError: The database cannot be used.
        """
        return await self._transact(self._engine, work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives, which changes the database, in one transaction.

        Raises:
            SQLAlchemyError, OSError: The database cannot be written.
        """
        return await self._transact(self._engine.execution_options(writes=True), work, *args, **kwargs)

    async def aclose(self) -> None:
        """Closes every connection, after what is still under way."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    async def _transact(
        self, engine: Engine, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        opened = await self._open()

        def transact() -> T:
            if self._opening is not opened:
                raise ConnectionError("it failed a moment ago")
            try:
                with engine.begin() as connection:
                    return work(connection, *args, **kwargs)
            except (SQLAlchemyError, OSError):
                self._forget(opened)  # in this thread, before it takes up what waits
                raise

        return await self._in_thread(transact)

    async def _open(self) -> asyncio.Future[None]:
        """Waits until the tables are there; all who wait are told the same. Gives what stands for this opening."""
        opening = self._opening
        if opening is None:
            opening = self._opening = asyncio.ensure_future(self._in_thread(self._prepare))
            opening.add_done_callback(self._forget_failed)
        await asyncio.shield(opening)
        return opening

    def _forget(self, opened: asyncio.Future[None]) -> None:
        if self._opening is opened:
            self._opening = None

    def _forget_failed(self, opening: asyncio.Future[None]) -> None:
        if opening.cancelled() or opening.exception():
            self._forget(opening)

    def _prepare(self) -> None:
        """Makes the folder and the tables."""
        if self.address.file:
            self.address.file.parent.mkdir(parents=True, exist_ok=True)
        self._engine.dispose()  # connections to what was there before
        with self._engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":  # there two could make the same table
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})"))
            TABLES.create_all(connection, tables=[VERSIONS])
            known = connection.execute(select(VERSIONS.c.version)).scalar()
            whole = TABLES.tables.keys() <= set(inspect(connection).get_table_names())
            if known != VERSION or not whole:  # days without their runs would look like days without runs
                if known is not None:
                    logger.warning("The run store in %s has another form, and is filled anew.", self.address.shown)
                TABLES.drop_all(connection, tables=[table for table in TABLES.sorted_tables if table is not VERSIONS])
                connection.execute(delete(VERSIONS))
                connection.execute(insert(VERSIONS).values(version=VERSION))
            TABLES.create_all(connection)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise ConnectionError("it was closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _engine(address: DatabaseAddress, patience: float) -> Engine:
    if address.kind == "postgresql":
        return _server_engine(address, patience)
    engine = create_engine(address.sync_url(), pool_size=_READERS, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        with suppress(sqlite3.OperationalError):  # at once where another process is just doing it
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the newest days, never the file

    _begin_at_once(engine)
    return engine


def _server_engine(address: DatabaseAddress, patience: float) -> Engine:
    engine = create_engine(address.sync_url(), pool_pre_ping=True, pool_size=_READERS)

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        connection.execute(f"SET lock_timeout = {round(patience * 1000)}")
        connection.commit()

    return engine


def _memory_engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")

    _begin_at_once(engine)
    return engine


def _begin_at_once(engine: Engine) -> None:
    """Lets a transaction begin in SQLite when it does here: by itself the driver waits for the first change."""

    @event.listens_for(engine, "connect")
    def _no_magic(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and then writes could not wait for another that writes.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
