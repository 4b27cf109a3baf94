"""Projects and their environments, over the Admin API."""

from __future__ import annotations

from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, Answer
from dbt_discovery.services.parsing import parse_environment, parse_project
from dbt_discovery.services.refresh import Refresh

__all__ = ["ProjectService"]

_PROJECTS: AdminOperation[tuple[ProjectRecord, ...]] = AdminOperation(
    name="projects",
    scope="projects",
    path="v3/accounts/{account}/projects/",
    paged=True,
    parse=lambda rows: tuple(map(parse_project, rows)),
)
_ENVIRONMENTS: AdminOperation[tuple[EnvironmentRecord, ...]] = AdminOperation(
    name="environments",
    scope="projects",
    path="v2/accounts/{account}/environments/",
    paged=True,
    parse=lambda rows: tuple(map(parse_environment, rows)),
)


class ProjectService:
    """Answers about projects and environments."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def projects(self, *, refresh: bool | Refresh = False) -> Answer[tuple[ProjectRecord, ...]]:
        """Every project of the account."""
        return await self._client.ask(_PROJECTS, refresh=refresh)

    async def environments(self, *, refresh: bool | Refresh = False) -> Answer[tuple[EnvironmentRecord, ...]]:
        """Every environment of the account: one request, where v3 would need one for each project."""
        return await self._client.ask(_ENVIRONMENTS, refresh=refresh)
