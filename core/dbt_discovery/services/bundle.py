"""The services of one account, together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dbt_discovery.services.artifacts import ArtifactService
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.details import DetailService
from dbt_discovery.services.directory import Directory
from dbt_discovery.services.discovered import Discovered
from dbt_discovery.services.jobs import JobService
from dbt_discovery.services.lineage import LineageService
from dbt_discovery.services.models import ModelService
from dbt_discovery.services.projects import ProjectService
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.run_days import RunDays
from dbt_discovery.services.run_results import RunResultService
from dbt_discovery.services.runs import RunService
from dbt_discovery.services.sources import SourceService
from dbt_discovery.services.tests import TestService

if TYPE_CHECKING:
    from dbt_discovery.history.store import RunStore

__all__ = ["Services"]


@dataclass(frozen=True, slots=True)
class Services:
    """What can be asked of an account, by what it is about.

    Attributes:
        client: Asks, and remembers the answers.
        projects: Projects and environments, over the Admin API.
        jobs: Jobs, over the Admin API.
        runs: Runs, over the Admin API.
        run_days: The way to the run store.
        models: Models, over the Discovery API.
        tests: Tests, over the Discovery API.
        results: What single runs made of their nodes, over the Discovery API.
        run_results: What many runs made of their models or tests, out of the run store.
        details: What a list of models can do without, over the Discovery API.
        lineage: What nodes are made from, over the Discovery API.
        sources: Sources and how fresh they are, over the Discovery API.
        directory: Projects, environments, jobs and runs, whichever API the token may use.
    """

    client: DbtClient
    projects: ProjectService
    jobs: JobService
    runs: RunService
    run_days: RunDays
    models: ModelService
    tests: TestService
    results: ResultService
    run_results: RunResultService
    details: DetailService
    lineage: LineageService
    sources: SourceService
    directory: Directory

    @classmethod
    def over(
        cls,
        client: DbtClient,
        clock: Callable[[], datetime],
        store: Callable[[], RunStore],
        environment_ids: Sequence[str] = (),
    ) -> Services:
        """The services that ask through `client` and keep runs in a store.

        `environment_ids` are for tokens that may not use the Admin API.
        """
        days = RunDays(client, store, clock)
        projects, jobs, runs = ProjectService(client), JobService(client), RunService(client, days)
        models, results = ModelService(client), ResultService(client)

        def discover(homes: Sequence[str]) -> Discovered:
            return Discovered(client, models, results, homes)

        directory = Directory(projects, jobs, runs, discover, environment_ids, lambda: client.caching.generation)
        run_results = RunResultService(client, results, ArtifactService(client, runs), days)
        details, lineage, sources = DetailService(client), LineageService(client), SourceService(client)
        return cls(
            *(client, projects, jobs, runs, days, models, TestService(client), results, run_results),
            *(details, lineage, sources, directory),
        )
