"""The web app: every door for people, on one account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_discovery import DbtAccount, Settings
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from dbt_discovery_web import browse, pages
from dbt_discovery_web.cards import api as cards_api
from dbt_discovery_web.chat import api as chat_api
from dbt_discovery_web.chat import pages as chat_pages
from dbt_discovery_web.chat import threads_api
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model, close_model
from dbt_discovery_web.chat.running_turns import RunningTurns
from dbt_discovery_web.composition import open_account
from dbt_discovery_web.database.storage import database_address, open_storage
from dbt_discovery_web.dependencies import Services
from dbt_discovery_web.doorstep import BodyLimit, Doorstep, HostGuard
from dbt_discovery_web.hosts import Hosts
from dbt_discovery_web.methods import HeadAnswers
from dbt_discovery_web.rest import charts_api, downloads_api, resources_api, service_api, webhook_api
from dbt_discovery_web.rest.metrics_api import measure_requests
from dbt_discovery_web.rest.openapi import Described
from dbt_discovery_web.rest.problems import answer_problems
from dbt_discovery_web.rest.reports_api import report_routes
from dbt_discovery_web.wire.envelope import Envelope
from dbt_discovery_web.wire.kept_answers import KeptAnswers
from dbt_discovery_web.wire.short_way import ShortWay

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["create_app"]

logger = logging.getLogger(__name__)

_DESCRIPTION = (
    "Reporting questions about a dbt account, answered with numbers that code computed. Lists in a query repeat their "
    "parameter. Times are ISO 8601 in UTC, runtimes seconds, ratios 0 to 1, ids text."
)


def create_app(
    settings: Settings | None = None,
    *,
    account: DbtAccount | None = None,
    model: BaseChatModel | None = None,
    hosts: Collection[str] = (),
) -> FastAPI:
    """A fresh app. Nothing is opened before it starts, and everything it opened is closed when it ends.

    Args:
        settings: The settings in force; those of the account, else of the environment, unless given.
        account: The account that answers, closed when the app ends; the one the settings name unless given.
        model: The chat model; the one the settings name unless given.
        hosts: Host names to answer to beside the loopback ones, such as the address the server listens on.

    Raises:
        ConfigurationError: The settings are half given, or name something that cannot be used.
    """
    settings = settings or (account.settings if account else Settings.load())
    address = database_address(settings)
    account = account or open_account(settings)
    own_model = model is None
    model = model or chat_model(settings, account)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with account, open_storage(address) as storage:
            conversation = Conversation(account, model, storage.checkpointer, count=app.state.chat_figures.count)
            running = RunningTurns()
            app.state.services = Services(account, conversation, storage, running)
            warming = [asyncio.create_task(_warm(account))] if settings.warm else []
            try:
                yield
            finally:
                for task in warming:
                    task.cancel()
                await asyncio.gather(*warming, return_exceptions=True)
                await running.close()
                if own_model:
                    await close_model(model)

    answering, answers = Hosts(hosts), KeptAnswers()
    app = Described(
        title="dbt Discovery",
        version=version("dbt-discovery"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    answer_problems(app)
    app.include_router(report_routes())
    app.include_router(charts_api.router)
    app.include_router(downloads_api.router)
    app.include_router(resources_api.router)
    app.include_router(service_api.router)
    app.include_router(webhook_api.router)
    app.include_router(chat_api.router)
    app.include_router(threads_api.router)
    app.include_router(cards_api.router)
    app.include_router(chat_pages.router)
    app.include_router(browse.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(Envelope, account=account, answers=answers)
    app.add_middleware(HeadAnswers)
    app.add_middleware(HostGuard, hosts=answering)
    figures = measure_requests(app, answers)
    app.add_middleware(Doorstep)  # added last, so that it stands outside of everything else
    app.short_way = ShortWay(account, answers, answering, figures)
    return app


async def _warm(account: DbtAccount) -> None:
    """Asks for what most questions need. Nobody waits for it, so that what goes wrong is said here or nowhere."""
    try:
        await account.awarm()
    except Exception:
        logger.exception("Not everything is known in advance.")
