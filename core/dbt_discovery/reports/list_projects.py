"""The projects of the account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ProjectFilter
from dbt_discovery.models.report import Column, Coverage, Row
from dbt_discovery.questions.project_contents import ProjectContents, contents_of_projects
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.readings import state_reading
from dbt_discovery.words import count, listed

__all__ = ["ListProjects", "list_projects"]

_COLUMNS = columns(
    "project_name",
    Column(key="model_count", label="Models", type="number", unit="count"),
    Column(key="job_count", label="Jobs", type="number", unit="count"),
    Column(key="environments", label="Environments"),
    "description",
    "project_id",
)


class ListProjects(ManyRows, ProjectFilter):
    """Arguments of `list_projects`."""

    order_by: Literal["name", "models", "jobs"] = Field(
        default="name", description="Sort by name, by number of models or by number of jobs, most first."
    )


@report(
    title="Projects",
    group="projects",
    examples=("Which projects do we have?", "How many models does each project have?"),
    sample={},
)
async def list_projects(inquiry: Inquiry, arguments: ListProjects) -> Findings:
    """The projects of the account with their environments, and how many models and jobs each has.

    The models are those of the environment whose state counts: production, or the one that is named. A project without
    such an environment has no number of models, which is not the same as none. The jobs are those of all of its
    environments; a named environment keeps the projects that have such a one, and counts its jobs alone.
    """
    found = await contents_of_projects(inquiry, arguments)
    if arguments.order_by == "models":
        found.sort(key=lambda each: -1 if each.model_count is None else each.model_count, reverse=True)
    elif arguments.order_by == "jobs":
        found.sort(key=lambda each: each.job_count, reverse=True)
    models = sum(each.model_count or 0 for each in found)
    jobs = sum(each.job_count for each in found)
    finding = listed([each.project.name for each in found], "project")
    return Findings(
        finding=f"{finding} Together they have {count(models, 'model')} and {count(jobs, 'job')}."
        if len(found) > 1
        else finding,
        columns=_COLUMNS,
        rows=[_row(each) for each in found],
        coverage=Coverage(unit="models", considered=models),
        reading=[await state_reading(inquiry, arguments)],
        limit=arguments.limit,
    )


def _row(each: ProjectContents) -> Row:
    return {
        "project_id": each.project.project_id,
        "project_name": each.project.name,
        "description": each.project.description,
        "environments": ", ".join(home.name for home in each.environments),
        "model_count": each.model_count,
        "job_count": each.job_count,
    }
