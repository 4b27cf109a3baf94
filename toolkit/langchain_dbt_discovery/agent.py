"""The reporting agent: a model, the toolkit's tools, and limits that always hold."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ToolCallLimitMiddleware,
    ToolCallRequest,
    ToolErrorMiddleware,
)

from langchain_dbt_discovery.failures import unexpected_failure
from langchain_dbt_discovery.figures.middleware import GuardedFigures
from langchain_dbt_discovery.limits import MODEL_CALLS, TOOL_CALLS, ReplyLength, ReplyMeter, TurnLimits
from langchain_dbt_discovery.memory import Memory
from langchain_dbt_discovery.replies import CallIds, MalformedCalls, RepeatedCalls, StreamedCalls, UnfinishedAnswers
from langchain_dbt_discovery.system_message import AccountPrompt

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

    from langchain_dbt_discovery.toolkit import DbtDiscoveryToolkit

__all__ = ["create_reporting_agent", "name_of"]

logger = logging.getLogger(__name__)

RECURSION_LIMIT = 25 * MODEL_CALLS
"""Steps of the graph: a call of the model takes about ten, so that the limits that end politely are reached first."""


def create_reporting_agent(
    model: BaseChatModel,
    toolkit: DbtDiscoveryToolkit,
    *,
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """An agent that answers reporting questions with the toolkit's tools: messages in, messages out.

    Whatever the model does, a turn ends by itself, with the findings of its reports and a sentence that says why: after
    8 calls of the model, 200,000 tokens, two replies that only ask for what was asked before, or one that is too long
    or empty. Tool calls beyond 10 in one turn are refused. An error in a tool that nobody foresaw is logged and told to
    the model as a tool message. An error of the model itself is raised.

    Args:
        model: Any LangChain chat model that calls tools.
        toolkit: The tools, and the account behind them.
        checkpointer: Keeps threads, if given.
    """
    middleware: list[AgentMiddleware[Any, Any, Any]] = [
        AccountPrompt(toolkit.account),
        Memory(),
        TurnLimits(),
        ToolCallLimitMiddleware(run_limit=TOOL_CALLS, exit_behavior="continue"),
        ToolErrorMiddleware(_log_and_explain),
        RepeatedCalls(),
        # What comes to a model first is last: replies are put right in this order, from the bottom to the top.
        UnfinishedAnswers(name_of(model)),
        MalformedCalls(),
        CallIds(),
        GuardedFigures(),
        ReplyLength(),
    ]
    agent = create_agent(
        model,
        toolkit.get_tools(),
        middleware=middleware,
        checkpointer=checkpointer,
        name="dbt_discovery",
    )
    return agent.with_config(recursion_limit=RECURSION_LIMIT, callbacks=[ReplyMeter(), StreamedCalls()])


def name_of(model: BaseChatModel) -> str:
    """What a chat model is called."""
    return str(getattr(model, "model_name", None) or getattr(model, "model", None) or model._llm_type)


def _log_and_explain(error: Exception, request: ToolCallRequest) -> str:
    name = str(request.tool_call["name"])
    logger.error("Tool %s failed unexpectedly", name, exc_info=error)
    return unexpected_failure(name)
