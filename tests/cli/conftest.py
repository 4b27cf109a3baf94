from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dbt_cloud_sandbox import World
from dbt_discovery_web.cli import main

from tests.conftest import NOW
from tests.servers.sandbox_server import SandboxServer, sandbox_server

SECRET = "dbtc_do-not-tell-0123456789"

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data folder of the person who runs the tests is seen, and the clock of every command stands still."""
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("DBT_DISCOVERY_NOW", NOW.isoformat())


@pytest.fixture
def run() -> Run:
    """Runs a command in this process: `run("report", "list_jobs", DBT_ACCOUNT_ID="1")`."""

    def invoke(*arguments: str, **variables: str) -> Result:
        return CliRunner(env=variables).invoke(main, arguments, prog_name="dbt-discovery")

    return invoke


@pytest.fixture
def process() -> Process:
    """Runs a command as people do, in a process of its own, with no variables but those given."""

    def start(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_DATA_HOME", "DBT_DISCOVERY_NOW")}
        return subprocess.run(
            [sys.executable, "-m", "dbt_discovery_web", *arguments],
            env=kept | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return start


@pytest.fixture
def served(world: World) -> Iterator[SandboxServer]:
    """That world behind real sockets."""
    with sandbox_server(world) as server:
        yield server
