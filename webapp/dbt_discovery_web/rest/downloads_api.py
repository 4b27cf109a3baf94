"""REST: a report as files to take along, under addresses that a plain link can have."""

from __future__ import annotations

from typing import Annotated, Any

from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import ReportArguments, ReportDeclaration
from fastapi import APIRouter, Depends, Path, Request, Response

from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.rendering import report_markdown
from dbt_discovery_web.rest.accepting import CSV
from dbt_discovery_web.rest.report_parameters import ANY_ARGUMENTS
from dbt_discovery_web.rest.report_places import Place
from dbt_discovery_web.rest.reports_api import report_table
from dbt_discovery_web.rest.tables import table_response

__all__ = ["router"]

router = APIRouter(tags=["Reports"])

_MARKDOWN = "text/markdown"
_PROBLEM: dict[str, Any] = {"application/problem+json": {}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such report", "content": _PROBLEM},
    422: {"description": "An argument is not right", "content": _PROBLEM},
}


async def _asked(
    name: Annotated[str, Path(description="The report's name.", examples=["longest_running_jobs"])], request: Request
) -> tuple[ReportDeclaration[Any], ReportArguments]:
    declaration = find_report(name)
    return declaration, Place(f"/reports/{name}", "", "").arguments(request, declaration)


AskedDep = Annotated[tuple[ReportDeclaration[Any], ReportArguments], Depends(_asked)]


def _answered(what: str, media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": {media_type: {"schema": {"type": "string"}}}}, **_REFUSALS}


@router.get(
    "/reports/{name}/rows.csv",
    operation_id="get_report_csv",
    summary="The rows of a report as a file",
    response_class=Response,
    responses=_answered("The rows", CSV),
    openapi_extra={"parameters": [dict(ANY_ARGUMENTS)]},
)
async def get_report_csv(asked: AskedDep, account: AccountDep) -> Response:
    """Every row as CSV, unless a limit is given; what would be a formula in a spreadsheet has a ' before it."""
    declaration, arguments = asked
    return table_response(report_table(await account.arun_report(declaration.name, arguments.whole())), CSV)


@router.get(
    "/reports/{name}/report.md",
    operation_id="get_report_markdown",
    summary="A report as Markdown",
    response_class=Response,
    responses=_answered("The report", _MARKDOWN),
    openapi_extra={"parameters": [dict(ANY_ARGUMENTS)]},
)
async def get_report_markdown(asked: AskedDep, account: AccountDep) -> Response:
    """The finding, the rows as a table, and what both rest on, for a comment, a summary or a chat."""
    declaration, arguments = asked
    report = await account.arun_report(declaration.name, arguments)
    return Response(report_markdown(report), media_type=_MARKDOWN)
