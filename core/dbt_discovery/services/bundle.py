"""The services of one account, together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.jobs import JobService
from dbt_discovery.services.models import ModelService
from dbt_discovery.services.projects import ProjectService
from dbt_discovery.services.runs import RunService

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """What can be asked of an account, by what it is about."""

    client: DbtClient
    projects: ProjectService
    jobs: JobService
    runs: RunService
    models: ModelService

    @classmethod
    def over(cls, client: DbtClient, clock: Callable[[], datetime]) -> Services:
        """The services that ask through `client`."""
        return cls(
            client,
            ProjectService(client),
            JobService(client),
            RunService(client, clock),
            ModelService(client),
        )
