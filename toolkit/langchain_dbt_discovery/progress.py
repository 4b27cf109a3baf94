"""Progress relayed from an account's home loop to whoever asked, at a pace that people can read.

A watcher hears of each step on the home loop and must be quick. What hears it here may take its time: it is called on
the asking side's own loop, or for plain calls on a thread with its context variables, in the order of the steps and
never after the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import copy_context
from dataclasses import asdict
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from dbt_discovery.progress import Progress, Watcher, watch
from langchain_core.callbacks import adispatch_custom_event, dispatch_custom_event

__all__ = [
    "INTERVAL",
    "PROGRESS_EVENT",
    "Pace",
    "adispatch_progress",
    "dispatch_progress",
    "relayed",
    "relayed_plainly",
]

logger = logging.getLogger(__name__)

PROGRESS_EVENT = "dbt_discovery_progress"
"""The custom event of a report's tool for each step: `what`, `unit`, `done` and `total`, as `Progress` has them."""
INTERVAL = 0.1
"""Least seconds between two steps of a `what` that are passed on; the last one does not wait."""

CaughtUp = Callable[[], Awaitable[None]]


class Pace:
    """Which steps are passed on, and when: of each `what` at most one in a tenth of a second, and always the latest.

    Args:
        now: The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._held: dict[str, Progress] = {}
        self._free: dict[str, float] = {}

    def take(self, step: Progress) -> None:
        """Holds a step in place of the one before it."""
        self._held.pop(step.what, None)
        self._held[step.what] = step

    def due(self) -> list[Progress]:
        """The steps whose time has come; they are held no longer."""
        now = self._now()
        due = [step for step in self._held.values() if self._free.get(step.what, now) <= now]
        for step in due:
            del self._held[step.what]
            self._free[step.what] = now + INTERVAL
        return due

    def rest(self) -> list[Progress]:
        """All steps that are still held, due or not; they are held no longer."""
        rest = list(self._held.values())
        self._held.clear()
        return rest

    @property
    def wait(self) -> float | None:
        """Seconds until a step is due; None while none is held."""
        now = self._now()
        return min((max(0.0, self._free.get(what, now) - now) for what in self._held), default=None)


async def adispatch_progress(step: Progress) -> None:
    """Hands a step to the callbacks of the run it is called in."""
    await adispatch_custom_event(PROGRESS_EVENT, asdict(step))


def dispatch_progress(step: Progress) -> None:
    """Hands a step to the callbacks of the run it is called in."""
    dispatch_custom_event(PROGRESS_EVENT, asdict(step))


@asynccontextmanager
async def relayed(send: Callable[[Progress], Awaitable[None]], pace: Pace | None = None) -> AsyncIterator[CaughtUp]:
    """Hands the progress made inside to `send`, on this loop, and to whoever watched before.

    What it gives waits, when called, until all that was heard so far is passed on. Who leaves in good order, or by an
    error, has been told everything; who is cancelled is told nothing more.
    """
    loop = asyncio.get_running_loop()
    steps: asyncio.Queue[Progress | asyncio.Future[None]] = asyncio.Queue()

    def hear(step: Progress) -> None:
        if _running_loop() is loop:
            steps.put_nowait(step)
        else:
            with suppress(RuntimeError):  # the loop is closed, so that nobody waits any more
                loop.call_soon_threadsafe(steps.put_nowait, step)

    pump = asyncio.create_task(_pump(steps, send, pace or Pace()))

    async def caught_up() -> None:
        mark: asyncio.Future[None] = loop.create_future()
        steps.put_nowait(mark)
        await asyncio.wait({mark, pump}, return_when=asyncio.FIRST_COMPLETED)

    try:
        with watch(hear):
            yield caught_up
    except Exception:
        await caught_up()
        raise
    else:
        await caught_up()
    finally:
        pump.cancel()


@contextmanager
def relayed_plainly(send: Watcher, pace: Pace | None = None) -> Iterator[None]:
    """The same for code that blocks: `send` is called on a thread of its own, with this one's context variables."""
    steps: SimpleQueue[Progress | None] = SimpleQueue()

    arguments = (_pump_plainly, steps, send, pace or Pace())
    pump = Thread(target=copy_context().run, args=arguments, name="dbt-discovery-progress", daemon=True)
    pump.start()
    try:
        with watch(steps.put):
            yield
    finally:
        steps.put(None)
        pump.join()


async def _pump(
    steps: asyncio.Queue[Progress | asyncio.Future[None]], send: Callable[[Progress], Awaitable[None]], pace: Pace
) -> None:
    while True:
        came: Progress | asyncio.Future[None] | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(pace.wait):
                came = await steps.get()
        if isinstance(came, Progress):
            pace.take(came)
        mark = came if isinstance(came, asyncio.Future) else None
        for step in pace.rest() if mark else pace.due():
            try:
                await send(step)
            except Exception as error:  # who only listens does not end a report
                _not_told(step, error)
        if mark and not mark.done():
            mark.set_result(None)


def _pump_plainly(steps: SimpleQueue[Progress | None], send: Watcher, pace: Pace) -> None:
    ended = False
    while not ended:
        with suppress(Empty):
            came = steps.get(timeout=pace.wait)
            ended = came is None
            if came:
                pace.take(came)
        for step in pace.rest() if ended else pace.due():
            try:
                send(step)
            except Exception as error:
                _not_told(step, error)


def _not_told(step: Progress, error: Exception) -> None:
    logger.debug("Nobody could be told of %s.", step, exc_info=error)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
