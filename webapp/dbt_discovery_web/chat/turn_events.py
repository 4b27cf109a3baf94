"""What happens during a turn, as it is told to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from pydantic import BaseModel, RootModel

__all__ = [
    "Begun",
    "Listener",
    "ProgressMade",
    "ReportMade",
    "Stopped",
    "Token",
    "ToolEnd",
    "ToolStart",
    "TurnEvent",
    "Withdrawn",
]


class Begun(BaseModel):
    """The turn begins in a thread, as the exchange with this number; the number is None where it is not kept."""

    event: ClassVar = "begun"
    thread_id: str
    number: int | None


class ToolStart(BaseModel):
    """A tool begins."""

    event: ClassVar = "tool_start"
    name: str
    args: dict[str, Any]


class ProgressMade(BaseModel):
    """How far a long fetch has come: `done` of `total`, which is None while nobody knows."""

    event: ClassVar = "progress"
    what: str
    unit: str
    done: int
    total: int | None


class ToolEnd(BaseModel):
    """A tool has answered, or failed; `rows` is None when it gave no report."""

    event: ClassVar = "tool_end"
    name: str
    seconds: float
    rows: int | None


class ReportMade(RootModel[dict[str, Any]]):
    """A report, as the answer will hold it."""

    event: ClassVar = "report"


class Token(BaseModel):
    """A piece of the answer's words: the pieces one after the other are the answer."""

    event: ClassVar = "token"
    text: str


TurnEvent = Begun | ToolStart | ProgressMade | ToolEnd | ReportMade | Token


class Withdrawn(Exception):
    """Nobody waits for the answer any more."""


class Stopped(Withdrawn):
    """Somebody asked for the answer to be stopped."""


class Listener:
    """Somebody who hears of a turn while it runs, and may leave before it has ended.

    Args:
        hear: Takes each event, in order.

    Attributes:
        begun: Whether a turn runs for it, or has.
    """

    def __init__(self, hear: Callable[[TurnEvent], None] = lambda event: None) -> None:
        self.hear = hear
        self.begun = False
        self._gone: type[Withdrawn] | None = None
        self._limit: asyncio.Timeout | None = None

    def leave(self, cause: type[Withdrawn] = Withdrawn) -> None:
        """Ends the turn that runs for it, as a time limit does."""
        self._gone = self._gone or cause
        if self._limit and not self._limit.expired():
            self._limit.reschedule(0)

    @asynccontextmanager
    async def for_at_most(self, seconds: float) -> AsyncIterator[None]:
        """Ends what runs inside when the time is over, and at once when nobody listens any more.

        Raises:
            TimeoutError: The time is over.
            Withdrawn: The listener has left; `Stopped` where that was asked for.
        """
        self.begun = True
        try:
            async with asyncio.timeout(seconds) as self._limit:
                if self._gone:
                    self.leave(self._gone)
                yield
        except TimeoutError as error:
            if self._gone:
                raise self._gone from error
            raise
        finally:
            self._limit = None
