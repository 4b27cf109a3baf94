"""Sandboxes in processes of their own, so that their work does not share the client's interpreter.

A served account's clock stands still: its pages stay as they are, and whoever asked for one before has had it made.
`python -m benchmarks.serving '{"models": 10000}'` is such a process; it prints its address and the account's id.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.sizes import LATENCY, NOW

_PAGES_BYTES = 2**30
"""The sandbox keeps every page that a benchmark asks for: making them is not what is measured."""


ROOT = Path(__file__).parents[1]
"""Where Python finds the benchmarks."""


@dataclass(frozen=True)
class Served:
    """A sandbox that is being served.

    Attributes:
        url: Its address.
        account_id: The one account.
    """

    url: str
    account_id: str

    def requests(self) -> dict[str, int]:
        """How many requests it has had so far, by path."""
        counted: dict[str, int] = httpx.get(f"{self.url}/bench/requests").json()
        return counted

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """It answers without the way there and back, so that what is not measured takes no longer than it must."""
        httpx.post(f"{self.url}/bench/latency", json=0.0)
        try:
            yield
        finally:
            httpx.post(f"{self.url}/bench/latency", json=LATENCY)


@contextmanager
def served_sandbox(**sizes: int) -> Iterator[Served]:
    """Serves a generated account of these sizes until the end of the block."""
    command = [sys.executable, "-m", "benchmarks.serving", json.dumps(sizes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            told = process.stdout.readline().split()
            if not told:
                raise RuntimeError("the sandbox did not start")
            yield Served(*told)
        finally:
            process.terminate()


class _Counting:
    """ASGI middleware that counts requests by path, and has two paths of its own for whoever measures."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.counts: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.requests import Request
        from starlette.responses import JSONResponse

        path = scope.get("path", "")
        if path == "/bench/requests":
            await JSONResponse(self.counts)(scope, receive, send)
        elif path == "/bench/latency":
            scope["app"] = self.app
            self.app.state.faults.latency = await Request(scope, receive).json()  # type: ignore[attr-defined]
            await JSONResponse(None)(scope, receive, send)
        else:
            if path:
                self.counts[path] = self.counts.get(path, 0) + 1
            await self.app(scope, receive, send)


def main() -> None:
    """Serves the account that the command line describes, and says where."""
    import socket

    import uvicorn
    from dbt_cloud_sandbox import Faults, create_app, generated_world, pages

    pages.KEPT_BYTES = _PAGES_BYTES
    world = generated_world(now=lambda: NOW, **json.loads(sys.argv[1]))
    world.runs()
    app = create_app(world, faults=Faults(latency=LATENCY))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    print(f"http://127.0.0.1:{listener.getsockname()[1]} {world.account.id}", flush=True)
    config = uvicorn.Config(_Counting(app), log_config=None, access_log=False, ws="none", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
