"""A name or an error text of 100 kB makes no answer large, and nothing that is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model
from langchain_dbt_discovery.content import CONTENT_LENGTH, artifact_of, content_of
from langgraph.checkpoint.memory import InMemorySaver

from tests.core.tiny import TinyCloud, job, model, run
from tests.redteam.hostile import HUGE
from tests.redteam.poisoned import NAMES, made, poisoned

QUESTIONS = (
    "Which jobs do we have?",
    "What failed last week?",
    "Which models are slowest?",
    "How long does Nightly take?",
    "Which projects are there?",
)
ANSWER_LENGTH = 4000


def cloud() -> TinyCloud:
    huge = TinyCloud()
    huge.projects = [{"id": 10, "name": HUGE}]
    huge.jobs = [job(1, name=f"Nightly {HUGE}", description=HUGE), job(2, name="Daily")]
    failed = {"status": 20, "status_message": HUGE, "git_branch": HUGE}
    huge.runs = [run(7, "2026-11-12 10:00", "2026-11-12 10:10", **failed)]
    huge.models = {100: [model("orders", 1.0, description=HUGE, tags=[HUGE] * 3) | {"name": HUGE}]}
    huge.nodes = {7: {"models": [model("orders", 1.0) | {"name": HUGE, "error": HUGE, "status": "error"}]}}
    return huge


@pytest.mark.parametrize("question", QUESTIONS)
async def test_an_answer_and_what_is_kept_of_it_stay_small(question: str) -> None:
    saver = InMemorySaver()
    async with cloud().account() as account:
        answer = await Conversation(account, chat_model(account.settings, account), saver).ask(question, "1")
    assert answer.tool_calls or "nightly" in answer.answer
    assert len(answer.answer) <= ANSWER_LENGTH
    assert len(answer.model_dump_json()) < 150_000
    kept = saver.get_tuple({"configurable": {"thread_id": "1"}})
    assert kept is not None
    messages: list[Any] = kept.checkpoint["channel_values"]["messages"]
    assert sum(len(message.model_dump_json()) for message in messages) < 40_000


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_huge_texts_is_cut_and_says_so(name: str) -> None:
    report = poisoned(name, HUGE)
    artifact = artifact_of(report)
    assert len(content_of(report)) <= CONTENT_LENGTH
    assert len(artifact["finding"]) <= 2000
    texts = {key: value for row in artifact["rows"] for key, value in row.items() if isinstance(value, str)}
    assert all(len(value) <= (50_000 if key.endswith("code") else 4000) for key, value in texts.items())
    cut = any(value.startswith("xxx") for value in texts.values())
    assert any(note.startswith("Texts are cut here") for note in artifact["notes"]) >= cut
    assert artifact["path"] == report.path


@pytest.mark.parametrize("name", NAMES)
def test_a_report_of_usual_texts_is_whole(name: str) -> None:
    report = made()[name]
    assert artifact_of(report) == json.loads(json.dumps(report.to_json()))
