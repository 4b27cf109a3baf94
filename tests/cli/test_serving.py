"""`serve` and `sandbox` as processes, from the first line they say to Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.cli.serve import _source

from tests.servers.running import closed_port
from tests.servers.sandbox_server import SandboxServer

from .conftest import Run


@contextmanager
def started(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_DATA_HOME", "DBT_DISCOVERY_NOW")}
    server = subprocess.Popen(
        [sys.executable, "-m", "dbt_discovery_web", *arguments],
        env=kept | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        try:
            yield server
        finally:
            server.kill()


def line_of(server: subprocess.Popen[str]) -> str:
    assert server.stderr
    return server.stderr.readline()


def test_sandbox_prints_the_variables_that_reach_it(run: Run, world: World) -> None:
    with started("sandbox", "--port", "0") as server:
        assert server.stdout
        variables = dict(server.stdout.readline().strip().split("=", 1) for _ in range(4))
        assert re.fullmatch(r"Sandbox data at http://127\.0\.0\.1:\d+ \(stop with Ctrl-C\)\.\n", line_of(server))
        assert list(variables) == ["DBT_SERVICE_TOKEN", "DBT_ACCOUNT_ID", "DBT_ADMIN_URL", "DBT_METADATA_URL"]

        ask = ("report", "longest_running_jobs", "--period", "last_week", "--json")
        through_sockets, in_process = (json.loads(run(*ask, **given).stdout) for given in (variables, {}))
        assert through_sockets["rows"][0] == in_process["rows"][0]
        assert through_sockets["source"]["label"] == "Sandbox data"

        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 130
        assert server.communicate() == ("", "")


def test_sandbox_serves_a_folder_of_artifacts(artifacts: Path) -> None:
    with started("sandbox", "--port", "0", "--artifacts", str(artifacts)) as server:
        assert "coffee_shop" in line_of(server)


def test_sandbox_serves_an_account_of_the_sizes_asked_for(run: Run) -> None:
    sizes = ("--models", "150", "--runs", "900", "--days", "9", "--jobs", "12", "--seed", "3")
    with started("sandbox", "--port", "0", *sizes) as server:
        assert server.stdout
        variables = dict(server.stdout.readline().strip().split("=", 1) for _ in range(4))
        line_of(server)
        jobs, models = (
            json.loads(run("report", name, "--json", **variables).stdout) for name in ("list_jobs", "list_models")
        )
    assert (jobs["coverage"]["considered"], models["coverage"]["considered"]) == (12, 150)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--models", "7"], "at least 144 models, not 7"),
        (["--runs", "40", "--days", "20"], "runs in 20 days, not 40"),
        (["--artifacts", "somewhere", "--models", "400"], "leave out --models"),
    ],
)
def test_sandbox_refuses_sizes_that_cannot_be(run: Run, arguments: list[str], told: str) -> None:
    result = run("sandbox", "--port", "0", *arguments)
    assert result.exit_code in (2, 3)
    assert told in result.stderr


def test_serve_says_address_source_and_model_and_answers_there() -> None:
    with started("serve", "--port", "0") as server:
        line = line_of(server)
        assert "Source: Sandbox data. Chat model: offline." in line
        address = line.split()[2]
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as response:
            assert response.status == 200

        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 130
        assert server.communicate() == ("", "")


def test_serve_says_who_answers_also_behind_an_address(served: SandboxServer) -> None:
    with started("serve", "--port", "0", **served.environment("sandbox")) as server:
        assert "Source: Sandbox data. Chat" in line_of(server)


def test_serve_starts_without_dbt_cloud_and_says_only_whom_it_asks() -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    variables = {"DBT_SERVICE_TOKEN": "t", "DBT_ADMIN_URL": address, "DBT_METADATA_URL": f"{address}/graphql"}
    with started("serve", "--port", "0", **variables) as server:
        line = line_of(server)
        assert f"Source: not known yet, asks {address.removeprefix('http://')}. Chat" in line
        with urllib.request.urlopen(f"{line.split()[2]}/healthz", timeout=10) as response:
            assert response.status == 200


async def test_serve_names_no_host_where_a_slow_sandbox_answers(
    account: DbtAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[_source.__module__], "_SECONDS_TO_LEARN", 0)
    assert await _source(Settings(), account) == "not known yet, asks the sandbox"
    assert await _source(Settings(DBT_HOST="emea.dbt.com"), account) == "not known yet, asks emea.dbt.com"


def test_serve_ends_well_when_it_is_told_to_end() -> None:
    with started("serve", "--port", "0") as server:
        line_of(server)
        server.terminate()
        assert server.wait(10) == 0


@pytest.mark.parametrize("command", ["serve", "sandbox"])
def test_taken_port_is_told_in_one_sentence(run: Run, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run(command, "--port", str(port))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert f"127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr
