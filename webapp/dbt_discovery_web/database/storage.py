"""Where conversations are kept: an SQLite file, a PostgreSQL database, or memory when there can be neither."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_discovery import ConfigurationError, Settings
from dbt_discovery.history.address import MEMORY, DatabaseAddress, parse_address

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from sqlalchemy.ext.asyncio import AsyncEngine

    from dbt_discovery_web.database.threads import Threads

__all__ = ["Storage", "database_address", "database_url", "open_storage"]

logger = logging.getLogger(__name__)

_TURNS_AT_ONCE = 32
"""Turns that one process may take at once where each holds a connection; more wait."""


@dataclass(frozen=True, slots=True)
class Storage:
    """The two halves of a kept conversation.

    Attributes:
        threads: What was asked and answered, as people see it.
        checkpointer: What the agent remembers of it.
        lasting: Whether both survive a restart.
    """

    threads: Threads
    checkpointer: BaseCheckpointSaver[Any]
    lasting: bool


def database_url(settings: Settings) -> str:
    """The address of the database that `DBT_DISCOVERY_DATABASE_URL` names, else of a file in the user's data folder."""
    if settings.database_url:
        return settings.database_url
    from platformdirs import user_data_path

    return f"sqlite:///{user_data_path('dbt-discovery', appauthor=False) / 'dbt-discovery.sqlite'}"


def database_address(settings: Settings) -> DatabaseAddress:
    """The database that conversations are kept in.

    Raises:
        ConfigurationError: The address is of a database that cannot be used.
    """
    address = parse_address(database_url(settings)) or MEMORY
    if address.kind == "postgresql" and find_spec("psycopg_pool") is None:
        raise ConfigurationError(
            "To keep conversations in PostgreSQL, more needs to be installed: pip install 'dbt-discovery[postgres]'."
        )
    return address


@asynccontextmanager
async def open_storage(address: DatabaseAddress) -> AsyncIterator[Storage]:
    """Storage in a database; in memory, with a warning, if that cannot be used."""
    from dbt_discovery_web.database.errors import DATABASE_ERRORS, UnusableDatabase, reason

    async with AsyncExitStack() as opened:
        try:
            storage = await opened.enter_async_context(_opened(address))
        except (UnusableDatabase, *DATABASE_ERRORS) as fault:
            logger.warning(
                "Conversations are kept in memory only and end with this process, because %s cannot be used: %s. Set "
                "DBT_DISCOVERY_DATABASE_URL to a database that can.",
                address,
                reason(fault),
            )
            storage = await opened.enter_async_context(_opened(MEMORY))
        yield storage


@asynccontextmanager
async def _opened(address: DatabaseAddress) -> AsyncIterator[Storage]:
    opening = _in_postgresql if address.kind == "postgresql" else _in_sqlite
    async with opening(address) as storage:
        yield storage


@asynccontextmanager
async def _in_sqlite(address: DatabaseAddress) -> AsyncIterator[Storage]:
    import aiosqlite
    from sqlalchemy.pool import StaticPool

    from dbt_discovery_web.database.checkpoints import NewestOnly
    from dbt_discovery_web.database.threads import Threads
    from dbt_discovery_web.database.turn_lock import turn_lock

    # In memory there is one connection for all, as each new one would begin with nothing.
    options = {} if address.file else {"poolclass": StaticPool}
    if address.file:
        _check(address.file)
    async with _engine(address, **options) as engine, aiosqlite.connect(address.file or ":memory:") as connection:
        threads = await Threads.over(engine, partial(turn_lock, address.file))
        checkpointer = NewestOnly(connection)
        await checkpointer.setup()
        yield Storage(threads, checkpointer, lasting=address.file is not None)


@asynccontextmanager
async def _in_postgresql(address: DatabaseAddress) -> AsyncIterator[Storage]:
    from dbt_discovery_web.database.advisory_lock import advisory_lock, set_up_lock
    from dbt_discovery_web.database.postgres_checkpoints import NewestInPostgres
    from dbt_discovery_web.database.threads import Threads

    # Turns have connections of their own, so that those under way cannot take all from what they wait for.
    turns = {"pool_size": 1, "max_overflow": _TURNS_AT_ONCE - 1}
    async with _engine(address, pool_pre_ping=True) as engine, _engine(address, pool_pre_ping=True, **turns) as locks:
        checkpointer = NewestInPostgres(engine)
        async with set_up_lock(locks):
            threads = await Threads.over(engine, partial(advisory_lock, locks))
            await checkpointer.setup()
        yield Storage(threads, checkpointer, lasting=True)


@asynccontextmanager
async def _engine(address: DatabaseAddress, **options: Any) -> AsyncIterator[AsyncEngine]:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(address.async_url(), **options)
    try:
        yield engine
    finally:
        await engine.dispose()


def _check(file: Path) -> None:
    """Makes sure that a file can serve as the database.

    Raises:
        UnusableDatabase: It cannot.
    """
    from dbt_discovery_web.database.errors import UnusableDatabase

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            # Making a table takes everything that writing needs: the file, its folder, and a database in it.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS writable (yes INTEGER)")
            connection.rollback()
            damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        raise UnusableDatabase(getattr(error, "strerror", None) or str(error)) from error
    if damage != "ok":
        raise UnusableDatabase(f"it is damaged ({damage})")
