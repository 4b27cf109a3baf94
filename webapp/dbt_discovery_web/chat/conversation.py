"""A conversation: questions put to the reporting agent, and answers that always come back as sentences."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from dbt_discovery import ConfigurationError, DbtDiscoveryError, UpstreamError
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel, Field, PrivateAttr

from dbt_discovery_web.chat.command import NO_MODEL, is_command
from dbt_discovery_web.chat.model_faults import NoAnswer, explain, unusable
from dbt_discovery_web.chat.turn import ToolCall, Turn, Usage
from dbt_discovery_web.chat.turn_events import Listener, Withdrawn
from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from dbt_discovery import DbtAccount
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

__all__ = ["NOT_KEPT", "ChatAnswer", "Conversation"]

logger = logging.getLogger(__name__)

TIME_LIMIT = 120.0
"""Seconds that one turn may take."""
NOT_KEPT = "Note: this could not be added to the kept conversation, so a later question knows nothing of it."


class ChatAnswer(BaseModel):
    """What a person gets for a question: words, the reports behind them, and how they came about.

    Attributes:
        failed: Whether the turn broke off, or neither a report nor an answer came of it; the words say why.
        stopped: Whether it was ended before the model had: the time was over, or nobody waited any more.
        error: The name of the exception behind that, such as `NotFound`.
    """

    thread_id: str
    answer: str
    reports: list[dict[str, Any]]
    tool_calls: list[ToolCall]
    model: str
    usage: Usage
    failed: bool = False
    stopped: bool = False
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
        count: Is told of each turn that has ended: the model's name, the turn, why there is no answer.

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
        count: Callable[[str, Turn, Exception | None], None] = lambda *turn: None,
    ) -> None:
        from langchain_dbt_discovery import DbtDiscoveryToolkit
        from langchain_dbt_discovery.agent import name_of

        self.model = name_of(model)
        self._time_limit = time_limit
        self._count = count
        self._checkpointer = checkpointer or _in_memory()
        self._toolkit = DbtDiscoveryToolkit(account=account)
        self._agent = self._agent_of(model)

    async def ask(
        self, message: str, thread_id: str, listener: Listener | None = None, *, turn_id: str | None = None
    ) -> ChatAnswer:
        """The answer to a message in a thread, which remembers the earlier ones; a command needs no model for it.

        A model that fails, misbehaves or takes too long does not raise: the answer then says so, after what it had
        said and the finding of any report that was made, and the thread can be gone on with. A thread takes one turn
        at a time; keeping to that is the caller's.

        Args:
            message: What is asked.
            thread_id: The thread it is asked in.
            listener: Hears of the turn while it runs: the tokens it hears are the answer, piece by piece. When it
                leaves, the turn ends as one that takes too long does.
            turn_id: The id by which the thread remembers the turn: see `rewind`.

        Raises:
            SQLAlchemyError, sqlite3.Error: What the thread remembers cannot be read.
        """
        listener = listener or Listener()
        turn = Turn(HumanMessage(message, id=turn_id or str(uuid4())), listener.hear)
        command = is_command(message)
        model = NO_MODEL if command else self.model
        fault: Exception | None = None
        try:
            async with listener.for_at_most(self._time_limit), turn.watched():
                await self._run(turn, thread_id, self._commands if command else self._agent)
        except DATABASE_ERRORS as error:
            if not (turn.prose.text or turn.reports()):
                logger.error("A thread could not be read or written: %s", reason(error))
                raise
            self._conclude(turn)
            _not_kept(turn, error)
        except Exception as error:  # whatever a model does, the person who asked gets a sentence
            fault = error
            self._log(turn, error)
            self._conclude(turn, error)
            await self._keep(turn, thread_id, broken_off=True)
        else:
            self._conclude(turn)
            await self._keep(turn, thread_id)
        self._count(model, turn, fault or turn.failure())
        return _answer(turn, thread_id, model, fault)

    async def rewind(self, thread_id: str, turn_id: str | None, message: str) -> Mapping[str, Any]:
        """Takes a thread back to before its last turn, if that is the one that is meant.

        Args:
            thread_id: The thread.
            turn_id: The id of the turn; None of one that an earlier release kept.
            message: What was asked in it.

        Returns:
            What the thread remembered until now: see `restore`.

        Raises:
            SQLAlchemyError, sqlite3.Error: What the thread remembers cannot be read or written.
        """
        from langchain_dbt_discovery.rewinding import rewound

        state = await self._agent.aget_state(_config(thread_id))
        change = rewound(state.values, turn_id, message)
        if change and len(change["messages"]) > 1:
            await self._agent.aupdate_state(_config(thread_id), change, as_node="model")
        elif change:  # it was the first
            await self._checkpointer.adelete_thread(thread_id)
        return state.values

    async def restore(self, thread_id: str, remembered: Mapping[str, Any]) -> None:
        """Lets a thread remember what it did before it was rewound, and nothing of what came after.

        Raises:
            SQLAlchemyError, sqlite3.Error: What the thread remembers cannot be read or written.
        """
        from langchain_dbt_discovery.rewinding import restored

        state = await self._agent.aget_state(_config(thread_id))
        await self._agent.aupdate_state(_config(thread_id), restored(state.values, remembered), as_node="model")

    def _agent_of(self, model: BaseChatModel) -> CompiledStateGraph[Any, Any, Any, Any]:
        from langchain_dbt_discovery import create_reporting_agent

        return create_reporting_agent(model, self._toolkit, checkpointer=self._checkpointer)

    @cached_property
    def _commands(self) -> CompiledStateGraph[Any, Any, Any, Any]:
        """The same agent, with the same tools and threads, in which no model reads words."""
        from dbt_discovery_web.chat.command_reader import CommandReader

        return self._agent_of(CommandReader())

    async def _run(self, turn: Turn, thread_id: str, agent: CompiledStateGraph[Any, Any, Any, Any]) -> None:
        config: RunnableConfig = {**_config(thread_id), "callbacks": [turn]}
        # One checkpoint a turn is enough: each holds the whole thread.
        steps = agent.astream(
            {"messages": [turn.question]}, config, stream_mode=["updates", "messages"], durability="exit"
        )
        async with aclosing(cast("AsyncGenerator[tuple[str, Any]]", steps)) as told:
            async for mode, part in told:
                turn.take(part) if mode == "updates" else turn.read(*part)

    def _conclude(self, turn: Turn, fault: Exception | None = None) -> None:
        """Ends an answer with what the model left unsaid."""
        if fault or not turn.prose.concluded:
            turn.say_findings()
        if fault:
            turn.prose.add(explain(fault, self.model, self._time_limit))
        elif not (turn.prose.concluded or turn.reports()):
            turn.prose.add(unusable(self.model))

    async def _keep(self, turn: Turn, thread_id: str, *, broken_off: bool = False) -> None:
        """Leaves in the thread what later turns need of it, and a turn that broke off so that the next finds it whole.

        The answer as people see it is kept elsewhere.
        """
        from langchain_dbt_discovery.memory import remember
        from langchain_dbt_discovery.rewinding import bookmark
        from langgraph.graph.message import add_messages

        try:
            state = await self._agent.aget_state(_config(thread_id))
            messages: Any = state.values.get("messages", [])
            if broken_off:
                rest = [ToolMessage("The turn was stopped.", tool_call_id=call["id"]) for call in turn.unanswered()]
                ended: list[Any] = [*turn.messages, *rest, AIMessage(turn.prose.text)]
                messages = add_messages(messages, ended)
            change = remember(messages) or ({"messages": messages} if broken_off else {})
            change |= bookmark(messages, str(turn.question.id), state.values.get("forgotten", 0))
            await self._agent.aupdate_state(_config(thread_id), change, as_node="model")
        except DATABASE_ERRORS as error:
            _not_kept(turn, error)

    def _log(self, turn: Turn, error: Exception) -> None:
        if isinstance(error, Withdrawn):
            logger.info("A turn was ended by %s", type(error).__name__)
        elif turn.model_failed or isinstance(error, TimeoutError):
            logger.warning("A turn was ended by %s of the chat model %s", type(error).__name__, self.model)
        else:
            logger.error("A turn was ended by %s", type(error).__name__, exc_info=error)


def _answer(turn: Turn, thread_id: str, model: str, fault: Exception | None) -> ChatAnswer:
    cause = fault or turn.failure() or (NoAnswer() if turn.gave_up else None)
    given = ChatAnswer(
        thread_id=thread_id,
        answer=turn.prose.text,
        reports=turn.reports(),
        tool_calls=turn.tool_calls(),
        model=model,
        usage=turn.usage(),
        failed=cause is not None,
        stopped=isinstance(fault, TimeoutError | Withdrawn),
        error=type(cause).__name__ if cause else None,
    )
    given._cause = cause
    return given


def _not_kept(turn: Turn, error: Exception) -> None:
    logger.error("A thread could not be read or written: %s", reason(error))
    turn.prose.add(NOT_KEPT)


def _config(thread_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id}}


def _in_memory() -> BaseCheckpointSaver[Any]:
    from langgraph.checkpoint.memory import InMemorySaver

    return InMemorySaver()
