"""LangChain's own standard tests of chat models."""

from __future__ import annotations

from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_dbt_discovery import OfflineChatModel
from langchain_tests.unit_tests import ChatModelUnitTests


class TestOfflineChatModel(ChatModelUnitTests):
    """What the standard tests ask for."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return OfflineChatModel

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {}
