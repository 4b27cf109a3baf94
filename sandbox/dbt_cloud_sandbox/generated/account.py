"""The generated account: projects, environments and jobs with their ids, made from the blueprints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from dbt_cloud_sandbox.generated.blueprint import Blueprint, JobPlan
from dbt_cloud_sandbox.generated.definitions import definitions
from dbt_cloud_sandbox.generated.selection import Graph
from dbt_cloud_sandbox.generated.site import Ground, JobSite
from dbt_cloud_sandbox.generated.sizes import Sizes, sized
from dbt_cloud_sandbox.records import Account, Environment, Job, Node, Project

ACCOUNT_ID = 70_403_103_900_001
PROJECT_IDS, ENVIRONMENT_IDS, JOB_IDS = 70_403_103_920_001, 70_403_103_930_001, 70_403_103_940_001
KEPT_DEPLOYMENTS = 2
OPENED = datetime(2023, 9, 4, 8, 30, 12, 111442, tzinfo=UTC)


@dataclass(frozen=True)
class Deployment:
    """Everything in the account that does not change with time."""

    account: Account
    projects: tuple[Project, ...]
    environments: tuple[Environment, ...]
    jobs: tuple[Job, ...]
    sites: tuple[JobSite, ...]
    nodes: dict[int, tuple[Node, ...]]


@lru_cache(maxsize=KEPT_DEPLOYMENTS)
def deployment(sizes: Sizes) -> Deployment:
    """The account of every generated world of these sizes; only its runs depend on the seed.

    Raises:
        ValueError: When there can be no such world, with the reason.
    """
    account = Account(ACCOUNT_ID, "Jaffle Works", "sandbox.us1.dbt.com", OPENED)
    projects: list[Project] = []
    environments: list[Environment] = []
    grounds: dict[int, Ground] = {}
    sites: list[JobSite] = []
    for place, blueprint in enumerate(sized(sizes)):
        project = _project(blueprint, PROJECT_IDS + place)
        projects.append(project)
        here: dict[str, Environment] = {}
        for name, deployment in blueprint.environments:
            environment = _environment(project, name, deployment, ENVIRONMENT_IDS + len(environments))
            environments.append(environment)
            here[name] = environment
            if environment.type == "deployment":
                grounds[environment.id] = Ground(blueprint, Graph(definitions(blueprint, name)))
        for plan in blueprint.jobs:
            environment = here[plan.environment]
            job = _job(plan, environment, JOB_IDS + len(sites))
            sites.append(JobSite(len(sites), job, plan, grounds[environment.id]))
    jobs = tuple(site.job for site in sites)
    nodes = {environment_id: ground.graph.nodes for environment_id, ground in grounds.items()}
    return Deployment(account, tuple(projects), tuple(environments), jobs, tuple(sites), nodes)


def _project(blueprint: Blueprint, project_id: int) -> Project:
    opened = OPENED + timedelta(days=project_id % 10)
    return Project(
        project_id, ACCOUNT_ID, blueprint.name, blueprint.package, blueprint.description, "snowflake", opened
    )


def _environment(project: Project, name: str, deployment: str, environment_id: int) -> Environment:
    development = deployment == "development"
    return Environment(
        id=environment_id,
        account_id=ACCOUNT_ID,
        project_id=project.id,
        name=name,
        type="development" if development else "deployment",
        deployment_type=None if development else deployment,
        dbt_version="latest",
        created_at=project.created_at,
    )


def _job(plan: JobPlan, environment: Environment, job_id: int) -> Job:
    is_ci = plan.ci_rate is not None
    return Job(
        id=job_id,
        account_id=ACCOUNT_ID,
        project_id=environment.project_id,
        environment_id=environment.id,
        name=plan.name,
        description=plan.description,
        job_type="ci" if is_ci else "scheduled",
        execute_steps=plan.steps,
        cron=plan.schedule.cron,
        cron_humanized=plan.schedule.humanized,
        scheduled=not is_ci,
        created_at=environment.created_at + timedelta(days=30),
        threads=plan.threads,
        timeout_seconds=plan.timeout_seconds,
        generate_docs=plan.docs,
        run_generate_sources=plan.sources,
    )
