"""Selection: an account's records, narrowed by filters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from dbt_discovery.environments import named_environments, state_environment
from dbt_discovery.models.filters import (
    EnvironmentFields,
    Filter,
    JobFields,
    ModelFields,
    ProjectFields,
)
from dbt_discovery.models.records import EnvironmentRecord, JobRecord, ModelRecord, ProjectRecord
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.provenance import Provenance
from dbt_discovery.resolver import PROJECTS, Resolver, job_resolver, model_resolver
from dbt_discovery.scope import Scope
from dbt_discovery.services.bundle import Services
from dbt_discovery.services.operation import Answer
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.together import together
from dbt_discovery.traits import unknown_traits

__all__ = ["Selection"]

T = TypeVar("T")
Ask = Callable[..., Awaitable[Answer[tuple[T, ...] | None]]]
"""Asks for all that an environment has of a kind; nothing comes of one that is out of the token's sight."""


class Selection(Provenance):
    """The account's records that filters keep, and an account of what they rest on.

    Projects, environments, jobs and models are asked for once, refresh or not.

    Args:
        services: The account's services.
        now: The moment of the question.
        zone: Where days begin.
        environment: Which environment's state of models counts: `production` or `staging`.
        scope: The projects in view.
        refresh: Ask dbt Cloud again for what is known, each thing once.

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
        scope: Scope,
        refresh: bool = False,
    ) -> None:
        super().__init__(now)
        self.now, self.zone, self.environment = now, zone, environment
        self._services, self._scope, self._refresh = services, scope, Refresh(refresh)

    # What there is

    async def projects(self) -> Sequence[ProjectRecord]:
        """Every project in view.

        Raises:
            NotFound, AmbiguousName: The account's own filter names a project that is not there, or several are.
        """
        projects = await self.once("projects", lambda: self._services.directory.projects(refresh=self._refresh))
        return self._scope.narrow(projects)

    async def environments(self) -> dict[str, EnvironmentRecord]:
        """Every environment in view, by id."""
        service = self._services.directory
        found = await self.once("environments", lambda: service.environments(refresh=self._refresh))
        visible = await self._visible()
        return {e.environment_id: e for e in found if visible is None or e.project_id in visible}

    async def jobs(self) -> Sequence[JobRecord]:
        """Every job in view."""
        jobs = await self.once("jobs", lambda: self._services.directory.jobs(refresh=self._refresh))
        visible = await self._visible()
        return [job for job in jobs if visible is None or job.project_id in visible]

    async def sees(self, project_id: str) -> bool:
        """Whether a project is in view."""
        visible = await self._visible()
        return visible is None or project_id in visible

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

    async def select_environments(self, wanted: Filter) -> list[EnvironmentRecord]:
        """The environments that a filter keeps by project and name.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        projects, chosen = await together(self.select_projects(wanted), self._named_environments(wanted))
        ids = {project.project_id for project in projects}
        return [each for each in chosen if each.project_id in ids]

    async def select_jobs(self, wanted: Filter) -> Sequence[JobRecord]:
        """The jobs that a filter keeps by project, environment, name and type.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        jobs, environments, projects = await together(
            self.jobs(), self.select_environments(wanted), self.select_projects(wanted)
        )
        if isinstance(wanted, EnvironmentFields) and wanted.environment:
            homes = {each.environment_id for each in environments}
            kept = [job for job in jobs if job.environment_id in homes]
        else:
            ids = {project.project_id for project in projects}
            kept = [job for job in jobs if job.project_id in ids]
        if isinstance(wanted, JobFields):
            if wanted.names_jobs:
                kept = list(self.resolve(await self._job_resolver(), (*wanted.jobs, *wanted.job_ids), kept, jobs))
            if wanted.job_type:
                kept = [job for job in kept if job.job_type in wanted.job_type]
        return kept

    async def homes(self, wanted: Filter) -> Collection[str] | None:
        """Ids of the environments that a filter keeps; None where it names none."""
        if not (isinstance(wanted, EnvironmentFields) and wanted.environment):
            return None
        return {home.environment_id for home in await self.select_environments(wanted)}

    async def select_models(self, wanted: Filter) -> Sequence[ModelRecord]:
        """The models that a filter keeps, as the state of each project's environment has them.

        Where jobs are named by name or type, and no environment is, it is the state of the environments in which these
        run. Whether they build a model at all is not looked at here.

        Raises:
            NotFound, AmbiguousName: Something is not called that, or several are.
        """
        models = await self.models_in(await self.state_environments(wanted))
        if not (isinstance(wanted, ModelFields) and wanted.narrows_models):
            return models
        for sentence in unknown_traits(wanted, models):
            self.tell(sentence)
        if wanted.models or wanted.model_ids:
            everything = await self.select_models(Filter())
            models = await self.named_models(wanted, models, everything)
        return [model for model in models if wanted.admits(model, model.last_run_status)]

    async def models_in(self, homes: Sequence[EnvironmentRecord]) -> list[ModelRecord]:
        """Every model of some environments."""
        return await self._of_homes(homes, "models", self._services.models.models)

    async def tests_in(self, homes: Sequence[EnvironmentRecord]) -> list[TestRecord]:
        """Every test of some environments."""
        return await self._of_homes(homes, "tests", self._services.tests.tests)

    async def named_models(
        self, wanted: ModelFields, kept: Sequence[ModelRecord], everything: Sequence[ModelRecord]
    ) -> list[ModelRecord]:
        """The models of `kept` that a filter names. One model may be kept in several environments, and then all are.

        Raises:
            NotFound, AmbiguousName: None of `everything` is called that, or several are.
        """
        projects = {project.project_id: project.name for project in await self.projects()}
        named = self.resolve(
            model_resolver(projects), (*wanted.models, *wanted.model_ids), _each_once(kept), _each_once(everything)
        )
        meant = {model.identity for model in named}
        return [model for model in kept if model.identity in meant]

    async def state_environments(self, wanted: Filter) -> list[EnvironmentRecord]:
        """The environment whose state speaks for each project the filter keeps; a note names projects without one."""
        named = isinstance(wanted, EnvironmentFields) and wanted.environment
        if isinstance(wanted, JobFields) and wanted.narrows_jobs and not named:
            return await self._homes_of_jobs(wanted)
        projects, chosen = await together(self.select_projects(wanted), self._named_environments(wanted))
        homes = []
        for project in projects:
            if home := state_environment(project, chosen, None if named else self.environment):
                homes.append(home)
            elif named and any(each.project_id == project.project_id for each in chosen):
                self.lack(
                    f"The environment named in {project.name} is for development: dbt Cloud keeps no state of it."
                )
            elif not named:
                self.tell(
                    f"Project {project.name} has no {self.environment} environment, so its models are not counted. "
                    "Mark one in dbt Cloud, or name an environment."
                )
        return homes

    # Inside

    async def _of_homes(self, homes: Sequence[EnvironmentRecord], what: str, ask: Ask[T]) -> list[T]:
        """What some environments hold of a kind; says which of them are out of the token's sight."""

        async def of(home: EnvironmentRecord) -> tuple[T, ...] | None:
            name = f"{what} of {home.environment_id}"
            return await self.once(name, lambda: ask(home.environment_id, refresh=self._refresh))

        parts = await together(*map(of, homes))
        for home, found in zip(homes, parts, strict=True):
            if found is None:
                self.lack(f"Environment {home.name} ({home.environment_id}) shows the token no {what}.")
        return [each for found in parts for each in found or ()]

    async def _job_resolver(self) -> Resolver[JobRecord]:
        return job_resolver(await self.projects(), (await self.environments()).values())

    async def _visible(self) -> Collection[str] | None:
        """Ids of the projects in view; None where it is all of them."""
        if self._scope.everything:
            return None
        return {project.project_id for project in await self.projects()}

    async def _homes_of_jobs(self, wanted: JobFields) -> list[EnvironmentRecord]:
        """The environments in which the jobs run that a filter keeps.

        Where only types of jobs are asked for, a project's own state comes first, if such a job runs there.
        """
        homes = {job.environment_id for job in await self.select_jobs(wanted)}
        known = await self.environments()
        if hidden := sorted(homes - known.keys()):
            self.lack(f"The models of environment {', '.join(hidden)} are out of the token's sight.")
        own = {home.project_id: home for home in (known[each] for each in homes & known.keys()) if self._speaks(home)}
        return [
            known[home]
            for home in sorted(homes & known.keys())
            if wanted.names_jobs or own.get(known[home].project_id, known[home]) == known[home]
        ]

    def _speaks(self, home: EnvironmentRecord) -> bool:
        """Whether an environment is marked as the one whose state counts."""
        return home.deployment_type == self.environment

    async def _named_environments(self, wanted: Filter) -> Sequence[EnvironmentRecord]:
        """The environments that a filter names, of whatever project; all, where it names none."""
        environments = list((await self.environments()).values())
        if not isinstance(wanted, EnvironmentFields) or not wanted.environment:
            return environments
        kept = named_environments(wanted.environment, environments)
        if len(kept) == 1:
            self.resolved["environment"], self.names["environment"] = kept[0].environment_id, kept[0].name
        return kept


def _each_once(models: Sequence[ModelRecord]) -> list[ModelRecord]:
    """Each model once, whichever environments have it."""
    return list({model.identity: model for model in reversed(models)}.values())[::-1]
