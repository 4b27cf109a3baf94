"""The run store of an account: a database, and memory in its place while that cannot be used."""

from __future__ import annotations

import logging
import struct
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from dbt_discovery.analysis.run_summary import JobMeasures, RunCount, RunQuery
from dbt_discovery.exceptions import Unreachable
from dbt_discovery.history.address import MEMORY, DatabaseAddress
from dbt_discovery.history.database import PATIENCE, Database
from dbt_discovery.history.measures import counts_of_runs, measures_of_jobs
from dbt_discovery.history.records import Origin, StoredDay, StoredSource, StoreLost
from dbt_discovery.history.results import put_results, stored_results, with_results
from dbt_discovery.history.runs import RunUrl, put_days, stored_days, stored_runs
from dbt_discovery.history.sources import claim, clear, describe_sources, size_of
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.results import NodeKind, RunResults

__all__ = ["RunStore", "StoreSession"]

P = ParamSpec("P")
T = TypeVar("T")

_FAILURES = (SQLAlchemyError, OSError, zlib.error, struct.error, ArithmeticError, LookupError, TypeError, ValueError)
"""What tells that a database cannot be used, or that what it holds is damaged."""
_AWAY = 60.0
"""Seconds for which a database that failed is left alone."""

logger = logging.getLogger(__name__)


class RunStore:
    """Where runs and results are kept.

    A database that fails, because it is locked, full, damaged or out of reach, costs a warning and time, and never an
    answer: what it held is fetched again into memory, and after a minute it is tried again.

    Args:
        address: The database.
        timer: Seconds that only go forward.
        patience: Seconds to wait for others that write to the database.
    """

    def __init__(
        self, address: DatabaseAddress, timer: Callable[[], float] = time.monotonic, patience: float = PATIENCE
    ) -> None:
        self._timer = timer
        self._own = Database(address, patience)
        self._instead: Database | None = None
        self._back_at = 0.0
        self._closed = False

    @property
    def address(self) -> DatabaseAddress:
        """The database that is meant to hold the store."""
        return self._own.address

    @property
    def lasting(self) -> bool:
        """Whether what is kept now outlives this process."""
        return self._instead is None and self.address.kind != "memory"

    def session(self, origin: Origin, url: RunUrl) -> StoreSession:
        """The store for one question about a source; all of the question has to go through it.

        Args:
            origin: The source.
            url: Makes the address of a run's page where the run has no other.

        Raises:
            Unreachable: The account was closed.
        """
        if self._closed:
            raise Unreachable("The account was closed while it was being asked. Make a new DbtAccount.")
        return StoreSession(self, self._next(), origin, url)

    async def lose(self, database: Database, reason: str) -> None:
        """Puts memory in the place of a database that failed."""
        if self._closed or database not in (self._own, self._instead):
            return  # it was let go of meanwhile
        if database.address.kind == "memory":
            logger.warning("The run store in memory begins anew: %s.", reason)
            if database is self._own:
                self._own = Database(MEMORY)
            else:
                self._instead = Database(MEMORY)
            await database.aclose()
            return
        if self._instead is None:
            self._instead = Database(MEMORY)
            logger.warning(
                "Runs are kept in memory for now, because %s cannot be used: %s. Answers take longer meanwhile. Set "
                "DBT_DISCOVERY_DATABASE_URL to a database that can.",
                self.address.shown,
                reason,
            )
        self._back_at = self._timer() + _AWAY

    async def kept(self, database: Database) -> None:
        """Lets go of the memory that stood in for a database which takes new runs again."""
        if database is self._own and self._instead:
            logger.warning("Runs are kept in %s again.", self.address.shown)
            instead, self._instead = self._instead, None
            await instead.aclose()

    async def aclose(self) -> None:
        """Closes every connection."""
        self._closed = True
        for database in filter(None, (self._own, self._instead)):
            await database.aclose()

    def _next(self) -> Database:
        """The database for the next question. One that failed is tried by a single question a minute."""
        if self._instead is None:
            return self._own
        if self._timer() < self._back_at:
            return self._instead
        self._back_at = self._timer() + _AWAY
        return self._own


class StoreSession:
    """One question's use of a database: it stays with it, so that what was put in is there when it is asked for.

    Every method raises `StoreLost` when the database fails: the next session uses another.

    Args:
        store: The store.
        database: The database it uses at the time.
        origin: The source that is asked about.
        url: Makes the address of a run's page where the run has no other.

    Attributes:
        database: The database.
    """

    def __init__(self, store: RunStore, database: Database, origin: Origin, url: RunUrl) -> None:
        self.database = database
        self._store, self._origin, self._url = store, origin, url
        self._source_id = origin.source_id

    async def days(self, days: Sequence[date]) -> dict[date, StoredDay]:
        """What is known of those of some days, given in order, that are in the store."""
        return await self._read(stored_days, self._source_id, days)

    async def put_days(self, days: Sequence[StoredDay], runs: Sequence[RunRecord]) -> None:
        """Puts whole days in the place of what was known of them, with their runs."""
        await self._keep(put_days, self._source_id, days, runs, self._url)

    async def runs(self, query: RunQuery) -> tuple[RunRecord, ...]:
        """The runs that are asked for, oldest first."""
        return await self._read(stored_runs, self._source_id, query, self._url)

    async def counts(self, query: RunQuery) -> tuple[RunCount, ...]:
        """How many of the runs asked for there are of each job and kind."""
        return await self._read(counts_of_runs, self._source_id, query)

    async def measures(self, query: RunQuery) -> dict[str, JobMeasures]:
        """How long those runs of each job took that are asked for and count, by the job's id."""
        return await self._read(measures_of_jobs, self._source_id, query)

    async def results(self, run_ids: Sequence[str], kind: NodeKind = "models") -> dict[str, RunResults | None]:
        """What those of some runs made of their nodes of a kind whose results are here."""
        return await self._read(stored_results, self._source_id, kind, run_ids)

    async def with_results(self, run_ids: Sequence[str], kind: NodeKind = "models") -> set[str]:
        """Those of some runs whose results of a kind are here."""
        return await self._read(with_results, self._source_id, kind, run_ids)

    async def put_results(self, results: Mapping[str, RunResults | None], kind: NodeKind = "models") -> None:
        """Keeps what runs made of their nodes of a kind, by the run's id."""
        await self._keep(put_results, self._source_id, kind, results)

    async def describe(self) -> tuple[int, tuple[StoredSource, ...]]:
        """Bytes that the database takes, and what it has of each source, the one that is asked about first."""
        return await self._read(size_of), await self._read(describe_sources, self._origin)

    async def clear(self, whose: Literal["mine", "all"]) -> int:
        """Removes what there is of the source, or of all; gives how many runs that were."""
        return await self._write(clear, self._origin if whose == "mine" else None)

    async def _keep(self, put: Callable[Concatenate[Connection, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
        def put_own(connection: Connection) -> None:
            claim(connection, self._origin)
            put(connection, *args, **kwargs)

        await self._write(put_own)
        await self._store.kept(self.database)

    async def _read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._or_lose(self.database.read(work, *args, **kwargs))

    async def _write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._or_lose(self.database.write(work, *args, **kwargs))

    async def _or_lose(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except _FAILURES as error:
            reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            await self._store.lose(self.database, reason)
            raise StoreLost(reason) from error
