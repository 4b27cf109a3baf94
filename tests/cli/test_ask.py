from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import fmean

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery.words import duration

from tests.conftest import on_both_databases
from tests.servers.openai_server import Call, Fail, Say, openai_server

from .conftest import Process, Run

QUESTION = "what were the longest-running jobs last week"


def longest_last_week(world: World) -> tuple[str, float]:
    """Name and average of the job whose finished runs of 9 to 15 November took longest, by a plain loop."""
    start, end = datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
    runtimes: dict[int, list[float]] = {}
    for run in world.runs():
        if run.status in (10, 20) and run.started_at and run.finished_at and start <= run.started_at < end:
            runtimes.setdefault(run.job_id, []).append((run.finished_at - run.started_at).total_seconds())
    job_id = max(runtimes, key=lambda each: fmean(runtimes[each]))
    return next(job.name for job in world.jobs() if job.id == job_id), fmean(runtimes[job_id])


def test_empty_environment_gives_job_number_period_and_source(process: Process, world: World) -> None:
    name, average = longest_last_week(world)
    result = process("ask", QUESTION)
    assert result.returncode == 0, result.stderr
    assert name in result.stdout
    assert duration(average) in result.stdout
    assert "9 – Sun 15 Nov 2026" in result.stdout
    assert "Source: Sandbox data" in result.stdout
    assert result.stderr == ""


def test_words_need_no_quotes(run: Run) -> None:
    assert run("ask", *QUESTION.split()).stdout == run("ask", QUESTION).stdout


def test_json_holds_the_whole_answer(run: Run, world: World) -> None:
    name, average = longest_last_week(world)
    answer = json.loads(run("ask", QUESTION, "--json").stdout)
    assert set(answer) >= {"thread_id", "answer", "reports", "tool_calls", "model", "usage"}
    first = answer["reports"][0]["rows"][0]
    assert (first["job_name"], round(first["avg_runtime"], 3)) == (name, round(average, 3))
    assert answer["tool_calls"][0]["name"] == "dbt_longest_running_jobs"


def test_question_leaves_nothing_behind_unless_asked(run: Run, tmp_path: Path) -> None:
    result = run("ask", QUESTION)
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


@on_both_databases
def test_thread_goes_on_where_it_was_left(run: Run, world: World, database_url: str) -> None:
    first = run("ask", QUESTION, DBT_DISCOVERY_DATABASE_URL=database_url)
    thread = first.stderr.removeprefix("Thread ").strip()
    follow_up = run("ask", "--thread", thread, "and for finance?", "--json", DBT_DISCOVERY_DATABASE_URL=database_url)
    answer = json.loads(follow_up.stdout)
    assert answer["thread_id"] == thread
    report = answer["reports"][0]
    assert report["name"] == "longest_running_jobs"
    assert report["period"]["label"] == "last week (Mon 9 – Sun 15 Nov 2026)"
    assert {row["project_name"] for row in report["rows"]} == {"Finance Analytics"}


@on_both_databases
def test_two_questions_on_a_thread_wait_for_each_other(run: Run, world: World, database_url: str) -> None:
    """The second begins while the first one's chat model thinks, in another process, and must find its answer."""
    thread = run("ask", QUESTION, DBT_DISCOVERY_DATABASE_URL=database_url).stderr.removeprefix("Thread ").strip()
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        go_on.wait(10)

    turns = [Say("The first answer.", before=slowly), Say("The second answer.")]
    with openai_server(turns) as server, ThreadPoolExecutor() as pool:
        command = [sys.executable, "-m", "dbt_discovery_web", "ask", "--thread", thread]
        variables = os.environ | {"DBT_DISCOVERY_DATABASE_URL": database_url, "OPENAI_BASE_URL": server.base_url}
        ask = partial(subprocess.run, env=variables, capture_output=True, text=True, timeout=60, check=False)
        first = pool.submit(ask, [*command, "the first question"])
        assert begun.wait(30)
        second = pool.submit(ask, [*command, "the second question"])
        with pytest.raises(TimeoutError):
            second.result(4)
        assert len(server.requests) == 1
        go_on.set()
        assert first.result().stdout.startswith("The first answer."), first.result().stderr
        assert second.result().stdout.startswith("The second answer."), second.result().stderr
    told = [message["content"] for message in server.requests[1]["messages"] if message["role"] != "system"]
    assert told[-3:] == ["the first question", "The first answer.", "the second question"]


def test_thread_that_cannot_be_kept_is_not_promised(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    database = f"sqlite:///{tmp_path / 'file' / 'threads.sqlite'}"
    result = run("ask", "--thread", "new", QUESTION, DBT_DISCOVERY_DATABASE_URL=database)
    assert result.exit_code == 0
    assert "Thread " not in result.stderr


def test_database_that_another_holds_is_told_in_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbt_discovery_web.database.threads import Threads

    async def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(Threads, "find", locked)
    result = run("ask", "--thread", "new", QUESTION)
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: The thread cannot be read or written (database is locked).")
    assert len(result.stderr.splitlines()) == 1


def test_unknown_thread_is_told_with_exit_code_5(run: Run) -> None:
    result = run("ask", "--thread", "nope", QUESTION)
    assert result.exit_code == 5
    assert "nope" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_openai_protocol_runs_the_same_agent_over_real_http(run: Run, world: World) -> None:
    name, average = longest_last_week(world)
    words = f"It was {name}, {duration(average)} a run."
    with openai_server([Call("dbt_longest_running_jobs", {"period": "last_week"}), Say(words)]) as server:
        result = run("ask", QUESTION, OPENAI_BASE_URL=server.base_url)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"{words}\n")
    assert "Source: Sandbox data (" in result.stdout
    asked, told = server.requests
    assert asked["messages"][-1] == {"role": "user", "content": QUESTION}
    assert "dbt_longest_running_jobs" in {tool["function"]["name"] for tool in asked["tools"]}
    assert told["messages"][-1]["role"] == "tool"
    assert duration(average) in told["messages"][-1]["content"]


def test_refusal_of_the_model_is_one_sentence_without_the_key(process: Process) -> None:
    key = "sk-do-not-tell-0123456789"
    with openai_server([Fail(401, f"Incorrect API key provided: {key}")]) as server:
        result = process("ask", QUESTION, OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY=key)
    assert result.returncode == 4
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "OPENAI_API_KEY" in result.stderr
    assert key not in result.stderr
    assert server.headers[0]["authorization"] == f"Bearer {key}"


def test_model_named_without_its_key_is_told_before_anything_is_asked(run: Run) -> None:
    result = run("ask", QUESTION, DBT_DISCOVERY_CHAT_MODEL="openai:gpt-5")
    assert result.exit_code == 3
    assert "OPENAI_API_KEY is missing" in result.stderr
