"""What makes databases fail, and how a test asks while they do."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery.history.address import parse_address
from dbt_discovery.history.store import RunStore
from sqlalchemy import Engine, event

from tests.core.history.cloud import EXPECTED, Cloud

__all__ = ["AWAY", "BACK", "Timer", "ask", "locked", "opened", "pragma", "warnings"]

SHORT = 0.05
"""Seconds of patience with others that write."""
AWAY = "Runs are kept in memory for now"
BACK = "Runs are kept in {} again."


class Timer:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def opened(where: Path | str, timer: Callable[[], float]) -> AsyncIterator[RunStore]:
    address = parse_address(f"sqlite:///{where}" if isinstance(where, Path) else where)
    assert address is not None
    store = RunStore(address, timer, SHORT)
    yield store
    await store.aclose()


@contextmanager
def pragma(statement: str) -> Iterator[None]:
    """Every connection to an SQLite file that is made meanwhile begins with a statement."""

    def connected(connection: Any, _: object) -> None:
        if connection.execute("PRAGMA database_list").fetchone()[2]:
            connection.execute(statement)

    event.listen(Engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "connect", connected)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def ask(cloud: Cloud, store: RunStore, timer: Timer) -> None:
    """Asks for the runs, their sums and their results, and makes sure that they are right."""
    assert await cloud.answers(store, timer) == EXPECTED
