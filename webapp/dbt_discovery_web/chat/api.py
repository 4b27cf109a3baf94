"""REST: the chat."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from dbt_discovery_web.chat import running_turns
from dbt_discovery_web.chat.asking import Asking, found_thread
from dbt_discovery_web.chat.attendance import whole_answer
from dbt_discovery_web.chat.conversation import ChatAnswer
from dbt_discovery_web.chat.stream import FOLLOWED, STREAMED, AnswerStream, wants_stream
from dbt_discovery_web.dependencies import ConversationDep, RunningDep, StorageDep, ThreadsDep
from dbt_discovery_web.rest.strict_route import StrictRoute

__all__ = ["MESSAGE_LENGTH", "router"]

router = APIRouter(prefix="/chat", tags=["Chat"], route_class=StrictRoute)

MESSAGE_LENGTH = 4000
"""Most characters a message may have."""

Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_LENGTH)]


class Question(BaseModel):
    """A message to the agent; without `thread_id` it begins a thread, in which there is nothing to replace."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"message": "What were the longest-running jobs last week?"}]}
    )

    message: Message
    thread_id: str | None = Field(default=None, max_length=100)
    replace: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=2**31,
        description="The number, from 0, of the question to ask in the place of. It has to be the thread's last.",
    )


class Stopping(BaseModel):
    """Whether there was a turn to stop."""

    stopped: bool


@router.post(
    "",
    operation_id="ask",
    summary="Ask a question",
    response_model=ChatAnswer,
    responses={200: dict(STREAMED), 404: {}, 409: {}},
)
async def ask(
    question: Question,
    request: Request,
    conversation: ConversationDep,
    threads: ThreadsDep,
    storage: StorageDep,
    running: RunningDep,
) -> ChatAnswer | Response:
    """The answer in words, with the reports that hold its numbers and the tool calls that made them.

    A message `/report name=value …` is a command: it runs that report without any model.

    A thread answers one question at a time; others wait for their turn. With `replace` the question takes the place of
    the thread's last one, which is forgotten with its answer; of one that is the last no longer it does not (409), so
    that nobody loses what was asked after it elsewhere. `failed` tells an answer that explains why there is none,
    `stopped` one that took too long or was stopped. An account that cannot be asked is a problem, and the thread stays
    as it was for people. Who goes away before the answer is there ends the turn, and what is fetched for it: at once,
    or some seconds after a stream broke off, which `/chat/threads/{thread_id}/events` goes on with. What had been said
    by then is in the thread, which can be gone on with.

    With `Accept: text/event-stream` it comes as the server-sent events listed here, whose data is JSON.

    - `begun` {thread_id, number}, first: the thread, and which of its questions this is, counted from 0
    - `tool_start` {name, args}, and `tool_end` {name, seconds, rows} once it has answered
    - `progress` {what, unit, done, total} of a long fetch; total is null while nobody knows it
    - `report`, as soon as its tool has answered
    - `token` {text}, the words of the answer while they are written: one after the other they are the answer
    - `done`, the same body as without a stream, or `error`, the same problem
    """
    given = await found_thread(threads, question.thread_id) if question.thread_id else None
    asking = Asking(question.message, given, question.replace, conversation, threads, storage, running)
    if wants_stream(request):
        return AnswerStream(running.start(asking.answer, running_turns.GRACE), request)
    return await whole_answer(running.start(asking.answer), request)


_FOLLOWING: dict[int | str, dict[str, Any]] = {
    200: dict(FOLLOWED),
    204: {"description": "No turn of the thread runs here"},
    404: {},
}


@router.get(
    "/threads/{thread_id}/events",
    operation_id="follow_turn",
    summary="Go on with the answer that is being worked out",
    response_class=Response,
    responses=_FOLLOWING,
)
async def follow_turn(thread_id: str, request: Request, threads: ThreadsDep, running: RunningDep) -> Response:
    """The events of the turn that a thread is in the middle of, those that happened before first.

    They are those of `POST /chat`. Without such a turn in this process, the answer is 204.
    """
    thread = await found_thread(threads, thread_id)
    turn = running.of(thread.thread_id)
    return AnswerStream(turn, request) if turn else Response(status_code=204)


@router.post("/threads/{thread_id}/stop", operation_id="stop_turn", summary="Stop the answer that is being worked out")
async def stop_turn(thread_id: str, threads: ThreadsDep, running: RunningDep) -> Stopping:
    """Stops the turn that a thread is in the middle of, and what is fetched for it.

    What had been said by then is its answer, which tells that it was stopped. Without such a turn in this process,
    nothing is done.
    """
    thread = await found_thread(threads, thread_id)
    turn = running.of(thread.thread_id)
    if turn:
        await turn.stop()
    return Stopping(stopped=turn is not None)
