"""Web servers in processes of their own: our app, and a bare route that gives the same bytes.

`python -m benchmarks.web '{"served": …, "database": …}'` is our app on a served sandbox; with `{"like": "http://…"}` it
is a route of Starlette's that gives what that address answers, headers and all. Both have the same settings of uvicorn,
those of `dbt-discovery serve`, and print their address.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from benchmarks.serving import ROOT, Served

__all__ = ["REPORT", "served_app", "served_route"]

REPORT = "/reports/longest_running_jobs?period=last_week"
_UNIQUE = frozenset({"date", "server", "age", "x-request-id", "content-length"})


@contextmanager
def served_app(served: Served, database: Path) -> Iterator[str]:
    """Serves our app, which asks a served sandbox, until the end of the block; its address."""
    with _process({"served": asdict(served), "database": str(database)}) as url:
        yield url


@contextmanager
def served_route(url: str, *, headers: bool) -> Iterator[str]:
    """Serves a bare route with the bytes that another address answers, with or without its headers."""
    with _process({"like": url, "headers": headers}) as own:
        yield own


@contextmanager
def _process(given: dict[str, Any]) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.web", json.dumps(given)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            told = process.stdout.readline().strip()
            if not told:
                raise RuntimeError("the web server did not start")
            yield told
        finally:
            process.terminate()


def _app(given: dict[str, Any]) -> Any:
    from dbt_discovery_web.app import create_app

    from benchmarks.stage import account_on

    account = account_on(Served(**given["served"]), Path(given["database"]))
    return create_app(account.settings, account=account)


def _route(given: dict[str, Any]) -> Any:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    answer = httpx.get(given["like"], headers={"Accept-Encoding": "identity"})
    told = {name: value for name, value in answer.headers.items() if name not in _UNIQUE and given["headers"]}
    told |= {"age": "0", "x-request-id": 32 * "0"} if given["headers"] else {}
    told["content-type"] = answer.headers["content-type"]

    async def route(request: Request) -> Response:
        return Response(answer.content, headers=told)

    return Starlette(routes=[Route(REPORT.partition("?")[0], route)])


def main() -> None:
    """Serves what the command line describes, and says where."""
    import uvicorn

    given = json.loads(sys.argv[1])
    app = _app(given) if "served" in given else _route(given)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    main()
