"""A server on a port of this machine, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["address_of", "listen", "serve_on"]

_SECONDS_TO_FINISH = 3


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at an address; port 0 takes a free one.

    Listening before the server starts is what lets a taken port be told in one sentence.

    Raises:
        InvalidArgument: The port is taken, or the host is not an address of this machine.
    """
    from dbt_discovery import InvalidArgument

    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise InvalidArgument(
            "port", f"Cannot listen on {host}:{port}, which is taken or not this machine's. Choose another with --port."
        ) from error
    # Connections inherit it; asyncio leaves it out for a listener that it did not make, at 40 ms an answer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """The address a browser asks for."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_on(listener: socket.socket, app: Starlette, announce: Callable[[], Awaitable[None]]) -> None:
    """Serves the app until Ctrl-C or SIGTERM; requests under way get a moment to finish.

    The app's lifespan is entered here and not by uvicorn, which would show whatever goes wrong in it as a traceback.

    Args:
        listener: Where to listen.
        app: What to serve.
        announce: Called once the app is ready.

    Raises:
        KeyboardInterrupt: It was Ctrl-C; everything is closed by then.
    """
    from uvicorn import Config, Server

    class QuietServer(Server):
        """uvicorn's server without its own signal handling, which would end the process before the lifespan ends."""

        def capture_signals(self) -> Any:
            return nullcontext()

    interrupted = False

    async def serve() -> None:
        server = QuietServer(
            Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_SECONDS_TO_FINISH)
        )

        def stop(number: int, frame: Any) -> None:
            nonlocal interrupted
            interrupted = interrupted or number == signal.SIGINT
            server.handle_exit(number, frame)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            async with app.router.lifespan_context(app):
                await announce()
                await server.serve(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    asyncio.run(serve())
    if interrupted:
        raise KeyboardInterrupt
