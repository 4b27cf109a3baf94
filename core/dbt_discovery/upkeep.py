"""Upkeep: what an account keeps of its answers, looked at and looked after."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from dbt_discovery.analysis.measures import counts
from dbt_discovery.cache.statistics import CacheStatistics, counting
from dbt_discovery.exceptions import ConfigurationError, DbtDiscoveryError, InvalidArgument
from dbt_discovery.history.records import StoredSource
from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.filters import Filter
from dbt_discovery.models.report import ReportPeriod
from dbt_discovery.view import AccountView

__all__ = ["Fetched", "Statistics", "StoreInfo", "Upkeep"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """The run store.

    Attributes:
        location: Where it is, for people: a file, an address without its password, or `memory`.
        lasting: Whether it outlives this process.
        size: Bytes of the database, with everything else that is in it.
        sources: What it has of each source, the account that asks first.
    """

    location: str
    lasting: bool
    size: int
    sources: tuple[StoredSource, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch of runs came to.

    Attributes:
        period: The stretch of time.
        runs: Runs in view that started in it, all of which are in the store now.
        with_results: Finished runs whose models' results are there too; None if these were not asked for.
        requests: Requests that it took.
        lasting: Whether they outlive this process.
        complete: Whether nothing is missing.
        notes: What is missing, and whatever else a reader should know.
    """

    period: ReportPeriod
    runs: int
    with_results: int | None
    requests: int
    lasting: bool
    complete: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an account has done so far.

    Attributes:
        requests: Requests sent to dbt Cloud.
        questions_shared: Questions that got the answer to an equal one under way.
        cache: What became of the answers; accounts that share a cache share these figures.
    """

    requests: int
    questions_shared: int
    cache: CacheStatistics


class Upkeep(AccountView):
    """The part of an account that looks after what it keeps."""

    @property
    def statistics(self) -> Statistics:
        """What the account has done so far, and what its cache holds."""
        return Statistics(self.requests, self.questions.joined, self._connection.caching.statistics())

    @at_home
    async def aget_store(self) -> StoreInfo:
        """What the run store holds.

        Raises:
            UpstreamError, ConfigurationError: Whose runs are asked about could not be told.
        """
        services = self._connection.services
        size, sources = await services.run_days.in_session(lambda session: session.describe())
        store = self._connection.store()
        return StoreInfo(store.address.shown if store.lasting else "memory", store.lasting, size, sources)

    @at_home
    async def afetch_runs(
        self, period: str = "last_30_days", *, results: bool = False, refresh: bool = False
    ) -> Fetched:
        """Fetches what the store lacks of a period's runs, so that questions about it are quick.

        `watch` hears how far it has come. What is fetched stays when it is interrupted.

        Args:
            period: The period, as in filters.
            results: Fetch what each finished run made of its models, too: a request for twenty runs.
            refresh: Ask again for days that may still change.

        Raises:
            InvalidArgument: The period is not of its form.
            UpstreamError: dbt Cloud did not answer.
        """
        if not isinstance(period, str):
            raise InvalidArgument("period", f"period takes a text such as last_30_days, and not “{period}”.")
        inquiry = self.inquire(refresh)
        span, found = inquiry.span(period), None
        with counting() as tally:
            counted, jobs = await inquiry.count_runs(Filter(), span), await inquiry.select_jobs_of_runs(Filter())
            in_view = {job.job_id for job in jobs}
            if results:
                finished = list(filter(counts, await inquiry.select_runs(Filter(), span, jobs)))
                found = 0
                async for _, known in inquiry.models_of_many_runs(finished, len(finished)):
                    found += known is not None
        return Fetched(
            period=ReportPeriod.of(span),
            runs=sum(each.runs for each in counted if each.job_id in in_view),
            with_results=found,
            requests=tally.requests,
            lasting=self._connection.store().lasting,
            complete=inquiry.complete,
            notes=tuple(inquiry.notes),
        )

    @at_home
    async def aclear_store(self, whose: Literal["mine", "all"] = "mine") -> int:
        """Empties the run store of this account's runs and results, or of all accounts'; gives how many runs they were.

        What is needed is fetched again when it is asked for.

        Raises:
            InvalidArgument: `whose` is neither.
            ConfigurationError: The database cannot be written, and nothing was removed from it.
        """
        if whose not in ("mine", "all"):
            raise InvalidArgument("whose", f"whose takes mine or all, and not “{whose}”.")
        store = self._connection.store()
        removed = await self._connection.services.run_days.in_session(lambda session: session.clear(whose))
        if store.address.kind != "memory" and not store.lasting:
            raise ConfigurationError(f"Nothing was removed, because {store.address.shown} cannot be used.")
        return removed

    @at_home
    async def awarm(self) -> None:
        """Asks for what most questions need (projects, environments, jobs, models, the last week's runs).

        The first question then need not wait. What cannot be had is left for the question that needs it.
        """
        inquiry = self.inquire()
        models = inquiry.select_models(Filter())
        runs = inquiry.count_runs(Filter(), inquiry.span("last_7_days"))
        outcomes = await asyncio.gather(models, inquiry.jobs(), runs, return_exceptions=True)
        faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for fault in faults:
            if not isinstance(fault, DbtDiscoveryError):
                raise fault
        for told in dict.fromkeys(map(str, faults)):
            logger.warning("Not everything is known in advance: %s", told)

    get_store = blocking(aget_store)
    fetch_runs = blocking(afetch_runs)
    clear_store = blocking(aclear_store)
    warm = blocking(awarm)
