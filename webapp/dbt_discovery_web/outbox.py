"""The outbox: events of a turn on their way to a client that may read them more slowly than they come."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from fastapi.sse import format_sse_event

from dbt_discovery_web.turn_events import ProgressMade, TurnEvent

__all__ = ["Outbox"]


@dataclass(frozen=True, slots=True)
class _Last:
    """What ends a stream: the answer or a problem, as JSON."""

    event: str
    data: str


class Outbox:
    """Events that are still to be sent, in order.

    What waits for a slow client is never more than the answer itself, its calls and one step of each fetch between
    them: of progress, which is told for as long as a fetch takes, only the latest step waits.
    """

    def __init__(self) -> None:
        self._waiting: deque[TurnEvent | _Last] = deque()
        self._filled = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: TurnEvent) -> None:
        """Adds an event; after the end there is none any more."""
        if self._closed:
            return
        if isinstance(event, ProgressMade):
            self._drop_step(event.what)
        self._waiting.append(event)
        self._filled.set()

    def close(self, event: str, data: str) -> None:
        """Adds the last event, with its data as JSON."""
        if not self._closed:
            self._closed = True
            self._waiting.append(_Last(event, data))
            self._filled.set()

    async def take(self) -> tuple[bytes, bool]:
        """The next event as it is sent, once there is one, and whether it is the last."""
        await self._filled.wait()
        event = self._waiting.popleft()
        if not self._waiting:
            self._filled.clear()
        if isinstance(event, _Last):
            return format_sse_event(event=event.event, data_str=event.data), True
        return format_sse_event(event=event.event, data_str=event.model_dump_json()), False

    def _drop_step(self, what: str) -> None:
        """Takes away the step of a fetch that waits, if no other kind of event came after it."""
        for at in range(len(self._waiting) - 1, -1, -1):
            step = self._waiting[at]
            if not isinstance(step, ProgressMade):
                return
            if step.what == what:
                del self._waiting[at]
                return
