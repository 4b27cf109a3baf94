"""Long threads: what a follow-up leans on is there at turn 200 as at turn 2, and what is kept stays small."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.history.address import DatabaseAddress, parse_address
from dbt_discovery_web.chat.conversation import ChatAnswer, Conversation
from dbt_discovery_web.chat.models import chat_model
from dbt_discovery_web.database.storage import open_storage
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery.memory import MOST_TURNS, turns_in
from langgraph.checkpoint.memory import InMemorySaver

from tests.servers.postgres_server import PostgresDatabase
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]
CONFIG: Any = {"configurable": {"thread_id": "t"}}


def timeless(answer: ChatAnswer) -> Any:
    calls = [(call.name, call.args, call.rows) for call in answer.tool_calls]
    return answer.answer, calls, answer.reports, answer.failed


async def ask(conversation: Conversation, *questions: str) -> list[ChatAnswer]:
    return [await conversation.ask(question, "t") for question in questions]


FOLLOW_UPS = {
    "the week before": ["What were the longest-running jobs last week?", "And the week before?"],
    "the second one": ["Show me the failed runs of the last 7 days", "Why did the second one fail?"],
    "another project": ["What are the slowest models in marketing?", "Same for finance core"],
    "a question back": ["How long does the finance job take?", "The second one"],
    "small talk between": ["What were the longest-running jobs last week?", "Thanks!", "And the week before?"],
}


async def _lengthen(conversation: Conversation, turns: int) -> None:
    """Makes a thread as long as that, with its own turns over and over."""
    agent = conversation._agent
    own = turns_in((await agent.aget_state(CONFIG)).values["messages"])
    copies = [own[number % len(own)] for number in range(turns - len(own))]
    messages = [each.model_copy(update={"id": f"{at}-{each.id}"}) for at, turn in enumerate(copies) for each in turn]
    await agent.aupdate_state(CONFIG, {"messages": messages}, as_node="model")
    assert len(turns_in((await agent.aget_state(CONFIG)).values["messages"])) == turns


@pytest.mark.parametrize("followed", FOLLOW_UPS)
async def test_a_follow_up_is_understood_at_turn_200_as_at_turn_2(
    followed: str, sandbox_account: Account, settings: Settings
) -> None:
    *opening, last = FOLLOW_UPS[followed]
    async with sandbox_account() as account:
        model = chat_model(settings, account)
        fresh = Conversation(account, model)
        *_, expected = await ask(fresh, *opening, last)

        long = Conversation(account, model, InMemorySaver())
        await ask(long, "Which models are there?", "Which jobs failed most often last month?", "What can you do?")
        await _lengthen(long, 200 - len(opening) - 1)
        *_, given = await ask(long, *opening, last)
    assert expected.reports
    assert timeless(given) == timeless(expected)


async def test_a_model_is_told_that_the_thread_was_longer(account: DbtAccount) -> None:
    model = Scripted(steps=[saying("Yes.") for _ in range(40)])
    conversation = Conversation(account, model)
    for number in range(40):
        await conversation.ask(f"Question {'abcdefghij'[number % 10]}", "t")
    asked = [message for message in model.seen[-1] if isinstance(message, HumanMessage)]
    forgotten = 40 - len(asked)
    assert 5 < forgotten < 35
    assert f"its first {forgotten} questions" in str(model.seen[-1][0].content)
    assert "questions are not shown" not in str(model.seen[5][0].content)


async def test_offline_goes_on_where_another_model_was(sandbox_account: Account, settings: Settings) -> None:
    async with sandbox_account() as account:
        kept = InMemorySaver()
        call = calling(
            "longest_running_jobs", more="min_runtime=60&order_by=max&projects=marketing", period="last_week"
        )
        online = Conversation(account, Scripted(steps=[call, saying("These.")]), kept)
        first = await online.ask("Which jobs of marketing ran for more than a minute last week?", "t")
        offline = Conversation(account, chat_model(settings, account), kept)
        second = await offline.ask("And the week before?", "t")
        third_model = Scripted(steps=[saying("So it is.")])
        await Conversation(account, third_model, kept).ask("Is that so?", "t")
    assert first.reports[0]["rows"]
    arguments = ("min_runtime", "order_by", "project_ids")
    before, after = first.reports[0]["arguments"], second.reports[0]["arguments"]
    assert {name: before.get(name) for name in arguments} == {name: after.get(name) for name in arguments}
    assert before["min_runtime"] == 60
    assert second.reports[0]["period"]["end"] == first.reports[0]["period"]["start"]
    history = third_model.seen[-1][1:]
    assert [type(message) for message in history] == [
        *([HumanMessage, AIMessage, ToolMessage, AIMessage] * 2),
        HumanMessage,
    ]


async def sizes(address: DatabaseAddress, measure: Callable[[], int], account: DbtAccount) -> list[int]:
    """Bytes of a thread's checkpoint after some numbers of turns, each with a report of many rows."""
    after: list[int] = []
    async with open_storage(address) as storage:
        calls = [calling("list_models", f"call-{number}", limit=200) for number in range(MOST_TURNS + 10)]
        model = Scripted(steps=[step for call in calls for step in (call, saying("Those are they."))])
        conversation = Conversation(account, model, storage.checkpointer)
        for number in range(1, len(calls) + 1):
            await conversation.ask("Which models are there?", "t")
            if number in (MOST_TURNS + 2, len(calls)):
                after.append(measure())
    return after


async def test_a_checkpoint_in_sqlite_stays_flat(account: DbtAccount, tmp_path: Path) -> None:
    file = tmp_path / "chat.sqlite"

    def measure() -> int:
        with closing(sqlite3.connect(file)) as database:
            [(size,)] = database.execute("SELECT sum(length(checkpoint)) FROM checkpoints").fetchall()
            [(rest,)] = database.execute("SELECT coalesce(sum(length(value)), 0) FROM writes").fetchall()
        return int(size + rest)

    some, many = await sizes(DatabaseAddress("sqlite", file), measure, account)
    assert many < some * 1.02


async def test_a_checkpoint_in_postgresql_stays_flat(account: DbtAccount, postgres: PostgresDatabase) -> None:
    address = parse_address(postgres.url)
    assert address

    def measure() -> int:
        total = "SELECT sum(pg_column_size(blob)) FROM checkpoint_blobs"
        [(size,)] = postgres.execute(total)
        [(rest,)] = postgres.execute("SELECT coalesce(sum(pg_column_size(blob)), 0) FROM checkpoint_writes")
        return int(size + rest)

    some, many = await sizes(address, measure, account)
    assert many < some * 1.05  # packed, it differs by a little
