"""REST: the threads of the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException

from dbt_discovery_web.chat.asking import forget_thread, found_thread
from dbt_discovery_web.chat.running_turns import RunningTurns
from dbt_discovery_web.chat.turn import ToolCall, Usage
from dbt_discovery_web.database.threads import TITLE_LENGTH, Exchange, Thread, Threads, Verdict
from dbt_discovery_web.dependencies import RunningDep, StorageDep, ThreadsDep
from dbt_discovery_web.rest.strict_route import StrictRoute

__all__ = ["COMMENT_LENGTH", "INTERRUPTED", "Numbered", "numbered_exchange", "router", "said_in"]

router = APIRouter(prefix="/chat/threads", tags=["Chat"], route_class=StrictRoute)

INTERRUPTED = "This question was interrupted before it was answered. Ask it again."
"""What stands in the place of an answer that never came."""
_UNDER_WAY = "The answer is being worked out."
COMMENT_LENGTH = 2000
_MOST_EXCHANGES = 2**31 - 1

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH, pattern=r"\S")]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=COMMENT_LENGTH)]
Numbered = Annotated[
    int, InPath(ge=0, le=_MOST_EXCHANGES, description="Which answer of the thread, counted from 0.", examples=[0])
]


class ThreadSummary(BaseModel):
    """A thread, titled after its first message until it is renamed."""

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


class Feedback(BaseModel):
    """What a person thinks of an answer; a verdict of null takes back what was said before."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"verdict": "up", "comment": "So quick"}]}
    )

    verdict: Verdict | None
    comment: Comment = ""


class AssistantMessage(BaseModel):
    """What was answered, as `POST /chat` gave it."""

    role: Literal["assistant"] = "assistant"
    content: str
    reports: list[dict[str, Any]] = []
    tool_calls: list[ToolCall] = []
    model: str = ""
    usage: Usage = Usage()
    failed: bool = False
    stopped: bool = False
    unfinished: bool = Field(default=False, description="Whether there is no answer: it is under way, or never came.")
    feedback: Feedback | None = None


class WholeThread(ThreadSummary):
    """A thread with all that was said in it, oldest first; `running` while its last question is being answered."""

    running: bool
    messages: list[UserMessage | AssistantMessage]


class NewTitle(BaseModel):
    """What a thread is to be called."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Slow jobs"}]})

    title: Title


@router.get("", operation_id="list_threads", summary="Earlier conversations")
async def list_threads(
    threads: ThreadsDep,
    q: Annotated[
        str, Query(max_length=200, description="Words, each of which the title or a question must hold.")
    ] = "",
) -> ThreadList:
    """The hundred threads about this account that were added to last, newest first; of those that match, if asked."""
    latest, total = await threads.latest(matching=q)
    return ThreadList(items=[_summary(thread) for thread in latest], total=total)


@router.get("/{thread_id}", operation_id="get_thread", summary="One conversation")
async def get_thread(thread_id: str, threads: ThreadsDep, running: RunningDep) -> WholeThread:
    """Everything that was asked and answered in a thread."""
    thread = await found_thread(threads, thread_id)
    exchanges, under_way = await said_in(thread_id, threads, running)
    contents = [INTERRUPTED] * (len(exchanges) - 1) + [_UNDER_WAY if under_way else INTERRUPTED]
    said = [message for each in zip(exchanges, contents, strict=False) for message in _messages(*each)]
    return WholeThread(**_summary(thread).model_dump(), running=under_way, messages=said)


@router.patch("/{thread_id}", operation_id="rename_thread", summary="Rename a conversation")
async def rename_thread(thread_id: str, new: NewTitle, threads: ThreadsDep) -> ThreadSummary:
    """Gives a thread another title."""
    thread = await found_thread(threads, thread_id)
    await threads.rename(thread.thread_id, new.title)
    return _summary(await found_thread(threads, thread_id))


@router.delete("/{thread_id}", operation_id="delete_thread", summary="Forget a conversation", status_code=204)
async def delete_thread(thread_id: str, threads: ThreadsDep, storage: StorageDep, running: RunningDep) -> None:
    """Forgets a thread: what was said, and what the agent remembers of it. A turn of it that runs here is stopped."""
    thread = await found_thread(threads, thread_id)
    if turn := running.of(thread.thread_id):
        await turn.stop()
    async with threads.turn(thread_id):
        await found_thread(threads, thread_id)
        await forget_thread(thread_id, threads, storage)


@router.put(
    "/{thread_id}/answers/{number}/feedback", operation_id="judge_answer", summary="Say what you think of an answer"
)
async def judge_answer(thread_id: str, number: Numbered, feedback: Feedback, threads: ThreadsDep) -> Feedback:
    """Keeps a verdict with a comment beside an answer, in the place of what was said of it before."""
    exchange = await numbered_exchange(threads, thread_id, number)
    await threads.judge(exchange, feedback.verdict, feedback.comment if feedback.verdict else "")
    return _feedback(await numbered_exchange(threads, thread_id, number)) or Feedback(verdict=None)


async def said_in(thread_id: str, threads: Threads, running: RunningTurns) -> tuple[Sequence[Exchange], bool]:
    """What was said in a thread, and whether its last question is being answered.

    A turn may begin or end while the exchanges are read: one that was there before or after counts, if what was read
    still lacks its answer.
    """
    before = running.of(thread_id)
    exchanges = await threads.exchanges(thread_id)
    turn = before or running.of(thread_id)
    return exchanges, bool(turn and exchanges and exchanges[-1].answer is None)


async def numbered_exchange(threads: Threads, thread_id: str, number: int) -> Exchange:
    """The exchange with a number in a thread, counted from 0.

    Raises:
        HTTPException: There is none.
    """
    thread = await found_thread(threads, thread_id)
    exchange = await threads.exchange(thread.thread_id, number)
    if exchange is None:
        raise HTTPException(404, f"“{thread.title}” has no question {number}: its first has the number 0.")
    return exchange


def _summary(thread: Thread) -> ThreadSummary:
    return ThreadSummary(thread_id=thread.thread_id, title=thread.title, created=thread.created, updated=thread.updated)


def _messages(exchange: Exchange, content: str) -> tuple[UserMessage, AssistantMessage]:
    answer = dict(exchange.answer or {"answer": content, "unfinished": True})
    return (
        UserMessage(content=exchange.question, asked=exchange.asked),
        AssistantMessage(content=answer.pop("answer"), **answer, feedback=_feedback(exchange)),
    )


def _feedback(exchange: Exchange) -> Feedback | None:
    return Feedback(verdict=exchange.verdict, comment=exchange.comment) if exchange.verdict else None
