"""Words that ask no report anything, and vague ones that do."""

from __future__ import annotations

import pytest

from tests.toolkit.conftest import Ask

SAID = [
    ("hi", "Hello."),
    ("good morning!", "Hello."),
    ("thanks, that's all for now", "You are welcome."),
    ("never mind", "All right."),
    ("are you sure?", "Every figure I give is the report's own"),
    ("who are you?", "I am the chat of dbt Discovery"),
    ("what can you not do?", "I cannot start, stop or change anything"),
]


@pytest.mark.parametrize(("words", "reply"), SAID, ids=[each[0] for each in SAID])
async def test_small_talk_is_answered_without_a_report(ask: Ask, words: str, reply: str) -> None:
    message = await ask(words)

    assert not message.tool_calls
    assert message.text.startswith(reply)


@pytest.mark.parametrize("words", ["help", "hi, what can you do?", "what questions can I ask?", "how can you help me"])
async def test_help_says_what_can_be_asked(ask: Ask, words: str) -> None:
    message = await ask(words)

    assert message.text.startswith("You can ask me for:")
    assert message.text.count("\n- ") > 10


@pytest.mark.parametrize(
    "words",
    ["what should I fix first?", "where should we start today", "what needs my attention?", "how are we doing?"],
)
async def test_a_vague_question_asks_for_what_is_unhealthy(ask: Ask, words: str) -> None:
    message = await ask(words)

    assert [call["name"] for call in message.tool_calls] == ["dbt_model_health"]


@pytest.mark.parametrize("words", ["hi team, which jobs are there?", "good evening, which jobs are there?"])
async def test_a_greeting_before_a_question_is_no_part_of_it(ask: Ask, words: str) -> None:
    message = await ask(words)

    assert [(call["name"], call["args"]) for call in message.tool_calls] == [("dbt_list_jobs", {})]
