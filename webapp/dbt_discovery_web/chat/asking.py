"""Asking: a question is kept as it begins, worked on in its thread, and kept again with its answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException

from dbt_discovery_web.chat.conversation import NOT_KEPT, ChatAnswer, Conversation
from dbt_discovery_web.chat.running_turns import RunningTurn, RunningTurns
from dbt_discovery_web.chat.turn_events import Begun, Token
from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason
from dbt_discovery_web.database.storage import Storage
from dbt_discovery_web.database.threads import Exchange, Kept, Thread, Threads

__all__ = ["Asking", "forget_thread", "found_thread"]

logger = logging.getLogger(__name__)

_GONE_ON = "That question is not the last of its conversation. Load the conversation again to see what was asked since."


@dataclass(frozen=True, slots=True)
class _Replaced:
    """What gave way to a question: the exchange as people see it, and what the agent remembered with it."""

    exchange: Exchange
    remembered: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """One question on its way to its answer.

    Attributes:
        message: What is asked.
        thread: The thread it is asked in; None if it begins one.
        replace: The number of the question that it takes the place of, if of any.
        conversation: Answers it.
        threads: Keep it, as people see it.
        storage: Keeps what the agent remembers.
        running: The turns of this process.
    """

    message: str
    thread: Thread | None
    replace: int | None
    conversation: Conversation
    threads: Threads
    storage: Storage
    running: RunningTurns

    async def answer(self, turn: RunningTurn) -> ChatAnswer:
        """The answer in the given thread, or in one that begins with the message; both are kept.

        Raises:
            DbtDiscoveryError: The account cannot be asked. The thread is then as it was before for people, and keeps
                what was to be replaced.
            HTTPException: The thread was deleted while this question waited, or the question to be replaced is not its
                last one (any longer).
        """
        turn.listener.begun = self.thread is None  # a thread of its own has no turns to wait for
        thread = self.thread or await self.threads.begin(self.message)
        async with self.threads.turn(thread.thread_id):
            await found_thread(self.threads, thread.thread_id)
            turn.listener.begun = True
            with self.running.in_thread(thread.thread_id, turn):
                return await self._answer(turn, thread.thread_id)

    async def _answer(self, turn: RunningTurn, thread_id: str) -> ChatAnswer:
        turn_id = str(uuid4())
        kept, replaced = await self._keep_question(thread_id, turn_id)
        turn.hear(Begun(thread_id=thread_id, number=kept.number if kept else None))
        answer = await self.conversation.ask(self.message, thread_id, turn.listener, turn_id=turn_id)
        if answer.unasked:
            await self._take_back(thread_id, kept, replaced)
            raise answer.unasked
        await self._keep_answer(turn, answer, kept, turn_id)
        return answer

    async def _keep_question(self, thread_id: str, turn_id: str) -> tuple[Kept | None, _Replaced | None]:
        """Keeps the question, and tells what gave way to it; it costs nobody an answer if that is not possible."""
        try:
            if self.replace is None or self.thread is None:
                return await self.threads.ask(thread_id, self.message, turn_id), None
            last = await self._last(thread_id, self.replace)
            remembered = await self.conversation.rewind(thread_id, last.turn_id, last.question)
            kept = await self.threads.ask_instead(thread_id, last, self.message, turn_id)
            return kept, _Replaced(last, remembered)
        except DATABASE_ERRORS as error:
            logger.error("A question could not be kept: %s", reason(error))
            return None, None

    async def _last(self, thread_id: str, number: int) -> Exchange:
        """The exchange with a number, which is the last of its thread.

        Raises:
            HTTPException: It is not.
        """
        meant, last = await self.threads.exchange(thread_id, number), await self.threads.exchange(thread_id, -1)
        if meant is None or last is None or meant.exchange_id != last.exchange_id:
            raise HTTPException(409, _GONE_ON)
        return last

    async def _keep_answer(self, turn: RunningTurn, answer: ChatAnswer, kept: Kept | None, turn_id: str) -> None:
        given = answer.model_dump(mode="json", exclude={"thread_id"})
        try:
            if kept:
                await self.threads.answer(answer.thread_id, kept.exchange_id, given)
            else:
                await self.threads.add(answer.thread_id, self.message, given, turn_id)
        except DATABASE_ERRORS as error:
            logger.error("An answer could not be kept: %s", reason(error))
            if NOT_KEPT not in answer.answer:
                note = f"\n\n{NOT_KEPT}"
                turn.hear(Token(text=note))
                answer.answer += note

    async def _take_back(self, thread_id: str, kept: Kept | None, replaced: _Replaced | None) -> None:
        if self.thread is None:
            await forget_thread(thread_id, self.threads, self.storage)
        elif replaced:
            await self.threads.put_back(thread_id, replaced.exchange, self.message)
            await self.conversation.restore(thread_id, replaced.remembered)
        elif kept:
            await self.threads.withdraw(kept.exchange_id)


async def found_thread(threads: Threads, thread_id: str) -> Thread:
    """The thread with an id.

    Raises:
        HTTPException: There is none.
    """
    thread = await threads.find(thread_id)
    if thread is None:
        raise HTTPException(404, f"There is no conversation “{thread_id}”. Leave thread_id out to begin one.")
    return thread


async def forget_thread(thread_id: str, threads: Threads, storage: Storage) -> None:
    """Forgets a thread: what was said, and what the agent remembers of it."""
    await storage.checkpointer.adelete_thread(thread_id)
    await threads.remove(thread_id)
