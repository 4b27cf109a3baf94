"""`dbt-discovery store`: what is kept of runs, as text and as JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dbt_cloud_sandbox import World
from dbt_discovery_web.cli import main

from tests.core.recount import finished, runs_between, utc
from tests.servers.running import closed_port
from tests.servers.sandbox_server import SandboxServer

from .conftest import SECRET, Process, Run

LAST_WEEK = utc("2026-11-09T00:00"), utc("2026-11-16T00:00")
SYNC = ("store", "sync", "--period", "last_week")


@pytest.fixture
def variables(served: SandboxServer, tmp_path: Path) -> dict[str, str]:
    """An account behind an address, whose runs are kept in a file."""
    return served.environment(SECRET) | {"DBT_DISCOVERY_DATABASE_URL": f"sqlite:///{tmp_path}/kept.sqlite"}


def parsed(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def answering(words: str, *arguments: str, **variables: str) -> Result:
    """What comes of a command whose questions are answered."""
    return CliRunner(env=variables).invoke(main, arguments, input=words, prog_name="dbt-discovery")


def test_sync_fetches_what_is_missing_and_says_how_much_it_was(
    run: Run, variables: dict[str, str], world: World, served: SandboxServer
) -> None:
    started = runs_between(world, *LAST_WEEK)
    first = parsed(run(*SYNC, "--results", "--json", **variables))
    assert first.pop("requests") == len(served.requests)
    assert first == {
        "period": {
            "label": "last week (Mon 9 – Sun 15 Nov 2026)",
            "start": "2026-11-09T00:00:00Z",
            "end": "2026-11-16T00:00:00Z",
            "timezone": "UTC",
        },
        "runs": len(started),
        "with_results": len(list(filter(finished, started))),
        "lasting": True,
        "complete": True,
        "notes": [],
    }
    again = run(*SYNC, "--results", **variables)
    assert re.fullmatch(
        rf"{len(started):,} runs \(last week .*\), {first['with_results']:,} of them with results: \d requests to "
        r"dbt Cloud\.\n",
        again.stdout,
    )
    assert again.stderr == ""


def test_info_says_where_runs_are_and_how_many_of_which_account(
    run: Run, variables: dict[str, str], world: World, tmp_path: Path
) -> None:
    run(*SYNC, **variables)
    found = parsed(run("store", "info", "--json", **variables))
    assert (found["location"], found["lasting"]) == (f"{tmp_path}/kept.sqlite", True)
    assert found["size"] == (tmp_path / "kept.sqlite").stat().st_size
    (source,) = found["sources"]
    assert source["mine"]
    assert source["account_id"] == str(world.account.id)
    assert (source["first_day"], source["last_day"]) == ("2026-11-08", "2026-11-15")
    assert (source["days"], source["open_days"], source["results"]) == (8, 0, 0)
    assert source["asked_at"].endswith("Z")
    assert datetime.fromisoformat(source["asked_at"]).utcoffset() is not None

    lines = run("store", "info", **variables).stdout.splitlines()
    assert re.fullmatch(rf"Runs are kept in {re.escape(str(tmp_path))}/kept\.sqlite \([\d.]+ MiB\)\.", lines[0])
    assert lines[2].startswith("Sandbox data (127.0.0.1:")
    assert lines[3] == f"  {source['runs']:,} runs, 0 of them with their models' results"
    assert lines[4] == "  8 days from 2026-11-08 to 2026-11-15 (UTC)"
    assert lines[5].startswith("  dbt Cloud was last asked for runs at ")
    assert len(lines) == 6


def test_info_of_an_empty_store_says_what_fills_it(run: Run, variables: dict[str, str]) -> None:
    assert "No runs yet: dbt-discovery store sync fetches them." in run("store", "info", **variables).stdout


def test_runs_that_another_token_fetched_are_shown_as_anothers(run: Run, variables: dict[str, str]) -> None:
    run(*SYNC, **variables | {"DBT_SERVICE_TOKEN": "another"})
    lines = run("store", "info", **variables).stdout.splitlines()
    assert "  No runs yet: dbt-discovery store sync fetches them." in lines
    assert lines[-1] == "  another account, or another token"


@pytest.mark.parametrize(("words", "removed"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_clear_asks_first_and_does_as_it_is_told(
    words: str, removed: bool, run: Run, variables: dict[str, str]
) -> None:
    fetched = parsed(run(*SYNC, "--json", **variables))["runs"]
    result = answering(words, "store", "clear", **variables)
    assert "Remove what is kept of the runs of the account?" in result.stderr
    left = parsed(run("store", "info", "--json", **variables))["sources"][0]["runs"]
    if removed:
        assert (result.exit_code, left) == (0, 0)
        assert re.fullmatch(r"[\d,]+ runs removed\.\n", result.stdout)
    else:
        assert (result.exit_code, result.stdout) == (0 if words else 2, "")
        assert ("Nothing was removed." if words else "pass --yes") in result.stderr
        assert left >= fetched


def test_clear_leaves_what_others_fetched_unless_it_is_told_to_take_all(run: Run, variables: dict[str, str]) -> None:
    theirs = variables | {"DBT_SERVICE_TOKEN": "another"}
    for each in (variables, theirs):
        run(*SYNC, **each)
    mine, other = (parsed(run("store", "info", "--json", **variables))["sources"][n]["runs"] for n in (0, 1))
    assert parsed(run("store", "clear", "--yes", "--json", **variables)) == {"runs": mine}
    assert parsed(run("store", "info", "--json", **theirs))["sources"][0]["runs"] == other
    assert "of every account" in answering("n\n", "store", "clear", "--all", **variables).stderr
    assert parsed(run("store", "clear", "--all", "--yes", "--json", **variables)) == {"runs": other}


def test_sandbox_in_this_process_keeps_its_runs_in_memory_and_says_so(run: Run) -> None:
    assert "Runs are kept in memory, which ends with this process (" in run("store", "info").stdout
    result = run(*SYNC)
    assert result.exit_code == 0
    assert result.stderr == "Note: they are kept in memory, and end with this command.\n"
    assert not parsed(run(*SYNC, "--json"))["lasting"]
    assert parsed(run("store", "clear", "--yes", "--json")) == {"runs": 0}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("sync", "--period", "last_fortnight"), 2, "last_fortnight"),
        (("sync", "--limit", "5"), 2, "No such option"),
        (("empty",), 2, "No such command"),
    ],
)
def test_what_is_wrong_with_a_command_is_told_in_one_sentence(
    arguments: tuple[str, ...], code: int, told: str, run: Run, variables: dict[str, str]
) -> None:
    result = run("store", *arguments, **variables)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("info",), ("sync",), ("clear", "--yes")])
def test_without_dbt_cloud_or_an_account_a_command_says_why(command: tuple[str, ...], run: Run, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    away = {"DBT_ADMIN_URL": address, "DBT_METADATA_URL": f"{address}/graphql", "DBT_SERVICE_TOKEN": SECRET}
    result = run("store", *command, **away | {"DBT_ACCOUNT_ID": "1"})
    assert (result.exit_code, result.stdout) == (4, "")
    assert SECRET not in result.stderr
    half = run("store", *command, DBT_ACCOUNT_ID="1")
    assert (half.exit_code, half.stdout) == (3, "")
    assert "DBT_SERVICE_TOKEN" in half.stderr


def test_database_that_cannot_be_used_costs_a_warning_and_the_runs_end_with_the_command(
    variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "kept.sqlite").write_bytes(b"this is no database" * 1000)
    result = answering("", *SYNC, "--json", **variables)
    fetched = json.loads(result.stdout)
    assert (result.exit_code, fetched["lasting"], fetched["runs"] > 0) == (3, False, True)
    assert "could not be kept" in result.stderr
    assert (tmp_path / "kept.sqlite").exists()


def test_sync_shows_nothing_but_its_answer_where_stderr_is_no_terminal(
    process: Process, variables: dict[str, str]
) -> None:
    ended = process(*SYNC, "--json", **variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["complete"]
