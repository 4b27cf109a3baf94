"""The middleware that tells a model the rules, the day and the source of the numbers before each call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from dbt_discovery.exceptions import DbtDiscoveryError
from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import SystemMessage

from langchain_dbt_discovery.prompt import system_prompt
from langchain_dbt_discovery.text import clean

if TYPE_CHECKING:
    from dbt_discovery.models.report import Source
    from dbt_discovery.view import AccountView

__all__ = ["AccountPrompt"]

_PATIENCE = 3.0
"""Seconds to wait for an account that has not been asked anything yet: a model can do without knowing its name."""
_LABEL_LENGTH = 200


class AccountPrompt(AgentMiddleware[AgentState[Any], Any, Any]):
    """The system prompt, as it is at the moment of each call.

    Args:
        account: Whose clock, zone and source the prompt tells.
    """

    def __init__(self, account: AccountView) -> None:
        super().__init__()
        self._account = account

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """The reply to the prompt and the conversation."""
        try:
            source = self._account.get_source()
        except DbtDiscoveryError:
            source = None
        return handler(self._told(request, source))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, for an agent that is awaited."""
        try:
            async with asyncio.timeout(_PATIENCE):
                source = await self._account.aget_source()
        except (DbtDiscoveryError, TimeoutError):
            source = None
        return await handler(self._told(request, source))

    def _told(self, request: ModelRequest[Any], source: Source | None) -> ModelRequest[Any]:
        now = self._account.now().astimezone(self._account.settings.zone)
        label = clean(source.label, _LABEL_LENGTH) if source else None
        return request.override(system_message=SystemMessage(system_prompt(now, label)))
