"""The page of a report: its form, and below it the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_discovery import AmbiguousName, DbtDiscoveryError, InvalidArgument, NotFound
from dbt_discovery.reports import find_report, registry
from dbt_discovery.reports.declaration import ReportDeclaration
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.responses import Response

from dbt_discovery_web.browse.asked import Asked, address_of
from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.faults import Faulty, checked, fault_of
from dbt_discovery_web.browse.form import Form
from dbt_discovery_web.browse.inputs import inputs_of, needs_subject
from dbt_discovery_web.browse.labels import FAMILIES
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.suggestions import KINDS, Names, matching, names_of
from dbt_discovery_web.browse.trouble import Trouble, Way
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of, templates

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LONGEST = 200
"""Characters of a name that is looked for."""
_OFFERED = 12
"""Subjects that are offered where none is named."""


@router.get("/browse/{name}", response_class=HTMLResponse)
async def report_page(name: str, request: Request, account: AccountDep) -> Response:
    """The form of a report, filled in as the query says, with the answer or what is wrong."""
    if (listing := f"list_{name}") in registry():  # `/browse/jobs`, above the pages of jobs
        return RedirectResponse(address_of(listing))
    report = find_report(name)
    asked = Asked(report, request.query_params)
    if asked.spare or report.name != name:
        return RedirectResponse(address_of(report.name, asked.given), 303)
    headers: Mapping[str, str] = {}
    context: dict[str, Any] = {"report": report, "family": FAMILIES[report.group]}
    faults, status = [], 200
    if asked.given or not needs_subject(report):
        try:
            context["card"] = await Asking(request, account).card(report.name, checked(report, asked))
        except Faulty as wrong:
            faults, status = list(wrong.faults), 422
        except (InvalidArgument, NotFound, AmbiguousName) as error:
            faults = [fault_of(error, report, asked)]
            status = Trouble.of(error, request).status
        except DbtDiscoveryError as error:
            context["trouble"] = trouble = Trouble.of(error, request)
            status, headers = trouble.status, trouble.headers
    form = Form.of(report, asked, faults)
    context["form"] = form
    context["names"] = names = await names_of(account, form.wanted_names())
    context["offered"] = _offered(report, names) if needs_subject(report) and not asked.given else ()
    context |= await frame_of(account)
    return await asyncio.to_thread(
        templates.TemplateResponse, request, "browse/report.html", context, status_code=status, headers=headers
    )  # many rows take their time, in which others may go on


@router.get("/browse/names/{kind}", response_class=JSONResponse)
async def names_like(kind: str, account: AccountDep, q: str = "") -> list[dict[str, str]]:
    """The names of a kind that are like what is written in a field."""
    if kind not in KINDS:
        raise NotFound("kind of name", kind, hint=f"There are {', '.join(KINDS)}.", where="")
    return [{"value": name, "about": about} for name, about in await matching(account, kind, q[:_LONGEST])]


@router.get("/browse/{place:path}", response_class=HTMLResponse)
async def no_page(place: str) -> Response:
    """Every other place below the browser: there is nothing there, and the page says so."""
    raise NotFound("page", place, hint="The first page leads to every report.", where="")


def _offered(report: ReportDeclaration[Any], names: Any) -> Sequence[Way]:
    """What the report may be asked about, to choose from."""
    subject = next(each for each in inputs_of(report) if each.place == "subject")
    known: Names | None = names.get(subject.names)
    first = known.first[:_OFFERED] if known else ()
    return [Way(name, address_of(report.name, {subject.name: name}), about) for name, about in first]
