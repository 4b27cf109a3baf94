"""The first page: every report by family, what needs attention, and a search for everything that has a name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from dbt_discovery import DbtAccount, DbtDiscoveryError
from dbt_discovery.reports import registry
from dbt_discovery.resources.project import Project
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.attention import concerns_of
from dbt_discovery_web.browse.labels import FAMILIES
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.searching import found_for, reports_like
from dbt_discovery_web.dependencies import AccountDep, patience
from dbt_discovery_web.frame import frame_of, templates

__all__ = ["families", "router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LONGEST = 200
"""Characters of what is searched for."""


def families() -> list[tuple[str, str, Sequence[Any]]]:
    """Every report, by family: its key, its name, its reports."""
    order = list(FAMILIES)
    reports = sorted(registry().values(), key=lambda report: order.index(report.group))
    return [(key, FAMILIES[key], list(group)) for key, group in groupby(reports, key=lambda report: report.group)]


@router.get("/", response_class=HTMLResponse)
async def index(request: Request, account: AccountDep, q: str = "") -> HTMLResponse:
    """Every report; with a search, the reports, projects, jobs and models that fit it."""
    q = q.strip()[:_LONGEST]
    context: dict[str, Any] = {**await frame_of(account), "q": q}
    if q:
        context |= {"reports": reports_like(q), "found": await found_for(account, q)}
        return templates.TemplateResponse(request, "browse/found.html", context)
    context |= {"families": families(), "projects": await _projects(account)}
    return templates.TemplateResponse(request, "browse/index.html", context)


@router.get("/browse")
@router.get("/browse/")
async def above() -> RedirectResponse:
    """Leads who shortens an address to the first page."""
    return RedirectResponse("/")


@router.get("/browse/attention", response_class=HTMLResponse)
async def attention(request: Request, account: AccountDep) -> HTMLResponse:
    """What needs attention now."""
    concerns = await concerns_of(Asking(request, account))
    context = {**await frame_of(account), "concerns": concerns}
    return templates.TemplateResponse(request, "browse/attention.html", context)


async def _projects(account: DbtAccount) -> Sequence[Project]:
    """The projects, where they are known soon: the page is not to wait for them."""
    try:
        async with patience():
            return await account.aget_projects()
    except (DbtDiscoveryError, TimeoutError):
        return ()
