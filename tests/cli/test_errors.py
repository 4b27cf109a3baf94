"""What goes wrong ends in one sentence on stderr and its exit code, and never shows a token."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers.openai_server import Call, Say, openai_server
from tests.servers.running import closed_port
from tests.servers.sandbox_server import SandboxServer

from .conftest import SECRET, Process, Run


def sentence(stdout: str, stderr: str) -> str:
    """The one line on stderr, once it is sure that it is the only one and gives nothing away."""
    lines = stderr.splitlines()
    assert stdout == ""
    assert len(lines) == 1, stderr
    assert lines[0].startswith("Error: ")
    assert "Traceback" not in stderr
    assert SECRET not in stderr
    return lines[0].removeprefix("Error: ")


HALVES = [
    ({"DBT_ACCOUNT_ID": "1"}, "DBT_SERVICE_TOKEN is missing"),
    ({"DBT_HOST": "abc123.us1.dbt.com"}, "DBT_SERVICE_TOKEN is missing"),
    ({"DBT_SERVICE_TOKEN": SECRET, "DBT_ADMIN_URL": "http://127.0.0.1:1"}, "DBT_METADATA_URL is missing"),
    ({"DBT_SERVICE_TOKEN": SECRET, "DBT_METADATA_URL": "http://127.0.0.1:1/graphql"}, "DBT_ADMIN_URL is missing"),
]


@pytest.mark.parametrize(("variables", "says"), HALVES)
@pytest.mark.parametrize("command", [["report", "list_jobs"], ["ask", "what failed?"], ["serve"]])
def test_half_a_configuration_names_the_missing_half(
    run: Run, command: list[str], variables: dict[str, str], says: str
) -> None:
    result = run(*command, **variables)
    assert result.exit_code == 3
    assert says in sentence(result.stdout, result.stderr)


@pytest.mark.parametrize("command", [["report", "list_jobs"], ["ask", "what failed?"]])
def test_wrong_token_is_told_from_the_host_it_was_sent_to(run: Run, served: SandboxServer, command: list[str]) -> None:
    result = run(*command, **served.environment(token="invalid"))
    assert result.exit_code == 4
    text = sentence(result.stdout, result.stderr)
    assert f"{urlsplit(served.url).hostname}" in text
    assert "does not accept the token" in text
    assert "DBT_SERVICE_TOKEN" in text


@pytest.mark.parametrize("command", [["report", "list_jobs"], ["ask", "what failed?"]])
def test_unknown_account_is_told_by_its_number(run: Run, served: SandboxServer, command: list[str]) -> None:
    result = run(*command, **served.environment(SECRET) | {"DBT_ACCOUNT_ID": "404"})
    assert result.exit_code == 3
    text = sentence(result.stdout, result.stderr)
    assert "no account 404" in text
    assert "DBT_ACCOUNT_ID" in text


@pytest.mark.parametrize("wrong", [{"DBT_SERVICE_TOKEN": "invalid"}, {"DBT_ACCOUNT_ID": "404"}])
def test_advice_names_the_settings_that_are_in_force(run: Run, served: SandboxServer, wrong: dict[str, str]) -> None:
    result = run("report", "list_jobs", **served.environment(SECRET) | wrong)
    assert "DBT_ADMIN_URL" in sentence(result.stdout, result.stderr)


def test_metadata_only_token_without_ids_is_told_once(process: Process, served: SandboxServer) -> None:
    result = process("ask", "what failed?", **served.environment("metadata-only"))
    assert result.returncode == 4
    assert "DBT_ENVIRONMENT_IDS" in sentence(result.stdout, result.stderr)


def test_unknown_job_is_told_with_the_names_that_are_near(run: Run, world: object) -> None:
    result = run("report", "longest_running_jobs", "--jobs", "Finance nightly biuld")
    assert result.exit_code == 5
    assert "Did you mean “Finance nightly build”?" in sentence(result.stdout, result.stderr)


def test_unknown_report_is_told_with_the_names_that_are_near(run: Run) -> None:
    result = run("report", "longest_runing_jobs")
    assert result.exit_code == 5
    assert "longest_running_jobs" in sentence(result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--period", "someday"], "“someday” is not a period"),
        (["--period", "2026-11-15/2026-11-01"], "ends before it starts"),
        (["--limit", "0"], "limit"),
        (["--limit", "many"], "limit"),
        (["--order-by", "luck"], "order_by"),
        (["--nonsense"], "No such option"),
        (["--json", "--csv"], "--json and --csv"),
    ],
)
def test_bad_argument_is_told_by_its_name(run: Run, options: list[str], says: str) -> None:
    result = run("report", "longest_running_jobs", *options)
    assert result.exit_code == 2
    assert says in sentence(result.stdout, result.stderr)


@pytest.mark.parametrize("question", ["", "   ", "\udcff\udcfe", "what \udce9 failed"])
def test_question_that_says_nothing_is_not_put_to_the_model(run: Run, question: str) -> None:
    result = run("ask", question)
    assert result.exit_code == 2
    text = sentence(result.stdout, result.stderr)
    assert "question is" in text
    assert "chat model" not in text


def test_bytes_that_are_no_text_are_told_as_such(process: Process) -> None:
    result = process("ask", os.fsdecode(b"what failed \xff"))
    assert result.returncode == 2
    assert "not text in UTF-8" in sentence(result.stdout, result.stderr)


UNANSWERED = [
    ("longest jobs of job blorb", None, 5, "There is no job “blorb”"),
    ("x", {"jobs": ["blorb"]}, 5, "blorb"),
    ("x", {"period": "someday"}, 2, "“someday” is not a period"),
    ("x", {"nonsense": 1}, 2, "nonsense"),
    ("x", {"limit": 0}, 2, "limit"),
]


@pytest.mark.parametrize(("question", "arguments", "code", "says"), UNANSWERED)
def test_question_that_got_no_answer_ends_with_the_code_of_the_reason(
    run: Run, question: str, arguments: dict[str, object] | None, code: int, says: str
) -> None:
    if arguments is None:
        result = run("ask", question)
    else:  # a chat model that calls the tool, then tells what the tool told it
        turns = [Call("dbt_longest_running_jobs", arguments), Say(f"I could not answer that: {says}.")]
        with openai_server(turns) as server:
            result = run("ask", question, OPENAI_BASE_URL=server.base_url)
    assert result.exit_code == code
    assert says in sentence(result.stdout, result.stderr)


def test_question_answered_after_a_wrong_call_ends_well(run: Run) -> None:
    turns = [
        Call("dbt_longest_running_jobs", {"jobs": ["blorb"]}),
        Call("dbt_longest_running_jobs", {"limit": 1}),
        Say("Here it is."),
    ]
    with openai_server(turns) as server:
        result = run("ask", "which?", OPENAI_BASE_URL=server.base_url)
    assert result.exit_code == 0, result.stderr
    assert "Here it is." in result.stdout


def test_missing_question_is_told_in_one_sentence(run: Run) -> None:
    result = run("ask")
    assert result.exit_code == 2
    assert "QUESTION" in sentence(result.stdout, result.stderr)


def test_setting_of_the_wrong_form_is_told_by_its_name(run: Run) -> None:
    result = run("report", "list_jobs", DBT_DISCOVERY_TIMEZONE="Mars/Olympus")
    assert result.exit_code == 3
    assert "DBT_DISCOVERY_TIMEZONE “Mars/Olympus”: " in sentence(result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["report", "list_models", "--tags"], "requires an argument. See “dbt-discovery report list_models --help”."),
        (["serve", "--port"], "requires an argument. See “dbt-discovery serve --help”."),
        (["docto"], "See “dbt-discovery --help”."),
    ],
)
def test_wrong_use_leads_to_the_help_of_its_command(run: Run, command: list[str], says: str) -> None:
    result = run(*command)
    assert result.exit_code == 2
    text = sentence(result.stdout, result.stderr)
    assert text.endswith(says)
    assert "?." not in text


@pytest.mark.parametrize("command", [["report", "list_jobs"], ["ask", "what failed?"], ["serve"]])
def test_missing_artifacts_folder_is_told_by_its_name(run: Run, tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "nowhere"
    result = run(*command, DBT_SANDBOX_ARTIFACTS=str(folder))
    assert result.exit_code == 3
    assert str(folder) in sentence(result.stdout, result.stderr)


def test_empty_artifacts_folder_is_told_in_one_sentence(run: Run, tmp_path: Path) -> None:
    result = run("sandbox", "--artifacts", str(tmp_path), "--port", "0")
    assert result.exit_code == 3
    assert str(tmp_path) in sentence(result.stdout, result.stderr)


def test_unreachable_host_is_told_once_and_without_the_retries(process: Process) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    result = process(
        "report",
        "list_jobs",
        DBT_SERVICE_TOKEN=SECRET,
        DBT_ACCOUNT_ID="1",
        DBT_ADMIN_URL=address,
        DBT_METADATA_URL=f"{address}/graphql",
    )
    assert result.returncode == 4
    assert " cannot be reached" in sentence(result.stdout, result.stderr)


@pytest.mark.parametrize(
    ("command", "module", "extra"),
    [
        (["ask", "what failed?"], "dbt_discovery_web.chat.conversation", "agent"),
        (["serve"], "dbt_discovery_web.app", "web"),
        (["report", "list_jobs"], "dbt_cloud_sandbox", "sandbox"),
    ],
)
def test_missing_extra_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str], module: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = run(*command)
    assert result.exit_code == 3
    assert f"pip install 'dbt-discovery[{extra}]'" in sentence(result.stdout, result.stderr)


def test_fault_nobody_foresaw_shows_no_traceback_and_exits_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError(f"with {SECRET} inside")

    monkeypatch.setattr("dbt_discovery.reports.registry", broken)
    result = run("report")
    assert result.exit_code == 1
    assert "RuntimeError" in sentence(result.stdout, result.stderr)


def test_ctrl_c_ends_quietly_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dbt_discovery.reports.registry", interrupted)
    result = run("report")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "")
