"""REST: projects, jobs, models and runs, as collections and one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from dbt_discovery import JobFilter, Listing, ModelFilter, NotFound, ProjectFilter, RunFilter
from dbt_discovery.models.report import Coverage, Instant
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.run import Run
from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.paging import Keyed, PageFields, page_of

__all__ = ["Collection", "router"]

router = APIRouter()

_PARTS = frozenset({"runs", "jobs", "sql", "lineage"})
"""Ends of a path that ask for a part of a model, which REST does not give, and not for a model of that name."""
_LISTS = frozenset({"environments", "steps", "tags"})
"""Fields that hold several values, which no order can go by."""

Refresh = Annotated[bool, Query(description="Ask dbt Cloud again for what is already known.")]


class Collection(BaseModel):
    """A page of things. `total` counts all that the filter keeps; `next` is the next page's cursor, null at the end."""

    items: list[dict[str, Any]]
    total: int
    next: str | None
    as_of: Instant
    stale: bool
    coverage: Coverage
    notes: tuple[str, ...]


class ProjectsQuery(PageFields, ProjectFilter):
    """Which projects."""


class JobsQuery(PageFields, JobFilter):
    """Which jobs."""


class ModelsQuery(PageFields, ModelFilter):
    """Which models."""


class RunsQuery(PageFields, RunFilter):
    """Which runs."""


@router.get("/projects", tags=["Projects"], operation_id="list_projects", summary="Projects")
async def list_projects(query: Annotated[ProjectsQuery, Query()], account: AccountDep) -> Collection:
    """The projects of the account with their environments, by name."""
    wanted = ProjectFilter(**_fields(query, ProjectFilter))
    return _collection(await account.aget_projects(wanted, refresh=query.refresh), query, Project.FIELDS, "name")


@router.get("/projects/{reference}", tags=["Projects"], operation_id="get_project", summary="One project")
async def get_project(reference: str, account: AccountDep, refresh: Refresh = False) -> dict[str, Any]:
    """The project of this id or name."""
    return (await account.aget_project(reference, refresh=refresh)).to_json()


@router.get("/jobs", tags=["Jobs"], operation_id="list_jobs", summary="Jobs")
async def list_jobs(query: Annotated[JobsQuery, Query()], account: AccountDep) -> Collection:
    """The jobs of the account with their latest runs, by name; runtime bounds apply to the latest run that is over."""
    wanted = JobFilter(**_fields(query, JobFilter))
    return _collection(await account.aget_jobs(wanted, refresh=query.refresh), query, Job.FIELDS, "name")


@router.get("/jobs/{reference}", tags=["Jobs"], operation_id="get_job", summary="One job")
async def get_job(reference: str, account: AccountDep, refresh: Refresh = False) -> dict[str, Any]:
    """The job of this id or name."""
    return (await account.aget_job(reference, refresh=refresh)).to_json()


@router.get("/models", tags=["Models"], operation_id="list_models", summary="Models")
async def list_models(query: Annotated[ModelsQuery, Query()], account: AccountDep) -> Collection:
    """The models of the account, by name; runtime bounds apply to the last successful build."""
    wanted = ModelFilter(**_fields(query, ModelFilter))
    return _collection(await account.aget_models(wanted, refresh=query.refresh), query, Model.FIELDS, "name")


@router.get("/models/{reference:path}", tags=["Models"], operation_id="get_model", summary="One model")
async def get_model(reference: str, account: AccountDep, refresh: Refresh = False) -> dict[str, Any]:
    """The model of this unique_id, `project_name.model_name` or name; `project_id/unique_id` means exactly one."""
    try:
        return (await account.aget_model(reference, refresh=refresh)).to_json()
    except NotFound as error:
        if reference.rpartition("/")[2] in _PARTS:
            raise HTTPException(404) from error
        raise


@router.get("/runs", tags=["Runs"], operation_id="list_runs", summary="Runs")
async def list_runs(query: Annotated[RunsQuery, Query()], account: AccountDep) -> Collection:
    """The runs that started in a period, by default in the last seven days, newest first."""
    wanted = RunFilter(**_fields(query, RunFilter))
    return _collection(await account.aget_runs(filter=wanted, refresh=query.refresh), query, Run.FIELDS, "-created_at")


@router.get("/runs/{reference}", tags=["Runs"], operation_id="get_run", summary="One run")
async def get_run(reference: str, account: AccountDep, refresh: Refresh = False) -> dict[str, Any]:
    """The run of this id."""
    return (await account.aget_run(reference, refresh=refresh)).to_json()


def _fields(query: BaseModel, filter_class: type[BaseModel]) -> dict[str, Any]:
    return {name: getattr(query, name) for name in filter_class.model_fields}


def _place(handle: Handle[Any]) -> str:
    """What tells an item of a collection from all others: one model may be there once for each environment."""
    return f"{handle.reference}@{handle.environment_id}" if isinstance(handle, Model) else handle.reference


def _collection(listing: Listing[Any], page: PageFields, fields: Sequence[str], default_sort: str) -> Collection:
    handles: Sequence[Handle[Any]] = listing
    keyed = [Keyed(_place(handle), handle.to_json()) for handle in handles]
    sortable = [field for field in fields if field not in _LISTS]
    items, following = page_of(keyed, page, sortable, default_sort)
    return Collection(
        items=items,
        total=listing.total,
        next=following,
        as_of=listing.as_of,
        stale=listing.stale,
        coverage=listing.coverage,
        notes=listing.notes,
    )
