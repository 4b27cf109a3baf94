"""Fetches: what memory does not have is taken from other processes, or asked of dbt Cloud."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from dbt_discovery.cache.strategy import CachingStrategy, Entry
from dbt_discovery.cache.tier import SharedEntry
from dbt_discovery.exceptions import NotFound
from dbt_discovery.services.answers import Answers
from dbt_discovery.services.batches import Batch
from dbt_discovery.services.bodies import Bodies, Body
from dbt_discovery.services.operation import Answer, DiscoveryOperation, Operation
from dbt_discovery.services.promise import as_promised
from dbt_discovery.services.wire import Wire

__all__ = ["Fetched", "Fetches", "Need"]

T = TypeVar("T")
logger = logging.getLogger(__name__)


class Need(Enum):
    """How new an answer of another process has to be."""

    USABLE = "it will do while somebody asks again"
    FRESH = "it is fresh"
    NEW = "it was asked for since the refresh began"


@dataclass(slots=True)
class Fetched:
    """What was brought.

    Attributes:
        answers: The answer of each operation that has one.
        refused: What came of operations that dbt Cloud refused.
        reasons: Why it refused these.
        shared: Operations that another process had asked for.
        outdated: Those of them whose answer has outlived its time.
    """

    answers: dict[Operation[Any], Answer[Any]] = field(default_factory=dict)
    refused: dict[Operation[Any], Answer[Any]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    shared: list[Operation[Any]] = field(default_factory=list)
    outdated: list[Operation[Any]] = field(default_factory=list)

    def add(self, other: Fetched) -> None:
        """Takes in what else was brought."""
        self.answers |= other.answers
        self.refused |= other.refused
        self.reasons += other.reasons
        self.shared += other.shared
        self.outdated += other.outdated

    def missing(self, operations: Sequence[Operation[T]]) -> list[Operation[T]]:
        """Those operations of which nothing was brought."""
        return [each for each in operations if each not in self.answers and each not in self.refused]


class Fetches:
    """Brings answers, and keeps them.

    Args:
        wire: Asks dbt Cloud.
        caching: Says what is fresh.
        answers: Keeps what comes.
        bodies: What other processes were answered.
    """

    def __init__(self, wire: Wire, caching: CachingStrategy, answers: Answers, bodies: Bodies) -> None:
        self._wire = wire
        self._caching = caching
        self._answers = answers
        self._bodies = bodies

    async def of_others(self, operations: Sequence[Operation[Any]], need: Need, began: float | None) -> Fetched:
        """What other processes were answered already; `began` is when the refresh did, where there is one."""
        return await self._shared(operations, self._will_do(need, began))

    async def of_dbt_cloud(
        self, operations: Sequence[Operation[T]], batch: Batch[T], need: Need, began: float | None
    ) -> Fetched:
        """What dbt Cloud answers, or answers another process while this one waits for its turn.

        Raises:
            UpstreamError, ConfigurationError, NotFound: dbt Cloud did not answer.
        """
        async with self._bodies.turn(batch(operations)):
            fetched = await self._shared(operations, self._will_do(need, began))
            if missing := fetched.missing(operations):
                await self._ask(missing, batch, fetched)
        return fetched

    async def _shared(
        self, operations: Sequence[Operation[Any]], will_do: Callable[[Entry, SharedEntry], bool]
    ) -> Fetched:
        fetched = Fetched()
        if not self._bodies.shared:
            return fetched
        question = self._answers.question()  # before anything is read, so that an invalidation meanwhile counts
        for operation, body in (await self._bodies.get(operations)).items():
            entry = self._answers.read(operation, body, question)
            if entry and will_do(entry, body):
                fetched.answers[operation] = self._answers.keep(operation, entry)
                fetched.shared.append(operation)
                if self._caching.is_usable(entry) and not self._caching.is_fresh(entry):
                    fetched.outdated.append(operation)
        return fetched

    async def _ask(self, operations: Sequence[Operation[T]], batch: Batch[T], fetched: Fetched) -> None:
        whole, asked_at = batch(operations), await self._bodies.now()
        question = self._answers.question()
        try:
            payload = await self._wire.collect(whole)
        except NotFound as error:
            for each in operations:
                self._answers.remember_missing(each, error, question)
            if self._bodies.shared:
                await self._bodies.put_missing(operations, question.as_of, asked_at)
            raise
        with as_promised(whole.name):
            parts = whole.parse(payload.data)
        bodies: dict[Operation[Any], Body] = {}
        aliases = whole.aliases if isinstance(whole, DiscoveryOperation) else ()
        for each, part, alias in zip(operations, parts, aliases or [""] * len(operations), strict=True):
            with as_promised(each.name):
                value = each.parse(part)
            if reason := payload.refused.get(alias):
                logger.warning("dbt Cloud refused %s of a batch: %s", each.name, reason)
                fetched.reasons.append(reason)
                fetched.refused[each] = Answer(value, question.as_of, complete=False)
            else:
                entry = self._answers.entry(each, value, question, complete=payload.complete)
                fetched.answers[each] = self._answers.keep(each, entry)
                bodies[each] = Body(part, entry)
        if self._bodies.shared:
            await self._bodies.put(bodies, asked_at)

    def _will_do(self, need: Need, began: float | None) -> Callable[[Entry, SharedEntry], bool]:
        """Whether what another process was answered is as new as need be."""
        match need:
            case Need.USABLE:
                return lambda entry, body: self._caching.is_usable(entry)
            case Need.FRESH:
                return lambda entry, body: self._caching.is_fresh(entry)
            case Need.NEW:
                return lambda entry, body: began is not None and body.asked_at >= began
