"""What the web app's tests share: a fresh app, started, and a client that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from langchain_core.language_models import BaseChatModel

from tests.conftest import NOW
from tests.webapp.scripted import Scripted, saying

Opened = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@asynccontextmanager
async def opened(
    account: DbtAccount,
    settings: Settings,
    model: BaseChatModel | None = None,
    base_url: str = "http://127.0.0.1:8000",
    **options: Any,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that runs while the client is open."""
    app = create_app(settings, account=account, model=model or Scripted(steps=[saying("Hello.")] * 20), **options)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url) as client,
    ):
        yield client


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(fixed_now=NOW, database_url=database_url)


@pytest.fixture
def sandbox_account(world: sandbox.World, settings: Settings) -> Callable[..., DbtAccount]:
    """Makes accounts on the sandbox, at home wherever they are opened."""

    def make(**options: Any) -> DbtAccount:
        return DbtAccount(**{"transport": sandbox.transport(world), "settings": settings} | options)

    return make


@pytest.fixture
async def client(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on the sandbox."""
    async with opened(sandbox_account(), settings) as client:
        yield client
