"""The reporting agent: a model, the toolkit's tools, and limits that always hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    AgentState,
    ModelCallLimitMiddleware,
    ModelRequest,
    ToolCallLimitMiddleware,
    ToolCallRequest,
    ToolErrorMiddleware,
    dynamic_prompt,
    hook_config,
)
from langchain_core.messages import AIMessage

from langchain_dbt_discovery.failures import unexpected_failure
from langchain_dbt_discovery.prompt import system_prompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph
    from langgraph.runtime import Runtime

    from langchain_dbt_discovery.toolkit import DbtDiscoveryToolkit

__all__ = ["MODEL_CALLS", "TOOL_CALLS", "create_reporting_agent"]

logger = logging.getLogger(__name__)

MODEL_CALLS = 8
TOOL_CALLS = 10
RECURSION_LIMIT = 100
"""Steps of the graph: a turn takes six, so that the call limits, which end politely, are always reached first."""
_GIVING_UP = (
    f"I stopped after {MODEL_CALLS} steps without an answer. Ask for one thing at a time, or name the job, "
    "model or period you mean."
)


def create_reporting_agent(
    model: BaseChatModel,
    toolkit: DbtDiscoveryToolkit,
    *,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """An agent that answers reporting questions with the toolkit's tools: messages in, messages out.

    It ends by itself after 8 calls of the model; tool calls beyond 10 in one turn are refused. An error in a tool
    that nobody foresaw is logged and told to the model as a tool message.

    Args:
        model: Any LangChain chat model that calls tools.
        toolkit: The tools, and the account behind them.
        checkpointer: Keeps threads, if given.
    """

    @dynamic_prompt
    def prompt(request: ModelRequest) -> str:
        account = toolkit.account
        return system_prompt(account.now().astimezone(account.settings.zone))

    middleware: list[AgentMiddleware[Any, Any, Any]] = [
        prompt,
        CallLimit(run_limit=MODEL_CALLS),
        ToolCallLimitMiddleware(run_limit=TOOL_CALLS, exit_behavior="continue"),
        ToolErrorMiddleware(_log_and_explain),
        MalformedCalls(),
    ]
    agent = create_agent(
        model,
        toolkit.get_tools(),
        middleware=middleware,
        checkpointer=checkpointer,
        name="dbt_discovery",
    )
    return agent.with_config(recursion_limit=RECURSION_LIMIT)


class CallLimit(ModelCallLimitMiddleware[Any, Any]):
    """LangChain's limit of model calls, ending with a sentence for people."""

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: Any, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The end of the turn, once the limit is reached."""
        update = super().before_model(state, runtime)
        return {**update, "messages": [AIMessage(_GIVING_UP)]} if update else None

    @hook_config(can_jump_to=["end"])
    async def abefore_model(self, state: Any, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The same, for an agent that is awaited."""
        return self.before_model(state, runtime)


class MalformedCalls(AgentMiddleware[AgentState[Any], Any, Any]):
    """Another try for a model whose tool calls could not be read as JSON.

    LangChain tells the model about them when it is next called, but takes a message without a readable call for the
    answer, which would be an empty one.
    """

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """A jump back to the model, if all of its calls were malformed."""
        last = state["messages"][-1]
        if isinstance(last, AIMessage) and last.invalid_tool_calls and not last.tool_calls:
            return {"jump_to": "model"}
        return None


def _log_and_explain(error: Exception, request: ToolCallRequest) -> str:
    name = str(request.tool_call["name"])
    logger.error("Tool %s failed unexpectedly", name, exc_info=error)
    return unexpected_failure(name)
