"""The examples run as they stand, and print what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings

from tests.conftest import NOW

WHILE_A_MODEL_FAILS = datetime(2026, 11, 17, 16, 30, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "examples"


def output_of(name: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / name, *arguments],
        env=os.environ | {"DBT_DISCOVERY_NOW": NOW.isoformat()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


async def test_the_agent_calls_a_tool_and_answers_with_its_finding(account: DbtAccount) -> None:
    said = output_of("langchain_agent.py")

    called, _, answer = said.partition("\n\n")
    report = await account.arun_report("longest_running_jobs", period="last_week")
    assert called.startswith("→ dbt_longest_running_jobs {'period': 'last_week'")
    assert f"← {report.total_rows} rows: {report.path}" in called
    assert answer.startswith(report.finding)


def test_the_agent_takes_a_question() -> None:
    said = output_of("langchain_agent.py", "which", "models", "are", "slowest", "in", "marketing?")

    assert "→ dbt_slowest_models" in said


async def test_the_workflow_writes_a_message_of_failed_runs_and_failing_models(account: DbtAccount) -> None:
    finding, *rest = output_of("langgraph_workflow.py").splitlines()

    report = await account.arun_report("failed_runs", period="last_24_hours")
    # The example's sandbox goes by the real clock, so that in it the runs of that moment have ended.
    assert finding.partition("runs")[2] == report.finding.partition("runs")[2]
    assert [line.strip() for line in rest if "https://" in line] == [row["url"] for row in report.rows]
    assert "No model is failing now, of 144." in rest
    assert rest[-1].startswith("Source: Sandbox data")


def test_the_workflow_tells_since_when_which_models_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    world = sandbox.generated_world(now=lambda: WHILE_A_MODEL_FAILS)
    settings = Settings(fixed_now=WHILE_A_MODEL_FAILS)
    monkeypatch.syspath_prepend(EXAMPLES)
    workflow = import_module("langgraph_workflow").morning_check

    with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        said = workflow(account).invoke({})["message"]

    assert "1 of 144 models is failing now: fct_ad_spend; 1 model was skipped by its last run." in said
    assert "- fct_ad_spend (Marketing), 2026-11-17T09:2" in said
    assert "numeric value 'status' is not recognized" in said
    assert ": waits for fct_ad_spend" in said
    assert "None" not in said


def test_plain_calls_show_schemas_content_artifact_and_a_mistake() -> None:
    said = output_of("plain_tool_calls.py")

    assert "dbt_slowest_models" in said.splitlines()[0]
    assert "Filter: project Marketing; materialization table; runtime of at least 5.0 s" in said
    assert '"unique_id": "model.marketing.' in said
    assert "A mistake comes back as error: Change the arguments" in said


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_every_example_is_explained_and_run(example: Path) -> None:
    assert f"[`{example.name}`]({example.name})" in (EXAMPLES / "README.md").read_text()
    assert f'output_of("{example.name}"' in Path(__file__).read_text()
