"""How many answers of the offline model are right; `make evals` tells of all of them."""

from __future__ import annotations

import pytest

from evals.asking import ask_all, sandbox_settings
from evals.questions import questions
from evals.tables import failures, table

EVERY = 3
"""Every third question of each part is asked here."""
LEAST = {"tuned": 0.97, "untouched": 0.86}
"""What a third of each part has to reach: of all of the untouched part it is 0.90, and a third swings around that."""


@pytest.mark.parametrize("part", LEAST)
async def test_the_offline_model_answers_most_questions_right(part: str) -> None:
    asked = questions([part])[::EVERY]
    name, outcomes = await ask_all(asked, sandbox_settings(chat_model="offline"))
    right = sum(not each.fault for each in outcomes)
    assert name == "offline"
    assert right / len(outcomes) >= LEAST[part], f"{table(outcomes)}\n{failures(outcomes)}"
    assert not [each for each in outcomes if each.withheld]
