"""Methods: HEAD wherever there is GET, and which of them a path takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match, Mount

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HeadAnswers", "allowed_methods"]


class HeadAnswers:
    """Answers HEAD wherever GET is answered, with the same headers and no body (RFC 9110, 9.3.2).

    Args:
        app: The app behind, which need not know of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        read = {**scope, "method": "GET"}
        await self._app(read, receive, send_head)
        scope.update({**read, "method": "HEAD"})  # which route answered is for whoever counts to know


def allowed_methods(request: Request) -> list[str]:
    """The methods that the path of a request takes, whichever routes answer them."""
    routes = request.app.routes
    taken = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in routes
            if method == "GET" or not isinstance(route, Mount)  # files, which are only read
        )
    ]
    return ["GET", "HEAD", *taken[1:]] if "GET" in taken else taken
