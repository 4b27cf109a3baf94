"""Fragments of pages: the card of a report."""

from __future__ import annotations

import asyncio
from time import perf_counter

from dbt_discovery.reports import find_report
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dbt_discovery_web.cards import Card
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import templates
from dbt_discovery_web.rest.report_places import Place

__all__ = ["router"]

router = APIRouter(include_in_schema=False)


@router.get("/cards/{name}", response_class=HTMLResponse)
async def get_card(name: str, request: Request, account: AccountDep) -> HTMLResponse:
    """The card of a report, with the query of `/reports/{name}`."""
    declaration = find_report(name)
    arguments = Place(f"/cards/{name}", "", "").arguments(request, declaration)
    begun = perf_counter()
    report = await account.arun_report(declaration.name, arguments)
    seconds = perf_counter() - begun

    def drawn() -> HTMLResponse:
        card = Card.of(report, zone=account.settings.zone, origin=str(request.base_url), seconds=seconds)
        return templates.TemplateResponse(request, "card.html", {"card": card})

    return await asyncio.to_thread(drawn)  # five hundred rows take their time, in which others may go on
