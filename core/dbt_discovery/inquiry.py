"""An inquiry: one question to an account, and what its answer rests on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dbt_discovery.environments import named_environments, state_environment
from dbt_discovery.exceptions import NotFound, UpstreamError
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.filters import (
    EnvironmentFields,
    Filter,
    JobFields,
    ModelFields,
    ProjectFields,
    RunFields,
)
from dbt_discovery.models.period import TimeRange, parse_period
from dbt_discovery.models.records import (
    EnvironmentRecord,
    JobRecord,
    ModelRecord,
    NodeRun,
    ProjectRecord,
    RunRecord,
    RunStep,
)
from dbt_discovery.provenance import Provenance
from dbt_discovery.resolver import JOBS, PROJECTS, model_resolver
from dbt_discovery.services.bundle import Services
from dbt_discovery.words import count

__all__ = ["LATEST_RUNS", "Inquiry"]

_JOB_LIST_CUT = 100
"""Rows at which dbt Cloud is about to cut job-level lists that are not paged (quirk 2)."""
_LONG = timedelta(days=31)
"""A period from which on it pays to ask first how far back the runs go."""
_RUNS_KEPT = timedelta(days=365)
"""How long dbt Cloud keeps runs (quirk 3)."""

LATEST_RUNS = 100
"""Newest runs of a job that are looked through where no period bounds the question: one page of the Admin API."""


class Inquiry(Provenance):
    """One question on its way through the account's data.

    It narrows the account's records by filters, and keeps account of what the answer rests on. Everything asked for
    is asked for once, refresh or not.

    Args:
        services: The account's services.
        now: The moment of the question.
        zone: Where days begin.
        environment: Which environment's state of models counts: `production` or `staging`.
        visible: Ids of the projects in view; None for all.
        refresh: Ask dbt Cloud again for what is known.

    Attributes:
        now: The moment of the question.
        zone: Where days begin.
        environment: Which environment's state of models counts.
    """

    def __init__(
        self,
        services: Services,
        *,
        now: datetime,
        zone: ZoneInfo,
        environment: str,
        visible: Collection[str] | None = None,
        refresh: bool = False,
    ) -> None:
        super().__init__(now)
        self.now, self.zone, self.environment = now, zone, environment
        self._services, self._visible, self._refresh = services, visible, refresh

    # What there is

    async def projects(self) -> Sequence[ProjectRecord]:
        """Every project in view."""
        projects = await self.once("projects", lambda: self._services.projects.projects(refresh=self._refresh))
        return [p for p in projects if self._visible is None or p.project_id in self._visible]

    async def environments(self) -> dict[str, EnvironmentRecord]:
        """Every environment in view, by id."""
        service = self._services.projects
        found = await self.once("environments", lambda: service.environments(refresh=self._refresh))
        return {e.environment_id: e for e in found if self._visible is None or e.project_id in self._visible}

    async def jobs(self) -> Sequence[JobRecord]:
        """Every job in view."""
        jobs = await self.once("jobs", lambda: self._services.jobs.jobs(refresh=self._refresh))
        return [job for job in jobs if self._visible is None or job.project_id in self._visible]

    # What a filter keeps

    async def select_projects(self, wanted: Filter) -> Sequence[ProjectRecord]:
        """The projects that a filter keeps.

        Raises:
            NotFound, AmbiguousName: A project is not called that, or several are.
        """
        projects = await self.projects()
        if not isinstance(wanted, ProjectFields) or not (wanted.projects or wanted.project_ids):
            return projects
        named = self.resolve(PROJECTS, (*wanted.projects, *wanted.project_ids), projects, projects)
        ids = {each.project_id for each in named}
        return [p for p in projects if (p.project_id in ids) == (wanted.include_or_exclude == "include")]

    async def select_jobs(self, wanted: Filter) -> Sequence[JobRecord]:
        """The jobs that a filter keeps by project, environment, name and type.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        projects, jobs, environments = await asyncio.gather(
            self.select_projects(wanted), self.jobs(), self._select_environments(wanted)
        )
        project_ids, environment_ids = (
            {p.project_id for p in projects},
            {e.environment_id for e in environments},
        )
        kept = [job for job in jobs if job.project_id in project_ids]
        if isinstance(wanted, EnvironmentFields) and wanted.environment:
            kept = [job for job in kept if job.environment_id in environment_ids]
        if isinstance(wanted, JobFields):
            if wanted.jobs or wanted.job_ids:
                kept = list(self.resolve(JOBS, (*wanted.jobs, *wanted.job_ids), kept, jobs))
            if wanted.job_type:
                kept = [job for job in kept if job.job_type in wanted.job_type]
        return kept

    async def select_runs(self, wanted: Filter, span: TimeRange, jobs: Sequence[JobRecord]) -> list[RunRecord]:
        """The runs of `jobs` that started in a stretch of time and have a status the filter keeps, oldest first."""
        start = await self._retained(span.start)
        answers = await self._services.runs.started_between(start, span.end, refresh=self._refresh)
        job_ids = {job.job_id for job in jobs}
        statuses = wanted.run_status if isinstance(wanted, RunFields) else ()
        runs = [run for answer in answers for run in self.take(answer) if run.began in span]
        if not (isinstance(wanted, JobFields) and (wanted.jobs or wanted.job_ids or wanted.job_type)):
            await self._miss_deleted_jobs(wanted, runs)
        return [run for run in runs if run.job_id in job_ids and (not statuses or run.status in statuses)]

    async def select_models(self, wanted: Filter) -> Sequence[ModelRecord]:
        """The models that a filter keeps, as the state of each project's environment has them.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        homes = await self.state_environments(wanted)
        answers = await asyncio.gather(
            *(self._services.models.models(home.environment_id, refresh=self._refresh) for home in homes)
        )
        models: list[ModelRecord] = []
        for home, answer in zip(homes, answers, strict=True):
            found = self.take(answer)
            if found is None:
                self.lack(f"Environment {home.name} ({home.environment_id}) shows the token no models.")
            models += found or ()
        if not isinstance(wanted, ModelFields):
            return models
        if wanted.models or wanted.model_ids:
            projects = {p.project_id: p.name for p in await self.projects()}
            everything = await self.select_models(Filter())
            models = list(
                self.resolve(model_resolver(projects), (*wanted.models, *wanted.model_ids), models, everything)
            )
        return [model for model in models if wanted.admits(model)]

    async def _retained(self, start: datetime) -> datetime:
        """The moment from which on there are runs: a long period need not be asked for days before the first."""
        if self.now - start < _LONG:
            return start
        if self.now - start > _RUNS_KEPT and (await self._services.client.wire.source()).kind == "dbt_cloud":
            self.lack(f"dbt Cloud keeps runs for {_RUNS_KEPT.days} days; older ones are missing.")
        first = self.take(await self._services.runs.oldest(refresh=self._refresh))
        return max(start, first.created_at if first else self.now)

    async def _miss_deleted_jobs(self, wanted: Filter, runs: Sequence[RunRecord]) -> None:
        """Says how many runs belong to jobs that dbt Cloud no longer lists: no report can name or count them."""
        known = {job.job_id for job in await self.jobs()}
        projects = {project.project_id for project in await self.select_projects(wanted)}
        if lost := sum(run.job_id not in known and run.project_id in projects for run in runs):
            self.lack(f"{count(lost, 'run')} of jobs that no longer exist cannot be counted.")

    async def state_environments(self, wanted: Filter) -> list[EnvironmentRecord]:
        """The environment whose state speaks for each project the filter keeps; a note names projects without one."""
        projects, chosen = await asyncio.gather(self.select_projects(wanted), self._select_environments(wanted))
        named = isinstance(wanted, EnvironmentFields) and wanted.environment
        homes = []
        for project in projects:
            if home := state_environment(project, chosen, None if named else self.environment):
                homes.append(home)
            elif named and any(each.project_id == project.project_id for each in chosen):
                self.lack(
                    f"The environment named in {project.name} is for development: dbt Cloud keeps no state of it."
                )
            elif not named:
                self.notes.append(
                    f"Project {project.name} has no {self.environment} environment, so its models are not counted. "
                    "Mark one in dbt Cloud, or name an environment."
                )
        return homes

    # Single answers

    async def latest_runs(self, jobs: Sequence[JobRecord]) -> list[tuple[RunRecord, ...]]:
        """The newest `LATEST_RUNS` runs of each job, newest first."""
        ask = self._services.runs.latest_of_job
        return [self.take(a) for a in await asyncio.gather(*(ask(j.job_id, 100, refresh=self._refresh) for j in jobs))]

    async def run(self, run_id: str) -> tuple[RunRecord, tuple[RunStep, ...]]:
        """A run in view, with its steps.

        Raises:
            NotFound: There is no such run in view.
        """
        if not run_id.isdigit():
            raise NotFound("run", run_id, hint="Runs are named by their number.")
        run, steps = self.take(await self._services.runs.run(run_id, refresh=self._refresh))
        if self._visible is not None and run.project_id not in self._visible:
            raise NotFound("run", run_id)
        return run, steps

    async def models_of_runs(self, runs: Sequence[RunRecord]) -> list[Sequence[NodeRun]]:
        """The models of each finished run. A run that succeeded and has no results left is said to be missing."""
        answers = await self._services.models.models_of_runs(runs, refresh=self._refresh)
        found = [self.take(answer) for answer in answers]
        gone = sum(nodes is None and run.status is RunStatus.SUCCESS for run, nodes in zip(runs, found, strict=True))
        if gone:
            self.lack(f"dbt Cloud has no results of {count(gone, 'run')}: it keeps them for about two months.")
        if cut := sum(len(nodes or ()) == _JOB_LIST_CUT for nodes in found):
            self.lack(f"dbt Cloud gave exactly {_JOB_LIST_CUT} models of {count(cut, 'run')}, where it may cut a list.")
        return [nodes or () for nodes in found]

    async def nodes_of_run(self, run: RunRecord) -> Sequence[NodeRun]:
        """Every node of one run: status and error, no times. None left is said in a note."""
        nodes = self.take(await self._services.models.nodes_of_run(run, refresh=self._refresh))
        if nodes is None:
            self.notes.append(f"dbt Cloud has no results of run {run.run_id}; its message and steps say what is known.")
        kinds = Counter(node.resource_type for node in nodes or ())
        if _JOB_LIST_CUT in kinds.values():
            self.lack(f"dbt Cloud gave exactly {_JOB_LIST_CUT} nodes of a kind of run {run.run_id}, where it may cut.")
        return nodes or ()

    async def model_count(self, environment_id: str) -> int | None:
        """How many models an environment has; None, and a note, where dbt Cloud does not tell."""
        try:
            return self.take(await self._services.models.model_count(environment_id, refresh=self._refresh))
        except UpstreamError as error:
            self.lack(f"Models could not be counted: {error}")
            return None

    async def histories(self, models: Sequence[ModelRecord], count: int) -> list[Sequence[NodeRun]]:
        """The newest `count` runs of each model, newest first."""
        by_home: dict[str, list[ModelRecord]] = {}
        for model in models:
            by_home.setdefault(model.environment_id, []).append(model)
        ask = self._services.models.histories
        groups = await asyncio.gather(*(ask(group, count, refresh=self._refresh) for group in by_home.values()))
        found = {
            model: self.take(answer)
            for group, answers in zip(by_home.values(), groups, strict=True)
            for model, answer in zip(group, answers, strict=True)
        }
        return [found[model] for model in models]

    def assumed_period(self, jobs: Sequence[JobRecord]) -> str:
        """The period to take where none is named: the last seven days, or the seven up to the latest run before."""
        latest = max((job.last_run.began for job in jobs if job.last_run), default=self.now)
        if self.now - latest < timedelta(days=7):
            return "last_7_days"
        day = latest.astimezone(self.zone).date()
        self.notes.append(f"No run started in the last 7 days, so the 7 days up to the latest one, {day}, are taken.")
        return f"{day - timedelta(days=6)}/{day}"

    def span(self, period: str) -> TimeRange:
        """The moments that a period stands for now."""
        return parse_period(period).resolve(self.now, self.zone)

    # Inside

    async def _select_environments(self, wanted: Filter) -> Sequence[EnvironmentRecord]:
        environments = list((await self.environments()).values())
        if not isinstance(wanted, EnvironmentFields) or not wanted.environment:
            return environments
        kept = named_environments(wanted.environment, environments)
        if len(kept) == 1:
            self.resolved["environment"], self.names["environment"] = kept[0].environment_id, kept[0].name
        return kept
