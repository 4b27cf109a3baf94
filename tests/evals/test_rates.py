"""How many answers of the offline model are right; `make evals` tells of all of them."""

from __future__ import annotations

import pytest

from evals.asking import ask_all, sandbox_settings
from evals.questions import questions
from evals.tables import failures, table

EVERY = 6
"""Every sixth question of each part is asked here."""
LEAST = {"tuned": 0.97, "untouched": 0.89}
"""What this sixth of each part has to reach: 0.99 and 0.93 of it are right, and 0.90 of all of the untouched part."""


@pytest.mark.parametrize("part", LEAST)
async def test_the_offline_model_answers_most_questions_right(part: str) -> None:
    asked = questions([part])[::EVERY]
    name, outcomes = await ask_all(asked, sandbox_settings(chat_model="offline"))
    right = sum(not each.fault for each in outcomes)
    assert name == "offline"
    assert right / len(outcomes) >= LEAST[part], f"{table(outcomes)}\n{failures(outcomes)}"
    assert not [each for each in outcomes if each.withheld]
