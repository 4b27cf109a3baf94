"""REST: the reports, one path each, made from their declarations, and some of them below what they are narrowed to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from dbt_discovery import Report
from dbt_discovery.reports import find_report, registry
from dbt_discovery.reports.declaration import ReportDeclaration
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from starlette.responses import Response

from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.rest.accepting import JSON, TABLES, VARY, preferred
from dbt_discovery_web.rest.answers import TABLE_ANSWERS
from dbt_discovery_web.rest.report_parameters import report_parameters
from dbt_discovery_web.rest.report_places import NARROWED, Place
from dbt_discovery_web.rest.strict_route import StrictRoute
from dbt_discovery_web.rest.tables import Table, table_response

__all__ = ["ReportSummary", "report_routes", "report_table"]


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
    router.add_api_route(
        "/reports",
        list_reports,
        tags=["Reports"],
        operation_id="list_reports",
        summary="Every report there is",
        route_class_override=StrictRoute,
    )
    for declaration in registry().values():
        _add(router, Place(f"/reports/{declaration.name}", f"report_{declaration.name}", "Reports"), declaration)
        for place in NARROWED.get(declaration.name, ()):
            _add(router, place, declaration)

    @router.get("/reports/{name}", include_in_schema=False)
    async def other_spelling(name: str, request: Request) -> RedirectResponse:
        """Leads `longest-running-jobs` to its path; a name that is no report's raises, with those that are near."""
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/reports/{find_report(name).name}{query}")

    return router


async def list_reports() -> list[ReportSummary]:
    """The reports, each with the JSON schema of its arguments and questions that it answers."""
    return [_summary(declaration) for declaration in registry().values()]


def _add(router: APIRouter, place: Place, declaration: ReportDeclaration[Any]) -> None:
    questions = "\n".join(f"- {example}" for example in declaration.examples)
    router.add_api_route(
        place.path,
        _answer(place, declaration),
        methods=["GET"],
        tags=[place.tag],
        operation_id=place.operation,
        summary=declaration.title + (f" of one {place.kind}" if place.kind else ""),
        description=f"{declaration.description}\n\nAnswers questions such as:\n\n{questions}",
        response_model=Report,
        responses=TABLE_ANSWERS,
        openapi_extra={"parameters": report_parameters(declaration, place.kind, place.settled)},
    )


def _answer(place: Place, declaration: ReportDeclaration[Any]) -> Callable[..., Awaitable[Response]]:
    async def answer(request: Request, account: AccountDep) -> Response:
        form, arguments = preferred(request, TABLES), place.arguments(request, declaration)
        if form == JSON:
            report = await account.arun_report(declaration.name, arguments)
            return Response(report.model_dump_json(), headers=VARY, media_type=JSON)
        return table_response(report_table(await account.arun_report(declaration.name, arguments.whole())), form)

    return answer


def report_table(report: Report) -> Table:
    """The rows of a report, for a program or a spreadsheet."""
    return Table(
        name=report.name,
        keys=[column.key for column in report.columns],
        rows=report.rows,
        total=report.total_rows,
        complete=report.coverage.complete,
    )


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
