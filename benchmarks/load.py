"""Load: users who ask a web server at the same time, from a process of their own.

`python -m benchmarks.load '{"url": …, "users": 100, "each": 10, "mix": […]}'` is all of them: each has a connection
that stays open, and sends the next request when the last one is answered. It prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from benchmarks.serving import ROOT

__all__ = ["Answered", "Ask", "Load", "loaded"]


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        path: What for.
        body: What is sent along as JSON; a request with a body is a POST.
        headers: What it says besides.
    """

    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self, host: str) -> bytes:
        """The request as it is sent."""
        headers = {"Host": host, "Accept": "application/json", **self.headers}
        if self.body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(self.body.encode()))}
        lines = [f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode()


@dataclass(frozen=True)
class Answered:
    """What became of one request.

    Attributes:
        ask: Which of the mix it was.
        status: The answer's.
        kept: Whether its bytes were known.
        seconds: How long it took.
    """

    ask: int
    status: int
    kept: bool
    seconds: float


@dataclass(frozen=True)
class Load:
    """What is asked, by how many.

    Attributes:
        url: The server.
        mix: What is asked, one after the other, by each user from another place on.
        users: How many ask at the same time.
        each: How many requests each sends.
    """

    url: str
    mix: tuple[Ask, ...]
    users: int
    each: int


def loaded(load: Load) -> tuple[float, list[Answered]]:
    """How many seconds a load took, and what became of each request."""
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(load))]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout)
    return found["seconds"], [Answered(*each) for each in found["answered"]]


async def _run(load: Load) -> tuple[float, list[Answered]]:
    server = urlsplit(load.url)
    sent = [ask.bytes(server.netloc) for ask in load.mix]
    answered: list[Answered] = []
    ready, opened = asyncio.Event(), 0

    async def user(number: int) -> None:
        nonlocal opened
        reader, writer = await asyncio.open_connection(server.hostname, server.port)
        opened += 1
        if opened == load.users:
            ready.set()
        await ready.wait()
        for n in range(load.each):
            ask = (number * load.each + n) % len(sent)
            began = time.perf_counter()
            writer.write(sent[ask])
            status, kept = await _answer(reader)
            answered.append(Answered(ask, status, kept, time.perf_counter() - began))
        writer.close()

    users = [asyncio.create_task(user(number)) for number in range(load.users)]
    await ready.wait()
    began = time.perf_counter()
    await asyncio.gather(*users)
    return time.perf_counter() - began, answered


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """The status of an answer, which is read to its end, and whether its bytes were known."""
    head = await reader.readuntil(b"\r\n\r\n")
    place = head.find(b"\r\ncontent-length: ")
    if place >= 0:
        await reader.readexactly(int(head[place + 18 : head.index(b"\r\n", place + 18)]))
    return int(head[9:12]), b"\r\nage: " in head


def main() -> None:
    """Asks what the command line describes."""
    given = json.loads(sys.argv[1])
    load = Load(given["url"], tuple(Ask(**each) for each in given["mix"]), given["users"], given["each"])
    seconds, answered = asyncio.run(_run(load))
    print(json.dumps({"seconds": seconds, "answered": [list(asdict(each).values()) for each in answered]}))


if __name__ == "__main__":
    main()
