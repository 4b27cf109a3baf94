"""Puts questions to the agent on the sandbox, at a fixed moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

import dbt_cloud_sandbox as sandbox
from dbt_discovery import ConfigurationError, DbtAccount, Settings
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model, close_model
from langgraph.checkpoint.memory import InMemorySaver

from evals.judging import Judge
from evals.questions import Question

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

__all__ = ["NOW", "Outcome", "ask_all", "sandbox_account", "sandbox_settings"]

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
"""The moment of every question: a Wednesday."""

_AT_ONCE = 4
_SANDBOX: dict[str, Any] = {
    "service_token": None,
    "account_id": None,
    "host": None,
    "metadata_url": None,
    "admin_url": None,
    "sandbox_artifacts": None,
    "environment": "production",
    "timezone": "UTC",
    "fixed_now": NOW,
}
"""What makes everybody's settings the same but for the chat model."""


@dataclass(frozen=True)
class Outcome:
    """What became of a question.

    Attributes:
        fault: What is wrong with the answer; empty if it is right.
        tool_calls: Calls that the last message brought about.
        characters: Length of the answer.
        tokens: Tokens read and written, or words for the offline model.
        withheld: Sentences of the thread that were kept back, as a figure in them was in no report.
        seconds: How long the last answer took.
    """

    part: str
    kind: str
    ask: tuple[str, ...]
    expected: str
    fault: str
    tool_calls: int
    characters: int
    tokens: int
    withheld: int
    seconds: float


def sandbox_settings(**changed: Any) -> Settings:
    """Everybody's own settings, with the account and the moment of the questions."""
    return Settings.load().model_copy(update={**_SANDBOX, **changed})


@cache
def _world() -> sandbox.World:
    return sandbox.generated_world(now=lambda: NOW)


@asynccontextmanager
async def sandbox_account(settings: Settings) -> AsyncIterator[tuple[DbtAccount, sandbox.World]]:
    """The account that the questions are about, and the raw records behind it."""
    world = _world()
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        yield account, world


async def ask_all(
    asked: Sequence[Question], settings: Settings, model: BaseChatModel | None = None
) -> tuple[str, list[Outcome]]:
    """The chat model's name, and the outcome of every question; each has a thread of its own.

    Args:
        asked: The questions.
        settings: Name the chat model, and the sandbox's moment.
        model: Another chat model than that of the settings.

    Raises:
        ConfigurationError: The chat model cannot be used.
        ExpectationError: A question expects what cannot be.
    """
    async with AsyncExitStack() as open_:
        account, world = await open_.enter_async_context(sandbox_account(settings))
        threads = InMemorySaver()
        if not model:
            model = chat_model(settings, account)
            open_.push_async_callback(close_model, model)
        conversation = Conversation(account, model, threads)
        first = await conversation.ask("which jobs do we have?", "before the first question")
        if first.failed:
            raise ConfigurationError(f"The chat model cannot be asked. {first.answer}")
        judge, turns = Judge(account, world), asyncio.Semaphore(_AT_ONCE)

        async def outcome(number: int, question: Question) -> Outcome:
            async with turns:
                return await _ask(question, str(number), conversation, threads, judge)

        outcomes = await asyncio.gather(*(outcome(number, question) for number, question in enumerate(asked)))
        return conversation.model, outcomes


async def _ask(
    question: Question, thread_id: str, conversation: Conversation, threads: InMemorySaver, judge: Judge
) -> Outcome:
    for message in question.ask:
        begun = perf_counter()
        answer = await conversation.ask(message, thread_id)
    seconds = perf_counter() - begun
    return Outcome(
        part=question.part,
        kind=question.kind,
        ask=question.ask,
        expected=question.expected,
        fault=await judge.fault(question, answer),
        tool_calls=len(answer.tool_calls),
        characters=len(answer.answer),
        tokens=answer.usage.total_tokens,
        withheld=await _withheld(thread_id, threads),
        seconds=round(seconds, 3),
    )


async def _withheld(thread_id: str, threads: InMemorySaver) -> int:
    """The sentences that the agent kept back in a thread."""
    kept = await threads.aget_tuple({"configurable": {"thread_id": thread_id}})
    messages: Sequence[BaseMessage] = kept.checkpoint["channel_values"].get("messages", ()) if kept else ()
    return sum(len(message.response_metadata.get("withheld", ())) for message in messages)
