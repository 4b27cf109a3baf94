"""What runs made of their models or tests: out of the run store, and what is missing there from the cheapest source.

Discovery gives the results of twenty runs in one request, and keeps them for about two months. Where it has none, or
does not let the token in, a run's own artifacts have them, for a request a step.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dbt_discovery.cache.freshness import lasts
from dbt_discovery.cache.lifetime import BRIEF
from dbt_discovery.exceptions import PermissionDenied, Unauthorized, UpstreamError
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.models.results import NodeKind, RunResults
from dbt_discovery.progress import told
from dbt_discovery.services.artifacts import ArtifactService
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, resting_on
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.run_days import RunDays

if TYPE_CHECKING:
    from dbt_discovery.history.store import StoreSession

__all__ = ["RunResultService"]

_AT_ONCE = 400
"""Runs whose results are fetched before they are put into the store."""
_IN_MEMORY = 2_000
"""Runs whose results are in memory at the same time where there are many."""
_NONE_YET = timedelta(days=1)
"""How long after a run's end results may still come where nobody has any."""
_EMPTY_YET = timedelta(minutes=10)
"""How long after a run's end they may still come where there are some, but of no such node."""

logger = logging.getLogger(__name__)

Found = Answer[RunResults | None]


class RunResultService:
    """Answers about the models, or the tests, of many runs. Of each kind only what is asked for is fetched and kept.

    Args:
        client: Knows what is kept at all.
        discovery: Answers of the Discovery API.
        artifacts: Answers of the runs' artifacts.
        days: Leads to the store.
    """

    def __init__(self, client: DbtClient, discovery: ResultService, artifacts: ArtifactService, days: RunDays) -> None:
        self._client, self._discovery, self._artifacts, self._days = client, discovery, artifacts, days

    async def known(self, runs: Sequence[RunRecord], kind: NodeKind = "models") -> set[str]:
        """The ids of those runs whose results need not be asked for."""
        if not self._client.caching.enable_caching:
            return set()
        return await self._days.in_session(lambda store: store.with_results(_ids(runs), kind))

    async def of_runs(
        self, runs: Sequence[RunRecord], kind: NodeKind = "models", *, refresh: bool | Refresh = False
    ) -> list[Found]:
        """The nodes of a kind of each run, with status and runtime; None where nobody has results of it.

        Results of a run that is over are kept, and a refresh does not ask for them again.
        """
        return [found async for _, found in self.one_by_one(runs, kind, refresh=refresh)]

    async def one_by_one(
        self, runs: Sequence[RunRecord], kind: NodeKind = "models", *, refresh: bool | Refresh = False
    ) -> AsyncIterator[tuple[RunRecord, Found]]:
        """The same of any number of runs, of which only a part is in memory at a time."""
        missing, fetched = len(runs) - len(await self.known(runs, kind)), 0

        def tell(number: int) -> None:
            nonlocal fetched
            fetched += number
            told("results of runs", "run", fetched, max(missing, fetched))

        for start in range(0, len(runs), _IN_MEMORY):
            some = runs[start : start + _IN_MEMORY]
            for pair in zip(some, await self._looked_up(some, kind, Refresh.of(refresh), tell), strict=True):
                yield pair

    async def _looked_up(
        self, runs: Sequence[RunRecord], kind: NodeKind, refresh: Refresh, tell: Callable[[int], None]
    ) -> list[Found]:
        """What the store has of some runs, and what it then lacks; tells how many of these came."""

        async def look(store: StoreSession) -> list[Found]:
            now = self._client.wire.now()
            kept = await store.results(_ids(runs), kind) if self._client.caching.enable_caching else {}
            self._client.caching.count("stored", len(kept))
            found = {run_id: Answer(results, now) for run_id, results in kept.items()}
            missing = [run for run in runs if run.run_id not in found]
            for start in range(0, len(missing), _AT_ONCE):
                some = missing[start : start + _AT_ONCE]
                fetched = await self._fetched(some, kind, refresh)
                found |= dict(zip(_ids(some), fetched, strict=True))
                lasting = _lasting(some, fetched, now)
                await store.put_results(lasting, kind)
                if len(lasting) < len(some):  # the next question asks for the others again
                    lasts(BRIEF if all(answer.complete for answer in fetched) else 0)
                tell(len(some))
            return [found[run.run_id] for run in runs]

        return await self._days.in_session(look)

    async def nodes_of_run(
        self, run: RunRecord, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[NodeRun, ...] | None]:
        """Every node of one run, with status and error, from whoever has them; None where nobody does."""
        answer = await self._discovery.nodes_of_run(run, refresh=refresh)
        if answer.value is None and run.status.finished:
            with suppress(UpstreamError):
                return await self._artifacts.nodes_of_run(run, refresh=refresh)
        return answer

    async def timed_nodes_of_run(
        self, run: RunRecord, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[NodeRun, ...] | None]:
        """Every node of one run but sources, with its times, from whoever has them; None where nobody does.

        Parents are told by Discovery alone.
        """
        refused = None
        try:
            answer = await self._discovery.timed_nodes_of_run(run, refresh=refresh)
        except (PermissionDenied, Unauthorized) as error:
            answer, refused = Answer(None, self._client.wire.now()), error
        if answer.value is None and run.status.finished:
            try:
                return await self._artifacts.nodes_of_run(run, refresh=refresh)
            except UpstreamError as error:
                if refused:
                    raise refused from error
        if refused:
            raise refused
        return answer

    async def _fetched(self, runs: Sequence[RunRecord], kind: NodeKind, refresh: Refresh) -> list[Found]:
        """The results of some runs: Discovery's, and of runs of which it has none, those in the artifacts."""
        refused = None
        try:
            found = [_columns(answer) for answer in await self._discovery.of_runs(runs, kind, refresh=refresh)]
        except (PermissionDenied, Unauthorized) as error:
            found, refused = [Answer(None, self._client.wire.now()) for _ in runs], error
        lacking = [place for place, run in enumerate(runs) if found[place].value is None and run.status.finished]
        if lacking:
            try:
                files = await self._artifacts.of_runs([runs[place] for place in lacking], kind, refresh=refresh)
            except UpstreamError as error:
                if refused:
                    raise refused from error
                logger.info("The artifacts of %d runs could not be read: %s", len(lacking), error)
                files = [Answer(None, self._client.wire.now(), complete=False) for _ in lacking]
            for place, answer in zip(lacking, files, strict=True):
                found[place] = _columns(answer)
        return found


def _columns(answer: Answer[tuple[NodeRun, ...] | None]) -> Found:
    """Results as columns, of an answer that has them as nodes."""
    return resting_on(None if answer.value is None else RunResults.of(answer.value), [answer], answer.as_of)


def _lasting(runs: Sequence[RunRecord], found: Sequence[Found], now: datetime) -> dict[str, RunResults | None]:
    """What of some results cannot change any more, by the run's id: also that nobody has any, after a while."""
    return {
        run.run_id: answer.value
        for run, answer in zip(runs, found, strict=True)
        if run.status.final and answer.complete and (answer.value or _waited_for(run, answer.value, now))
    }


def _waited_for(run: RunRecord, nothing: RunResults | None, now: datetime) -> bool:
    """Whether a run has been over for so long that no more results will come."""
    wait = _NONE_YET if nothing is None else _EMPTY_YET
    return run.finished_at is not None and now - run.finished_at > wait


def _ids(runs: Sequence[RunRecord]) -> list[str]:
    return [run.run_id for run in runs]
