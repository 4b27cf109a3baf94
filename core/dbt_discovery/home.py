"""The home loop: one event loop owns an account's connections, and every caller reaches it from wherever they are.

By default that is a loop of its own in a background thread, so that plain calls, several `asyncio.run`s and a
notebook's running loop all work. A server may let the account adopt its loop instead.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from dbt_discovery.exceptions import BlockingCall, DbtDiscoveryError

__all__ = ["HasHome", "HomeLoop", "at_home", "blocking"]

_CLOSED = "This account is closed. Make a new DbtAccount to ask again."
P = ParamSpec("P")
T = TypeVar("T")


class HomeLoop:
    """The loop on which an account's asynchronous work runs."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._changing = threading.Lock()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it was released for good."""
        return self._closed

    def adopt(self) -> bool:
        """Takes the running loop as home, unless there is one already; tells whether it did."""
        with self._changing:
            if self._loop is not None:
                return False
            self._loop = asyncio.get_running_loop()
            return True

    def release(self) -> None:
        """Ends the background loop and all work on it, or lets go of an adopted one."""
        with self._changing:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            self._closed = True
        if loop and thread:
            asyncio.run_coroutine_threadsafe(_cancel_all_others(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def call(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work` run at home, awaited from any loop; context variables and cancellation go along."""
        try:
            home = self._home()
        except BaseException:
            work.close()
            raise
        if home is asyncio.get_running_loop():
            return await work
        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, home))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._closed and not (task and task.cancelling()):
                raise DbtDiscoveryError(_CLOSED) from None
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work` run at home, waited for.

        Raises:
            BlockingCall: Called on the home loop itself, which would wait for itself for ever.
        """
        with _closed_on_error(work):
            home = self._home()
        if home is _running_loop():
            work.close()
            raise BlockingCall(
                "This is a plain method, called on the event loop that serves the account. Await its twin with an a in "
                "front, such as aget_models()."
            )
        future = asyncio.run_coroutine_threadsafe(work, home)
        try:
            return future.result()
        except CancelledError:
            raise DbtDiscoveryError(_CLOSED) from None
        except BaseException:
            future.cancel()
            raise

    def _home(self) -> asyncio.AbstractEventLoop:
        with self._changing:
            if self._closed:
                raise DbtDiscoveryError(_CLOSED)
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="dbt-discovery", daemon=True)
                self._thread.start()
            return self._loop


class HasHome(Protocol):
    """Anything whose asynchronous methods run on a home loop."""

    @property
    def home(self) -> HomeLoop:
        """The loop."""


S = TypeVar("S", bound=HasHome)
AsyncMethod = Callable[Concatenate[S, P], Coroutine[Any, Any, T]]


def at_home(method: AsyncMethod[S, P, T]) -> AsyncMethod[S, P, T]:
    """An asynchronous method that may be awaited on any loop and runs on its object's home loop."""

    @wraps(method)
    async def hopping(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.home.call(method(self, *args, **kwargs))

    return hopping


def blocking(method: AsyncMethod[S, P, T]) -> Callable[Concatenate[S, P], T]:
    """The plain form of an asynchronous method: of `aget_models`, say, as `get_models`."""

    @wraps(method)
    def plain(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.home.run(method(self, *args, **kwargs))

    plain.__name__ = method.__name__.removeprefix("a")
    plain.__qualname__ = plain.__qualname__.replace(method.__name__, plain.__name__)
    return plain


@contextmanager
def _closed_on_error(work: Coroutine[Any, Any, Any]) -> Iterator[None]:
    """Closes a coroutine that will never be awaited after all."""
    try:
        yield
    except BaseException:
        work.close()
        raise


async def _cancel_all_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
