"""PostgreSQL's own locks on a name: they end with the connection that holds them, however that ends."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from dbt_discovery_web.database.errors import reason

__all__ = ["advisory_lock", "set_up_lock"]

logger = logging.getLogger(__name__)

_PAUSE = 0.05
_LIMITS = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")


@asynccontextmanager
async def advisory_lock(engine: AsyncEngine, thread_id: str) -> AsyncIterator[None]:
    """The right to change a thread of a database; one connection at a time has it, others wait in order.

    It does not nest.

    Raises:
        SQLAlchemyError: The database cannot be reached.
    """
    async with _transaction(engine) as connection:
        # A server that ends what takes long must not end this: a turn takes as long as its chat model does.
        await connection.execute(text("; ".join(f"SET LOCAL {limit} = 0" for limit in _LIMITS)))
        await connection.execute(_asking("pg_advisory_xact_lock", f"turn {thread_id}"))
        yield


@asynccontextmanager
async def set_up_lock(engine: AsyncEngine) -> AsyncIterator[None]:
    """The right to make tables in a database; one connection at a time has it.

    Others ask again and again: one that waited in a statement would be waited for by an index that is being made.
    """
    async with _transaction(engine) as connection:
        while not await connection.scalar(_asking("pg_try_advisory_xact_lock", "set up")):  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE)
        yield


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction that changes nothing, and whose end nothing depends on."""
    connection = await engine.connect()
    try:
        yield connection
    finally:
        try:
            await asyncio.shield(connection.close())
        except SQLAlchemyError as error:
            logger.warning("A lock was lost before it was let go, so that turns may have mixed: %s.", reason(error))


def _asking(function: str, name: str) -> TextClause:
    """The statement that asks for the lock on a name.

    The number stands in it, since a statement with parameters keeps its snapshot for as long as the transaction lasts,
    and an index that is being made waits for every snapshot.
    """
    key = int.from_bytes(hashlib.blake2b(f"dbt-discovery {name}".encode(), digest_size=8).digest(), signed=True)
    return text(f"SELECT {function}({key})")
