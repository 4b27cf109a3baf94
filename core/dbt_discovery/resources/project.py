"""Projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dbt_discovery.home import at_home, blocking
from dbt_discovery.models.filters import JobFilter, ModelFilter, RunFilter, SearchFilter
from dbt_discovery.models.listing import Listing
from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.resources.handle import Handle, recorded
from dbt_discovery.resources.rankings import JobRanking, ModelRanking

if TYPE_CHECKING:
    from dbt_discovery.resources.job import Job
    from dbt_discovery.resources.model import Model
    from dbt_discovery.view import AccountView

__all__ = ["Project"]


class Project(Handle[ProjectRecord]):
    """A dbt project of the account; its methods ask the account about this project alone.

    `model_count` is None where the token does not see the environment whose state counts.
    """

    KIND = "project"
    FIELDS = ("project_id", "name", "description", "environments", "model_count", "job_count")

    __slots__ = ("_environments", "job_count", "model_count")

    def __init__(
        self,
        record: ProjectRecord,
        view: AccountView,
        *,
        environments: tuple[EnvironmentRecord, ...],
        model_count: int | None,
        job_count: int,
    ) -> None:
        super().__init__(record, view.view([record.project_id]))
        self._environments = environments
        self.model_count = model_count
        self.job_count = job_count

    project_id = recorded[str]("The project's id.")
    name = recorded[str]("The project's name.")
    description = recorded[str]("What the project is for; may be empty.")

    @property
    def environments(self) -> list[dict[str, Any]]:
        """Its environments: environment_id, name, type (deployment, development), deployment_type."""
        return [
            {
                "environment_id": each.environment_id,
                "name": each.name,
                "type": each.type,
                "deployment_type": each.deployment_type,
            }
            for each in self._environments
        ]

    @property
    def reference(self) -> str:
        """The project's id."""
        return self.project_id

    @at_home
    async def aget_models(
        self, filter: ModelFilter | SearchFilter | None = None, *, refresh: bool = False
    ) -> Listing[Model]:
        """The project's models."""
        return await self.view.aget_models(filter, refresh=refresh)

    @at_home
    async def aget_jobs(self, filter: JobFilter | SearchFilter | None = None, *, refresh: bool = False) -> Listing[Job]:
        """The project's jobs."""
        return await self.view.aget_jobs(filter, refresh=refresh)

    @at_home
    async def aget_slowest_models(
        self,
        slowest_n: int = 10,
        last_n_runs: int = 1,
        filter: ModelFilter | SearchFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[ModelRanking]:
        """The project's models that take longest."""
        return await self.view.aget_slowest_models(slowest_n, last_n_runs, filter, refresh=refresh)

    @at_home
    async def aget_longest_running_jobs(
        self,
        longest_n: int = 10,
        last_n_runs: int | None = None,
        filter: RunFilter | SearchFilter | None = None,
        model_filter: ModelFilter | None = None,
        *,
        refresh: bool = False,
    ) -> Listing[JobRanking]:
        """The project's jobs whose runs take longest; with a `model_filter`, of those that build such a model."""
        return await self.view.aget_longest_running_jobs(longest_n, last_n_runs, filter, model_filter, refresh=refresh)

    get_models = blocking(aget_models)
    get_jobs = blocking(aget_jobs)
    get_slowest_models = blocking(aget_slowest_models)
    get_longest_running_jobs = blocking(aget_longest_running_jobs)
