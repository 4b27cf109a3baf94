"""A conversation: what comes back when the chat model answers, and when it does not."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery_web.chat.conversation import NOT_KEPT, Conversation
from dbt_discovery_web.database.storage import open_storage
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

from tests.webapp.scripted import Scripted, calling, saying


class Refused(Exception):
    """As providers' libraries have them: the status is an attribute, and the message may hold half a key."""

    status_code = 401


@pytest.fixture
async def account(sandbox_account: Callable[..., DbtAccount]) -> AsyncIterator[DbtAccount]:
    async with sandbox_account() as account:
        yield account


def repeating_the_tool(messages: list[BaseMessage]) -> AIMessage:
    assert isinstance(messages[-1], ToolMessage)
    return saying(str(messages[-1].artifact["finding"]))


async def test_an_answer_has_its_report_and_says_how_it_was_made(account: DbtAccount) -> None:
    model = Scripted(steps=[calling("slowest_models", limit=3), repeating_the_tool])
    answer = await Conversation(account, model).ask("Which models are slowest?", "t")
    report = (await account.arun_report("slowest_models", limit=3)).to_json()
    assert answer.answer == report["finding"]
    assert answer.reports == [report]
    [call] = answer.tool_calls
    assert (call.name, call.args, call.rows) == ("dbt_slowest_models", {"limit": 3}, 3)
    assert 0 < call.seconds < 30
    assert answer.usage.total_tokens == 12 + 25
    assert answer.model == "scripted"


async def test_a_turn_has_only_its_own_reports_and_remembers_the_ones_before(account: DbtAccount) -> None:
    model = Scripted(steps=[calling("list_jobs"), repeating_the_tool, saying("As I said.")])
    conversation = Conversation(account, model)
    await conversation.ask("Which jobs are there?", "t")
    second = await conversation.ask("And again?", "t")
    assert second.reports == []
    assert second.tool_calls == []
    asked = [message.content for message in model.seen[-1] if isinstance(message, HumanMessage)]
    assert asked == ["Which jobs are there?", "And again?"]


async def test_threads_know_nothing_of_each_other(account: DbtAccount) -> None:
    model = Scripted(steps=[saying("One."), saying("Two.")])
    conversation = Conversation(account, model)
    await conversation.ask("First", "a")
    await conversation.ask("Second", "b")
    assert [m.content for m in model.seen[-1] if isinstance(m, HumanMessage)] == ["Second"]


async def test_a_call_without_a_report_has_no_rows(account: DbtAccount) -> None:
    model = Scripted(steps=[calling("list_jobs", projects=["no such project"]), saying("There is none.")])
    answer = await Conversation(account, model).ask("What is in it?", "t")
    assert answer.answer == "There is none."
    assert [call.rows for call in answer.tool_calls] == [None]
    assert answer.reports == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused("Incorrect API key provided: sk-hush"), "OPENAI_API_KEY"),
        (ConnectionError("sk-hush"), "could not be reached"),
        (RuntimeError("sk-hush"), "did not give a usable answer"),
    ],
)
async def test_a_model_that_fails_gives_a_sentence_and_the_thread_goes_on(
    error: Exception, words: str, account: DbtAccount, caplog: pytest.LogCaptureFixture
) -> None:
    model = Scripted(steps=[error, saying("Better now.")])
    conversation = Conversation(account, model)
    answer = await conversation.ask("Which models are slowest?", "t")
    assert words in answer.answer
    assert "hush" not in answer.answer + caplog.text
    assert (await conversation.ask("And now?", "t")).answer == "Better now."
    assert [type(m) for m in model.seen[-1][1:]] == [HumanMessage, AIMessage, HumanMessage]


async def test_a_model_that_fails_after_a_report_leaves_its_finding(account: DbtAccount) -> None:
    model = Scripted(steps=[calling("slowest_models"), ConnectionError(), saying("Better now.")])
    conversation = Conversation(account, model)
    answer = await conversation.ask("Which models are slowest?", "t")
    report = (await account.arun_report("slowest_models")).to_json()
    assert answer.answer.startswith(report["finding"])
    assert "could not be reached" in answer.answer
    assert answer.reports == [report]
    await conversation.ask("And now?", "t")
    kinds = [type(m) for m in model.seen[-1][1:]]
    assert kinds == [HumanMessage, AIMessage, ToolMessage, AIMessage, HumanMessage]


async def test_a_model_that_says_nothing_gives_the_finding(account: DbtAccount) -> None:
    model = Scripted(steps=[calling("list_jobs"), AIMessage("")])
    answer = await Conversation(account, model).ask("Which jobs are there?", "t")
    assert answer.answer == answer.reports[0]["finding"]


async def test_a_model_that_says_nothing_at_all_gives_a_sentence(account: DbtAccount) -> None:
    answer = await Conversation(account, Scripted(steps=[AIMessage("")])).ask("Well?", "t")
    assert "did not give a usable answer" in answer.answer


async def test_a_model_that_calls_tools_for_ever_is_stopped(account: DbtAccount) -> None:
    endless = [calling("list_jobs", call_id=f"call-{n}") for n in range(200)]
    answer = await Conversation(account, Scripted(steps=endless)).ask("Which jobs are there?", "t")
    assert answer.answer
    assert len(answer.tool_calls) < 20


class Slow(Scripted):
    """Takes its time."""

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        if len(self.seen) == 1:
            await asyncio.sleep(60)
        return self._generate(*args, **kwargs)


async def test_a_turn_ends_at_its_time_limit_with_what_is_there(
    account: DbtAccount, caplog: pytest.LogCaptureFixture
) -> None:
    model = Slow(steps=[calling("list_jobs"), saying("Better now.")])
    conversation = Conversation(account, model, time_limit=2.0)
    with caplog.at_level(logging.WARNING):
        answer = await conversation.ask("Which jobs are there?", "t")
    assert "longer than 2 seconds" in answer.answer
    assert answer.answer.startswith(answer.reports[0]["finding"])
    assert "TimeoutError" in caplog.text
    model.seen.append([])
    assert (await conversation.ask("And now?", "t")).answer == "Better now."
    kinds = [type(m) for m in model.seen[-1][1:]]
    assert kinds == [HumanMessage, AIMessage, ToolMessage, AIMessage, HumanMessage]


async def test_a_thread_is_kept_in_one_small_checkpoint_that_follow_ups_can_use(
    account: DbtAccount, tmp_path: Path
) -> None:
    file = tmp_path / "chat.sqlite"
    model = Scripted(
        steps=[calling("list_models", call_id=f"{n}", limit=100) if n % 2 else saying("So.") for n in range(1, 13)]
    )
    async with open_storage(DatabaseAddress("sqlite", file)) as storage:
        conversation = Conversation(account, model, storage.checkpointer)
        for _ in range(6):
            answer = await conversation.ask("Which models are there?", "t")
            assert set(answer.reports[0]["rows"][0]) > {"unique_id", "name"}
    with closing(sqlite3.connect(file)) as database:
        [(size,)] = database.execute("SELECT length(checkpoint) FROM checkpoints").fetchall()
        [written] = database.execute("SELECT coalesce(sum(length(value)), 0) FROM writes").fetchone()
    one = len(json.dumps(answer.reports[0]))
    assert size + written < 3 * one  # six turns, and their rows were most of it
    remembered = [m.artifact["rows"] for m in model.seen[-1] if isinstance(m, ToolMessage)]
    ids = [row["unique_id"] for row in answer.reports[0]["rows"]]
    of_rows = [[row["unique_id"] for row in rows] for rows in remembered]
    assert of_rows[-2:] == [ids, ids]  # the report before and this turn's own
    assert of_rows[:-2] == [ids[:20]] * 4
    assert all(
        set(rows[0]) < {"unique_id", "project_id", "environment_id", "job_id", "run_id"} for rows in remembered[:-1]
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"jobs": ["no such job"]}, "NotFound"),
        ({"period": "someday"}, "InvalidArgument"),
        ({"limit": "many"}, "InvalidArgument"),
    ],
)
async def test_a_failed_call_is_named_unless_a_later_one_made_a_report(
    given: dict[str, Any], name: str, account: DbtAccount
) -> None:
    call = calling("longest_running_jobs", **given)
    steps = [call, saying("No."), call, calling("list_jobs", "call-2"), saying("Yes.")]
    conversation = Conversation(account, Scripted(steps=steps))
    answer = await conversation.ask("How long?", "t")
    assert (answer.failed, answer.error, answer.unasked) == (True, name, None)
    answer = await conversation.ask("Which jobs are there?", "t")
    assert (answer.failed, answer.error) == (False, None)


async def test_a_model_that_fails_is_named(account: DbtAccount) -> None:
    answer = await Conversation(account, Scripted(steps=[Refused("no")])).ask("Well?", "t")
    assert (answer.failed, answer.error) == (True, "Refused")
    assert "error" not in answer.model_dump()


class Locked(InMemorySaver):
    """Reads, but cannot write."""

    async def aput(self, *args: Any, **kwargs: Any) -> Any:
        raise sqlite3.OperationalError("database is locked")


async def test_an_answer_that_cannot_be_kept_is_given_with_a_note(account: DbtAccount) -> None:
    for last in (repeating_the_tool, ConnectionError()):
        model = Scripted(steps=[calling("list_jobs"), last])
        answer = await Conversation(account, model, Locked()).ask("Which jobs are there?", "t")
        assert answer.answer.startswith(answer.reports[0]["finding"])
        assert answer.answer.endswith(NOT_KEPT)
