"""Attendance: who asks for an answer in one piece waits for it, or is gone."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import Response

from dbt_discovery_web.chat.conversation import ChatAnswer
from dbt_discovery_web.chat.running_turns import RunningTurn

__all__ = ["whole_answer"]

_GONE = 499
"""The status that logs show of a request whose client went away; it has no number in HTTP itself."""


async def whole_answer(turn: RunningTurn, request: Request) -> ChatAnswer | Response:
    """The answer of a turn in one piece, given up when the client goes away."""
    gone = asyncio.create_task(_gone(request))
    try:
        with turn.followed():
            await asyncio.wait([turn.task, gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait([turn.task])  # when this is over, so is all that was fetched for it
    if turn.task.cancelled():
        return Response(status_code=_GONE)
    outcome = turn.task.result()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


async def _gone(request: Request) -> None:
    """Waits until the client has gone away; the body was read before."""
    message: Any = {}
    while message.get("type") != "http.disconnect":
        message = await request.receive()
