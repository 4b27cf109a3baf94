"""Checkpoints: what the agent remembers of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata

__all__ = ["NewestOnly"]


class NewestOnly(AsyncSqliteSaver):
    """A checkpointer that keeps one checkpoint a thread: each holds the whole thread, and only the newest is read."""

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keeps a checkpoint in the place of the thread's earlier ones."""
        kept = await super().aput(config, checkpoint, metadata, new_versions)
        place = kept["configurable"]
        others = (str(place["thread_id"]), place["checkpoint_ns"], place["checkpoint_id"])
        older = " WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?"
        async with self.lock, self.conn.cursor() as cursor:
            await cursor.execute("DELETE FROM checkpoints" + older, others)
            await cursor.execute("DELETE FROM writes" + older, others)
            await self.conn.commit()
        return kept
