"""Commands: a report is run by its name, through the same tools and in the same threads, without any model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dbt_discovery import DbtAccount, InvalidArgument, NotFound, Settings
from dbt_discovery.reports import registry
from dbt_discovery_web.chat.command import Command, is_command
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model

from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted

Account = Callable[..., DbtAccount]


@pytest.mark.parametrize(
    ("message", "report", "arguments"),
    [
        ("/list_jobs", "list_jobs", {}),
        (
            "/longest-running-jobs period=last_week  limit=5",
            "longest_running_jobs",
            {"period": "last_week", "limit": "5"},
        ),
        (
            '/list_jobs projects="Finance Analytics" order-by=name',
            "list_jobs",
            {"projects": "Finance Analytics", "order_by": "name"},
        ),
        ("/list_jobs jobs=a jobs=b jobs=c", "list_jobs", {"jobs": ["a", "b", "c"]}),
        ("/list_jobs jobs=it's#1\\n", "list_jobs", {"jobs": "it's#1\\n"}),
        ("/list_jobs\njobs=a=b", "list_jobs", {"jobs": "a=b"}),
    ],
)
def test_a_command_is_a_report_and_its_arguments(message: str, report: str, arguments: dict[str, Any]) -> None:
    assert is_command(message)
    assert Command.read(message) == Command(report, arguments)


@pytest.mark.parametrize(
    "message", ["Which jobs?", "/", "/ list_jobs", "/models/staging is slow", "a /list_jobs", "/5"]
)
def test_a_question_is_no_command(message: str) -> None:
    assert not is_command(message)


@pytest.mark.parametrize(
    ("message", "error", "words"),
    [
        ("/longest_runing_jobs", NotFound, "longest_running_jobs"),
        ("/list_jobs finance", InvalidArgument, "“finance” is no argument"),
        ('/list_jobs jobs="a', InvalidArgument, "quote is not closed"),
    ],
)
def test_what_is_wrong_with_a_command_is_said(message: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Command.read(message)


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ({}, "/list_jobs"),
        ({"limit": 5, "jobs": ["a", "b c"]}, '/list_jobs limit=5 jobs=a jobs="b c"'),
        ({"jobs": ("",), "order_by": 'a "b"'}, '/list_jobs jobs=""'),
    ],
)
def test_a_command_is_written_as_it_is_read(arguments: dict[str, Any], written: str) -> None:
    assert str(Command("list_jobs", arguments)) == written
    assert str(Command.read(written)) == written


@pytest.mark.parametrize("name", list(registry()))
async def test_every_report_can_be_run_by_its_name(name: str, account: DbtAccount) -> None:
    conversation = Conversation(account, Scripted(steps=[]))
    answer = await conversation.ask(str(Command(name, registry()[name].sample)), "t")
    expected = await account.arun_report(name, **registry()[name].sample)
    assert (answer.failed, answer.model) == (False, "no model")
    assert [report["name"] for report in answer.reports] == [name]
    assert answer.reports[0]["arguments"] == expected.model_dump(mode="json")["arguments"]
    assert answer.answer.startswith(expected.finding)
    assert (answer.usage.total_tokens, len(answer.tool_calls)) == (0, 1)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("/longest_runing_jobs", "longest_running_jobs"),
        ("/list_jobs colour=red", "colour is not an argument"),
        ("/list_jobs limit=many", "limit"),
        ("/list_jobs projects=nowhere", "nowhere"),
        ("/list_jobs all of them", "“all” is no argument"),
        ("/critical_path", 'It is written like this: `/critical_path job="Finance nightly build"`.'),
    ],
)
async def test_an_error_is_told_in_words(message: str, words: str, account: DbtAccount) -> None:
    answer = await Conversation(account, Scripted(steps=[])).ask(message, "t")
    assert answer.reports == []
    assert answer.answer.startswith("I could not")
    assert words in answer.answer


async def test_a_question_can_lean_on_a_command(sandbox_account: Account, settings: Settings) -> None:
    async with sandbox_account() as account:
        conversation = Conversation(account, chat_model(settings, account))
        first = await conversation.ask("/longest_running_jobs period=last_week limit=3", "t")
        second = await conversation.ask("And the week before?", "t")
    assert (second.reports[0]["name"], second.reports[0]["arguments"]["limit"]) == ("longest_running_jobs", 3)
    assert second.reports[0]["period"]["end"] == first.reports[0]["period"]["start"]


async def test_a_command_takes_no_tokens_of_a_model_that_is_down(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(), settings, Scripted(steps=[ConnectionError("down")])) as client:
        answer = (await client.post("/chat", json={"message": "/list_projects"})).json()
        thread = (await client.get(f"/chat/threads/{answer['thread_id']}")).json()
    assert (answer["failed"], answer["reports"][0]["name"]) == (False, "list_projects")
    assert thread["title"] == "/list_projects"
