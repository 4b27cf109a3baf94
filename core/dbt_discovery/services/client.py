"""The client: an operation goes in, its value comes out, from memory where that will do.

This is the one seam at which answers are cached. Everything below it is the wire; everything above is arithmetic.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.strategy import FINAL, CachingStrategy, Entry, Question
from dbt_discovery.exceptions import ComplexityExceeded, QueryRejected, RateLimited, UnexpectedResponse, Unreachable
from dbt_discovery.services.batches import BatchSizes
from dbt_discovery.services.operation import Answer, DiscoveryOperation, Operation, Payload
from dbt_discovery.services.promise import as_promised
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.together import together
from dbt_discovery.services.wire import Wire

__all__ = ["Batch", "DbtClient"]

T = TypeVar("T")
Batch = Callable[[Sequence[Operation[T]]], Operation[list[T]]]
_PASSING = (Unreachable, RateLimited, UnexpectedResponse)
"""Failures that may pass, and that known answers therefore bridge."""
_BATCHES_AT_ONCE = 8
"""Batches under way for one question: as many requests as the Discovery API gets at a time."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What batches brought: answers, those of refused operations apart, and the reasons for these."""

    answers: dict[Hashable, Answer[Any]]
    refused: dict[Hashable, Answer[Any]]
    reasons: list[str]


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
        self._sizes = BatchSizes()

    async def ask(self, operation: Operation[T], *, refresh: bool | Refresh = False) -> Answer[T]:
        """The answer of an operation.

        A refresh joins only a refresh that is under way: an older question may bring older data. One that fails for a
        reason that may pass gives the answer already known, marked stale.

        Raises:
            UpstreamError: dbt Cloud did not answer, and nothing is known.
            ConfigurationError: The account or the address is not right.
            NotFound: The one thing asked for does not exist.
        """
        await self.wire.account_id()
        refresh, key = Refresh.of(refresh), self._key(operation)
        entry, again = self.caching.get(key), refresh.claims(key)
        if entry and not again and self.caching.is_fresh(entry):
            return _known(entry)
        try:
            answer = await self._flights.join(self._flight(key, again), lambda: self._fetch(operation))
        except _PASSING as error:
            if entry is None:
                raise
            answer = self._bridged(key, entry, error)
        refresh.came(key)
        return answer

    async def ask_batched(
        self, operations: Sequence[Operation[T]], batch: Batch[T], size: int, *, refresh: bool | Refresh = False
    ) -> list[Answer[T]]:
        """The answers of many like operations, fetched `size` at a time and kept one by one.

        A single operation that dbt Cloud refuses does not fail the others (quirk 6): its answer is what is known of it,
        marked stale, else the little that came, marked incomplete and not kept. Where nothing came, that is raised.

        Args:
            operations: What to ask for.
            batch: Makes one operation of several; its value is the list of theirs.
            size: Most operations in a batch. One that dbt Cloud finds too complex is halved, and later ones begin with
                the size that it took.
            refresh: Ask again for what is known.

        Raises:
            ComplexityExceeded: A single operation is too complex.
            QueryRejected: dbt Cloud refused every operation, and nothing is known.
            UpstreamError: dbt Cloud did not answer.
        """
        await self.wire.account_id()
        refresh, keys = Refresh.of(refresh), {self._key(each): each for each in operations}
        known = {key: entry for key in keys if (entry := self.caching.get(key))}
        claimed = {key for key in keys if refresh.claims(key)}
        missing = [k for k in keys if k in claimed or k not in known or not self.caching.is_fresh(known[k])]
        answers = {key: _known(entry) for key, entry in known.items()}
        fetched = _Fetched({}, {}, [])
        try:
            await self._fetch_batches(deque(keys[key] for key in missing), batch, size, bool(claimed), fetched)
        except _PASSING as error:
            if len(known) < len(keys):
                raise
            answers |= {key: self._bridged(key, known[key], error) for key in missing}
        if fetched.refused and not known and len(fetched.refused) == len(keys):
            raise QueryRejected(f"dbt Cloud's Discovery API refused the query ({fetched.reasons[0]}).")
        answers |= fetched.answers
        for key, answer in fetched.refused.items():
            refusal = QueryRejected(fetched.reasons[0])
            answers[key] = self._bridged(key, known[key], refusal) if key in known else answer
        for key in missing:
            refresh.came(key)
        return [answers[self._key(each)] for each in operations]

    async def _fetch(self, operation: Operation[T]) -> Answer[T]:
        question = self._question()
        payload = await self.wire.collect(operation)
        with as_promised(operation.name):
            value = operation.parse(payload.data)
        return self._keep(operation, value, payload.complete, question)

    async def _fetch_batches(
        self, line: deque[Operation[T]], batch: Batch[T], size: int, again: bool, fetched: _Fetched
    ) -> None:
        """Fetches everything in line. What was refused for its complexity goes back to the front, for two to share."""

        async def work() -> None:
            while line:
                kind = line[0].name
                chunk = [line.popleft() for _ in range(min(len(line), self._sizes.of(kind, size)))]
                try:
                    await self._fetch_batch(chunk, batch, again, fetched)
                except ComplexityExceeded:
                    if len(chunk) == 1:
                        raise
                    self._sizes.refused(kind, len(chunk))
                    line.extendleft(reversed(chunk))
                    await together(work(), work())
                else:
                    self._sizes.fitted(kind, len(chunk))

        await together(*(work() for _ in range(min(len(line), _BATCHES_AT_ONCE))))

    async def _fetch_batch(
        self, chunk: Sequence[Operation[T]], batch: Batch[T], again: bool, fetched: _Fetched
    ) -> None:
        whole = batch(chunk)

        async def collect() -> tuple[Payload, Question]:
            question = self._question()  # when the flight began, not when it was joined
            return await self.wire.collect(whole), question

        payload, question = await self._flights.join(self._flight(self._key(whole), again), collect)
        with as_promised(whole.name):
            values = whole.parse(payload.data)
        aliases = whole.aliases if isinstance(whole, DiscoveryOperation) else ()
        for each, value, alias in zip(chunk, values, aliases or [""] * len(chunk), strict=True):
            if reason := payload.refused.get(alias):
                logger.warning("dbt Cloud refused %s of a batch: %s", each.name, reason)
                fetched.reasons.append(reason)
                fetched.refused[self._key(each)] = Answer(value, question.as_of, complete=False)
            else:
                fetched.answers[self._key(each)] = self._keep(each, value, payload.complete, question)

    def _keep(self, operation: Operation[T], value: T, complete: bool, question: Question) -> Answer[T]:
        """The value as an answer, which is stored. What is not complete may come whole later: it is never final."""
        lasts = operation.lasts(value)
        if not complete and lasts and lasts >= FINAL:
            lasts = None
        self.caching.update_timestamp(
            self._key(operation), value, question, scope=operation.scope, complete=complete, lasts=lasts
        )
        return Answer(value, question.as_of, complete=complete)

    def _bridged(self, key: Hashable, entry: Entry, error: Exception) -> Answer[Any]:
        """What was known before a refresh failed."""
        logger.info("Showing what was known at %s: %s", entry.question.as_of.isoformat(timespec="seconds"), error)
        self.caching.bridge(key, entry)
        return replace(_known(entry), stale=True)

    def _question(self) -> Question:
        return self.caching.question(self.wire.now())

    def _flight(self, key: Hashable, again: bool) -> Hashable:
        """The flight to join: a refresh where one is wanted or under way, as it brings the newest answer there is."""
        renewal = (key, True, self.caching.generation)
        return renewal if again or renewal in self._flights else (key, False, self.caching.generation)

    def _key(self, operation: Operation[T]) -> Hashable:
        return self.wire.access, operation.name, operation.variables


def _known(entry: Entry) -> Answer[Any]:
    return Answer(entry.value, entry.question.as_of, stale=entry.stale, complete=entry.complete)
