"""REST: the reports, one path each, made from their declarations."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

from dbt_discovery import Report
from dbt_discovery.reports import find_report, registry
from dbt_discovery.reports.declaration import ReportDeclaration
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from dbt_discovery_web.dependencies import AccountDep

__all__ = ["ReportSummary", "report_routes"]

_UNDER_ACCOUNT = ("slowest_models", "longest_running_jobs")


class ReportSummary(BaseModel):
    """A report that can be asked for."""

    name: str
    title: str
    summary: str
    group: str
    arguments: dict[str, Any]
    examples: tuple[str, ...]
    path: str


def report_routes() -> APIRouter:
    """The paths of every report, and the list of them."""
    router = APIRouter()

    @router.get("/reports", tags=["Reports"], operation_id="list_reports", summary="Every report there is")
    async def list_reports() -> list[ReportSummary]:
        """The reports, each with the JSON schema of its arguments and questions that it answers."""
        return [_summary(declaration) for declaration in registry().values()]

    for declaration in registry().values():
        _add(router, f"/reports/{declaration.name}", "Reports", declaration, f"report_{declaration.name}")
    for name in _UNDER_ACCOUNT:
        _add(router, f"/account/{name}", "Account", find_report(name), f"account_{name}")

    @router.get("/reports/{name}", include_in_schema=False)
    async def other_spelling(name: str, request: Request) -> RedirectResponse:
        """Leads `longest-running-jobs` to its path; a name that is no report's raises, with those that are near."""
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/reports/{find_report(name).name}{query}")

    return router


def _add(router: APIRouter, path: str, tag: str, declaration: ReportDeclaration[Any], operation_id: str) -> None:
    questions = "\n".join(f"- {example}" for example in declaration.examples)
    router.add_api_route(
        path,
        _answer(declaration),
        methods=["GET"],
        tags=[tag],
        operation_id=operation_id,
        summary=declaration.title,
        description=f"{declaration.description}\n\nAnswers questions such as:\n\n{questions}",
        response_model=Report,
        route_class_override=_route_of(declaration),
    )


def _route_of(declaration: ReportDeclaration[Any]) -> type[APIRoute]:
    class ReportRoute(APIRoute):
        """A report's path, on which wrong arguments are told in the declaration's words, as at every other door."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_or_explain(request: Request) -> Response:
                try:
                    return await handle(request)
                except RequestValidationError:
                    declaration.parse(_given(request))
                    raise

            return handle_or_explain

    return ReportRoute


def _given(request: Request) -> dict[str, Any]:
    query = request.query_params
    given = {name: query.getlist(name) for name in query}
    return {name: values if len(values) > 1 else values[0] for name, values in given.items()}


def _answer(declaration: ReportDeclaration[Any]) -> Callable[..., Awaitable[Report]]:
    async def answer(arguments: Any, account: AccountDep) -> Report:
        return await account.arun_report(declaration.name, arguments)

    # FastAPI reads a route's parameters from its annotations: here they are the report's own.
    answer.__annotations__["arguments"] = Annotated[declaration.arguments, Query()]
    return answer


def _summary(declaration: ReportDeclaration[Any]) -> ReportSummary:
    return ReportSummary(
        name=declaration.name,
        title=declaration.title,
        summary=declaration.summary,
        group=declaration.group,
        arguments=declaration.arguments.model_json_schema(),
        examples=declaration.examples,
        path=f"/reports/{declaration.name}",
    )
