"""REST: the reports as charts, as SVG and as Vega-Lite specifications, each with the report's own query."""

from __future__ import annotations

from typing import Annotated, Any

from dbt_discovery import Report
from dbt_discovery.reports import find_report
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from dbt_discovery_web.charts import Theme, draw_svg, drawing_of, vega_spec
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.rest.problems import problem
from dbt_discovery_web.rest.report_parameters import ANY_ARGUMENTS

__all__ = ["router"]

router = APIRouter(tags=["Reports"])

_SVG = "image/svg+xml"
_VEGA = "application/vnd.vegalite.v5+json"
_PROBLEM: dict[str, Any] = {"application/problem+json": {}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no such report, or it has no chart", "content": _PROBLEM},
    422: {"description": "An argument is not right", "content": _PROBLEM},
}
_THEME = Query(description="The colours: for a light or a dark page. The picture brings its own ground with it.")


async def _report(
    name: Annotated[str, Path(description="The report's name.", examples=["longest_running_jobs"])],
    request: Request,
    account: AccountDep,
) -> Report:
    declaration = find_report(name)
    query, picture = request.query_params, request.url.path.endswith(".svg")
    given = {key: query.getlist(key) for key in query if not (picture and key == "theme")}
    arguments = declaration.parse({key: each if len(each) > 1 else each[0] for key, each in given.items()})
    return await account.arun_report(declaration.name, arguments)


ReportDep = Annotated[Report, Depends(_report)]


def _answered(what: str, media_type: str, schema: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": {media_type: {"schema": {"type": schema}}}}, **_REFUSALS}


@router.get(
    "/reports/{name}/chart.svg",
    operation_id="get_chart_svg",
    summary="A report as a picture",
    response_class=Response,
    responses=_answered("The picture", _SVG, "string"),
    openapi_extra={"parameters": [dict(ANY_ARGUMENTS)]},
)
async def get_chart_svg(
    report: ReportDep, account: AccountDep, request: Request, theme: Annotated[Theme, _THEME] = "light"
) -> Response:
    """The report's chart as SVG without scripts, styles or references, for an `<img>` or to be put into a page.

    The title is the report's, the description its finding. At most 30 bars are drawn; a note says so.
    """
    drawing = drawing_of(report, account.settings.zone)
    if drawing is None:
        return _no_chart(report, request)
    return Response(draw_svg(drawing, theme), media_type=_SVG)


@router.get(
    "/reports/{name}/chart.vega.json",
    operation_id="get_chart_vega",
    summary="A report as a Vega-Lite specification",
    response_class=JSONResponse,
    responses=_answered("The specification", _VEGA, "object"),
    openapi_extra={"parameters": [dict(ANY_ARGUMENTS)]},
)
async def get_chart_vega(report: ReportDep, account: AccountDep, request: Request) -> Response:
    """The same chart as a Vega-Lite 5 specification with its data inside, for notebooks, editors and other pages."""
    drawing = drawing_of(report, account.settings.zone)
    if drawing is None:
        return _no_chart(report, request)
    return JSONResponse(vega_spec(drawing), media_type=_VEGA)


def _no_chart(report: Report, request: Request) -> Response:
    return problem(
        "no-chart", f"The report “{report.title}” is not for drawing. Its rows are at {report.path}.", request=request
    )
