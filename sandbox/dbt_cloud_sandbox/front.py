"""The front of the app: every request is counted, every answer marked, and faults happen here."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, MutableSequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dbt_cloud_sandbox.faults import Api, Fault, Faults
from dbt_cloud_sandbox.responses import SERVER_ERROR, AdminError, failure, graphql_errors, json_response
from dbt_cloud_sandbox.world import World

HEADER = "X-Dbt-Cloud-Sandbox"
THROTTLED = "Request was throttled. Expected available in 300 seconds."


def mark(world: World) -> str:
    """The value of the header by which a reader tells a sandbox from dbt Cloud."""
    return f"kind={world.kind}; world={world.fingerprint}; label={quote(world.label)}"


class Front:
    """ASGI middleware in front of both APIs."""

    def __init__(self, app: ASGIApp, world: World, faults: Faults, requests: MutableSequence[tuple[str, str]]) -> None:
        self.app, self.faults, self.requests = app, faults, requests
        self.header = (HEADER.lower().encode(), mark(world).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or spoils its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.requests.append((scope["method"], scope["path"]))

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), self.header]
            await send(message)

        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        api: Api = "discovery" if scope["path"].rstrip("/").endswith("graphql") else "admin"
        fault = self.faults.take(api)
        if fault is None:
            with suppress(ClientDisconnect):  # nobody waits for the answer any more
                await self.app(scope, receive, marked)
        elif fault.kind == "reset":
            await _reset(marked)
        elif fault.kind == "truncated":
            await self.app(scope, receive, _Halver(marked))
        else:
            await _spoiled(fault, api)(scope, receive, marked)


def _spoiled(fault: Fault, api: Api) -> Response:
    """The answer that stands in for the real one."""
    if fault.kind == "invalid":
        return Response("<html><body>Bad gateway</body></html>", media_type="text/html")
    if fault.status == 429:
        response = json_response({"detail": THROTTLED}, 429)
    elif api == "discovery":
        response = graphql_errors([{"message": SERVER_ERROR}], fault.status)
    else:
        response = failure(AdminError(500, SERVER_ERROR))
        response.status_code = fault.status
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


async def _reset(send: Send) -> None:
    """Begins an answer and dies: a server then drops the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    raise ConnectionResetError("the sandbox dropped the connection, as its faults ask")


class _Halver:
    """Sends the first half of a body, whole as far as HTTP can tell."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.start: MutableMapping[str, Any] = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            half = self.body[: len(self.body) // 2]
            kept = [header for header in self.start["headers"] if header[0].lower() != b"content-length"]
            await self.send({**self.start, "headers": [*kept, (b"content-length", str(len(half)).encode())]})
            await self.send({"type": "http.response.body", "body": half})
