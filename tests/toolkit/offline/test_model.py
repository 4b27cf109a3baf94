from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dbt_discovery import DbtAccount, Unreachable, Vocabulary
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_dbt_discovery import DbtDiscoveryToolkit, OfflineChatModel

from tests.conftest import NOW
from tests.toolkit.conftest import vocabulary

QUESTION = HumanMessage("slowest 5 models of marketing last week")


@pytest.fixture
def tools(toolkit: DbtDiscoveryToolkit) -> list[Any]:
    return list(toolkit.get_tools())


async def test_the_same_input_gives_the_same_output(model: OfflineChatModel, tools: list[Any]) -> None:
    bound = model.bind_tools(tools)
    twin = model.model_copy().bind_tools(tools)

    def told(message: AIMessage) -> dict[str, Any]:
        return message.model_dump(exclude={"id"})

    first, second, third = [await each.ainvoke([QUESTION]) for each in (bound, bound, twin)]

    assert told(first) == told(second) == told(third)


async def test_it_streams_word_by_word(model: OfflineChatModel, tools: list[Any]) -> None:
    bound = model.bind_tools(tools)

    chunks = [chunk async for chunk in bound.astream([HumanMessage("what does it cost")])]
    whole = await bound.ainvoke([HumanMessage("what does it cost")])

    assert len(chunks) > 10
    assert "".join(chunk.text for chunk in chunks) == whole.text
    assert "".join(chunk.text for chunk in bound.stream([HumanMessage("what does it cost")])) == whole.text


async def test_a_streamed_call_is_the_same_call(model: OfflineChatModel, tools: list[Any]) -> None:
    bound = model.bind_tools(tools)

    async def summed(chunks: AsyncIterator[Any]) -> AIMessageChunk:
        total: Any = None
        async for chunk in chunks:
            total = chunk if total is None else total + chunk
        assert isinstance(total, AIMessageChunk)
        return total

    streamed, whole = await summed(bound.astream([QUESTION])), await bound.ainvoke([QUESTION])

    assert streamed.tool_calls == whole.tool_calls
    assert streamed.usage_metadata == whole.usage_metadata


def test_usage_counts_words(model: OfflineChatModel) -> None:
    usage = model.invoke([HumanMessage("one two three")]).usage_metadata

    assert usage is not None
    assert usage["input_tokens"] == 3
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_plain_call_reads_the_vocabulary_too(model: OfflineChatModel, tools: list[Any]) -> None:
    reply = model.bind_tools(tools).invoke([QUESTION])

    assert reply.tool_calls[0]["args"] == {"limit": 5, "projects": ["Marketing"], "period": "last_week"}


async def test_a_plain_call_inside_a_running_loop_reads_it_too(model: OfflineChatModel, tools: list[Any]) -> None:
    reply = model.bind_tools(tools).invoke([QUESTION])

    assert reply.tool_calls[0]["args"]["projects"] == ["Marketing"]


async def test_a_vocabulary_that_cannot_come_does_not_hold_a_plain_call_for_ever(
    monkeypatch: pytest.MonkeyPatch, tools: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("langchain_dbt_discovery.offline.model._VOCABULARY_SECONDS", 0.05)

    async def stuck() -> Vocabulary:
        await asyncio.sleep(60)
        return await vocabulary()

    caplog.set_level("INFO", logger="langchain_dbt_discovery")
    model = OfflineChatModel(clock=lambda: NOW, vocabulary=stuck)
    reply = model.bind_tools(tools).invoke([HumanMessage("jobs in marketing")])

    assert reply.tool_calls[0]["args"] == {"projects": ["marketing"]}
    assert "did not come in time" in caplog.text


async def test_without_names_the_words_are_passed_on_for_the_report_to_judge(tools: list[Any]) -> None:
    async def unreachable() -> Vocabulary:
        raise Unreachable("dbt Cloud cannot be reached.")

    for source in (None, unreachable):
        model = OfflineChatModel(clock=lambda: NOW, vocabulary=source)
        reply = await model.bind_tools(tools).ainvoke([HumanMessage("show me jobs in finance")])

        assert [(c["name"], c["args"]) for c in reply.tool_calls] == [("dbt_list_jobs", {"projects": ["finance"]})]


async def test_days_begin_in_its_time_zone(tools: list[Any]) -> None:
    late = NOW.replace(hour=20)
    for zone, evening in (("UTC", "2026-11-17T18:00"), ("Asia/Tokyo", "2026-11-18T18:00")):
        model = OfflineChatModel(clock=lambda: late, zone=ZoneInfo(zone), vocabulary=vocabulary)
        reply = await model.bind_tools(tools).ainvoke([HumanMessage("what failed last night")])

        assert reply.tool_calls[0]["args"]["period"].startswith(evening)


async def test_it_calls_only_tools_that_are_bound(model: OfflineChatModel, account: DbtAccount) -> None:
    bound = model.bind_tools(DbtDiscoveryToolkit(account, include=["list_jobs"]).get_tools())

    reply = await bound.ainvoke([QUESTION])

    assert not reply.tool_calls
    assert "the jobs there are" in reply.text
    assert "slowest models" not in reply.text


async def test_without_tools_it_says_that_there_is_nothing_to_look_up(model: OfflineChatModel) -> None:
    reply = await model.ainvoke([QUESTION])

    assert "nothing I can look up" in reply.text


async def answer_to(model: OfflineChatModel, tools: list[Any], question: str, result: dict[str, Any]) -> str:
    bound = model.bind_tools(tools)
    asked = await bound.ainvoke([HumanMessage(question)])
    message = ToolMessage(tool_call_id=asked.tool_calls[0]["id"], name=asked.tool_calls[0]["name"], **result)
    return (await bound.ainvoke([HumanMessage(question), asked, message])).text


async def test_the_answer_holds_only_figures_that_the_report_holds(
    model: OfflineChatModel, tools: list[Any], account: DbtAccount
) -> None:
    report = (await account.arun_report("slowest_models", limit=5)).to_json()
    content = next(t for t in tools if t.name == "dbt_slowest_models")
    text = (await content.ainvoke({"type": "tool_call", "id": "1", "name": content.name, "args": {"limit": 5}})).text

    answer = await answer_to(model, tools, "top 5 slowest models", {"content": text, "artifact": report})

    known = set(re.findall(r"\d+(?:\.\d+)?", text)) | {"1", "2", "3", "4", "5", str(report["total_rows"])}
    assert set(re.findall(r"\d+(?:\.\d+)?", answer)) <= known
    assert answer.startswith(report["finding"])


async def test_how_last_night_was_taken_is_said(model: OfflineChatModel, tools: list[Any], account: DbtAccount) -> None:
    report = (await account.arun_report("failed_runs", period="2026-11-17T18:00/2026-11-18T09:00")).to_json()

    answer = await answer_to(model, tools, "what failed last night", {"content": "", "artifact": report})

    assert "I took “last night” as Tuesday 18:00 to Wednesday 09:00." in answer


async def test_an_answer_without_an_artifact_quotes_the_finding(model: OfflineChatModel, tools: list[Any]) -> None:
    content = "Jobs.\n<dbt-data>\nFinding: 17 jobs.\nFilter: everything\n</dbt-data>\nAll 17 rows shown."

    assert await answer_to(model, tools, "list jobs", {"content": content}) == "17 jobs."


async def test_what_will_not_work_is_said_in_a_sentence(model: OfflineChatModel, tools: list[Any]) -> None:
    content = "This will not work, do not call again. The token is not accepted."

    answer = await answer_to(model, tools, "list jobs", {"content": content, "status": "error"})

    assert answer == "I cannot answer that now. The token is not accepted."


@pytest.mark.parametrize(
    "question",
    [
        "1 " * 8000,
        "jobs in " + "x_y " * 3000,
        "over " + "1 h " * 3000,
        "between 1 and " * 3000,
        "not in finance and " * 900,
    ],
)
async def test_a_very_long_question_is_cut_rather_than_pondered(
    model: OfflineChatModel, tools: list[Any], question: str
) -> None:
    await asyncio.wait_for(model.bind_tools(tools).ainvoke([HumanMessage(question)]), 2)


async def test_many_candidates_are_cut_and_the_cut_is_said(tools: list[Any]) -> None:
    async def many() -> Vocabulary:
        jobs = tuple(f"nightly {number}" for number in range(30))
        return Vocabulary(projects=(), environments=(), jobs=jobs, models=(), tags=())

    model = OfflineChatModel(clock=lambda: NOW, vocabulary=many)
    reply = await model.bind_tools(tools).ainvoke([HumanMessage("is nightly slow")])

    assert reply.text.count("\n- nightly") == 12
    assert reply.text.endswith("… and 18 more: say more of the name.")
