"""A dbt Cloud that takes down who asks it for what, and when."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from dbt_cloud_sandbox import World, create_app
from dbt_cloud_sandbox.faults import Faults
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.conftest import NOW
from tests.servers.running import running

__all__ = ["Asked", "Cloud", "Question", "cloud_of"]

Question = tuple[str, str, str, str]
"""Method, path, query and body."""
_LATENCY = 0.02
"""Seconds: long enough that processes which ask for the same thing do so at the same time."""


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        question: What was asked.
        token: Who asked.
        at: When, in seconds that only go forward.
    """

    question: Question
    token: str
    at: float

    @property
    def to_discovery(self) -> bool:
        return self.question[1] == "/graphql"


@dataclass
class Cloud:
    """A sandbox that is served, and everything it was asked.

    Attributes:
        world: Whose records it serves.
        url: Its address.
        faults: What goes wrong; may be changed while it runs.
        asked: Every request since it was last told to forget.
        arrived: Called with each request before it is answered.
        spoil: Makes something else of the body of each answer.
    """

    world: World
    url: str = ""
    faults: Faults = field(default_factory=lambda: Faults(latency=_LATENCY))
    asked: list[Asked] = field(default_factory=list)
    arrived: Callable[[Asked], None] = lambda asked: None
    spoil: Callable[[bytes], bytes] = lambda body: body

    def environment(self, token: str = "sandbox") -> dict[str, str]:
        """The variables that point a process here."""
        return {
            "DBT_SERVICE_TOKEN": token,
            "DBT_ACCOUNT_ID": str(self.world.account.id),
            "DBT_ADMIN_URL": self.url,
            "DBT_METADATA_URL": f"{self.url}/graphql",
            "DBT_DISCOVERY_NOW": NOW.isoformat(),
        }

    @property
    def questions(self) -> Counter[Question]:
        """How often each request was made."""
        return Counter(each.question for each in self.asked)

    @property
    def places(self) -> Counter[str]:
        """How often each path was asked for, below the account's; queries by their name."""
        return Counter(_place(method, path, body) for method, path, _, body in self.questions.elements())

    def begin_anew(self) -> None:
        """Forgets what it was asked, and what it was told to do."""
        self.asked.clear()
        self.faults.clear()
        self.faults.latency = _LATENCY
        self.arrived, self.spoil = lambda asked: None, lambda body: body


def _place(method: str, path: str, body: str) -> str:
    if path == "/graphql":
        return body.partition("query ")[2].partition("(")[0].split(" ")[-1]
    return "/".join(path.strip("/").split("/")[4:5]) or path


class _Recorder:
    """ASGI middleware that takes down each request, and may change the answer."""

    def __init__(self, app: ASGIApp, cloud: Cloud) -> None:
        self._app, self._cloud = app, cloud

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        token = dict(scope["headers"]).get(b"authorization", b"").decode().partition(" ")[2]
        question = (scope["method"], scope["path"], scope["query_string"].decode(), body.decode())
        asked = Asked(question, token, monotonic())
        self._cloud.asked.append(asked)
        await asyncio.to_thread(self._cloud.arrived, asked)

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        start: Message = {}

        async def spoiled(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            answer = self._cloud.spoil(message.get("body", b""))
            kept = [header for header in start["headers"] if header[0] != b"content-length"]
            await send({**start, "headers": [*kept, (b"content-length", str(len(answer)).encode())]})
            await send({**message, "body": answer})

        await self._app(scope, replay, spoiled)


@contextmanager
def cloud_of(world: World) -> Iterator[Cloud]:
    """Serves a world on a free loopback port."""
    cloud = Cloud(world)
    with running(_Recorder(create_app(world, faults=cloud.faults), cloud)) as cloud.url:
        yield cloud
