"""Starters: what stands on the empty page is answered by the offline model, without a question back."""

from __future__ import annotations

import pytest
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.starters import starters


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("question", [question for questions in starters().values() for question in questions])
async def test_a_starter_is_answered_with_a_report(question: str, conversation: Conversation) -> None:
    answer = await conversation.ask(question, question)
    assert answer.failed is False
    assert len(answer.reports) == 1, answer.answer


def test_starters_are_of_every_kind() -> None:
    assert list(starters()) == ["Jobs and runs", "Models", "Tests", "Sources", "Why"]
    asked = [question for questions in starters().values() for question in questions]
    assert len(set(asked)) == len(asked) >= 12
