"""Pages for people: the chat, a conversation to be read, and the fragment of one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from dbt_discovery_web.cards.moments import local_moment
from dbt_discovery_web.chat.api import MESSAGE_LENGTH
from dbt_discovery_web.chat.command import Command
from dbt_discovery_web.chat.models import OFFLINE
from dbt_discovery_web.chat.shown_exchange import ShownExchange
from dbt_discovery_web.chat.starters import starters
from dbt_discovery_web.chat.threads_api import COMMENT_LENGTH, INTERRUPTED, Numbered, numbered_exchange, said_in
from dbt_discovery_web.database.threads import TITLE_LENGTH, Exchange
from dbt_discovery_web.dependencies import AccountDep, ConversationDep, RunningDep, StorageDep, ThreadsDep
from dbt_discovery_web.frame import frame_of, templates

__all__ = ["router"]

router = APIRouter(tags=["Chat"], default_response_class=HTMLResponse)

_MISSING: dict[int | str, dict[str, Any]] = {404: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_ABOUT = {"interrupted": INTERRUPTED, "comment_length": COMMENT_LENGTH}


@router.get("/chat", operation_id="chat_page", summary="The chat, for people", responses=_MISSING)
async def chat(
    request: Request,
    account: AccountDep,
    conversation: ConversationDep,
    storage: StorageDep,
    running: RunningDep,
    thread: Annotated[str | None, Query(max_length=100)] = None,
    q: Annotated[str, Query(max_length=MESSAGE_LENGTH, description="A question to stand in the field.")] = "",
) -> HTMLResponse:
    """The chat page, with a thread or ready for a new one."""
    frame = await frame_of(account)
    source = frame["source"]
    threads = storage.threads.of(source) if source else None
    latest, total = await threads.latest() if threads else ((), 0)
    found = await threads.find(thread) if threads and thread else None
    missing = thread is not None and found is None and threads is not None
    exchanges, under_way = await said_in(found.thread_id, threads, running) if threads and found else ((), False)
    page = {
        **frame,
        **_ABOUT,
        "model": "the offline model" if conversation.model == OFFLINE else conversation.model,
        "threads": latest,
        "total": total,
        "thread": found,
        "missing": missing,
        "running": under_way,
        "question": q,
        "starters": starters(),
        "reports": registry().values(),
        "samples": {name: " ".join(Command(name, each.sample).written) for name, each in registry().items()},
        "message_length": MESSAGE_LENGTH,
        "title_length": TITLE_LENGTH,
        "lasting": storage.lasting,
    }
    return await _drawn(request, "chat.html", page, exchanges, account, status=404 if missing else 200)


@router.get("/read/{thread_id}", operation_id="read_page", summary="A conversation to be read", responses=_MISSING)
async def read(
    request: Request, thread_id: str, account: AccountDep, storage: StorageDep, running: RunningDep
) -> HTMLResponse:
    """The page of a thread without anything to ask or change: one to link to."""
    frame = await frame_of(account)
    threads = storage.threads.of(frame["source"]) if frame["source"] else None
    found = await threads.find(thread_id) if threads else None
    exchanges, under_way = await said_in(found.thread_id, threads, running) if threads and found else ((), False)
    page = {
        **frame,
        **_ABOUT,
        "thread": found,
        "begun": local_moment(datetime.fromisoformat(found.created), account.settings.zone) if found else "",
        "running": under_way,
        "to_read": True,
    }
    return await _drawn(request, "read.html", page, exchanges, account, status=200 if found else 404)


@router.get("/chat/threads/{thread_id}/answers/{number}", include_in_schema=False)
async def answer(
    request: Request, thread_id: str, number: Numbered, account: AccountDep, threads: ThreadsDep, running: RunningDep
) -> HTMLResponse:
    """One answer of a thread, as the chat page shows it."""
    exchange = await numbered_exchange(threads, thread_id, number)
    page = {**_ABOUT, "running": running.of(thread_id) is not None}
    return await _drawn(request, "exchange_answer.html", page, [exchange], account, first=number)


async def _drawn(
    request: Request,
    template: str,
    page: Mapping[str, Any],
    exchanges: Sequence[Exchange],
    account: DbtAccount,
    *,
    first: int = 0,
    status: int = 200,
) -> HTMLResponse:
    """A page with exchanges, the first of which has that number; a long one takes its time, so others may go on."""

    def draw() -> HTMLResponse:
        zone, origin = account.settings.zone, str(request.base_url)
        shown = [
            ShownExchange.of(exchange, number, zone=zone, origin=origin)
            for number, exchange in enumerate(exchanges, first)
        ]
        last = {"exchanges": shown, "exchange": shown[-1] if shown else None}
        return templates.TemplateResponse(request, template, {**page, **last}, status_code=status)

    return await asyncio.to_thread(draw)
