"""The doorstep: what every request passes on its way in, and every response on its way out."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from dbt_discovery_web.hosts import Hosts
from dbt_discovery_web.request_ids import log_request, request_id
from dbt_discovery_web.rest.problems import problem
from dbt_discovery_web.safety import safe
from dbt_discovery_web.wire.headers import UNCHANGED, field_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "Doorstep", "HostGuard", "unforeseen"]

logger = logging.getLogger(__name__)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_LENGTH = 64 * 1024
_TOO_LARGE = f"A body may have {_BODY_LENGTH // 1024} KiB here. Send less."


class Doorstep:
    """Gives each request an id and each response its safety headers, and answers for errors nobody foresaw.

    The id is the client's own `X-Request-ID` where it is a plain word. It goes into the response, problems and log,
    which has a line for each request from INFO on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        own = request_id(field_of(scope["headers"], b"x-request-id"))
        scope.setdefault("state", {})["request_id"] = own.decode()

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = safe(message["headers"]) if status != UNCHANGED else message["headers"]
                message = {**message, "headers": [*headers, (b"x-request-id", own)]}
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:
            logger.exception("Request %s failed: %s %s", own.decode(), scope["method"], quote(scope["path"]))
            if status:
                raise
            await unforeseen(Request(scope))(scope, receive, send_on)
        finally:
            log_request(scope["method"], scope["path"], status, began, own)


def unforeseen(request: Request) -> JSONResponse:
    """The response to a request that came upon an error nobody foresaw, which is in the log."""
    own = request.scope["state"]["request_id"]
    detail = f"The request could not be answered because of a fault here. The log has it under {own}."
    return problem("internal", detail, request=request)


class HostGuard:
    """Turns away requests for other host names, and changes that another site's page asks for.

    The first keeps a page from reaching this server under a name of its own (DNS rebinding), the second from acting
    through its visitor's browser. Programs send no `Origin` and are let through.

    Args:
        app: The app behind.
        hosts: What the server answers to.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = field_of(scope["headers"], b"host").decode("latin-1")
        app = self._app
        if not self._hosts.answers_to(host):
            detail = f"This server does not answer to “{host[:100]}”. Start it with that name as its host."
            app = problem("unknown-host", detail, request=Request({**scope, "headers": []}))
        elif scope["method"] not in _READING and not _same_site(Headers(scope=scope), host):
            detail = "The request comes from a page of another site, which may not change anything here."
            app = problem("foreign-origin", detail, request=Request(scope))
        await app(scope, receive, send)


class BodyLimit:
    """Refuses bodies of more than 64 KiB, which nothing here takes, before they fill the memory.

    Args:
        app: The app behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said[:20]) > _BODY_LENGTH:
            await problem("too-large", _TOO_LARGE, request=Request(scope))(scope, receive, send)
            return
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > _BODY_LENGTH:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, receive_some, send)


def _same_site(headers: Headers, host: str) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
