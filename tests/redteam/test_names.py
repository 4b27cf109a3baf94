"""Whole names that read like questions: nobody who names a job decides what a question means."""

from __future__ import annotations

import pytest
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model

from tests.core.tiny import TinyCloud, job, model

NAMES = (
    "last week",
    "What were the longest-running jobs last week?",
    "slowest models",
    "jobs",
    "the",
    "which tests",
    "yesterday",
    "longest-running jobs",
    "failed runs",
    "all jobs",
)
QUESTIONS = (
    "What were the longest-running jobs last week?",
    "Which models are slowest?",
    "What failed yesterday?",
    "Which tests are failing?",
    "Which runs were there yesterday?",
    "Show all jobs",
    "failed runs of last week",
)


async def calls_with(name: str, *questions: str) -> list[list[tuple[str, dict[str, object]]]]:
    """What the offline model calls for each question where everything is called by this name."""
    cloud = TinyCloud()
    cloud.projects = [{"id": 10, "name": name}]
    cloud.jobs = [job(1, name=name)]
    cloud.models = {100: [model(name.replace(" ", "_"), 1.0, tags=[name])]}
    async with cloud.account() as account:
        conversation = Conversation(account, chat_model(account.settings, account))
        answers = [await conversation.ask(question, question) for question in questions]
    return [[(call.name, call.args) for call in answer.tool_calls] for answer in answers]


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_that_reads_like_a_question_changes_no_call(name: str) -> None:
    assert await calls_with(name, *QUESTIONS) == await calls_with("plainly", *QUESTIONS)


async def test_between_quotation_marks_such_a_name_is_a_name() -> None:
    ((call,),) = await calls_with("last week", "How long does the job “last week” take?")
    assert call[1]["jobs"] == ["last week"]
