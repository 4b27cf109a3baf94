"""What the web app's tests share: a fresh app, started, and a client that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
import pytest_asyncio
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model
from langchain_core.language_models import BaseChatModel

from tests.conftest import NOW, isolate
from tests.servers.running import running
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


@pytest.fixture(scope="module")
def common_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of what a module's tests have in common, with a database of its own."""
    folder = tmp_path_factory.mktemp("common")
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolate(monkeypatch, folder)
        return Settings(fixed_now=NOW, database_url=f"sqlite:///{folder}/chat.sqlite")


@pytest.fixture(scope="module")
def common_account(world: sandbox.World, common_settings: Settings) -> DbtAccount:
    """An account on the sandbox that all tests of a module ask, so that each thing is fetched once."""
    return DbtAccount(transport=sandbox.transport(world), settings=common_settings)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def conversation(common_account: DbtAccount, common_settings: Settings) -> AsyncIterator[Conversation]:
    """A conversation of a module's tests with the offline chat model, each in threads of its own."""
    async with common_account as account:
        yield Conversation(account, chat_model(common_settings, account))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def common_client(common_account: DbtAccount, common_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on the sandbox, for tests of a module that only read."""
    async with opened(common_account, common_settings) as client:
        yield client


@pytest.fixture(scope="session")
def address(world: sandbox.World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server on the sandbox, with the offline chat model, for all tests that only read and ask.

    What it was asked before, a test has to leave open: which conversations there are, and what has been fetched.
    """
    with served(world, tmp_path_factory.mktemp("reading")) as address:
        yield address


@contextmanager
def served(world: sandbox.World, folder: Path) -> Iterator[str]:
    """Serves a world with the offline chat model, whatever the environment says; the server's address."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        isolate(monkeypatch, folder)
        settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{folder}/chat.sqlite")
        app = create_app(settings, account=DbtAccount(transport=sandbox.transport(world), settings=settings))
    with running(app) as address:
        yield address


@pytest.fixture
async def client(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app on the sandbox."""
    async with opened(sandbox_account(), settings) as client:
        yield client
