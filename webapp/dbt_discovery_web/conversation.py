"""A conversation: questions put to the reporting agent, and answers that always come back as sentences."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel, Field

from dbt_discovery_web.model_faults import explain, unusable
from dbt_discovery_web.turn import ToolCall, Turn, Usage

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

__all__ = ["ChatAnswer", "Conversation"]

logger = logging.getLogger(__name__)

TIME_LIMIT = 120.0
"""Seconds that one turn may take."""


class ChatAnswer(BaseModel):
    """What a person gets for a question: words, the reports behind them, and how they came about."""

    thread_id: str
    answer: str
    reports: list[dict[str, Any]]
    tool_calls: list[ToolCall]
    model: str
    usage: Usage
    failed: bool = Field(default=False, exclude=True)  # whether the turn broke off; the words say why


class Conversation:
    """The reporting agent over one account, as people talk to it.

    Args:
        account: Whose numbers the answers hold.
        model: The chat model that reads questions and words answers.
        checkpointer: Where the agent keeps its threads; in memory unless given.
        time_limit: Seconds that one turn may take.

    Attributes:
        model: The chat model's name.
    """

    def __init__(
        self,
        account: DbtAccount,
        model: BaseChatModel,
        checkpointer: BaseCheckpointSaver[Any] | None = None,
        *,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        from langchain_dbt_discovery import DbtDiscoveryToolkit, create_reporting_agent

        self.model = _name_of(model)
        self._time_limit = time_limit
        self._agent = create_reporting_agent(
            model, DbtDiscoveryToolkit(account=account), checkpointer=checkpointer or _in_memory()
        )

    async def ask(self, message: str, thread_id: str) -> ChatAnswer:
        """The answer to a message in a thread, which remembers the earlier ones.

        A model that fails, misbehaves or takes too long does not raise: the answer then says so, after the finding of
        any report that was made before, and the thread can be gone on with. A thread takes one turn at a time; keeping
        to that is the caller's.
        """
        turn = Turn(HumanMessage(message, id=str(uuid4())))
        failed = False
        try:
            async with asyncio.timeout(self._time_limit):
                await self._run(turn, thread_id)
            answer = turn.prose() or _findings(turn) or unusable(self.model)
        except Exception as error:  # whatever a model does, the person who asked gets a sentence
            answer, failed = await self._mend(turn, thread_id, error), True
        return ChatAnswer(
            thread_id=thread_id,
            answer=answer,
            reports=turn.reports(),
            tool_calls=turn.tool_calls(),
            model=self.model,
            usage=turn.usage(),
            failed=failed,
        )

    async def _run(self, turn: Turn, thread_id: str) -> None:
        config: RunnableConfig = {**_config(thread_id), "callbacks": [turn]}
        # One checkpoint a turn is enough: each holds the whole thread.
        steps = self._agent.astream({"messages": [turn.question]}, config, stream_mode="updates", durability="exit")
        async for update in steps:
            turn.take(update)

    async def _mend(self, turn: Turn, thread_id: str, error: Exception) -> str:
        """The answer to a turn that broke off, written into the thread so that the next turn finds it whole."""
        if turn.model_failed or isinstance(error, TimeoutError):
            logger.warning("A turn was ended by %s of the chat model %s", type(error).__name__, self.model)
        else:
            logger.error("A turn was ended by %s", type(error).__name__, exc_info=error)
        sentence = explain(error, self.model, self._time_limit)
        findings = _findings(turn)
        answer = f"{findings}\n\n{sentence}" if findings else sentence

        state = await self._agent.aget_state(_config(thread_id))
        kept = {message.id for message in state.values.get("messages", ())}
        rest = [message for message in turn.messages if message.id not in kept]
        rest += [ToolMessage("The turn was stopped.", tool_call_id=call["id"]) for call in turn.unanswered()]
        await self._agent.aupdate_state(_config(thread_id), {"messages": [*rest, AIMessage(answer)]}, as_node="model")
        return answer


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _findings(turn: Turn) -> str:
    return "\n\n".join(report["finding"] for report in turn.reports())


def _name_of(model: BaseChatModel) -> str:
    return str(getattr(model, "model_name", None) or getattr(model, "model", None) or model._llm_type)


def _in_memory() -> BaseCheckpointSaver[Any]:
    from langgraph.checkpoint.memory import InMemorySaver

    return InMemorySaver()
