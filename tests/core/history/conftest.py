"""Run stores of every kind, each empty and of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbt_discovery.history.address import DatabaseAddress, parse_address
from dbt_discovery.history.store import RunStore, StoreSession

from tests.core.history.failing import Timer
from tests.core.history.records import ORIGIN, page_of


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    """Where an empty database is, of each kind."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    else:
        url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'runs.sqlite'}"
    found = parse_address(url)
    assert found is not None
    return found


@pytest.fixture
async def store(address: DatabaseAddress) -> AsyncIterator[RunStore]:
    """An empty run store in a database of each kind."""
    store = RunStore(address)
    yield store
    await store.aclose()


@pytest.fixture
def session(store: RunStore) -> StoreSession:
    """A question about `ORIGIN`."""
    return store.session(ORIGIN, page_of)


@pytest.fixture
def timer() -> Timer:
    """The clock by which a store waits for a database that failed."""
    return Timer()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a store's file is to be."""
    return tmp_path / "runs.sqlite"
