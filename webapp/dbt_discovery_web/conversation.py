"""A conversation: questions put to the reporting agent, and answers that always come back as sentences."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from dbt_discovery import ConfigurationError, DbtDiscoveryError, UpstreamError
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from pydantic import BaseModel, Field, PrivateAttr

from dbt_discovery_web.database_errors import DATABASE_ERRORS, reason
from dbt_discovery_web.model_faults import explain, unusable
from dbt_discovery_web.turn import ToolCall, Turn, Usage
from dbt_discovery_web.turn_events import Listener, Withdrawn

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

__all__ = ["NOT_KEPT", "ChatAnswer", "Conversation"]

logger = logging.getLogger(__name__)

TIME_LIMIT = 120.0
"""Seconds that one turn may take."""
NOT_KEPT = "Note: this could not be added to the kept conversation, so a later question knows nothing of it."


class ChatAnswer(BaseModel):
    """What a person gets for a question: words, the reports behind them, and how they came about.

    Attributes:
        failed: Whether the turn broke off, or no report came of it because a tool failed; the words say why.
        error: The name of the exception behind that, such as `NotFound`.
    """

    thread_id: str
    answer: str
    reports: list[dict[str, Any]]
    tool_calls: list[ToolCall]
    model: str
    usage: Usage
    failed: bool = False
    error: str | None = Field(default=None, exclude=True)
    _cause: Exception | None = PrivateAttr(default=None)

    @property
    def unasked(self) -> DbtDiscoveryError | None:
        """Why the account could not be asked, if that is what no report came of."""
        cause = self._cause
        return cause if isinstance(cause, UpstreamError | ConfigurationError) and not self.reports else None


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

    async def ask(self, message: str, thread_id: str, listener: Listener | None = None) -> ChatAnswer:
        """The answer to a message in a thread, which remembers the earlier ones.

        A model that fails, misbehaves or takes too long does not raise: the answer then says so, after the finding of
        any report that was made before, and the thread can be gone on with. A thread takes one turn at a time; keeping
        to that is the caller's.

        Args:
            message: What is asked.
            thread_id: The thread it is asked in.
            listener: Hears of the turn while it runs. When it leaves, the turn ends as one that takes too long does.

        Raises:
            SQLAlchemyError, sqlite3.Error: What the thread remembers cannot be read.
        """
        listener = listener or Listener()
        turn = Turn(HumanMessage(message, id=str(uuid4())), listener.hear)
        cause: Exception | None = None
        try:
            async with listener.for_at_most(self._time_limit), turn.watched():
                await self._run(turn, thread_id)
            await self._slim(turn, thread_id)
            answer = turn.prose() or _findings(turn) or unusable(self.model)
        except DATABASE_ERRORS as error:
            logger.error("A thread could not be read or written: %s", reason(error))
            answer = turn.prose() or _findings(turn)
            if not answer:
                raise
            answer = f"{answer}\n\n{NOT_KEPT}"
        except Exception as error:  # whatever a model does, the person who asked gets a sentence
            answer, cause = await self._mend(turn, thread_id, error), error
        return self._answer(turn, thread_id, answer, cause or turn.failure())

    def _answer(self, turn: Turn, thread_id: str, answer: str, cause: Exception | None) -> ChatAnswer:
        given = ChatAnswer(
            thread_id=thread_id,
            answer=answer,
            reports=turn.reports(),
            tool_calls=turn.tool_calls(),
            model=self.model,
            usage=turn.usage(),
            failed=cause is not None,
            error=type(cause).__name__ if cause else None,
        )
        given._cause = cause
        return given

    async def _run(self, turn: Turn, thread_id: str) -> None:
        config: RunnableConfig = {**_config(thread_id), "callbacks": [turn]}
        # One checkpoint a turn is enough: each holds the whole thread.
        steps = self._agent.astream({"messages": [turn.question]}, config, stream_mode="updates", durability="exit")
        async for update in steps:
            turn.take(update)

    async def _slim(self, turn: Turn, thread_id: str) -> None:
        """Takes out of the thread what later turns do not need: the answer as people see it is kept elsewhere."""
        if slim := slimmed(turn.messages):
            await self._agent.aupdate_state(_config(thread_id), {"messages": slim}, as_node="model")

    async def _mend(self, turn: Turn, thread_id: str, error: Exception) -> str:
        """The answer to a turn that broke off, written into the thread so that the next turn finds it whole."""
        if isinstance(error, Withdrawn):
            logger.info("A turn was ended because nobody waits for it")
        elif turn.model_failed or isinstance(error, TimeoutError):
            logger.warning("A turn was ended by %s of the chat model %s", type(error).__name__, self.model)
        else:
            logger.error("A turn was ended by %s", type(error).__name__, exc_info=error)
        sentence = explain(error, self.model, self._time_limit)
        findings = _findings(turn)
        answer = f"{findings}\n\n{sentence}" if findings else sentence

        rest = [ToolMessage("The turn was stopped.", tool_call_id=call["id"]) for call in turn.unanswered()]
        # Messages that the thread has already are replaced, as their ids are the same.
        messages = [*_with_slim(turn.messages), *rest, AIMessage(answer)]
        try:
            await self._agent.aupdate_state(_config(thread_id), {"messages": messages}, as_node="model")
        except DATABASE_ERRORS as fault:
            logger.error("A thread could not be written: %s", reason(fault))
            answer = f"{answer}\n\n{NOT_KEPT}"
        return answer


def slimmed(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The tools' messages that hold rows, with nothing in a row but the ids by which a later question points at it."""
    return [
        message.model_copy(update={"artifact": {**message.artifact, "rows": _ids(message.artifact["rows"])}})
        for message in messages
        if isinstance(message, ToolMessage) and isinstance(message.artifact, dict) and message.artifact.get("rows")
    ]


def _with_slim(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    slim = {message.id: message for message in slimmed(messages)}
    return [slim.get(message.id, message) for message in messages]


def _ids(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key.endswith("_id")} for row in rows]


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _findings(turn: Turn) -> str:
    return "\n\n".join(report["finding"] for report in turn.reports())


def _name_of(model: BaseChatModel) -> str:
    return str(getattr(model, "model_name", None) or getattr(model, "model", None) or model._llm_type)


def _in_memory() -> BaseCheckpointSaver[Any]:
    from langgraph.checkpoint.memory import InMemorySaver

    return InMemorySaver()
