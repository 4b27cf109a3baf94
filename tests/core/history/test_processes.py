"""Real processes that share a store: one that is killed, one that goes on where it stopped, and two at once."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox.faults import Faults
from dbt_discovery import DbtAccount, Settings
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.conftest import NOW
from tests.core.history.worker import PERIOD
from tests.servers.postgres_server import PostgresDatabase
from tests.servers.running import running

DEADLINE = 60.0
DAYS = 62
"""UTC days that hold the runs of the last sixty times 24 hours: one before them, and today."""


class Recorded:
    """An app that takes down the days whose runs it was asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.days: list[date] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = parse_qs(scope.get("query_string", b"").decode())
        if "created_at__range" in asked and asked["offset"] == ["0"]:
            first, last = (datetime.fromisoformat(end).date() for end in json.loads(asked["created_at__range"][0]))
            self.days += [first + timedelta(days=n) for n in range((last - first).days + 1)]
        await self._app(scope, receive, send)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def served(world: sandbox.World, faults: Faults) -> Iterator[tuple[Recorded, dict[str, str]]]:
    """A served sandbox that takes down what it is asked, and the variables that point a process at it."""
    app = Recorded(sandbox.create_app(world, faults=faults))
    with running(app) as url:
        yield (
            app,
            {
                "DBT_SERVICE_TOKEN": "sandbox",
                "DBT_ACCOUNT_ID": str(world.account.id),
                "DBT_ADMIN_URL": url,
                "DBT_METADATA_URL": f"{url}/graphql",
                "DBT_DISCOVERY_NOW": NOW.isoformat(),
            },
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Callable[[], set[date]]]:
    """The address of an empty database, and what tells which days in it are final."""
    wanted = "SELECT day FROM stored_days WHERE final"
    if request.param == "postgresql":
        postgres: PostgresDatabase = request.getfixturevalue("postgres")
        return postgres.url, lambda: final_days(
            postgres.execute(wanted) if postgres.execute("SELECT to_regclass('stored_days')") != [(None,)] else []
        )
    file = tmp_path / "runs.sqlite"

    def look() -> set[date]:
        with closing(sqlite3.connect(file, timeout=20)) as connection:
            there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'stored_days'").fetchall()
            return final_days(connection.execute(wanted).fetchall() if there else [])

    return f"sqlite:///{file}", look


def final_days(rows: list[tuple[Any, ...]]) -> set[date]:
    return {date(1970, 1, 1) + timedelta(days=day) for (day,) in rows}


@contextmanager
def worker(environment: dict[str, str], url: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to ask; it is ended if it has not by then."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.core.history.worker", *arguments],
        env=os.environ | environment | {"DBT_DISCOVERY_DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate(timeout=DEADLINE)
            yield process
        finally:
            process.kill()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def told(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """What the process found, without a complaint."""
    out, err = process.communicate(timeout=DEADLINE)
    assert (process.returncode, err) == (0, "")
    found: list[dict[str, Any]] = json.loads(out)
    return found


async def expected(world: sandbox.World) -> list[dict[str, Any]]:
    """What an account finds that has a store of its own, in memory."""
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        report = await account.arun_report("longest_running_jobs", period=PERIOD, limit=100)
        runs = await account.aget_runs(limit=100)
    rows = [*report.rows, {"coverage": report.coverage.considered}, {"newest": [run.run_id for run in runs]}]
    found: list[dict[str, Any]] = json.loads(json.dumps(rows, default=str))
    return found


def every_day() -> set[date]:
    return {NOW.date() - timedelta(days=n) for n in range(DAYS)}


async def test_what_was_fetched_before_a_kill_is_not_fetched_again(
    world: sandbox.World,
    faults: Faults,
    served: tuple[Recorded, dict[str, str]],
    database: tuple[str, Callable[[], set[date]]],
) -> None:
    app, environment = served
    url, finished = database
    faults.latency = 0.15
    with worker(environment, url) as first:
        go(first)
        deadline = time.monotonic() + DEADLINE
        while len(finished()) < 15:
            assert time.monotonic() < deadline
            assert first.poll() is None
        first.kill()
        first.wait()
    stored = finished()
    assert 15 <= len(stored) < DAYS - 5
    assert max(stored) == NOW.date() - timedelta(days=1)  # newest first
    app.days.clear()
    faults.latency = 0.0
    with worker(environment, url) as second:
        go(second)
        assert told(second) == await expected(world)
    assert sorted(app.days) == sorted(every_day() - stored)
    assert finished() == {day for day in every_day() if day < NOW.date()}


async def test_two_processes_that_begin_with_an_empty_database_find_the_same(
    world: sandbox.World,
    served: tuple[Recorded, dict[str, str]],
    database: tuple[str, Callable[[], set[date]]],
) -> None:
    _, environment = served
    url, finished = database
    with worker(environment, url, "often") as one, worker(environment, url, "often") as other:
        go(one)
        go(other)
        found = [told(one), told(other)]
    assert found == [await expected(world)] * 2
    assert finished() == {day for day in every_day() if day < NOW.date()}


async def test_a_second_process_asks_only_for_the_day_that_may_change(
    world: sandbox.World,
    served: tuple[Recorded, dict[str, str]],
    database: tuple[str, Callable[[], set[date]]],
) -> None:
    app, environment = served
    url, _ = database
    with worker(environment, url) as one:
        go(one)
        told(one)
    assert sorted(app.days) == sorted(every_day())
    app.days.clear()
    with worker(environment, url) as other:
        go(other)
        assert told(other) == await expected(world)
    assert app.days == [NOW.date()]
