"""What the collections take in their queries: the filter fields of what is listed, but for what the path settles."""

from __future__ import annotations

from typing import Any, TypeVar

from dbt_discovery import JobFilter, ModelFilter, ProjectFilter, RunFilter
from dbt_discovery.models.filters import EnvironmentFields, Filter, JobFields, ModelFields, RunFields, RuntimeFields
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.run import Run
from pydantic import Field

from dbt_discovery_web.rest.paging import PageFields
from dbt_discovery_web.rest.resource_models import sortable

__all__ = [
    "JobModelsQuery",
    "JobRunsQuery",
    "JobsQuery",
    "ModelJobsQuery",
    "ModelRunsQuery",
    "ModelsQuery",
    "ProjectJobsQuery",
    "ProjectModelsQuery",
    "ProjectsQuery",
    "RunModelsQuery",
    "RunsQuery",
    "filter_of",
]

F = TypeVar("F", bound=Filter)


def filter_of(query: PageFields, kind: type[F], **settled: Any) -> F:
    """The filter in a query, with what is settled besides."""
    fields = kind.model_fields.keys() & type(query).model_fields.keys()
    return kind(**{name: getattr(query, name) for name in fields}, **settled)


def _sort(handle: type[Handle[Any]], default: str) -> Any:
    """The field `sort` of a collection of such things."""
    fields = sortable(handle)
    return Field(
        default=default,
        description="The field to sort by; with - in front, the greatest first.",
        json_schema_extra={"enum": [*fields, *(f"-{field}" for field in fields)]},
    )


class ProjectsQuery(PageFields, ProjectFilter):
    """Which projects."""

    sort: str = _sort(Project, "name")


class JobsQuery(PageFields, JobFilter):
    """Which jobs."""

    sort: str = _sort(Job, "name")


class ModelsQuery(PageFields, ModelFilter):
    """Which models."""

    sort: str = _sort(Model, "name")


class RunsQuery(PageFields, RunFilter):
    """Which runs."""

    sort: str = _sort(Run, "-created_at")


class ProjectJobsQuery(PageFields, RuntimeFields, ModelFields, JobFields, EnvironmentFields):
    """Which jobs of a project."""

    sort: str = _sort(Job, "name")


class ProjectModelsQuery(PageFields, RuntimeFields, ModelFields, JobFields, EnvironmentFields):
    """Which models of a project."""

    sort: str = _sort(Model, "name")


class JobModelsQuery(PageFields, RuntimeFields, ModelFields):
    """Which models of a job."""

    sort: str = _sort(Model, "name")


class JobRunsQuery(PageFields, RuntimeFields, ModelFields, RunFields):
    """Which runs of a job."""

    sort: str = _sort(Run, "-created_at")


class ModelJobsQuery(PageFields, RuntimeFields, JobFields):
    """Which of the jobs that build a model."""

    sort: str = _sort(Job, "name")


class ModelRunsQuery(PageFields, RuntimeFields, RunFields, JobFields):
    """Which runs of a model."""

    sort: str = _sort(ModelRun, "-finished_at")


class RunModelsQuery(PageFields, RuntimeFields, ModelFields):
    """Which models of a run."""

    sort: str = _sort(ModelRun, "-runtime")
