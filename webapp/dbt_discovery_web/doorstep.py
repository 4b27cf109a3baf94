"""The doorstep: what every request passes on its way in, and every response on its way out."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from ipaddress import ip_address
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from dbt_discovery_web.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodyLimit", "Doorstep", "HostGuard", "unforeseen"]

logger = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFETY: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        # Answers change with the account and pages with releases: a browser asks before it uses what it kept.
        "Cache-Control": "no-cache",
    }
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_BODY_LENGTH = 64 * 1024
_TOO_LARGE = f"A body may have {_BODY_LENGTH // 1024} KiB here. Send less."
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})


class Doorstep:
    """Gives each request an id and each response its safety headers, and answers for errors nobody foresaw.

    The id is the client's own `X-Request-ID` where it is a plain word. It goes into the response, problems and log.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFETY.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception:
            logger.exception("Request %s failed: %s %s", request_id, scope["method"], scope["path"])
            if begun:
                raise
            await unforeseen(Request(scope))(scope, receive, send_on)


def unforeseen(request: Request) -> JSONResponse:
    """The response to a request that came upon an error nobody foresaw, which is in the log."""
    request_id = request.scope["state"]["request_id"]
    detail = f"The request could not be answered because of a fault here. The log has it under {request_id}."
    return problem("internal", detail, request=request)


class HostGuard:
    """Turns away requests for other host names, and changes that another site's page asks for.

    The first keeps a page from reaching this server under a name of its own (DNS rebinding), the second from acting
    through its visitor's browser. Programs send no `Origin` and are let through.

    Args:
        app: The app behind.
        hosts: Names and addresses the server answers to beside the loopback ones. With `0.0.0.0` or `::` it answers to
            every address, though to no further name.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = _LOOPBACK | {host.strip("[]").lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        app = self._app
        if not self._answers_to(host):
            detail = f"This server does not answer to “{host[:100]}”. Start it with that name as its host."
            app = problem("unknown-host", detail, request=Request({**scope, "headers": []}))
        elif scope["method"] not in _READING and not _same_site(headers, host):
            detail = "The request comes from a page of another site, which may not change anything here."
            app = problem("foreign-origin", detail, request=Request(scope))
        await app(scope, receive, send)

    def _answers_to(self, host: str) -> bool:
        name = _name(f"//{host}")
        return name in self._hosts or (bool(_EVERY_ADDRESS & self._hosts) and _is_address(name))


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


def _name(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
