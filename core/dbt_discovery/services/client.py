"""The client: an operation goes in, its value comes out, from memory where that will do.

This is the one seam at which answers are cached. Everything below it is the wire; everything above is arithmetic.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.strategy import CachingStrategy, Entry
from dbt_discovery.exceptions import QueryRejected, RateLimited, UnexpectedResponse, Unreachable
from dbt_discovery.services.operation import Answer, Operation
from dbt_discovery.services.wire import Wire

__all__ = ["DbtClient"]

T = TypeVar("T")
Batch = Callable[[Sequence[Operation[T]]], Operation[list[T]]]
_PASSING = (Unreachable, RateLimited, UnexpectedResponse)
"""Failures that may pass, and that known answers therefore bridge."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Question:
    """When something was asked: after how many questions, and in which generation of the cache."""

    number: int
    generation: int


class DbtClient:
    """Answers of one account's APIs: one request for one question, however many ask it at once.

    Attributes:
        wire: Sends what is not known.
        caching: Keeps what is.
    """

    def __init__(self, wire: Wire, caching: CachingStrategy) -> None:
        self.wire = wire
        self.caching = caching
        self._flights = Flights()
        self._questions = 0

    async def ask(self, operation: Operation[T], *, refresh: bool = False) -> Answer[T]:
        """The answer of an operation.

        A refresh joins only a refresh that is under way: an older question may bring older data. One that fails for a
        reason that may pass gives the answer already known, marked stale.

        Raises:
            UpstreamError: dbt Cloud did not answer, and nothing is known.
            ConfigurationError: The account or the address is not right.
            NotFound: The one thing asked for does not exist.
        """
        await self.wire.account_id()
        key = self._key(operation)
        entry = self.caching.get(key)
        if entry and not refresh and not self.caching.should_refresh(key):
            return Answer(entry.value, entry.as_of, complete=entry.complete)
        try:
            flight = (key, refresh, self.caching.generation)
            return await self._flights.join(flight, lambda: self._fetch(operation))
        except _PASSING as error:
            if entry is None:
                raise
            return _known(entry, error)

    async def ask_batched(
        self, operations: Sequence[Operation[T]], batch: Batch[T], size: int, *, refresh: bool = False
    ) -> list[Answer[T]]:
        """The answers of many like operations, fetched `size` at a time and kept one by one.

        Args:
            operations: What to ask for.
            batch: Makes one operation of several; its value is the list of theirs.
            size: Most operations in a batch. A batch that dbt Cloud refuses is halved.
            refresh: Ask again for what is known.

        Raises:
            UpstreamError: dbt Cloud did not answer.
        """
        await self.wire.account_id()
        keys = {self._key(each): each for each in operations}
        known = {key: entry for key in keys if (entry := self.caching.get(key))}
        missing = [key for key in keys if refresh or self.caching.should_refresh(key)]
        chunks = [[keys[key] for key in missing[start : start + size]] for start in range(0, len(missing), size)]
        answers = {key: Answer(e.value, e.as_of, complete=e.complete) for key, e in known.items()}
        try:
            for part in await asyncio.gather(*(self._fetch_batch(chunk, batch, refresh) for chunk in chunks)):
                answers |= part
        except _PASSING as error:
            if len(known) < len(keys):
                raise
            answers |= {key: _known(known[key], error) for key in missing}
        return [answers[self._key(each)] for each in operations]

    async def _fetch(self, operation: Operation[T]) -> Answer[T]:
        question = self._question()
        with _as_promised(operation):
            payload = await self.wire.collect(operation)
            value = operation.parse(payload.data)
        return self._keep(operation, value, payload.size, payload.complete, question)

    async def _fetch_batch(
        self, chunk: Sequence[Operation[T]], batch: Batch[T], refresh: bool
    ) -> dict[Hashable, Answer[T]]:
        whole, question = batch(chunk), self._question()
        try:
            with _as_promised(whole):
                flight = (self._key(whole), refresh, question.generation)
                payload = await self._flights.join(flight, lambda: self.wire.collect(whole))
                values = whole.parse(payload.data)
        except QueryRejected:
            if len(chunk) == 1:
                raise
            middle = len(chunk) // 2
            halves = (self._fetch_batch(half, batch, refresh) for half in (chunk[:middle], chunk[middle:]))
            first, second = await asyncio.gather(*halves)
            return first | second
        share = payload.size // len(chunk)
        return {
            self._key(each): self._keep(each, value, share, payload.complete, question)
            for each, value in zip(chunk, values, strict=True)
        }

    def _keep(self, operation: Operation[T], value: T, size: int, complete: bool, question: _Question) -> Answer[T]:
        """The value as an answer; it is stored, unless something was invalidated since it was asked for."""
        now = self.wire.now()
        if question.generation != self.caching.generation:
            return Answer(value, now, complete=complete)
        self.caching.update_timestamp(
            self._key(operation),
            value,
            as_of=now,
            scope=operation.scope,
            size=size,
            complete=complete,
            lasts=operation.lasts(value),
            asked=question.number,
        )
        return Answer(value, now, complete=complete)

    def _question(self) -> _Question:
        self._questions += 1
        return _Question(self._questions, self.caching.generation)

    def _key(self, operation: Operation[T]) -> Hashable:
        return self.wire.identity, operation.name, operation.variables


def _known(entry: Entry, error: Exception) -> Answer[Any]:
    """What was known before a refresh failed."""
    logger.info("Showing what was known at %s: %s", entry.as_of.isoformat(timespec="seconds"), error)
    return Answer(entry.value, entry.as_of, stale=True, complete=entry.complete)


@contextmanager
def _as_promised(operation: Operation[Any]) -> Iterator[None]:
    """Takes a body that cannot be read as the API promises for what it is: an unexpected response."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise UnexpectedResponse(
            f"dbt Cloud's answer to {operation.name} is not of the form its API promises ({error!r})."
        ) from error
