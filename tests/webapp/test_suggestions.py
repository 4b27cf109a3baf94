"""Suggestions: what is offered after an answer is what the offline model answers, with the report that is meant."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_discovery.reports import registry
from dbt_discovery_web.chat.command import Command
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.suggestions import SUGGESTIONS, suggestions


def test_every_report_has_suggestions() -> None:
    assert SUGGESTIONS.keys() == registry().keys()
    for name, offered in SUGGESTIONS.items():
        assert 2 <= len(offered) <= 3, name
        assert {each.report for each in offered} <= registry().keys(), name


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", list(registry()))
async def test_what_is_suggested_is_answered_with_the_report_that_is_meant(
    name: str, conversation: Conversation
) -> None:
    first = await conversation.ask(str(Command(name, registry()[name].sample)), f"{name} begin")
    offered = suggestions(first.reports)
    assert len(offered) >= 2
    for number, suggestion in enumerate(offered):
        thread = f"{name} {number}"
        await conversation.ask(str(Command(name, registry()[name].sample)), thread)
        answer = await conversation.ask(suggestion.text, thread)
        assert [report["name"] for report in answer.reports] == [suggestion.report], suggestion.text
        assert answer.failed is False
        assert_about_the_same(suggestion.text, first.reports[0], answer.reports[0])


def assert_about_the_same(question: str, before: Any, after: Any) -> None:
    """Whatever a question names of the report before is what the report after is about."""
    arguments, row = str(after["arguments"]), before["rows"][0] if before["rows"] else {}
    for name, key in (("job_name", "job_id"), ("name", "unique_id"), ("project_name", "project_id"), ("run_id",) * 2):
        if row.get(name) and f" {row[name]}" in question:
            assert str(row.get(key)) in arguments, question
    if "before?" in question:
        assert after["period"]["end"] == before["period"]["start"]
        kept = ("project_ids", "limit", "order_by", "job_ids", "model_ids")
        assert [after["arguments"].get(key) for key in kept] == [before["arguments"].get(key) for key in kept]


def test_nothing_is_suggested_about_what_a_report_does_not_name() -> None:
    empty = {"name": "longest_running_jobs", "rows": [], "period": None}
    assert suggestions([empty]) == []
    assert suggestions([]) == []
    long = {"name": "list_jobs", "rows": [{"job_name": "x" * 100}], "period": None}
    assert [each.text for each in suggestions([long])] == ["Which jobs take longest on average?"]
    month = {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}
    assert suggestions([{"name": "queue_times", "rows": [], "period": month}])[0].report == "longest_running_jobs"
