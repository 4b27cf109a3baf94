"""What the tests of the report browser share: clients that ask as a browser does, of both worlds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web import dependencies

from tests.conftest import NOW
from tests.webapp.browse.pages import HTML
from tests.webapp.conftest import opened

Account = Callable[..., DbtAccount]


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What pages only wait for a little while for comes in time, however busy the machine is."""
    monkeypatch.setattr(dependencies, "PATIENCE", 120.0)


@pytest.fixture
async def browser(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client that takes pages, on the sandbox."""
    client.headers.update(HTML)
    return client


@pytest.fixture
async def artifacts_browser(settings: Settings, artifacts: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client that takes pages, on what real dbt runs left behind."""
    world = sandbox.artifacts_world(artifacts, now=lambda: NOW)
    async with opened(DbtAccount(transport=sandbox.transport(world), settings=settings), settings) as client:
        client.headers.update(HTML)
        yield client
