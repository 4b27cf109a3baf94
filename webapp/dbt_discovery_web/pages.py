"""Pages for people: the chat, and the description of the REST paths."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dbt_discovery import DbtAccount, DbtDiscoveryError, Source
from dbt_discovery.reports import registry
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from dbt_discovery_web.api_page import described_paths
from dbt_discovery_web.chat_api import MESSAGE_LENGTH
from dbt_discovery_web.dependencies import AccountDep, ConversationDep, StorageDep, patience
from dbt_discovery_web.problems import PROBLEMS

__all__ = ["STARTERS", "router"]

STARTERS = (
    "longest_running_jobs",
    "failed_runs",
    "slowest_models",
    "runtime_changes",
    "failing_tests",
    "source_freshness",
)
"""Reports whose first question stands on the empty page: one of each kind, none about a thing that has to be named."""

router = APIRouter()
templates = Jinja2Templates(Path(__file__).parent / "templates")


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """Sends a browser to the chat."""
    return RedirectResponse("/chat")


@router.get(
    "/chat",
    tags=["Chat"],
    operation_id="chat_page",
    summary="The chat, for people",
    response_class=HTMLResponse,
    responses={404: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def chat(
    request: Request,
    account: AccountDep,
    conversation: ConversationDep,
    storage: StorageDep,
    thread: Annotated[str | None, Query(max_length=100)] = None,
) -> HTMLResponse:
    """The chat page, with a thread or ready for a new one."""
    source, fault = await _source(account)
    threads = storage.threads.of(source) if source else None
    latest, _ = await threads.latest() if threads else ((), 0)
    found = await threads.find(thread) if threads and thread else None
    missing = thread is not None and found is None and threads is not None
    return templates.TemplateResponse(
        request,
        "chat.html",
        {
            "source": source,
            "fault": fault,
            "model": conversation.model,
            "threads": latest,
            "thread": found,
            "missing": missing,
            "starters": [registry()[name].examples[0] for name in STARTERS],
            "message_length": MESSAGE_LENGTH,
            "timezone": account.settings.timezone,
            "lasting": storage.lasting,
        },
        status_code=404 if missing else 200,
    )


@router.get("/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """The REST paths, as `/openapi.json` has them, for reading."""
    api = request.app.openapi()
    context = {"api": api["info"], "groups": described_paths(api), "problems": PROBLEMS}
    return templates.TemplateResponse(request, "docs.html", context)


async def _source(account: DbtAccount) -> tuple[Source | None, str | None]:
    """Who answers; or why nobody does, in a sentence that stands in its place on the page."""
    try:
        async with patience():
            return await account.aget_source(), None
    except TimeoutError:
        return None, "dbt Cloud has not answered yet. The page works, and a question asks it again."
    except DbtDiscoveryError as error:
        return None, str(error)
