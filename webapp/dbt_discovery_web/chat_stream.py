"""An answer as a stream of server-sent events: what happens while it is worked out, and then the whole of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse
from starlette.requests import Request

from dbt_discovery_web.attendance import Answering, attended
from dbt_discovery_web.doorstep import unforeseen
from dbt_discovery_web.outbox import Outbox
from dbt_discovery_web.turn_events import Listener

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

__all__ = ["STREAMED", "AnswerStream", "wants_stream"]

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
                    "Server-sent events whose data is JSON: `tool_start` {name, args}; `progress` {what, unit, done, "
                    "total}, where total is null while nobody knows it; `tool_end` {name, seconds, rows}; `report`, a "
                    "report of the answer; `token` {text}, some words of the answer as soon as their figures were "
                    "found in a report: all of them, one after the other, are exactly the answer; at the end, once, "
                    "`done`, the same body as without a stream, or `error`, the same problem. A connection that ends "
                    "without either broke off. Lines that begin with a colon are comments that keep it open."
                ),
            },
            "example": (
                'event: tool_start\ndata: {"name":"dbt_slowest_models","args":{"limit":3}}\n\n'
                'event: progress\ndata: {"what":"models","unit":"model","done":1000,"total":4200}\n\n'
                'event: tool_end\ndata: {"name":"dbt_slowest_models","seconds":1.204,"rows":3}\n\n'
                'event: token\ndata: {"text":"The slowest model last run was int_orders (4 min 5 s)."}\n\n'
            ),
        }
    },
}
"""How the OpenAPI document describes the two forms of an answer."""


def wants_stream(request: Request) -> bool:
    """Whether a request names server-sent events among what it accepts."""
    accepted = ",".join(request.headers.getlist("accept")).lower().split(",")
    return any(kind.partition(";")[0].strip() == EventSourceResponse.media_type for kind in accepted)


class AnswerStream(EventSourceResponse):
    """The events of a turn, in order, ending with `done` or `error`.

    The turn runs beside the stream. When the client goes away it is ended as a time limit ends it, so that the thread
    can be gone on with.

    Args:
        answering: Works the answer out for a listener.
        request: What it answers.
    """

    def __init__(self, answering: Answering, request: Request) -> None:
        self._answering = answering
        self._request = request
        self._outbox = Outbox()
        super().__init__(self._sent(), headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the events while the turn runs."""
        async with attended(self._turn, Listener(self._outbox.put)):
            await super().__call__(scope, receive, send)

    async def _turn(self, listener: Listener) -> None:
        try:
            answer = await self._answering(listener)
            self._outbox.close("done", answer.model_dump_json())
        except Exception as error:  # the status is sent already: what is wrong is told as an event
            self._outbox.close("error", await self._problem(error))

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

    async def _sent(self) -> AsyncIterator[bytes]:
        last = False
        while not last:
            try:
                async with asyncio.timeout(SILENCE):
                    event, last = await self._outbox.take()
            except TimeoutError:
                event = KEEPALIVE_COMMENT
            yield event
