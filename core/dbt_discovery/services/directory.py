"""Directory: projects, environments, jobs and runs, from the API that the token may use.

The Admin API has them all. A token that may read nothing but metadata is refused there, and gets those that the
Discovery API mentions; what is then missing is said with every answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

from dbt_discovery.analysis.run_summary import RunCount, RunQuery, RunSums
from dbt_discovery.cache.freshness import lasts
from dbt_discovery.exceptions import ConfigurationError, DbtDiscoveryError, NotFound, PermissionDenied, Unauthorized
from dbt_discovery.models.records import EnvironmentRecord, JobRecord, ProjectRecord, RunRecord
from dbt_discovery.services.discovered import Discovered
from dbt_discovery.services.jobs import JobService
from dbt_discovery.services.operation import Answer
from dbt_discovery.services.projects import ProjectService
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.runs import RunDetails, RunService

__all__ = ["Directory"]

P = ParamSpec("P")
T = TypeVar("T")

_REMEMBERED = 300.0
"""Seconds for which a refusal stands for the next questions too."""
_NAMELESS = (
    "only the environments in DBT_ENVIRONMENT_IDS are looked at, and the names of environments, jobs and projects are "
    "not known (projects are called as in their dbt_project.yml): ask for jobs and environments by their ids."
)
_WITHOUT = {
    "projects": _NAMELESS,
    "environments": _NAMELESS,
    "jobs": (
        "jobs are those that the Discovery API mentions, without their names, types and schedules. A permission set "
        "such as Job Viewer, Read-Only or Account Viewer would bring them."
    ),
    "runs": (
        "runs are those that the Discovery API mentions, with dbt's own run times. Queue times, steps, cancelled runs "
        "and those before the latest 20 of each model are missing: a permission set such as Read-Only, Account Viewer "
        "or Job Viewer would bring them."
    ),
}
"""What an answer is like without the Admin API, by what was asked for."""
_HINT = (
    "With a token for metadata alone, set DBT_ENVIRONMENT_IDS to the ids of your deployment environments, which stand "
    "in the addresses of their pages."
)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """That the Admin API refused something, until when that stands, and in which generation of the cache it was."""

    error: DbtDiscoveryError
    until: float
    generation: int


class Directory:
    """Answers about projects, environments, jobs and runs, whichever API gives them.

    Every method raises what the services raise; where neither API answers, the error says what would help.

    Args:
        projects: Answers of the Admin API about projects and environments.
        jobs: Its answers about jobs.
        runs: Its answers about runs.
        discover: Makes the service that finds all these in Discovery, given the environments to look at.
        environment_ids: The environments that the settings name; without any, those that the Admin API lists.
        generation: How often something was invalidated; an invalidation makes a refusal be looked at again.
        timer: Seconds that only go forward.
    """

    def __init__(
        self,
        projects: ProjectService,
        jobs: JobService,
        runs: RunService,
        discover: Callable[[Sequence[str]], Discovered],
        environment_ids: Sequence[str],
        generation: Callable[[], int],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._projects, self._jobs, self._runs = projects, jobs, runs
        self._discover, self._environment_ids = discover, environment_ids
        self._generation, self._timer = generation, timer
        self._refusals: dict[str, _Refusal] = {}
        self._let_in: set[str] = set()

    async def projects(self, *, refresh: bool | Refresh = False) -> Answer[tuple[ProjectRecord, ...]]:
        """Every project of the account."""
        return await self._either("projects", self._projects.projects, Discovered.projects, refresh=refresh)

    async def environments(self, *, refresh: bool | Refresh = False) -> Answer[tuple[EnvironmentRecord, ...]]:
        """Every environment of the account."""
        return await self._either("environments", self._projects.environments, Discovered.environments, refresh=refresh)

    async def jobs(self, *, refresh: bool | Refresh = False) -> Answer[tuple[JobRecord, ...]]:
        """Every job of the account, each with its latest runs."""
        return await self._either("jobs", self._jobs.jobs, Discovered.jobs, refresh=refresh)

    async def runs(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[tuple[RunRecord, ...]]:
        """The runs that a query asks for, oldest first."""
        return await self._either("runs", self._runs.between, Discovered.runs, query, refresh=refresh)

    async def counts(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[tuple[RunCount, ...]]:
        """How many of those runs there are of each job and kind."""
        return await self._either("runs", self._runs.counts, Discovered.counts, query, refresh=refresh)

    async def sums(self, query: RunQuery, *, refresh: bool | Refresh = False) -> Answer[RunSums]:
        """What those runs amount to."""
        return await self._either("runs", self._runs.sums, Discovered.sums, query, refresh=refresh)

    async def oldest(self, *, refresh: bool | Refresh = False) -> Answer[RunRecord | None]:
        """The first run that is still known."""
        return await self._either("runs", self._runs.oldest, Discovered.oldest, refresh=refresh)

    async def latest_of_job(
        self, job_id: str, count: int, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[RunRecord, ...]]:
        """The `count` newest runs of a job, newest first."""
        return await self._either(
            "runs", self._runs.latest_of_job, Discovered.latest_of_job, job_id, count, refresh=refresh
        )

    async def run(self, run_id: str, *, refresh: bool | Refresh = False) -> Answer[RunDetails]:
        """One run with its steps.

        Raises:
            NotFound: There is no such run.
        """
        return await self._either("runs", self._runs.run, Discovered.run, run_id, refresh=refresh)

    async def _either(
        self,
        kind: str,
        ask: Callable[P, Awaitable[Answer[T]]],
        instead: Callable[Concatenate[Discovered, P], Awaitable[Answer[T]]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answer[T]:
        """The Admin API's answer, or Discovery's where the token is refused; a refusal is remembered for a while.

        What the token was let in for before, it may do: a refusal then is a fault that may pass, and is told as it is.
        """
        refresh = Refresh.of(kwargs.get("refresh", False))  # type: ignore[arg-type]
        refusal = None if refresh.claims((self, kind)) else self._remembered(kind)
        if refusal is None:
            try:
                answer = await ask(*args, **kwargs)
            except self._refused(kind) as error:
                if kind in self._let_in:
                    raise
                refusal = _Refusal(error, self._timer() + _REMEMBERED, self._generation())
                if not isinstance(error, NotFound):  # that is about one run
                    self._refusals[kind] = refusal
                    refresh.came((self, kind))
            else:
                self._let_in.add(kind)
                self._refusals.pop(kind, None)
                return answer
        lasts(max(0.0, refusal.until - self._timer()))
        elsewhere = await self._elsewhere(refusal.error, refresh)
        answer = await instead(elsewhere, *args, **kwargs)
        return replace(
            answer,
            complete=answer.complete and kind in ("projects", "environments"),
            notes=(f"{_opening(refusal.error)} So {_WITHOUT[kind]}", *answer.notes),
        )

    def _remembered(self, kind: str) -> _Refusal | None:
        """The refusal that still stands for a kind: time and invalidations end it."""
        refusal = self._refusals.get(kind)
        fresh = refusal and self._timer() < refusal.until and refusal.generation == self._generation()
        return refusal if fresh else None

    def _refused(self, kind: str) -> tuple[type[DbtDiscoveryError], ...]:
        """What tells that the token may not ask. Without rights dbt Cloud also answers 401 and 404.

        These two have likelier causes, so they count only where the settings say that the token is for metadata; and a
        404 of a single run only where other things were refused.
        """
        if not self._environment_ids:
            return (PermissionDenied,)
        missing = (NotFound,) if kind == "runs" and self._refusals else ()
        return (PermissionDenied, Unauthorized, ConfigurationError, *missing)

    async def _elsewhere(self, refusal: DbtDiscoveryError, refresh: Refresh) -> Discovered:
        """What finds in Discovery what the Admin API refused to give.

        Raises:
            PermissionDenied: Nothing tells which environments to look at.
        """
        if self._environment_ids:
            return self._discover(self._environment_ids)
        try:
            known = (await self._projects.environments(refresh=refresh)).value
        except PermissionDenied:
            raise PermissionDenied(f"{refusal} {_HINT}") from refusal
        return self._discover([each.environment_id for each in known if each.type != "development"])


def _opening(error: DbtDiscoveryError) -> str:
    """The first sentence of an error, which says what happened; the rest says what to do."""
    return re.split(r"(?<=[.)])\s(?=[A-Z])", str(error), maxsplit=1)[0]
