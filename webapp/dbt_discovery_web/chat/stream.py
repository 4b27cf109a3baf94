"""An answer as a stream of server-sent events: what happens while it is worked out, and then the whole of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.requests import Request

from dbt_discovery_web.chat.conversation import ChatAnswer
from dbt_discovery_web.chat.running_turns import RunningTurn
from dbt_discovery_web.chat.turn_events import TurnEvent
from dbt_discovery_web.doorstep import unforeseen

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["FOLLOWED", "STREAMED", "AnswerStream", "wants_stream"]

logger = logging.getLogger(__name__)

SILENCE = 15.0
"""Seconds without an event after which a comment shows proxies that somebody is still there."""

STREAMED: Mapping[str, Any] = {
    "description": "The answer, whole or as a stream",
    "content": {
        EventSourceResponse.media_type: {
            "schema": {
                "type": "string",
                "description": (
                    "Server-sent events whose data is JSON: `begun` {thread_id, number}, first, where number counts "
                    "the thread's questions from 0 and is null where one cannot be kept; `tool_start` {name, args}; "
                    "`progress` {what, unit, done, total}, where total is null while nobody knows it; `tool_end` "
                    "{name, seconds, rows}; `report`, a report of the answer; `token` {text}, some words of the "
                    "answer as soon as their figures were found in a report: all of them, one after the other, are "
                    "exactly the answer; at the end, once, `done`, the same body as without a stream, or `error`, the "
                    "same problem. A connection that ends without either broke off. Lines that begin with a colon are "
                    "comments that keep it open."
                ),
            },
            "example": (
                'event: begun\ndata: {"thread_id":"4c3e7a52-0f6b-4c1f-9a7e-2f7c1d1c9b10","number":0}\n\n'
                'event: tool_start\ndata: {"name":"dbt_slowest_models","args":{"limit":3}}\n\n'
                'event: progress\ndata: {"what":"models","unit":"model","done":1000,"total":4200}\n\n'
                'event: tool_end\ndata: {"name":"dbt_slowest_models","seconds":1.204,"rows":3}\n\n'
                'event: token\ndata: {"text":"The slowest model last run was int_orders (4 min 5 s)."}\n\n'
            ),
        }
    },
}
"""How the OpenAPI document describes the two forms of an answer."""

FOLLOWED: Mapping[str, Any] = {
    "description": "The events of the turn, from its beginning",
    "content": STREAMED["content"],
}
"""How it describes the events alone."""


def wants_stream(request: Request) -> bool:
    """Whether a request names server-sent events among what it accepts."""
    accepted = ",".join(request.headers.getlist("accept")).lower().split(",")
    return any(kind.partition(";")[0].strip() == EventSourceResponse.media_type for kind in accepted)


class AnswerStream(EventSourceResponse):
    """The events of a turn, from its beginning, ending with `done` or `error`.

    The turn runs beside the stream, and for a while after a client has gone away: see `running_turns`.

    Args:
        turn: The turn.
        request: What asks for its events.
    """

    def __init__(self, turn: RunningTurn, request: Request) -> None:
        self._turn = turn
        self._request = request
        super().__init__(self._sent(), headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the events while the turn runs."""
        with self._turn.followed() as self._outbox:
            await super().__call__(scope, receive, send)

    async def _sent(self) -> AsyncIterator[bytes]:
        last = False
        while not last:
            try:
                async with asyncio.timeout(SILENCE):
                    happened = await self._outbox.take()
            except TimeoutError:
                yield KEEPALIVE_COMMENT
                continue
            last = isinstance(happened, ChatAnswer | Exception)
            yield await self._event(happened)

    async def _event(self, happened: TurnEvent | ChatAnswer | Exception) -> bytes:
        if isinstance(happened, ChatAnswer):
            return format_sse_event(event="done", data_str=happened.model_dump_json())
        if isinstance(happened, Exception):  # the status is sent already: what is wrong is told as an event
            return format_sse_event(event="error", data_str=await self._problem(happened))
        return format_sse_event(event=happened.event, data_str=happened.model_dump_json())

    async def _problem(self, error: Exception) -> str:
        """The body of the problem that the app answers an error with."""
        handlers = self._request.app.exception_handlers
        handle = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
        try:
            if handle is None:
                raise error
            response = await handle(self._request, error)
        except Exception:
            logger.exception("Request %s failed while it was answered", self._request.state.request_id)
            response = unforeseen(self._request)
        return bytes(response.body).decode()
