"""Where conversations are kept: one SQLite file, or memory when there can be none."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_discovery import ConfigurationError, Settings

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    from dbt_discovery_web.threads import Threads

__all__ = ["Storage", "database_file", "open_storage"]

logger = logging.getLogger(__name__)

_SQLITE = "sqlite:///"
_THREAD_COLUMNS = frozenset({"thread_id", "title", "created", "updated"})
_MEMORY = ("sqlite://", "sqlite:///", "sqlite:///:memory:")


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


def database_file(settings: Settings) -> Path | None:
    """The SQLite file that `DBT_DISCOVERY_DATABASE_URL` names, else the one in the user's data folder; None for memory.

    Raises:
        ConfigurationError: The address is of a database that cannot be used.
    """
    url = settings.database_url
    if url is None:
        from platformdirs import user_data_path

        return user_data_path("dbt-discovery", appauthor=False) / "dbt-discovery.sqlite"
    if url in _MEMORY:
        return None
    if url.startswith(_SQLITE):
        return Path(url.removeprefix(_SQLITE)).expanduser()
    kind = url.split(":", 1)[0]
    raise ConfigurationError(
        f"DBT_DISCOVERY_DATABASE_URL names a database of kind “{kind}”, but conversations can be kept in SQLite files "
        "only. Set it to sqlite:///path/to/file.sqlite, or unset it."
    )


@asynccontextmanager
async def open_storage(file: Path | None) -> AsyncIterator[Storage]:
    """Storage in a file, or in memory; also in memory, with a warning, if the file cannot be written."""
    if file and (fault := _fault(file)):
        logger.warning(
            "Conversations are kept in memory only and end with this process, because %s cannot be used: %s. Set "
            "DBT_DISCOVERY_DATABASE_URL to a file that can.",
            file,
            fault,
        )
        file = None
    async with _opened(file) as storage:
        yield storage


@asynccontextmanager
async def _opened(file: Path | None) -> AsyncIterator[Storage]:
    import aiosqlite

    from dbt_discovery_web.checkpoints import NewestOnly
    from dbt_discovery_web.threads import Threads

    async with aiosqlite.connect(file or ":memory:") as connection, Threads.open(file) as threads:
        saver = NewestOnly(connection)
        await saver.setup()
        yield Storage(threads, saver, lasting=file is not None)


def _fault(file: Path) -> str | None:
    """Why a file cannot serve as the database; None when it can."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            # Making a table takes everything that writing needs: the file, its folder, and a database in it.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS writable (yes INTEGER)")
            connection.rollback()
            damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            columns = {row[1] for row in connection.execute("PRAGMA table_info(threads)")}
            if damage != "ok":
                return f"it is damaged ({damage})"
            if columns and _THREAD_COLUMNS - columns:
                return "it holds another program's data"
    except (OSError, sqlite3.Error) as error:
        return getattr(error, "strerror", None) or str(error)
    return None
