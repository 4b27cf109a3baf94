"""What every suite shares: a clean environment, a fixed clock, the sandbox's world and an account on it."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import pytest
import stamina
from dbt_discovery import DbtAccount, Settings

from tests.servers.postgres_server import PostgresDatabase, PostgresServer, postgres_server

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
"""A Wednesday: the moment it is in every test that does not choose its own."""

_KNOBS = ("DBT_DISCOVERY_REFERENCE", "DBT_DISCOVERY_REQUIRE_BROWSER")
"""Variables that steer the tests themselves, not the product."""

ARTIFACTS = Path(__file__).parent / "fixtures" / "artifacts"


gc.set_threshold(50_000, 20, 50)  # a process with thousands of tests behind it has much to look through each time


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-integration", action="store_true", help="Run the tests that need a dbt Cloud account.")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes again as there are cores: for a quarter of its time a test only waits for others."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--run-integration"):
        return
    for item in items:
        if "integration" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs a dbt Cloud account: --run-integration"))


@pytest.fixture(autouse=True)
def _isolated(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no `.env` of this machine reaches a test, but for those that are meant to use an account."""
    if "integration" not in request.keywords:
        isolate(monkeypatch, tmp_path)


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Does so for fixtures that outlive a test, too."""
    for name in list(os.environ):
        if name.startswith(("DBT_", "OPENAI_")) and name not in _KNOBS:
            monkeypatch.delenv(name)
    monkeypatch.chdir(folder)


_LOGGERS = ("dbt_discovery", "langchain_dbt_discovery", "dbt_discovery_web", "dbt_cloud_sandbox", "stamina", "psycopg")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command or a server that set how much is logged changes nothing for the next test of its process."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Retries happen as often as in earnest, one right after the other."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[None]:
    """Chromium, started when the first test wants it: each test has a fresh profile in it."""
    from tests.webapp.chromium import shared_chromium

    with shared_chromium():
        yield


@pytest.fixture(autouse=True)
def _in_chromium(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("browser"):
        request.getfixturevalue("chromium")


@pytest.fixture
def settings() -> Settings:
    return Settings(fixed_now=NOW)


@pytest.fixture(scope="session")
def world() -> sandbox.World:
    """The generated account at NOW. It never changes, so that all tests share it."""
    return sandbox.generated_world(now=lambda: NOW)


@pytest.fixture
async def account(world: sandbox.World, settings: Settings) -> AsyncIterator[DbtAccount]:
    """An account on the sandbox, at home on the test's own loop."""
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        yield account


on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""For a test that holds whichever database there is."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: an SQLite file, or what `on_both_databases` says."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/chat.sqlite"


@pytest.fixture
def artifacts() -> Path:
    """What real dbt runs left behind."""
    return ARTIFACTS


@pytest.fixture(scope="session")
def postgres_of_all_tests() -> Iterator[PostgresServer]:
    """A PostgreSQL server, started when the first test wants a database in it."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_of_all_tests: PostgresServer) -> Iterator[PostgresDatabase]:
    """An empty PostgreSQL database of the test's own, which can leave and come back."""
    with postgres_of_all_tests.database() as database:
        yield database


@pytest.fixture
def postgres_url(postgres: PostgresDatabase) -> str:
    """The address of an empty PostgreSQL database, as people write it: `postgresql://…`."""
    return postgres.url
