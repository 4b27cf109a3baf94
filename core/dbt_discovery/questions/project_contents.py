"""Contents of projects: the environments, models and jobs that each has."""

from __future__ import annotations

from dataclasses import dataclass

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ProjectFilter
from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.services.together import together

__all__ = ["ProjectContents", "contents_of_projects"]


@dataclass(frozen=True, slots=True)
class ProjectContents:
    """A project and how much is in it.

    Attributes:
        project: The project.
        environments: Its environments.
        model_count: Models of the environment whose state counts; None where the token does not see it.
        job_count: Its jobs.
    """

    project: ProjectRecord
    environments: tuple[EnvironmentRecord, ...]
    model_count: int | None
    job_count: int


async def contents_of_projects(inquiry: Inquiry, wanted: ProjectFilter) -> list[ProjectContents]:
    """The projects that a filter keeps, by name. An environment keeps those that have it, and counts what is in it.

    Raises:
        NotFound, AmbiguousName: Something is not called that, or several are.
    """
    projects, environments, jobs, homes = await together(
        inquiry.select_projects(wanted),
        inquiry.select_environments(wanted),
        inquiry.select_jobs(wanted),
        inquiry.state_environments(wanted),
    )
    if wanted.environment:
        having = {each.project_id for each in environments}
        projects = [project for project in projects if project.project_id in having]
    counts = await together(*(inquiry.model_count(home.environment_id) for home in homes))
    models = {home.project_id: number for home, number in zip(homes, counts, strict=True)}
    found = [
        ProjectContents(
            project=project,
            environments=tuple(each for each in environments if each.project_id == project.project_id),
            model_count=models.get(project.project_id),
            job_count=sum(job.project_id == project.project_id for job in jobs),
        )
        for project in projects
    ]
    return sorted(found, key=lambda each: (each.project.name.casefold(), each.project.project_id))
