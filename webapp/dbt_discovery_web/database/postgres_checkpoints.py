"""Checkpoints in PostgreSQL: what the agent remembers of a thread, over the connections that the threads use too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, Error
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
    from sqlalchemy.ext.asyncio import AsyncEngine

__all__ = ["NewestInPostgres"]


class NewestInPostgres(AsyncPostgresSaver):
    """A checkpointer that keeps one checkpoint a thread: each holds the whole thread, and only the newest is read.

    Args:
        engine: The database. What goes wrong with it is raised as SQLAlchemy's errors, as everywhere else.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(_Connections(engine))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keeps a checkpoint in the place of the thread's earlier ones."""
        kept = await super().aput(config, checkpoint, metadata, new_versions)
        await self.aprune([str(kept["configurable"]["thread_id"])])
        return kept


class _Connections(AsyncConnectionPool[AsyncConnection[DictRow]]):
    """An engine's connections, in the form in which the checkpointer takes them.

    A pool of the driver's own would make people wait for a database that is gone, where the engine says so at once.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(min_size=0, max_size=1, open=False)  # it stays closed: the engine has the connections
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def connection(  # the driver's own pool has a timeout, which nothing here gives
        self,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncIterator[AsyncConnection[DictRow]]:
        """A connection of the engine's, which is not used again if anything goes wrong with it."""
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            try:
                yield raw.driver_connection  # type: ignore[misc]
            except BaseException as error:
                await connection.invalidate()
                if isinstance(error, Error):
                    raise DBAPIError(None, None, error) from error
                raise
