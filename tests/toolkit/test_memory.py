"""What is remembered of a long thread: never more than so much, never half a call, and enough to lean on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_dbt_discovery.memory import CHARACTERS, MOST_TURNS, WHOLE_TURNS, remember, turns_in


def turn(number: int, rows: int = 30, length: int = 2000, calls: int = 1) -> list[BaseMessage]:
    """A turn whose tools gave reports of some rows, in so many characters."""
    names = [f"call-{number}-{call}" for call in range(calls)]
    made = [{"name": "dbt_list_jobs", "args": {"limit": rows}, "id": name} for name in names]
    report = {
        "name": "list_jobs",
        "finding": f"There are {number} jobs.",
        "arguments": {"limit": rows, "tags": ["finance"]},
        "columns": [{"key": "name", "label": "Job"}],
        "rows": [{"job_id": str(row), "run_id": f"r{row}", "name": f"Job {row}"} for row in range(rows)],
    }
    text = f"Jobs.\n<dbt-data>\nFinding: There are {number} jobs.\n{'x' * length}\n</dbt-data>\nAll rows shown."
    return [
        HumanMessage(f"Question {number}", id=f"q{number}"),
        AIMessage("", tool_calls=made, id=f"c{number}"),
        *(ToolMessage(text, tool_call_id=name, artifact=report, id=f"t{name}") for name in names),
        AIMessage(f"Answer {number}", id=f"a{number}"),
    ]


def talk(number: int, length: int = 20) -> list[BaseMessage]:
    return [HumanMessage(f"Talk {number}", id=f"q{number}"), AIMessage("y" * length, id=f"a{number}")]


def remembered(messages: Sequence[Any]) -> list[Any]:
    change = remember(messages)
    return list(messages) if change is None else change["messages"][1:]


def contents(messages: Sequence[BaseMessage]) -> int:
    return sum(len(message.text) for message in messages)


THREADS = {
    "many small turns": [message for n in range(100) for message in talk(n)],
    "many reports": [message for n in range(100) for message in turn(n)],
    "many calls in a turn": [message for n in range(40) for message in turn(n, calls=10, length=3900)],
    "a report and much talk": [*turn(0, rows=500), *(message for n in range(1, 90) for message in talk(n))],
    "one enormous answer": [*turn(0), *talk(1, length=CHARACTERS * 2)],
    "nothing": [],
}


@pytest.mark.parametrize("thread", THREADS)
def test_a_thread_is_cut_down_within_bounds_and_doing_it_again_changes_nothing(thread: str) -> None:
    messages = THREADS[thread]
    kept = remembered(messages)
    assert remember(kept) is None
    assert len(turns_in(kept)) <= MOST_TURNS + 1  # the last report may be older than all of them
    newest = turns_in(messages)[-1:]
    assert contents(kept) <= CHARACTERS + sum(map(contents, newest)) + 4000
    assert [message.id for message in kept] == [m.id for m in messages if m.id in {k.id for k in kept}]


@pytest.mark.parametrize("thread", THREADS)
def test_no_call_is_parted_from_its_result(thread: str) -> None:
    kept = remembered(THREADS[thread])
    made = [call["id"] for message in kept if isinstance(message, AIMessage) for call in message.tool_calls]
    answered = [message.tool_call_id for message in kept if isinstance(message, ToolMessage)]
    assert made == answered


def test_a_thread_grown_turn_by_turn_stays_the_same_size() -> None:
    sizes = []
    kept: list[Any] = []
    for number in range(300):
        kept = remembered([*kept, *turn(number, rows=500)])
        sizes.append(len(json.dumps([message.model_dump(mode="json") for message in kept])))
    assert max(sizes[MOST_TURNS:]) < min(sizes[MOST_TURNS:]) * 1.02
    assert turns_in(kept)[-1][-1].text == "Answer 299"


def test_the_last_turns_are_whole_and_of_older_ones_the_findings_stay() -> None:
    *older, last = [message for message in remembered(THREADS["many reports"]) if isinstance(message, ToolMessage)]
    whole = [message for message in (*older, last) if "xxx" in message.text]
    assert whole == [*older[-WHOLE_TURNS + 1 :], last]
    for message in older[: -WHOLE_TURNS + 1]:
        assert f"Finding: {message.artifact['finding']}" in message.text
        assert "Shortened" in message.text
        assert message.text.count("<dbt-data>") == message.text.count("</dbt-data>") == 1
        assert message.artifact["arguments"] == {"limit": 30, "tags": ["finance"]}
        assert message.artifact["rows"] == [{"job_id": str(row), "run_id": f"r{row}"} for row in range(20)]
    assert last.artifact["rows"] == [{"job_id": str(row), "run_id": f"r{row}"} for row in range(30)]


def test_the_last_report_is_remembered_however_long_ago_it_was() -> None:
    kept = remembered(THREADS["a report and much talk"])
    [report] = [message for message in kept if isinstance(message, ToolMessage)]
    assert len(report.artifact["rows"]) == 500
    assert kept[0].text == "Question 0"
    assert kept[-1].text == "y" * 20


def test_a_failure_is_shortened_too_and_what_came_before_the_first_question_stays() -> None:
    call = AIMessage("", tool_calls=[{"name": "dbt_list_jobs", "args": {}, "id": "1"}], id="c")
    failed = ToolMessage("This will not work: " + "<dbt-data>z" * 500, tool_call_id="1", status="error", id="t")
    opening = SystemMessage("Be kind.", id="s")
    kept = remembered([opening, HumanMessage("Q", id="q"), call, failed, *talk(1), *talk(2)])
    assert kept[0] is opening
    assert kept[3].text.startswith("<dbt-data>\nThis will not work")
    assert len(kept[3].text) < 600
    assert kept[3].status == "error"
