"""The Admin API's paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dbt_cloud_sandbox import auth
from dbt_cloud_sandbox.admin import render
from dbt_cloud_sandbox.admin.query import (
    STATE,
    Filter,
    array,
    boolean,
    contains,
    equals,
    greater,
    integer,
    listed,
    one_of,
    related,
    within,
)
from dbt_cloud_sandbox.pages import Pages
from dbt_cloud_sandbox.records import Environment, Run
from dbt_cloud_sandbox.responses import (
    INVALID_TOKEN,
    NO_PERMISSION,
    NOT_FOUND,
    NOT_FOUND_OR_FORBIDDEN,
    UNAUTHORIZED,
    AdminError,
    BadRequest,
    failure,
    not_allowed,
    success,
)
from dbt_cloud_sandbox.world import World

LIST_PROJECTS = {
    "name__icontains": contains("name"),
    "pk": equals("id"),
    "pk__gt": greater("id"),
    "pk__in": one_of("id"),
    "state": STATE,
}
LIST_ENVIRONMENTS = {
    "dbt_version": equals("dbt_version", str),
    "dbt_version__in": one_of("dbt_version", array),
    "pk": equals("id"),
    "project_id": equals("project_id"),
    "project_id__in": one_of("project_id"),
    "state": STATE,
}
LIST_PROJECT_ENVIRONMENTS = {
    **{name: kept for name, kept in LIST_ENVIRONMENTS.items() if name != "project_id"},
    "credentials_id": Filter(integer, lambda *_: False),
    "deployment_type": equals("deployment_type", str),
    "deployment_type__in": one_of("deployment_type", array),
    "id__gt": greater("id"),
    "name": equals("name", str),
    "name__icontains": contains("name"),
    "pk__in": one_of("id"),
    "type": equals("type", str),
}
LIST_JOBS = {
    "dbt_version__in": Filter(array, lambda *_: False),  # jobs inherit their environment's version
    "environment_id": equals("environment_id"),
    "is_fusion_ready": Filter(boolean, lambda _, ready: not ready),
    "is_system": Filter(boolean, lambda _, system: not system),
    "name__icontains": contains("name"),
    "pk": equals("id"),
    "project_id": equals("project_id"),
    "project_id__in": one_of("project_id"),
    "state": STATE,
    "triggers_schedule": equals("scheduled", boolean),
}
LIST_RUNS = {
    "created_at__range": within("created_at"),
    "dbt_version": equals("dbt_version", str),
    "dbt_version__in": one_of("dbt_version", array),
    "deferring_run_id": Filter(integer, lambda *_: False),
    "environment_id": equals("environment_id"),
    "finished_at__range": within("finished_at"),
    "has_docs_generated": equals("has_docs_generated", boolean),
    "has_sources_generated": equals("has_sources_generated", boolean),
    "id__gt": greater("id"),
    "job_definition_id": equals("job_id"),
    "pk": equals("id"),
    "pk__in": one_of("id"),
    "project_id": equals("project_id"),
    "project_id__in": one_of("project_id"),
    "state": STATE,
    "status": equals("status"),
    "status__in": one_of("status"),
}
NAMED_ORDERS = ("id", "name", "created_at")
READING = ("GET", "HEAD")
RUN_ORDERS = ("id", "created_at", "finished_at")

ACCOUNT, PROJECT = "/accounts/{account_id:int}", "/projects/{project_id:int}"

Answer: TypeAlias = Callable[[World, Request], Response]


def routes(world: World) -> list[Route]:
    """All paths that read, and the way out for all others."""
    both: dict[str, Answer] = {
        "/accounts/": _accounts,
        f"{ACCOUNT}/": _account,
        f"{ACCOUNT}/projects/": _projects,
        f"{ACCOUNT}/projects/{{id:int}}/": _project,
    }
    v2: dict[str, Answer] = {
        f"{ACCOUNT}/environments/": _environments,
        f"{ACCOUNT}/environments/{{id:int}}/": _environment,
        f"{ACCOUNT}/jobs/": _jobs,
        f"{ACCOUNT}/jobs/{{id:int}}/": _job,
        f"{ACCOUNT}/runs/": _runs,
        f"{ACCOUNT}/runs/{{id:int}}/": _run,
        f"{ACCOUNT}/runs/{{id:int}}/artifacts/": _artifacts,
        f"{ACCOUNT}/runs/{{id:int}}/artifacts/{{remainder:path}}": _artifact,
    }
    v3: dict[str, Answer] = {
        f"{ACCOUNT}{PROJECT}/environments/": _project_environments,
        f"{ACCOUNT}{PROJECT}/environments/{{id:int}}/": _environment,
    }
    tables = {"/api/v2": both | v2, "/api/v3": both | v3}
    pages = Pages(world, world.second)
    return [
        *(_route(world, pages, base + path, told) for base, table in tables.items() for path, told in table.items()),
        _route(world, pages, "/api/{rest:path}", _elsewhere),
    ]


def _route(world: World, pages: Pages, path: str, answer: Answer) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            if not request.url.path.endswith("/") and "/artifacts/" not in request.url.path:
                return _without_slash(request)
            _admit(world, request)
            if request.method not in READING:
                return not_allowed(request.method)
            asked = (request.url.path, *sorted(request.query_params.multi_items()))
            return pages.answer((asked, request.app.state.faults.deployment), lambda: answer(world, request))
        except AdminError as error:
            return failure(error)

    return Route(path, endpoint, methods=[*READING, "POST", "PUT", "PATCH", "DELETE"])


def _without_slash(request: Request) -> Response:
    """Django redirects to the path with a slash; a POST arrives there as a GET (quirks: trailing slash)."""
    if request.method in READING:
        return RedirectResponse(request.url.replace(path=request.url.path + "/"), 301)
    return not_allowed("GET")


def _admit(world: World, request: Request) -> None:
    """Refuses bad tokens, tokens without the right, and other accounts."""
    given = auth.token(request)
    if given is None:
        raise AdminError(401, UNAUTHORIZED)
    if given == auth.INVALID:
        raise AdminError(401, INVALID_TOKEN)
    if given == auth.METADATA_ONLY:
        raise AdminError(403, NO_PERMISSION)
    if request.path_params.get("account_id", world.account.id) != world.account.id:
        raise AdminError(404, NOT_FOUND_OR_FORBIDDEN)


def _elsewhere(world: World, request: Request) -> Response:
    raise AdminError(404, NOT_FOUND)


def _one(records: Iterable[Any], wanted: int) -> Any:
    for record in records:
        if record.id == wanted:
            return record
    raise AdminError(404, NOT_FOUND)


def _related(request: Request) -> frozenset[str]:
    """The related objects asked of a single resource, which takes no other parameter."""
    unknown = [name for name in request.query_params if name != "include_related"]
    if unknown:
        raise BadRequest(f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    return related(request.query_params.get("include_related", ""))


def _accounts(world: World, request: Request) -> Response:
    _related(request)
    extra = {"filters": {"pk__in": [world.account.id]}, "order_by": None}
    return success([render.account(world.account)], extra | {"pagination": {"count": 1, "total_count": 1}})


def _account(world: World, request: Request) -> Response:
    _related(request)
    return success(render.account(world.account))


def _projects(world: World, request: Request) -> Response:
    always = {"account_id": world.account.id}
    page = listed(world.projects(), request.query_params, LIST_PROJECTS, NAMED_ORDERS, always)
    return success([render.project(record) for record in page.rows], page.extra)


def _project(world: World, request: Request) -> Response:
    _related(request)
    return success(render.project(_one(world.projects(), request.path_params["id"])))


def _environments(world: World, request: Request) -> Response:
    always = {"account_id": world.account.id}
    page = listed(world.environments(), request.query_params, LIST_ENVIRONMENTS, NAMED_ORDERS, always)
    return success([render.environment(record) for record in page.rows], page.extra)


def _project_environments(world: World, request: Request) -> Response:
    home = _one(world.projects(), request.path_params["project_id"])
    always = {"account_id": world.account.id, "project_id": home.id}
    here = _environments_of(world, request)
    page = listed(here, request.query_params, LIST_PROJECT_ENVIRONMENTS, NAMED_ORDERS, always)
    shown = home if "project" in page.related else None
    return success([render.environment(record, shown) for record in page.rows], page.extra)


def _environments_of(world: World, request: Request) -> list[Environment]:
    """The environments below the path: of one project in v3, of the account in v2."""
    home = request.path_params.get("project_id")
    return [record for record in world.environments() if home is None or record.project_id == home]


def _environment(world: World, request: Request) -> Response:
    _related(request)
    return success(render.environment(_one(_environments_of(world, request), request.path_params["id"])))


def _jobs(world: World, request: Request) -> Response:
    always = {"account_id": world.account.id}
    page = listed(world.jobs(), request.query_params, LIST_JOBS, NAMED_ORDERS, always)
    return success([render.job(record, world, page.related) for record in page.rows], page.extra)


def _job(world: World, request: Request) -> Response:
    asked = _related(request)
    return success(render.job(_one(world.jobs(), request.path_params["id"]), world, asked))


def _runs(world: World, request: Request) -> Response:
    always = {"account_id": world.account.id}
    ledger = world.ledger()
    page = listed(ledger.runs, request.query_params, _run_filters(request), RUN_ORDERS, always, ledger)
    return success([render.run(record, world, page.related) for record in page.rows], page.extra)


def _run_filters(request: Request) -> dict[str, Filter]:
    """The filters of the run list; some deployments do not know the ranges."""
    if request.app.state.faults.range_filters:
        return LIST_RUNS
    return {name: kept for name, kept in LIST_RUNS.items() if not name.endswith("__range")}


def _run(world: World, request: Request) -> Response:
    asked = _related(request)
    return success(render.run(_one_run(world, request), world, asked))


def _one_run(world: World, request: Request) -> Run:
    record = world.ledger().run(request.path_params["id"])
    if record is None:
        raise AdminError(404, NOT_FOUND)
    return record


def _artifacts(world: World, request: Request) -> Response:
    _related(request)
    record = _one_run(world, request)
    paths = world.artifact_paths(record)
    if not paths:
        raise AdminError(404, NOT_FOUND)
    return success(list(paths))


def _artifact(world: World, request: Request) -> Response:
    params = request.query_params
    record = _one_run(world, request)
    step = integer(params["step"]) if "step" in params else None
    body = world.artifact(record, request.path_params["remainder"], step)
    if body is None:
        raise AdminError(404, NOT_FOUND)
    return Response(body, media_type="application/json")
