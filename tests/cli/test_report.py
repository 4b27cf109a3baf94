from __future__ import annotations

import csv
import io
import json
import time

import pytest
from dbt_cloud_sandbox import World, transport
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.reports import registry

from .conftest import Process, Run


def account_on(world: World) -> DbtAccount:
    return DbtAccount(transport=transport(world), settings=Settings())


def test_without_a_name_the_reports_are_listed(run: Run) -> None:
    result = run("report")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(registry())
    assert result.stderr == ""


def test_list_of_reports_is_json_when_asked(run: Run) -> None:
    listed = json.loads(run("report", "--json").stdout)
    assert {each["name"]: each["summary"] for each in listed} == {
        name: declaration.summary for name, declaration in registry().items()
    }


@pytest.mark.parametrize("name", ["failed_runs", "list_jobs", "list_models", "longest_running_jobs", "slowest_models"])
def test_help_of_a_report_has_an_option_for_every_argument(run: Run, name: str) -> None:
    result = run("report", name, "--help")
    assert result.exit_code == 0
    for field in registry()[name].arguments.model_fields:
        assert f"--{field.replace('_', '-')}" in result.stdout
    words = " ".join(result.stdout.split())
    assert "Most rows to give." in words
    assert registry()[name].summary in words


def test_json_is_the_report_that_python_gives(run: Run, world: World) -> None:
    with account_on(world) as account:
        expected = account.run_report(
            "longest_running_jobs", period="last_week", projects=["Marketing", "Finance Analytics"], limit=4
        )
    result = run(
        *("report", "longest_running_jobs", "--period", "last_week", "--limit", "4", "--json"),
        *("--projects", "Marketing", "--projects", "Finance Analytics"),
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout) == expected.to_json()
    assert result.stderr == ""


def test_name_with_hyphens_is_the_same_report(run: Run) -> None:
    hyphens, plain = run("report", "list-jobs", "--json"), run("report", "list_jobs", "--json")
    assert json.loads(hyphens.stdout) == json.loads(plain.stdout)


def test_csv_holds_every_row_with_raw_numbers(run: Run, world: World) -> None:
    with account_on(world) as account:
        expected = account.run_report("slowest_models", limit=7)
    result = run("report", "slowest_models", "--limit", "7", "--csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == [column.key for column in expected.columns]
    assert [row["name"] for row in rows] == [row["name"] for row in expected.rows]
    assert [float(row["runtime"]) for row in rows] == [row["runtime"] for row in expected.rows]


def test_plain_text_says_finding_rows_reading_coverage_and_source(run: Run, world: World) -> None:
    with account_on(world) as account:
        expected = account.run_report("longest_running_jobs", period="last_week", limit=3)
    lines = run("report", "longest_running_jobs", "--period", "last_week", "--limit", "3").stdout.splitlines()
    assert lines[0] == expected.finding
    assert [line.split("  ")[0] for line in lines[4:7]] == [row["job_name"] for row in expected.rows]
    assert f"3 of {expected.total_rows} rows shown." in lines
    assert any(line.startswith("Period: last week (Mon 9 – Sun 15 Nov 2026), UTC") for line in lines)
    assert any(line.startswith(f"Rests on {expected.coverage.considered} runs") for line in lines)
    assert lines[-1].startswith("Source: Sandbox data (")


def test_help_comes_at_once(process: Process) -> None:
    times = []
    for _ in range(4):  # the quickest counts: the first compiles, and others may keep the machine busy
        begun = time.perf_counter()
        result = process("--help")
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.5
    assert result.returncode == 0
    assert "Exit codes:" in result.stdout
    assert "130 stopped with Ctrl-C" in " ".join(result.stdout.split())


def test_version_is_that_of_the_distribution(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").stdout == f"dbt-discovery, version {version('dbt-discovery')}\n"
