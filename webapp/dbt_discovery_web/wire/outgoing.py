"""Outgoing: what an app sends, held until it is whole, or compressed as it comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from dbt_discovery_web.wire.answer import SMALL, Answer
from dbt_discovery_web.wire.codings import Piecewise, is_compressible, piecewise
from dbt_discovery_web.wire.headers import RawHeaders, field_of, varying

if TYPE_CHECKING:
    from starlette.types import Message, Send

__all__ = ["Give", "Outgoing"]

_HELD = 2**20
"""Most bytes that are waited for where they come in pieces."""
Give = Callable[[Answer], Awaitable[None]]


class Outgoing:
    """One response on its way out.

    A whole one that is right (200) is handed over as an answer. Every other goes on as it is: compressed piece by piece
    where its client likes that, but for events, of which none waits.

    Args:
        send: Where it goes.
        coding: How its client wants it compressed.

    Attributes:
        give: Gives whole answers; without it, none is compared with what the client has.
    """

    def __init__(self, send: Send, coding: str, give: Give | None = None) -> None:
        self.give = give
        self._send, self._coding = send, coding
        self._start: Message | None = None
        self._held: list[bytes] = []
        self._most = 0
        self._piecewise: Piecewise | None = None

    async def send(self, message: Message) -> None:
        """Takes one message of the app."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] != "http.response.body" or (self._start is None and self._piecewise is None):
            await self._send(message)
        elif self._start is None:
            await self._send(self._compressed(message))
        else:
            await self._hold(message)

    async def _begin(self, message: Message) -> None:
        """Holds the start back where the body says what goes with it."""
        headers: RawHeaders = message["headers"]
        bare = message["status"] in (204, 304) or field_of(headers, b"content-encoding")
        if bare or field_of(headers, b"content-type").startswith(b"text/event-stream"):
            await self._send(message)
            return
        length = field_of(headers, b"content-length")
        self._most = _HELD if length.isdigit() and int(length) <= _HELD else 0
        self._start = message

    async def _hold(self, message: Message) -> None:
        """Takes a piece of what may become a whole answer."""
        assert self._start is not None
        start, more = self._start, message.get("more_body", False)
        self._held.append(message.get("body", b""))
        if more and self._most:
            return
        body = b"".join(self._held)
        if not more and self.give and start["status"] == 200:
            await self.give(Answer(start["headers"], body))
            return
        self._start = None
        headers: RawHeaders = start["headers"]
        message = {**message, "body": body}
        if is_compressible(field_of(headers, b"content-type")):
            headers = varying(headers)
            if self._coding and (more or len(body) >= SMALL):
                self._piecewise = piecewise(self._coding)
                message = self._compressed(message)
                headers = [each for each in headers if each[0] != b"content-length"]
                headers += [(b"content-encoding", self._coding.encode())]
                headers += [] if more else [(b"content-length", b"%d" % len(message["body"]))]
        await self._send({**start, "headers": headers})
        await self._send(message)

    def _compressed(self, message: Message) -> Message:
        assert self._piecewise is not None
        body = self._piecewise.add(message.get("body", b"")) if message.get("body") else b""
        if not message.get("more_body", False):
            body += self._piecewise.end()
        return {**message, "body": body}
