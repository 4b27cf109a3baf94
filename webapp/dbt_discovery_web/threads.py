"""Threads: conversations as people see them, with everything needed to show them again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from uuid import uuid4
from weakref import WeakValueDictionary

from dbt_discovery import Source
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from dbt_discovery_web.database_errors import UnusableDatabase

__all__ = ["Exchange", "Lock", "Thread", "Threads"]

Lock = Callable[[str], AbstractAsyncContextManager[None]]
"""Keeps other processes from changing a thread."""

_tables = MetaData()
_threads = Table(
    "threads",
    _tables,
    Column("thread_id", String(36), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("updated", Text, nullable=False, index=True),
    Column("source", Text, nullable=False, server_default=""),
)
_exchanges = Table(
    "exchanges",
    _tables,
    Column("exchange_id", Integer, primary_key=True),
    Column("thread_id", ForeignKey("threads.thread_id"), nullable=False, index=True),
    Column("asked", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", JSON, nullable=False),
)

_KEY = ("kind", "host", "account_id", "label")
"""The fields of a source that tell it from others."""
_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation; the times are ISO 8601 in UTC."""

    thread_id: str
    title: str
    created: str
    updated: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a thread and the whole answer to it, as it was given."""

    asked: str
    question: str
    answer: dict[str, Any]


class Threads:
    """The threads that are kept of one source: one account's numbers never get into a conversation about another's.

    Args:
        engine: The database that holds them.
        lock: Keeps other processes from changing a thread of it.
        source: What tells the source from others.
        turns: The locks of the threads whose turn it is.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        lock: Lock,
        source: str = "",
        turns: MutableMapping[str, asyncio.Lock] | None = None,
    ) -> None:
        self._engine = engine
        self._lock = lock
        self._source = source
        self._turns = WeakValueDictionary[str, asyncio.Lock]() if turns is None else turns

    def of(self, source: Source) -> Threads:
        """The threads about a source, in the same database."""
        return Threads(self._engine, self._lock, _key(*(getattr(source, field) for field in _KEY)), self._turns)

    @classmethod
    async def over(cls, engine: AsyncEngine, lock: Lock) -> Self:
        """The threads in a database, whose tables are made if they are not there.

        Raises:
            UnusableDatabase: It holds another program's data.
        """
        async with engine.begin() as connection:
            await connection.run_sync(_prepare)
        return cls(engine, lock)

    async def begin(self, first_message: str) -> Thread:
        """A new thread, titled after its first message."""
        now = _now()
        thread = Thread(str(uuid4()), _title(_storable(first_message)), now, now)
        async with self._engine.begin() as connection:
            await connection.execute(
                _threads.insert().values(
                    thread_id=thread.thread_id, title=thread.title, created=now, updated=now, source=self._source
                )
            )
        return thread

    async def find(self, thread_id: str) -> Thread | None:
        """The thread with an id, if there is one."""
        if thread_id != _storable(thread_id):
            return None
        async with self._engine.connect() as connection:
            found = await connection.execute(select(_threads).where(self._own, _threads.c.thread_id == thread_id))
            row = found.one_or_none()
        return _thread(row) if row else None

    async def latest(self, limit: int = 100) -> tuple[Sequence[Thread], int]:
        """The threads that were added to last, newest first, and how many there are in all."""
        async with self._engine.connect() as connection:
            own = select(_threads).where(self._own)
            newest = own.order_by(_threads.c.updated.desc(), _threads.c.thread_id).limit(limit)
            rows = (await connection.execute(newest)).all()
            total = (await connection.execute(select(func.count()).select_from(own.subquery()))).scalar_one()
        return [_thread(row) for row in rows], total

    async def exchanges(self, thread_id: str) -> Sequence[Exchange]:
        """What was asked and answered in a thread, oldest first."""
        ordered = select(_exchanges).where(_exchanges.c.thread_id == thread_id).order_by(_exchanges.c.exchange_id)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(ordered)).all()
        return [Exchange(row.asked, row.question, row.answer) for row in rows]

    async def add(self, thread_id: str, question: str, answer: dict[str, Any]) -> None:
        """Adds a question with its answer to a thread."""
        now = _now()
        async with self._engine.begin() as connection:
            await connection.execute(
                _exchanges.insert().values(thread_id=thread_id, asked=now, question=_storable(question), answer=answer)
            )
            changed = {"updated": now, "source": self._source}
            await connection.execute(_threads.update().where(_threads.c.thread_id == thread_id).values(changed))

    async def remove(self, thread_id: str) -> None:
        """Forgets a thread and all that was said in it."""
        async with self._engine.begin() as connection:
            await connection.execute(_exchanges.delete().where(_exchanges.c.thread_id == thread_id))
            await connection.execute(_threads.delete().where(_threads.c.thread_id == thread_id))

    @asynccontextmanager
    async def turn(self, thread_id: str) -> AsyncIterator[None]:
        """The right to change a thread: one at a time has it, here in the order in which they asked.

        Other processes are kept from it meanwhile.
        """
        lock = self._turns.get(thread_id)
        if lock is None:
            lock = self._turns[thread_id] = asyncio.Lock()
        async with lock, self._lock(thread_id):
            yield

    @property
    def _own(self) -> ColumnElement[bool]:
        return _threads.c.source.in_((self._source, ""))  # one without reports is about no source until it is added to


def _prepare(connection: Connection) -> None:
    """Makes the tables; in a file that an earlier release made, threads are given the source of their reports."""
    known = inspect(connection)
    columns = {column["name"] for column in known.get_columns("threads")} if known.has_table("threads") else set()
    if columns and not columns >= {"thread_id", "title", "created", "updated"}:
        raise UnusableDatabase("it holds another program's data")
    if columns and "source" not in columns:
        connection.execute(text("ALTER TABLE threads ADD COLUMN source TEXT NOT NULL DEFAULT ''"))
        reported = _exchanges.c.answer["reports"][0]["source"]
        fields = [reported[field].as_string() for field in _KEY]
        found = select(_exchanges.c.thread_id, *fields).where(fields[0].is_not(None))
        for thread_id, *values in connection.execute(found).all():
            connection.execute(_threads.update().where(_threads.c.thread_id == thread_id).values(source=_key(*values)))
    _tables.create_all(connection)


def _key(*fields: str) -> str:
    return json.dumps(fields)


def _thread(row: Row[Any]) -> Thread:
    return Thread(row.thread_id, row.title, row.created, row.updated)


def _storable(words: str) -> str:
    """Words without the one character that PostgreSQL keeps in no text."""
    return words.replace("\0", "")


def _title(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _TITLE_LENGTH else f"{line[: _TITLE_LENGTH - 1].rstrip()}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
