"""The outbox: events of a turn on their way to a client that may read them more slowly than they come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, MutableSequence
from typing import TYPE_CHECKING, Any

from dbt_discovery_web.chat.turn_events import ProgressMade, TurnEvent

if TYPE_CHECKING:
    from dbt_discovery_web.chat.conversation import ChatAnswer

__all__ = ["Outbox", "drop_step"]


class Outbox:
    """Events that are still to be sent, in order, and at their end what came of the turn.

    What waits for a slow client is never more than the answer itself, its calls and one step of each fetch between
    them: of progress, which is told for as long as a fetch takes, only the latest step waits.

    Args:
        events: Those that happened before.
    """

    def __init__(self, events: Iterable[TurnEvent] = ()) -> None:
        self._waiting: deque[TurnEvent | ChatAnswer | Exception] = deque(events)
        self._filled = asyncio.Event()
        self._closed = False
        if self._waiting:
            self._filled.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: TurnEvent) -> None:
        """Adds an event; after the end there is none any more."""
        if self._closed:
            return
        drop_step(self._waiting, event)
        self._waiting.append(event)
        self._filled.set()

    def close(self, outcome: ChatAnswer | Exception) -> None:
        """Adds what came of the turn, which is the end."""
        if not self._closed:
            self._closed = True
            self._waiting.append(outcome)
            self._filled.set()

    async def take(self) -> TurnEvent | ChatAnswer | Exception:
        """What comes next, once there is something."""
        await self._filled.wait()
        event = self._waiting.popleft()
        if not self._waiting:
            self._filled.clear()
        return event


def drop_step(events: MutableSequence[Any], event: TurnEvent) -> None:
    """Takes away the step of a fetch that a later step replaces, if no other kind of event came after it."""
    if not isinstance(event, ProgressMade):
        return
    for at in range(len(events) - 1, -1, -1):
        step = events[at]
        if not isinstance(step, ProgressMade):
            return
        if step.what == event.what:
            del events[at]
            return
