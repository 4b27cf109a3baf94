"""Progress: how far a long fetch has come, told to whoever waits for it.

    with watch(lambda step: print(step)):
        account.run_report("longest_running_jobs", period="last_90_days")

A watcher belongs to the code inside its `with`, and to everything that this asks of accounts, on whichever loop. Who
joins a fetch that another caller began hears of it too, and so does who watches around another watcher.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import count as numbers
from typing import Protocol

from dbt_discovery.words import count

__all__ = ["Hearer", "Progress", "Watcher", "heard_by", "hearer", "told", "watch"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch has come.

    Attributes:
        what: What is fetched, such as `runs`: the same for all steps of a fetch.
        unit: What is counted, in the singular: `run`, `model`, `page`.
        done: How many there are.
        total: How many there will be; None while nobody knows.
    """

    what: str
    unit: str
    done: int
    total: int | None = None

    def __str__(self) -> str:
        done = count(self.done, self.unit)
        return (
            f"{self.what}: {done}"
            if self.total is None
            else f"{self.what}: {self.done:,} of {count(self.total, self.unit)}"
        )


Watcher = Callable[[Progress], None]
"""Hears of each step, on the account's home loop: it has to be quick. One that raises hears no more."""


class Hearer(Protocol):
    """Hears of each step, and of which one of several fetches of the same."""

    def __call__(self, step: Progress, fetch: str = "", /) -> None:
        """Takes in a step."""


_hearer: ContextVar[Hearer | None] = ContextVar("dbt_discovery_hearer", default=None)


@contextmanager
def watch(watcher: Watcher) -> Iterator[None]:
    """Lets a watcher hear of what is fetched meanwhile for the code inside.

    Fetches of the same, such as the models of several environments, are told of as one.
    """
    with heard_by(_Together(watcher, hearer())):
        yield


@contextmanager
def heard_by(hearer: Hearer) -> Iterator[None]:
    """Lets a hearer hear of each fetch for the code inside."""
    token = _hearer.set(hearer)
    try:
        yield
    finally:
        _hearer.reset(token)


def hearer() -> Hearer | None:
    """Who hears of the progress made here."""
    return _hearer.get()


def told(what: str, unit: str, done: int, total: int | None = None, *, fetch: str = "") -> None:
    """Tells whoever hears how far a fetch has come; `fetch` tells it from others of the same under way."""
    if hears := _hearer.get():
        hears(Progress(what, unit, done, total), fetch)


class _Together:
    """Steps of several fetches of the same, as one for all of them.

    Who listened before hears them one by one: those of a fetch that many share as of one, and others apart from what is
    fetched beside them.
    """

    _numbers = numbers(1)

    def __init__(self, watcher: Watcher, before: Hearer | None) -> None:
        self._watcher: Watcher | None = watcher
        self._before = before
        self._own = f"watch {next(self._numbers)}"
        self._latest: dict[str, dict[str, Progress]] = {}

    def __call__(self, step: Progress, fetch: str = "", /) -> None:
        if self._before:
            self._before(step, fetch or self._own)
        if self._watcher is None:
            return
        under_way = self._latest.setdefault(step.what, {})
        under_way[fetch] = step
        totals = [each.total for each in under_way.values()]
        known = [total for total in totals if total is not None]
        done = sum(each.done for each in under_way.values())
        try:
            self._watcher(replace(step, done=done, total=sum(known) if len(known) == len(totals) else None))
        except Exception as error:  # who only watches does not fail what is fetched, for others least of all
            logger.debug("A watcher failed, and hears no more.", exc_info=error)
            self._watcher = None
