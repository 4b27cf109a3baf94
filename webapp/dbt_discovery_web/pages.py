"""Pages for people: where they begin, and the description of the REST paths."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from dbt_discovery_web.api_page import described_paths
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of, templates
from dbt_discovery_web.rest.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter()


@router.get("/docs", include_in_schema=False)
async def docs(request: Request, account: AccountDep) -> HTMLResponse:
    """The REST paths, as `/openapi.json` has them, for reading."""
    api = request.app.openapi()
    context = {**await frame_of(account), "api": api["info"], "groups": described_paths(api), "problems": PROBLEMS}
    return templates.TemplateResponse(request, "docs.html", context)
