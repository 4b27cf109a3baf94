"""Taking back the last turn of a thread: the agent remembers what it did before it, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery import DbtAccount
from dbt_discovery_web.chat.conversation import Conversation
from langchain_core.messages import HumanMessage

from tests.webapp.scripted import Scripted, calling, saying

CONFIG: Any = {"configurable": {"thread_id": "t"}}


async def remembered(conversation: Conversation) -> tuple[Any, Any]:
    values = (await conversation._agent.aget_state(CONFIG)).values
    messages = [(m.type, m.text, getattr(m, "artifact", None)) for m in values.get("messages", [])]
    return messages, values.get("forgotten", 0)


@pytest.mark.parametrize("turns", [1, 2, 5, 36])
async def test_a_thread_goes_back_to_what_it_was_before_its_last_turn(turns: int, account: DbtAccount) -> None:
    steps = [step for n in range(turns + 2) for step in (calling("list_models", f"c{n}", limit=60), saying(f"S{n}."))]
    model = Scripted(steps=steps)
    conversation = Conversation(account, model)
    for number in range(turns):
        await conversation.ask(f"Question {number}", "t", turn_id=f"turn-{number}")
    before = await remembered(conversation)
    await conversation.ask("One too many", "t", turn_id="last")
    assert await remembered(conversation) != before
    await conversation.rewind("t", "last", "One too many")
    assert await remembered(conversation) == before
    await conversation.ask("Another one", "t", turn_id="instead")
    asked = [message.text for message in model.seen[-1] if isinstance(message, HumanMessage)]
    assert asked[-1] == "Another one"
    assert "One too many" not in asked


async def test_the_first_turn_taken_back_leaves_nothing(account: DbtAccount) -> None:
    model = Scripted(steps=[saying("One."), saying("Two.")])
    conversation = Conversation(account, model)
    await conversation.ask("First", "t", turn_id="a")
    await conversation.rewind("t", "a", "First")
    assert await remembered(conversation) == ([], 0)
    await conversation.ask("Instead", "t", turn_id="b")
    assert [message.text for message in model.seen[-1][1:]] == ["Instead"]


async def test_a_turn_that_broke_off_can_be_taken_back(account: DbtAccount) -> None:
    model = Scripted(steps=[saying("One."), ConnectionError("hush"), saying("Three.")])
    conversation = Conversation(account, model)
    await conversation.ask("First", "t", turn_id="a")
    before = await remembered(conversation)
    assert (await conversation.ask("Second", "t", turn_id="b")).failed
    await conversation.rewind("t", "b", "Second")
    assert await remembered(conversation) == before


async def test_another_turn_than_the_one_meant_stays(account: DbtAccount) -> None:
    conversation = Conversation(account, Scripted(steps=[saying("One.")]))
    await conversation.ask("First", "t", turn_id="a")
    before = await remembered(conversation)
    await conversation.rewind("t", "never-remembered", "First")
    await conversation.rewind("t", None, "Something else")
    assert await remembered(conversation) == before
    await conversation.rewind("t", None, "First")  # as an earlier release kept it, without its id
    assert await remembered(conversation) == ([], 0)
