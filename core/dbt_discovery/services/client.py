"""The client: an operation goes in, its value comes out, from memory where that will do.

ask, ask_batched  the answers, and for how long they will do
_answers_to       what memory has, and what it does not
_ask_behind       what memory has, but no longer fresh: asked for again while nobody waits
_bring            what memory does not have, or what stands in for it
_fetch            from other processes, or from dbt Cloud in batches

This is the one seam at which answers are cached. Everything below it is the wire; everything above is arithmetic.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.freshness import lasts
from dbt_discovery.cache.strategy import CacheScope, CachingStrategy, Entry
from dbt_discovery.cache.tier import SharedTier
from dbt_discovery.exceptions import NotFound, QueryRejected, RateLimited, UnexpectedResponse, Unreachable
from dbt_discovery.services.answers import Answers
from dbt_discovery.services.batches import Batch, Batches
from dbt_discovery.services.bodies import Bodies
from dbt_discovery.services.fetches import Fetched, Fetches, Need
from dbt_discovery.services.finished_run import OUTDATED, FinishedRun
from dbt_discovery.services.operation import Answer, Operation
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.wire import Wire

__all__ = ["Batch", "DbtClient"]

T = TypeVar("T")
_PASSING = (Unreachable, RateLimited, UnexpectedResponse)
"""Failures that may pass, and that known answers therefore bridge."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Round:
    """How one question asks for what memory does not have.

    Attributes:
        batch: Makes one operation of several.
        size: Most operations in a batch.
        need: How new the answers have to be.
        refresh: Takes down what came.
    """

    batch: Batch[Any]
    size: int
    need: Need
    refresh: Refresh


class DbtClient:
    """Answers of one account's APIs: one request for one question, however many ask it at once.

    Args:
        wire: Sends what is not known.
        caching: Keeps what is.
        shared: Keeps it for other processes too, and has what they asked for. Nothing where caching is switched off.

    Attributes:
        wire: Sends what is not known.
        caching: Keeps what is.
    """

    def __init__(self, wire: Wire, caching: CachingStrategy, shared: SharedTier | None = None) -> None:
        self.wire = wire
        self.caching = caching
        self._answers = Answers(wire, caching)
        self._bodies = Bodies(wire, shared if caching.enable_caching else None)
        self._fetches = Fetches(wire, caching, self._answers, self._bodies)
        self._batches = Batches()
        self._flights = Flights()
        self._behind: set[Operation[Any]] = set()

    async def ask(self, operation: Operation[T], *, refresh: bool | Refresh = False) -> Answer[T]:
        """The answer of an operation.

        One that is known but no longer fresh may be given at once, while dbt Cloud is asked again. A refresh never is;
        it joins only a refresh that is under way: an older question may bring older data. One that fails for a reason
        that may pass gives the answer already known, marked stale.

        Raises:
            UpstreamError: dbt Cloud did not answer, and nothing is known.
            ConfigurationError: The account or the address is not right.
            NotFound: The one thing asked for does not exist.
        """
        (answer,) = await self.ask_batched([operation], _by_itself, 1, refresh=refresh)
        return answer

    async def ask_batched(
        self, operations: Sequence[Operation[T]], batch: Batch[T], size: int, *, refresh: bool | Refresh = False
    ) -> list[Answer[T]]:
        """The answers of many like operations, fetched `size` at a time and kept one by one.

        A single operation that dbt Cloud refuses does not fail the others (quirk 6): its answer is what is known of it,
        marked stale, else the little that came, marked incomplete and not kept. Where nothing came, that is raised.

        Args:
            operations: What to ask for.
            batch: Makes one operation of several; its value is the data of each.
            size: Most operations in a batch. One that dbt Cloud finds too complex is halved, and later ones begin with
                the size that it took.
            refresh: Ask again for what is known.

        Raises:
            ComplexityExceeded: A single operation is too complex.
            QueryRejected: dbt Cloud refused every operation, and nothing is known.
            UpstreamError: dbt Cloud did not answer.
        """
        await self.catch_up()
        wanted = list(dict.fromkeys(operations))
        try:
            answers = await self._answers_to(wanted, batch, size, Refresh.of(refresh))
        except NotFound:  # which is an answer too
            self._tell_freshness(wanted)
            raise
        except (*_PASSING, QueryRejected):
            lasts(0)  # whoever goes on without these answers may have them the next time
            raise
        self._tell_freshness(wanted)
        return [answers[each] for each in operations]

    async def _answers_to(
        self, wanted: Sequence[Operation[T]], batch: Batch[T], size: int, refresh: Refresh
    ) -> dict[Operation[T], Answer[T]]:
        """The answer of each operation."""
        again = {each for each in wanted if refresh and refresh.claims(self._answers.key(each))}
        known = {each: entry for each in wanted if (entry := self._answers.known(each))}
        usable = {each: entry for each, entry in known.items() if each not in again and self.caching.is_usable(entry)}
        missing = [each for each in wanted if each not in usable]
        outdated = [each for each, entry in usable.items() if not self.caching.is_fresh(entry)]
        self.caching.count("hits", len(usable))
        self.caching.count("misses", len(missing))
        answers = {each: self._answers.given(entry) for each, entry in usable.items()}
        await refresh.begin(self._bodies.now)
        this_round = _Round(batch, size, Need.NEW if again else Need.USABLE, refresh)
        self._ask_behind(outdated, this_round)
        if missing:
            answers |= await self._bring(missing, known, this_round)
        refresh.came(*map(self._answers.key, missing))
        return answers

    def _tell_freshness(self, operations: Sequence[Operation[Any]]) -> None:
        """Tells whoever keeps what comes of these answers for how long they do; not of what the run store keeps."""
        for each in operations:
            if each.kept:
                entry = self._answers.known(each)
                lasts(self.caching.lasts(entry) if entry else 0)

    async def invalidate(self, scope: CacheScope = "all") -> int:
        """Drops a scope, or all, here and for every process that shares answers; returns how many were in memory here.

        Raises:
            UpstreamError, ConfigurationError: Answers are shared, and it could not be found out which account it is.
        """
        if self._bodies.shared:
            await self.wire.account_id()
            await self._bodies.invalidate(scope)
        return self.caching.invalidate_cache(scope)

    async def invalidate_run(self, run: FinishedRun) -> int:
        """Drops what a run that is over made old; returns how many answers that were.

        Other processes that share answers drop all of jobs, models and runs: they are told of scopes alone.

        Raises:
            UpstreamError, ConfigurationError: It could not be found out which account it is.
        """
        await self.wire.account_id()
        dropped = 0
        for scope in OUTDATED:
            if self._bodies.shared:
                await self._bodies.invalidate(scope)
            dropped += self.caching.invalidate_cache(scope, lambda key: self._answers.outdated(key, run))
        return dropped

    async def aclose(self) -> None:
        """Stops what is asked while nobody waits, and closes every connection."""
        await self._flights.aclose()
        await self.wire.aclose()
        await self._bodies.aclose()

    @property
    def caught_up(self) -> bool:
        """Whether there is nothing to catch up with: it is known which account it is, and nobody shares answers."""
        return self.wire.known_account_id is not None and not self._bodies.shared

    async def catch_up(self) -> None:
        """Makes sure which account it is, and drops what other processes have dropped."""
        if self.wire.known_account_id is None:
            await self.wire.account_id()
        for scope in await self._bodies.invalidated() if self._bodies.shared else ():
            self.caching.invalidate_cache(cast(CacheScope, scope))

    async def _bring(
        self, wanted: Sequence[Operation[T]], known: Mapping[Operation[T], Entry], this_round: _Round
    ) -> dict[Operation[T], Answer[T]]:
        """Answers of other processes or of dbt Cloud; where dbt Cloud fails, what was known before."""
        known = {each: entry for each, entry in known.items() if entry.there}
        fetched, bridged = Fetched(), dict[Operation[T], Answer[T]]()
        try:
            await self._fetch(wanted, this_round, fetched)
        except _PASSING as error:
            if not known.keys() >= set(wanted):
                raise
            bridged = {each: self._answers.bridged(each, known[each], error) for each in fetched.missing(wanted)}
        if fetched.refused and not known and len(fetched.refused) == len(wanted):
            raise QueryRejected(f"dbt Cloud's Discovery API refused the query ({fetched.reasons[0]}).")
        for each in fetched.refused.keys() & known.keys():
            bridged[each] = self._answers.bridged(each, known[each], QueryRejected(fetched.reasons[0]))
        self.caching.count("shared_hits", len(fetched.shared))
        self._ask_behind(fetched.outdated, this_round)
        return fetched.refused | fetched.answers | bridged

    async def _fetch(self, wanted: Sequence[Operation[T]], this_round: _Round, fetched: Fetched) -> None:
        """Brings what other processes have, all at once, and then the rest in batches."""
        batch, need, began = this_round.batch, this_round.need, this_round.refresh.began
        if self._bodies.shared and not (need is Need.NEW and began is None):
            flight = ("of others", need, began, self.caching.generation, *map(self._answers.key, wanted))
            fetched.add(await self._flights.join(flight, lambda: self._fetches.of_others(wanted, need, began)))

        async def send(chunk: Sequence[Operation[T]]) -> None:
            keys = list(map(self._answers.key, chunk))

            async def fly() -> Fetched:
                brought = await self._fetches.of_dbt_cloud(chunk, batch, need, began)
                this_round.refresh.came(*keys)  # before it lands, so that nobody begins another in between
                return brought

            flight = self._flight((self._answers.key(batch(chunk)), *keys), need)
            self.caching.count("flights_joined", flight in self._flights)
            fetched.add(await self._flights.join(flight, fly))

        await self._batches.send(fetched.missing(wanted), this_round.size, send)

    def _flight(self, key: Hashable, need: Need) -> Hashable:
        """The flight to join: a refresh where one is wanted or under way, as it brings the newest answer there is."""
        renewal = (key, True, self.caching.generation)
        return renewal if need is Need.NEW or renewal in self._flights else (key, False, self.caching.generation)

    def _ask_behind(self, outdated: Sequence[Operation[T]], this_round: _Round) -> None:
        """Asks again, while nobody waits, for what was given though it is no longer fresh."""
        self.caching.count("stale_served", len(outdated))
        if due := [each for each in outdated if each not in self._behind]:
            self._behind |= set(due)
            renewal = replace(this_round, need=Need.FRESH, refresh=Refresh(False))
            self._flights.send_off(("behind", *due), lambda: self._renew(due, renewal))

    async def _renew(self, due: Sequence[Operation[T]], renewal: _Round) -> None:
        """Brings what is due. Where that cannot be had at all, whoever asks next waits for it and is told why."""
        try:
            known = {each: entry for each in due if (entry := self._answers.known(each))}
            await self._bring(due, known, renewal)
        except Exception as error:
            logger.info("%s could not be asked for again behind what is known: %s", due[0].name, error)
            for each in due:
                self._answers.end_grace(each)
        finally:
            self._behind -= set(due)


def _by_itself(operations: Sequence[Operation[T]]) -> Operation[Sequence[Any]]:
    """An operation as a batch of one."""
    (operation,) = operations
    whole: Operation[Any] = operation
    return replace(whole, parse=lambda data: [data])
