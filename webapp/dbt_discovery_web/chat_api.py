"""REST: the chat, and its threads."""

from __future__ import annotations

import logging
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dbt_discovery_web.attendance import whole_answer
from dbt_discovery_web.chat_stream import STREAMED, AnswerStream, wants_stream
from dbt_discovery_web.conversation import NOT_KEPT, ChatAnswer, Conversation
from dbt_discovery_web.database_errors import DATABASE_ERRORS, reason
from dbt_discovery_web.dependencies import ConversationDep, StorageDep, ThreadsDep
from dbt_discovery_web.storage import Storage
from dbt_discovery_web.strict_route import StrictRoute
from dbt_discovery_web.threads import Exchange, Thread, Threads
from dbt_discovery_web.turn import ToolCall, Usage
from dbt_discovery_web.turn_events import Listener, Token

__all__ = ["MESSAGE_LENGTH", "router"]

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/chat", tags=["Chat"], route_class=StrictRoute)

MESSAGE_LENGTH = 4000
"""Most characters a message may have."""

Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_LENGTH)]


class Question(BaseModel):
    """A message to the agent; without `thread_id` it begins a thread."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"message": "What were the longest-running jobs last week?"}]}
    )

    message: Message
    thread_id: str | None = Field(default=None, max_length=100)


class ThreadSummary(BaseModel):
    """A thread, titled after its first message."""

    thread_id: str
    title: str
    created: str
    updated: str


class ThreadList(BaseModel):
    """The threads that were added to last, newest first."""

    items: list[ThreadSummary]
    total: int


class UserMessage(BaseModel):
    """What a person asked."""

    role: Literal["user"] = "user"
    content: str
    asked: str


class AssistantMessage(BaseModel):
    """What was answered, as `POST /chat` gave it."""

    role: Literal["assistant"] = "assistant"
    content: str
    reports: list[dict[str, Any]]
    tool_calls: list[ToolCall]
    model: str
    usage: Usage
    failed: bool = False
    stopped: bool = False


class WholeThread(ThreadSummary):
    """A thread with all that was said in it, oldest first."""

    messages: list[UserMessage | AssistantMessage]


@router.post(
    "",
    operation_id="ask",
    summary="Ask a question",
    response_model=ChatAnswer,
    responses={200: dict(STREAMED), 404: {}},
)
async def ask(
    question: Question, request: Request, conversation: ConversationDep, threads: ThreadsDep, storage: StorageDep
) -> ChatAnswer | Response:
    """The answer in words, with the reports that hold its numbers and the tool calls that made them.

    A thread answers one question at a time; others wait for their turn. `failed` tells an answer that explains why
    there is none, `stopped` one that took too long. An account that cannot be asked is a problem, and the thread stays
    as it was for people. Who goes away before the answer is there ends the turn, and what is fetched for it; what had
    been said by then is in the thread, which can be gone on with.

    With `Accept: text/event-stream` it comes as the server-sent events listed here, whose data is JSON.

    - `tool_start` {name, args}, and `tool_end` {name, seconds, rows} once it has answered
    - `progress` {what, unit, done, total} of a long fetch; total is null while nobody knows it
    - `report`, as soon as its tool has answered
    - `token` {text}, the words of the answer while they are written: one after the other they are the answer
    - `done`, the same body as without a stream, or `error`, the same problem
    """
    given = await _thread(threads, question.thread_id) if question.thread_id else None
    answering = partial(_answer, question.message, given, conversation, threads, storage)
    return AnswerStream(answering, request) if wants_stream(request) else await whole_answer(answering, request)


async def _answer(
    message: str,
    given: Thread | None,
    conversation: Conversation,
    threads: Threads,
    storage: Storage,
    listener: Listener,
) -> ChatAnswer:
    """The answer in the given thread, or in one that begins with the message; both are kept."""
    thread = given or await threads.begin(message)
    async with threads.turn(thread.thread_id):
        await _thread(threads, thread.thread_id)  # it may have been deleted while this question waited
        answer = await conversation.ask(message, thread.thread_id, listener)
        if answer.unasked:
            if given is None:
                await _forget(thread.thread_id, threads, storage)
            raise answer.unasked
        try:
            await threads.add(thread.thread_id, message, answer.model_dump(mode="json", exclude={"thread_id"}))
        except DATABASE_ERRORS as error:
            logger.error("An answer could not be kept: %s", reason(error))
            if NOT_KEPT not in answer.answer:
                note = f"\n\n{NOT_KEPT}"
                listener.hear(Token(text=note))
                answer.answer += note
    return answer


@router.get("/threads", operation_id="list_threads", summary="Earlier conversations")
async def list_threads(threads: ThreadsDep) -> ThreadList:
    """The hundred threads about this account that were added to last, newest first."""
    latest, total = await threads.latest()
    return ThreadList(items=[_summary(thread) for thread in latest], total=total)


@router.get("/threads/{thread_id}", operation_id="get_thread", summary="One conversation")
async def get_thread(thread_id: str, threads: ThreadsDep) -> WholeThread:
    """Everything that was asked and answered in a thread."""
    thread = await _thread(threads, thread_id)
    exchanges = await threads.exchanges(thread_id)
    messages = [message for exchange in exchanges for message in _messages(exchange)]
    return WholeThread(**_summary(thread).model_dump(), messages=messages)


@router.delete("/threads/{thread_id}", operation_id="delete_thread", summary="Forget a conversation", status_code=204)
async def delete_thread(thread_id: str, threads: ThreadsDep, storage: StorageDep) -> None:
    """Forgets a thread: what was said, and what the agent remembers of it."""
    async with threads.turn(thread_id):
        await _thread(threads, thread_id)
        await _forget(thread_id, threads, storage)


async def _thread(threads: Threads, thread_id: str) -> Thread:
    thread = await threads.find(thread_id)
    if thread is None:
        raise HTTPException(404, f"There is no conversation “{thread_id}”. Leave thread_id out to begin one.")
    return thread


async def _forget(thread_id: str, threads: Threads, storage: Storage) -> None:
    await storage.checkpointer.adelete_thread(thread_id)
    await threads.remove(thread_id)


def _summary(thread: Thread) -> ThreadSummary:
    return ThreadSummary(thread_id=thread.thread_id, title=thread.title, created=thread.created, updated=thread.updated)


def _messages(exchange: Exchange) -> tuple[UserMessage, AssistantMessage]:
    answer = dict(exchange.answer)
    return (
        UserMessage(content=exchange.question, asked=exchange.asked),
        AssistantMessage(content=answer.pop("answer"), **answer),
    )
