"""An httpx transport into the app; a connection reset there is a network error here."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette


class SandboxTransport(httpx.ASGITransport):
    """httpx's ASGI transport to a sandbox, whose app is at hand as ``app``."""

    app: Starlette

    def __init__(self, app: Starlette) -> None:
        super().__init__(app=app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers the request, or fails as a dropped connection does.

        Raises:
            httpx.ReadError: When the app's faults ask for a reset.
        """
        try:
            return await super().handle_async_request(request)
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
