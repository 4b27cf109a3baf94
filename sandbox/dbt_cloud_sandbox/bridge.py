"""An httpx transport into the app; a connection reset there is a network error here."""

from __future__ import annotations

import asyncio

import httpx
from starlette.applications import Starlette


class SandboxTransport(httpx.ASGITransport):
    """httpx's ASGI transport to a sandbox, whose app is at hand as ``app``.

    Without a network between, a request would be answered without the event loop ever getting its turn, and hundreds
    of them one after another: each therefore waits for a turn of its own, and everything else goes on in between.
    """

    app: Starlette

    def __init__(self, app: Starlette) -> None:
        super().__init__(app=app)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Lock()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers the request, or fails as a dropped connection does.

        Raises:
            httpx.ReadError: When the app's faults ask for a reset.
        """
        async with self._own_turn():
            await asyncio.sleep(0)
        try:
            return await super().handle_async_request(request)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error

    def _own_turn(self) -> asyncio.Lock:
        """The lock of the running loop: a lock stays with the first loop on which somebody waits for it."""
        if self._loop is not (loop := asyncio.get_running_loop()):
            self._loop, self._turn = loop, asyncio.Lock()
        return self._turn
