"""Days of runs: what the run store has of a period, and how it gets what it lacks.

A period's runs are those created in the whole UTC days that hold every run which starts in it. A day is final when it
has passed and all of its runs are over: it is never asked for again. Days that are missing or may have changed are
fetched newest first, several that follow on each other as one list, and put into the store as soon as they are whole;
so a fetch that is interrupted goes on where it stopped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.flights import Flights
from dbt_discovery.cache.freshness import lasts, unheard
from dbt_discovery.exceptions import ConfigurationError, RateLimited, UnexpectedResponse, Unreachable
from dbt_discovery.history.records import Origin, StoredDay, StoreLost, day_among
from dbt_discovery.models.records import RunRecord
from dbt_discovery.progress import told
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.run_lists import RunLists
from dbt_discovery.services.together import together

if TYPE_CHECKING:
    from dbt_discovery.history.database import Database
    from dbt_discovery.history.store import RunStore, StoreSession

__all__ = ["RunDays"]

T = TypeVar("T")

_LEAD = timedelta(hours=24)
"""How long before a period a run may be created that starts in it."""
_OPEN = 60.0
"""Seconds for which a day that may change counts as known."""
_SETTLED = timedelta(minutes=10)
"""How long after its end a day is still open: a run may show up late, and clocks differ."""
_PASSING = (Unreachable, RateLimited, UnexpectedResponse)
"""Failures that may pass, and that known days therefore bridge."""
_LISTS_AT_ONCE = 2
_TRIES = 3
"""How often a question begins whose store is lost in the middle of it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _List:
    """Days that are brought at once.

    Attributes:
        days: The days, in order.
        database: Where they are put.
        renews: Whether they are asked for whatever is known elsewhere.
        generation: After how many invalidations they are asked for.
    """

    days: tuple[date, ...]
    database: Database
    renews: bool
    generation: int

    def will_do(self, other: _List) -> bool:
        """Whether it brings the first day of another list, and that as new as wanted."""
        alike = self.database is other.database and self.generation == other.generation
        return alike and self.renews >= other.renews and other.days[0] in self.days


@dataclass(frozen=True, slots=True)
class _Bridge:
    """What is known of a day, where it could not be asked for again.

    Attributes:
        asked_at: When that was asked for.
        until: Until when it is not tried again.
    """

    asked_at: float
    until: float


class RunDays:
    """The days of runs that an account's questions need.

    Args:
        client: Asks dbt Cloud.
        store: Opens the store that keeps the days.
        clock: The moment it is, for reports.
        timer: Seconds since 1970 that it really is: with them processes tell each other how old a day is.
    """

    def __init__(
        self,
        client: DbtClient,
        store: Callable[[], RunStore],
        clock: Callable[[], datetime],
        timer: Callable[[], float] = time.time,
    ) -> None:
        self._client, self._store = client, store
        self._clock, self._timer = clock, timer
        self._lists = RunLists(client)
        self._flights = Flights()
        self._under_way: list[_List] = []
        self._bridges: dict[date, _Bridge] = {}
        self._generation, self._dropped_at = client.caching.generation, -inf

    async def ask(
        self, query: RunQuery, find: Callable[[StoreSession], Awaitable[T]], *, refresh: bool | Refresh = False
    ) -> Answer[T]:
        """What `find` makes of the runs that a query is about, which are in the store by then.

        The answer is as old as the oldest of those days that may still change. A day that could not be asked for again
        makes it stale.

        Raises:
            UpstreamError: dbt Cloud did not answer, and a day is not known at all.
        """
        days, refresh = self._days_of(query), Refresh.of(refresh)

        async def look(session: StoreSession) -> Answer[T]:
            while True:
                known, stale = await self._hold(session, days, refresh)
                value = await find(session)
                if list((await session.days(days)).values()) == list(known):  # else others changed it meanwhile
                    break
            lasts(min((self._left(day) for day in known if not day.final), default=inf))
            as_of = min((day.as_of for day in known if not day.final), default=self._clock())
            return Answer(value, as_of, stale=stale, complete=all(day.complete for day in known))

        return await self.in_session(look)

    async def in_session(self, work: Callable[[StoreSession], Awaitable[T]]) -> T:
        """What `work` makes of the store; it begins again when the store is lost in the middle of it.

        Raises:
            ConfigurationError: What it needs does not even fit into memory.
        """
        tries = 0
        while tries < _TRIES:
            try:
                return await work(self._store().session(await self._origin(), self._client.wire.run_url))
            except StoreLost as error:
                lost = error
                tries += not isinstance(error.__cause__, ConnectionError)  # closed: another took its place meanwhile
        raise ConfigurationError(
            f"What this takes could not be kept, not even in memory ({lost}). Ask for a shorter period, or set "
            "DBT_DISCOVERY_DATABASE_URL to a database that has room."
        ) from lost

    def _days_of(self, query: RunQuery) -> list[date]:
        """The days that hold every run which begins in the query's time."""
        last = min(query.end - timedelta(microseconds=1), self._clock())
        first = (query.start - _LEAD).astimezone(UTC).date()
        return [first + timedelta(days=n) for n in range((last.astimezone(UTC).date() - first).days + 1)]

    async def _origin(self) -> Origin:
        source = await self._client.wire.source()
        return Origin(await self._client.wire.fingerprint(), source.label, source.host, source.account_id)

    async def _hold(
        self, session: StoreSession, days: Sequence[date], refresh: Refresh
    ) -> tuple[Sequence[StoredDay], bool]:
        """The days, all of which are in the store now; and whether one of them is older than it should be."""
        if self._generation != self._client.caching.generation:  # something was invalidated
            self._generation, self._dropped_at = self._client.caching.generation, self._timer()
        while True:
            known = await session.days(days)
            missing = [day for day in days if self._lacks(known.get(day), (session.database, day), refresh)]
            if not missing:
                self._count_stored([(session.database, day) for day in days], refresh)
                return list(known.values()), any(map(self._is_behind, known.values()))
            try:
                with unheard():
                    await self._fill(session, missing, refresh)
            except _PASSING as error:
                known = await session.days(days)
                if len(known) < len(days):
                    raise
                logger.info("Showing the runs known before: %s", error)
                until = self._timer() + min(_OPEN / 2, self._lasts())
                for day in missing:
                    if not refresh.has_come((session.database, day)):
                        self._bridges[day] = _Bridge(known[day].asked_at, until)
                        refresh.came((session.database, day))

    def _count_stored(self, places: Sequence[tuple[Database, date]], refresh: Refresh) -> None:
        """Counts the days that were in the store, each once an inquiry."""
        stored = [place for place in places if not refresh.has_come(place) and not refresh.has_come(("stored", place))]
        self._client.caching.count("stored", len(stored))
        refresh.came(*(("stored", place) for place in stored))

    def _lacks(self, stored: StoredDay | None, place: tuple[Database, date], refresh: Refresh) -> bool:
        """Whether a day has to be asked for."""
        if stored is None:
            return True
        if refresh.has_come(place):
            return False
        if not self._client.caching.enable_caching:
            return True
        if stored.final and stored.as_of <= self._clock():  # what comes from the future was asked by a wrong clock
            return False
        if refresh:
            return True
        age = self._timer() - stored.asked_at
        fresh = 0 <= age < self._lasts() and stored.asked_at > self._dropped_at
        return not fresh and not (self._is_behind(stored) and self._bridges[stored.day].until > self._timer())

    def _left(self, stored: StoredDay) -> float:
        """Seconds for which an open day still counts as known."""
        until = self._bridges[stored.day].until if self._is_behind(stored) else stored.asked_at + self._lasts()
        return max(0.0, until - self._timer())

    def _is_behind(self, stored: StoredDay) -> bool:
        """Whether a newer state of a day could not be had."""
        bridge = self._bridges.get(stored.day)
        return not stored.final and bridge is not None and bridge.asked_at == stored.asked_at

    def _lasts(self) -> float:
        return min(_OPEN, self._client.caching.cache_ttl)

    async def _fill(self, session: StoreSession, missing: Sequence[date], refresh: Refresh) -> None:
        """Brings days, newest first, in lists of several; waits for those that another question brings already."""
        line = list(reversed(missing))

        async def work(lists: int) -> None:
            while line and lists:
                taken = self._take_list(session, line, renews=bool(refresh))
                await self._flights.join(taken, partial(self._bring, session, taken, refresh))
                refresh.came(*((session.database, day) for day in taken.days))
                told("days of runs", "day", len(missing) - len(line), len(missing))
                lists -= 1

        await work(1)  # the first list tells how many days the others take
        await together(*(work(len(missing)) for _ in range(_LISTS_AT_ONCE)))

    def _take_list(self, session: StoreSession, line: list[date], *, renews: bool) -> _List:
        """The list that brings the first day in line. Its days leave the line."""

        def bringing(*days: date) -> _List:
            return _List(days, session.database, renews, self._client.caching.generation)

        def on_its_way(day: date) -> _List | None:
            return next((each for each in self._under_way if each.will_do(bringing(day))), None)

        self._under_way = [each for each in self._under_way if each in self._flights]
        taken = on_its_way(line[0])
        if taken is None:
            taken = bringing(*self._lists.next_days([day for day in line if not on_its_way(day)]))
            self._under_way.append(taken)
        line[:] = [day for day in line if day not in taken.days]
        return taken

    async def _bring(self, session: StoreSession, wanted: _List, refresh: Refresh) -> None:
        """Brings days from dbt Cloud into the store."""
        asked_at = self._timer()
        answer = await self._lists.runs_of(wanted.days, refresh=refresh)
        if (age := (self._client.wire.now() - answer.as_of).total_seconds()) > 0:  # another process may have asked
            asked_at = min(asked_at, self._timer() - age)
        by_day: dict[date, list[RunRecord]] = {day: [] for day in wanted.days}
        for run in answer.value:
            by_day[day_among(wanted.days, run)].append(run)
        days = [
            StoredDay(day, self._is_final(day, runs, answer), answer.complete, answer.as_of, asked_at)
            for day, runs in by_day.items()
        ]
        await session.put_days(days, answer.value)
        if wanted.renews:
            self._client.caching.renewed()

    def _is_final(self, day: date, runs: Sequence[RunRecord], answer: Answer[Any]) -> bool:
        """Whether nothing of a day can change any more. That it is over, dbt Cloud's own clock has to say as well."""
        end = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        now = min(answer.as_of, self._client.wire.told_time or answer.as_of)
        return answer.complete and now >= end + _SETTLED and all(run.status.final for run in runs)
