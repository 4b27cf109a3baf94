"""Threads: conversations as people see them, with everything needed to show them again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self
from uuid import uuid4
from weakref import WeakValueDictionary

from dbt_discovery import Source
from sqlalchemy import ColumnElement, Row, Select, Update, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from dbt_discovery_web.database.thread_tables import SOURCE_FIELDS, prepare, source_key
from dbt_discovery_web.database.thread_tables import exchanges as _exchanges
from dbt_discovery_web.database.thread_tables import threads as _threads

__all__ = ["TITLE_LENGTH", "Exchange", "Kept", "Lock", "Thread", "Threads", "Verdict"]

Lock = Callable[[str], AbstractAsyncContextManager[None]]
"""Keeps other processes from changing a thread."""

Verdict = Literal["up", "down"]
"""What a person thinks of an answer."""

TITLE_LENGTH = 80
"""Most characters of a title."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation; the times are ISO 8601 in UTC."""

    thread_id: str
    title: str
    created: str
    updated: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a thread and the whole answer to it, as it was given.

    Attributes:
        answer: None while the question is being worked on, and for good if that was interrupted.
        turn_id: The id of the question in what the agent remembers; None of one that an earlier release kept.
        verdict: What a person thinks of the answer, if anybody said so.
        comment: What they wrote beside.
    """

    exchange_id: int
    asked: str
    question: str
    answer: dict[str, Any] | None
    turn_id: str | None = None
    verdict: Verdict | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A question that was kept as it began: its id, and its place in the thread, counted from 0."""

    exchange_id: int
    number: int


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
        key = source_key(*(getattr(source, field) for field in SOURCE_FIELDS))
        return Threads(self._engine, self._lock, key, self._turns)

    @classmethod
    async def over(cls, engine: AsyncEngine, lock: Lock) -> Self:
        """The threads in a database, whose tables are made if they are not there.

        Raises:
            UnusableDatabase: It holds another program's data.
        """
        async with engine.begin() as connection:
            await connection.run_sync(prepare)
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

    async def latest(self, limit: int = 100, matching: str = "") -> tuple[Sequence[Thread], int]:
        """The threads that were added to last, newest first, and how many there are in all.

        Args:
            limit: Most threads to give.
            matching: Words, each of which the title or a question must hold.
        """
        async with self._engine.connect() as connection:
            own = select(_threads).where(self._own, *map(_said, _storable(matching).split()))
            newest = own.order_by(_threads.c.updated.desc(), _threads.c.thread_id).limit(limit)
            rows = (await connection.execute(newest)).all()
            total = (await connection.execute(select(func.count()).select_from(own.subquery()))).scalar_one()
        return [_thread(row) for row in rows], total

    async def rename(self, thread_id: str, title: str) -> None:
        """Gives a thread another title."""
        async with self._engine.begin() as connection:
            changed = {"title": _title(_storable(title))}
            await connection.execute(_threads.update().where(_threads.c.thread_id == thread_id).values(changed))

    async def remove(self, thread_id: str) -> None:
        """Forgets a thread and all that was said in it."""
        async with self._engine.begin() as connection:
            await connection.execute(_exchanges.delete().where(_exchanges.c.thread_id == thread_id))
            await connection.execute(_threads.delete().where(_threads.c.thread_id == thread_id))

    async def exchanges(self, thread_id: str) -> Sequence[Exchange]:
        """What was asked and answered in a thread, oldest first."""
        return await self._read(_of(thread_id).order_by(_exchanges.c.exchange_id))

    async def exchange(self, thread_id: str, number: int) -> Exchange | None:
        """The exchange with a number in a thread, the first being 0 and the last -1; None if there is none."""
        newest_first = _exchanges.c.exchange_id.desc() if number < 0 else _exchanges.c.exchange_id
        offset = -1 - number if number < 0 else number
        found = await self._read(_of(thread_id).order_by(newest_first).offset(offset).limit(1))
        return found[0] if found else None

    async def ask(self, thread_id: str, question: str, turn_id: str | None) -> Kept:
        """Keeps a question as it begins to be worked on."""
        now = _now()
        asked = {"asked": now, "question": _storable(question), "answer": None, "turn_id": turn_id}
        async with self._engine.begin() as connection:
            kept = await connection.execute(_exchanges.insert().values(thread_id=thread_id, **asked))
            await connection.execute(_threads.update().where(_threads.c.thread_id == thread_id).values(updated=now))
            (exchange_id,) = kept.inserted_primary_key or (0,)
            number = await connection.scalar(_before(thread_id, exchange_id))
        return Kept(exchange_id, number or 0)

    async def ask_instead(self, thread_id: str, exchange: Exchange, question: str, turn_id: str) -> Kept:
        """Puts a question in the place of another, whose answer goes with it."""
        asked = {"asked": _now(), "question": _storable(question), "answer": None, "turn_id": turn_id}
        async with self._engine.begin() as connection:
            await connection.execute(_this(exchange.exchange_id).values(**asked, verdict=None, comment=None))
            number = await connection.scalar(_before(thread_id, exchange.exchange_id))
            if number == 0:
                await connection.execute(_retitled(thread_id, exchange.question, question))
        return Kept(exchange.exchange_id, number or 0)

    async def put_back(self, thread_id: str, exchange: Exchange, instead: str) -> None:
        """Puts an exchange back in the place of the question that was asked instead."""
        before = {"asked": exchange.asked, "question": exchange.question, "answer": exchange.answer}
        before |= {"turn_id": exchange.turn_id, "verdict": exchange.verdict, "comment": exchange.comment or None}
        async with self._engine.begin() as connection:
            await connection.execute(_this(exchange.exchange_id).values(before))
            number = await connection.scalar(_before(thread_id, exchange.exchange_id))
            if number == 0:
                await connection.execute(_retitled(thread_id, instead, exchange.question))

    async def add(self, thread_id: str, question: str, answer: dict[str, Any], turn_id: str | None = None) -> None:
        """Keeps a question together with its answer."""
        kept = await self.ask(thread_id, question, turn_id)
        await self.answer(thread_id, kept.exchange_id, answer)

    async def answer(self, thread_id: str, exchange_id: int, answer: dict[str, Any]) -> None:
        """Keeps the answer to a question."""
        async with self._engine.begin() as connection:
            await connection.execute(_this(exchange_id).values(answer=answer))
            changed = {"updated": _now(), "source": self._source}
            await connection.execute(_threads.update().where(_threads.c.thread_id == thread_id).values(changed))

    async def withdraw(self, exchange_id: int) -> None:
        """Forgets a question that got no answer."""
        async with self._engine.begin() as connection:
            await connection.execute(_exchanges.delete().where(_exchanges.c.exchange_id == exchange_id))

    async def judge(self, exchange: Exchange, verdict: Verdict | None, comment: str) -> None:
        """Keeps what a person thinks of an answer; None takes it back."""
        async with self._engine.begin() as connection:
            said = {"verdict": verdict, "comment": _storable(comment) or None}
            await connection.execute(_this(exchange.exchange_id).values(said))

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

    async def _read(self, query: Select[Any]) -> Sequence[Exchange]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [_exchange(row) for row in rows]

    @property
    def _own(self) -> ColumnElement[bool]:
        return _threads.c.source.in_((self._source, ""))  # one without reports is about no source until it is added to


def _of(thread_id: str) -> Select[Any]:
    return select(_exchanges).where(_exchanges.c.thread_id == thread_id)


def _before(thread_id: str, exchange_id: int) -> Select[Any]:
    earlier = _exchanges.c.thread_id == thread_id, _exchanges.c.exchange_id < exchange_id
    return select(func.count()).select_from(_exchanges).where(*earlier)


def _this(exchange_id: int) -> Update:
    return _exchanges.update().where(_exchanges.c.exchange_id == exchange_id)


def _retitled(thread_id: str, old: str, new: str) -> Update:
    """Titles a thread after another question, if it still has its title after the old one."""
    named_after = _threads.c.thread_id == thread_id, _threads.c.title == _title(_storable(old))
    return _threads.update().where(*named_after).values(title=_title(_storable(new)))


def _said(word: str) -> ColumnElement[bool]:
    """Whether a word stands in a thread's title or in one of its questions."""
    own = _exchanges.c.thread_id == _threads.c.thread_id
    asked = select(_exchanges.c.exchange_id).where(own, _exchanges.c.question.icontains(word, autoescape=True))
    return or_(_threads.c.title.icontains(word, autoescape=True), asked.exists())


def _thread(row: Row[Any]) -> Thread:
    return Thread(row.thread_id, row.title, row.created, row.updated)


def _exchange(row: Row[Any]) -> Exchange:
    judged = row.verdict, row.comment or ""
    return Exchange(row.exchange_id, row.asked, row.question, row.answer, row.turn_id, *judged)


def _storable(words: str) -> str:
    """Words without the one character that PostgreSQL keeps in no text."""
    return words.replace("\0", "")


def _title(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= TITLE_LENGTH else f"{line[: TITLE_LENGTH - 1].rstrip()}…"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
