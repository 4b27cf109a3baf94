"""REST: projects, jobs, models and runs, as collections and one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from dbt_discovery import JobFilter, ModelFilter, ProjectFilter, RunFilter
from dbt_discovery.resources.handle import Handle
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.run import Run
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import PlainTextResponse
from pydantic import AfterValidator, BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.rest import resource_queries as queries
from dbt_discovery_web.rest.accepting import CODE, TEXT, VARY, preferred
from dbt_discovery_web.rest.answers import CODE_ANSWERS, REFERENCES, TABLE_ANSWERS
from dbt_discovery_web.rest.listings import listing_response
from dbt_discovery_web.rest.resource_models import PAGES, RESOURCES
from dbt_discovery_web.rest.resource_queries import filter_of
from dbt_discovery_web.rest.strict_route import StrictRoute
from dbt_discovery_web.rest.tables import json_response

__all__ = ["router"]

router = APIRouter(route_class=StrictRoute)

Route = TypeVar("Route", bound=Callable[..., Any])


def _named(reference: str) -> str:
    """What a path names, where it does."""
    if not reference.strip():
        raise HTTPException(404)
    return reference


def _path(kind: str) -> Any:
    description, example = REFERENCES[kind]
    return Path(description=description, openapi_examples={kind: {"value": example}})


Reference = Annotated[str, AfterValidator(_named)]
ProjectPath = Annotated[Reference, _path("project")]
JobPath = Annotated[Reference, _path("job")]
ModelPath = Annotated[Reference, _path("model")]
RunPath = Annotated[Reference, _path("run")]
Refresh = Annotated[bool, Query(description="Ask dbt Cloud again for what is already known.")]


class ModelCode(BaseModel):
    """The code of a model, as it is written and as the last run had it compiled; null where dbt Cloud has none."""

    unique_id: str
    name: str
    project_id: str
    raw_code: str | None
    compiled_code: str | None


def _collection(path: str, tag: str, operation: str, title: str, handle: type[Handle[Any]]) -> Callable[[Route], Route]:
    """A path that lists things."""
    model = PAGES[handle]
    return router.get(
        path, tags=[tag], operation_id=operation, summary=title, response_model=model, responses=TABLE_ANSWERS
    )


def _single(path: str, tag: str, operation: str, title: str, handle: type[Handle[Any]]) -> Callable[[Route], Route]:
    """A path of one thing."""
    return router.get(path, tags=[tag], operation_id=operation, summary=title, response_model=RESOURCES[handle])


@_collection("/projects", "Projects", "list_projects", "Projects", Project)
async def list_projects(
    request: Request, query: Annotated[queries.ProjectsQuery, Query()], account: AccountDep
) -> Response:
    """The projects of the account with their environments, by name."""
    listing = await account.aget_projects(filter_of(query, ProjectFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Project)


@_collection("/projects/{project:path}/models", "Projects", "list_project_models", "Models of a project", Model)
async def list_project_models(
    request: Request, project: ProjectPath, query: Annotated[queries.ProjectModelsQuery, Query()], account: AccountDep
) -> Response:
    """The models of one project, by name; runtime bounds apply to the last successful build."""
    owner = await account.aget_project(project)
    listing = await owner.aget_models(filter_of(query, ModelFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Model)


@_collection("/projects/{project:path}/jobs", "Projects", "list_project_jobs", "Jobs of a project", Job)
async def list_project_jobs(
    request: Request, project: ProjectPath, query: Annotated[queries.ProjectJobsQuery, Query()], account: AccountDep
) -> Response:
    """The jobs of one project, by name; runtime bounds apply to the latest run that is over."""
    owner = await account.aget_project(project)
    listing = await owner.aget_jobs(filter_of(query, JobFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Job)


@_collection("/jobs", "Jobs", "list_jobs", "Jobs", Job)
async def list_jobs(request: Request, query: Annotated[queries.JobsQuery, Query()], account: AccountDep) -> Response:
    """The jobs of the account with their latest runs, by name; runtime bounds apply to the latest run that is over."""
    listing = await account.aget_jobs(filter_of(query, JobFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Job)


@_collection("/jobs/{job:path}/models", "Jobs", "list_job_models", "Models of a job", Model)
async def list_job_models(
    request: Request, job: JobPath, query: Annotated[queries.JobModelsQuery, Query()], account: AccountDep
) -> Response:
    """The models that the latest run of a job with results built, as its environment has them now, by name."""
    owner = await account.aget_job(job)
    listing = await owner.aget_models(filter_of(query, ModelFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Model)


@_collection("/jobs/{job:path}/runs", "Jobs", "list_job_runs", "Runs of a job", Run)
async def list_job_runs(
    request: Request, job: JobPath, query: Annotated[queries.JobRunsQuery, Query()], account: AccountDep
) -> Response:
    """The runs of a job that started in a period, by default in the last seven days, newest first."""
    owner = await account.aget_job(job)
    listing = await owner.aget_runs(filter=filter_of(query, RunFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Run)


@_collection("/models", "Models", "list_models", "Models", Model)
async def list_models(
    request: Request, query: Annotated[queries.ModelsQuery, Query()], account: AccountDep
) -> Response:
    """The models of the account, by name; runtime bounds apply to the last successful build."""
    listing = await account.aget_models(filter_of(query, ModelFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Model)


@_collection("/models/{model:path}/runs", "Models", "list_model_runs", "Runs of a model", ModelRun)
async def list_model_runs(
    request: Request, model: ModelPath, query: Annotated[queries.ModelRunsQuery, Query()], account: AccountDep
) -> Response:
    """What each run made of a model, newest first: of a period, else of the newest 20 runs that dbt Cloud gives.

    Runtime bounds apply to the model's own time in a run, and `run_status` to the run as a whole.
    """
    owner = await account.aget_model(model)
    listing = await owner.aget_runs(None, filter_of(query, RunFilter), refresh=query.refresh)
    return listing_response(request, listing, query, ModelRun)


@_collection("/models/{model:path}/jobs", "Models", "list_model_jobs", "Jobs that build a model", Job)
async def list_model_jobs(
    request: Request, model: ModelPath, query: Annotated[queries.ModelJobsQuery, Query()], account: AccountDep
) -> Response:
    """The jobs of a model's environment that build it, as their latest runs with results tell, by name."""
    owner = await account.aget_model(model)
    wanted = filter_of(query, JobFilter, models=[owner], environment=owner.environment_id)
    return listing_response(request, await account.aget_jobs(wanted, refresh=query.refresh), query, Job)


@router.get(
    "/models/{model:path}/sql",
    tags=["Models"],
    operation_id="get_model_sql",
    summary="The code of a model",
    response_model=ModelCode,
    responses=CODE_ANSWERS,
)
async def get_model_sql(request: Request, model: ModelPath, account: AccountDep, refresh: Refresh = False) -> Response:
    """The code of a model, as it is written and compiled; of a Python model it is the Python.

    As plain text it is the compiled code, and the raw code where dbt Cloud has none compiled.
    """
    owner = await account.aget_model(model)
    if preferred(request, CODE) == TEXT:
        return PlainTextResponse(await owner.aget_sql(refresh=refresh), headers=VARY)
    code = await owner.aget_code(refresh=refresh)
    identity = {"unique_id": owner.unique_id, "name": owner.name, "project_id": owner.project_id}
    return json_response({**identity, "raw_code": code.raw_code, "compiled_code": code.compiled_code})


@_collection("/runs", "Runs", "list_runs", "Runs", Run)
async def list_runs(request: Request, query: Annotated[queries.RunsQuery, Query()], account: AccountDep) -> Response:
    """The runs that started in a period, by default in the last seven days, newest first."""
    listing = await account.aget_runs(filter=filter_of(query, RunFilter), refresh=query.refresh)
    return listing_response(request, listing, query, Run)


@_collection("/runs/{run:path}/models", "Runs", "list_run_models", "Models of a run", ModelRun)
async def list_run_models(
    request: Request, run: RunPath, query: Annotated[queries.RunModelsQuery, Query()], account: AccountDep
) -> Response:
    """The models of a run with their own times and outcomes in it, longest first.

    The filter looks at the models as they were in this run.
    """
    owner = await account.aget_run(run)
    listing = await owner.aget_models(filter_of(query, ModelFilter), refresh=query.refresh)
    return listing_response(request, listing, query, ModelRun)


# The paths of single things come last: an id or a name may hold a slash, and would take in every path below it.


@_single("/projects/{project:path}", "Projects", "get_project", "One project", Project)
async def get_project(project: ProjectPath, account: AccountDep, refresh: Refresh = False) -> Response:
    """The project of this id or name."""
    return json_response((await account.aget_project(project, refresh=refresh)).to_json())


@_single("/jobs/{job:path}", "Jobs", "get_job", "One job", Job)
async def get_job(job: JobPath, account: AccountDep, refresh: Refresh = False) -> Response:
    """The job of this id or name."""
    return json_response((await account.aget_job(job, refresh=refresh)).to_json())


@_single("/models/{model:path}", "Models", "get_model", "One model", Model)
async def get_model(model: ModelPath, account: AccountDep, refresh: Refresh = False) -> Response:
    """The model of this name, unique_id, `project_name.model_name` or `project_id/unique_id`."""
    return json_response((await account.aget_model(model, refresh=refresh)).to_json())


@_single("/runs/{run:path}", "Runs", "get_run", "One run", Run)
async def get_run(run: RunPath, account: AccountDep, refresh: Refresh = False) -> Response:
    """The run of this id."""
    return json_response((await account.aget_run(run, refresh=refresh)).to_json())
