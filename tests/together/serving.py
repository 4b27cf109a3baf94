"""`dbt-discovery` as processes: servers that go on, and commands that end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Server", "command", "server"]

_ROOT = Path(__file__).parents[2]
_PATIENCE = 60


class Server:
    """A web app that is served.

    Attributes:
        log: What it has said on stderr so far.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr
        self._stderr = process.stderr
        first = self._stderr.readline()
        assert first.startswith("Listening on "), first + self._stderr.read()
        self.log = [first]
        self._address = first.split()[2]
        self._reading = threading.Thread(target=lambda: self.log.extend(self._stderr), daemon=True)
        self._reading.start()

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What it answers: to a GET, or to a POST of something."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
            return json.load(response)

    def read_on(self) -> None:
        """Waits for the last of what it says."""
        self._reading.join()


@contextmanager
def server(variables: dict[str, str], *options: str) -> Iterator[Server]:
    """A web app that is served for as long as this is open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dbt_discovery_web", "serve", "--port", "0", *options],
        env=_environment() | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            found = Server(process)
            yield found
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)
            found.read_on()
        finally:
            process.kill()


def command(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends."""
    return subprocess.run(
        [sys.executable, "-m", "dbt_discovery_web", *arguments],
        env=_environment() | variables,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def _environment() -> dict[str, str]:
    paths = [str(_ROOT), *filter(None, sys.path)]
    return {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(paths), "HOME": str(Path.cwd())}
