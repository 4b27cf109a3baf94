"""One flight per key: callers who ask for the same thing at the same time share one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar, cast

from dbt_discovery.exceptions import DbtDiscoveryError
from dbt_discovery.progress import Hearer, Progress, heard_by, hearer

__all__ = ["Flights"]

T = TypeVar("T")
Start = Callable[[], Coroutine[Any, Any, T]]


@dataclass(slots=True)
class _Flight:
    """A question under way.

    Attributes:
        task: Answers it.
        waiting: How many wait for the answer.
        alone: Whether it goes on though nobody waits.
        audience: Those of them who hear of its progress.
        way: The way that its failure took, if it fails.
    """

    task: asyncio.Task[Any]
    waiting: int = 0
    alone: bool = False
    audience: list[Hearer] = field(default_factory=list)
    way: TracebackType | None = None


class Flights:
    """The questions under way.

    A flight is a task of its own: a caller that is cancelled leaves it, and it stops when the last has left, unless it
    was sent off to go on alone.

    Attributes:
        joined: How often a caller joined a flight that was under way.
    """

    def __init__(self) -> None:
        self.joined = 0
        self._flights: dict[Hashable, _Flight] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._flights

    async def join(self, key: Hashable, start: Start[T]) -> T:
        """The answer of the flight under `key`, which `start` begins where there is none.

        If it fails, each caller gets an error of its own: they raise it in several threads, and each adds to its way.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._begin(key, start)
        else:
            self.joined += 1
        hears = hearer()
        flight.waiting += 1
        flight.audience += [hears] if hears else []
        try:
            return cast(T, await asyncio.shield(flight.task))
        except DbtDiscoveryError as error:
            own = error.again().with_traceback(flight.way)
        finally:
            flight.waiting -= 1
            if hears:
                flight.audience.remove(hears)
            if not flight.waiting and not flight.alone and not flight.task.done():
                self._land(key, flight)
                flight.task.cancel()
        raise own

    def send_off(self, key: Hashable, start: Start[object]) -> None:
        """Begins a flight that goes on though nobody waits for it, unless there is one under `key`.

        It belongs to nobody: who watches progress or counts requests here hears nothing of it.
        """
        if key not in self._flights:
            Context().run(self._begin, key, start).alone = True

    async def aclose(self) -> None:
        """Stops the flights that nobody waits for, and what they wait for themselves."""
        under_way = [flight.task for flight in self._flights.values()]
        for flight in self._flights.values():
            if flight.alone and not flight.waiting:
                flight.task.cancel()
        while stopping := [task for task in under_way if task.cancelling() and not task.done()]:
            await asyncio.wait(stopping)

    def _begin(self, key: Hashable, start: Start[T]) -> _Flight:
        audience: list[Hearer] = []

        def tell(step: Progress, fetch: str = "", /) -> None:
            for hears in dict.fromkeys(audience):  # who asks for the same twice hears of it once
                hears(step, fetch)

        with heard_by(tell):  # the task takes its context from here
            flight = _Flight(asyncio.create_task(start()), audience=audience)
        self._flights[key] = flight
        flight.task.add_done_callback(lambda _: self._land(key, flight))
        return flight

    def _land(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if flight.task.done() and not flight.task.cancelled():
            error = flight.task.exception()  # taken note of: the callers raise it, and the last may have left
            flight.way = error.__traceback__ if error else None
