"""The offline chat model: the same agent and tools without a key or a network."""

from __future__ import annotations

from langchain_dbt_discovery.offline.model import OfflineChatModel

__all__ = ["OfflineChatModel"]
