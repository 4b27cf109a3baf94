"""Attendance: a turn goes on only as long as somebody waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response

from dbt_discovery_web.conversation import ChatAnswer
from dbt_discovery_web.turn_events import Listener

__all__ = ["Answering", "attended", "whole_answer"]

T = TypeVar("T")

Answering = Callable[[Listener], Awaitable[ChatAnswer]]

_GONE = 499
"""The status that logs show of a request whose client went away; it has no number in HTTP itself."""


@asynccontextmanager
async def attended(work: Callable[[Listener], Awaitable[T]], listener: Listener) -> AsyncIterator[asyncio.Task[T]]:
    """Runs a turn beside what is inside, whose end means that nobody waits any more.

    A turn that runs by then is ended as a time limit ends it, with what is there already kept. One that still waits for
    the turns before it leaves nothing. Either way it is over, with all that was fetched for it, when this is.
    """

    async def turn() -> T:
        return await work(listener)

    task = asyncio.create_task(turn())
    try:
        yield task
    finally:
        listener.leave()
        if not listener.begun:
            task.cancel()  # nothing of it is in the thread
        with anyio.CancelScope(shield=True):
            await asyncio.wait([task])


async def whole_answer(answering: Answering, request: Request) -> ChatAnswer | Response:
    """The answer in one piece, given up when the client goes away."""
    async with attended(answering, Listener()) as turn:
        gone = asyncio.create_task(_gone(request))
        await asyncio.wait([turn, gone], return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
    return Response(status_code=_GONE) if turn.cancelled() else turn.result()


async def _gone(request: Request) -> None:
    """Waits until the client has gone away; the body was read before."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await request.receive()
