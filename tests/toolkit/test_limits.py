"""What ends a turn of an agent, whatever its model does: a sentence, after what the reports have found."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from dbt_discovery import DbtAccount
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_dbt_discovery import DbtDiscoveryToolkit, create_reporting_agent
from langchain_dbt_discovery.findings import this_turn
from langchain_dbt_discovery.limits import MODEL_CALLS, REPLY_LENGTH, TOOL_CALLS, TURN_TOKENS
from langgraph.checkpoint.memory import InMemorySaver

from tests.toolkit.test_agent import Scripted, ask, calling, tool_messages

JOBS = {"period": "last_week", "limit": 3}


def jobs(id: str, **arguments: Any) -> AIMessage:
    return calling("dbt_longest_running_jobs", id, **JOBS | arguments)


@pytest.fixture
async def finding(account: DbtAccount) -> str:
    return (await account.arun_report("longest_running_jobs", **JOBS)).finding


def in_turn(*replies: AIMessage) -> Scripted:
    """A model that gives the replies one after the other, and the last one for ever."""
    model = Scripted(script=lambda messages: replies[min(len(model.seen), len(replies)) - 1].model_copy())
    return model


async def test_calls_for_ever_end_with_the_finding(toolkit: DbtDiscoveryToolkit, finding: str) -> None:
    model = Scripted(
        script=lambda messages: jobs(f"{len(messages)}", **({"limit": len(messages)} if messages[2:] else {}))
    )

    last = (await ask(create_reporting_agent(model, toolkit), "go on"))[-1]

    assert len(model.seen) == MODEL_CALLS
    assert last.text.startswith(finding)
    assert last.text.endswith("name the job, model or period you mean.")
    assert last.response_metadata["stopped"] == "calls"


async def test_the_same_call_again_is_answered_from_before_and_ends_the_turn(
    toolkit: DbtDiscoveryToolkit, finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    run = type(toolkit.account).arun_report

    async def counted(self: Any, name: str, *args: Any, **given: Any) -> Any:
        asked.append(name)
        return await run(self, name, *args, **given)

    monkeypatch.setattr(type(toolkit.account), "arun_report", counted)
    again = calling("dbt_longest_running_jobs", "2", limit=3, period="last_week")
    model = in_turn(jobs("1"), again)

    messages = await ask(create_reporting_agent(model, toolkit), "go on")

    assert asked == ["longest_running_jobs"]
    assert len(model.seen) == 3
    first, *others = tool_messages(messages)
    assert [other.artifact for other in others] == [first.artifact] * 2
    assert all(other.text.startswith("You have asked for exactly this before.") for other in others)
    assert all(other.text.endswith(f"\n\n{first.text}") for other in others)
    assert messages[-1].text.startswith(f"{finding}\n\nI stopped")
    assert messages[-1].text.count(finding) == 1


async def test_the_same_call_may_be_made_in_another_turn(toolkit: DbtDiscoveryToolkit) -> None:
    model = in_turn(jobs("1"), AIMessage("Done."), jobs("1"), AIMessage("Once more."))
    agent = create_reporting_agent(model, toolkit, checkpointer=InMemorySaver())

    await ask(agent, "first")
    messages = await ask(agent, "second")

    assert messages[-1].text == "Once more."
    assert not any("before" in message.text[:60] for message in tool_messages(messages))


async def test_a_failed_call_may_be_tried_once_more(toolkit: DbtDiscoveryToolkit) -> None:
    wrong = calling("dbt_longest_running_jobs", "1", period="someday")
    messages = await ask(create_reporting_agent(in_turn(wrong), toolkit), "go on")

    assert [message.status for message in tool_messages(messages)] == ["error"] * 3
    assert not any("before" in message.text[:60] for message in tool_messages(messages))
    assert messages[-1].response_metadata["stopped"] == "repeats"


async def test_tokens_of_the_turn_are_limited_and_not_those_of_the_thread(
    toolkit: DbtDiscoveryToolkit, finding: str
) -> None:
    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        if messages[-1].text == "small":
            return AIMessage("Small.")
        tokens = TURN_TOKENS // 2
        used = {"input_tokens": tokens - 5, "output_tokens": 5, "total_tokens": tokens}
        call = jobs(f"{len(messages)}", **({} if messages[-1].text == "large" else {"limit": len(messages)}))
        return call.model_copy(update={"usage_metadata": used})

    model = Scripted(script=script)
    agent = create_reporting_agent(model, toolkit, checkpointer=InMemorySaver())

    large = (await ask(agent, "large"))[-1]
    calls = len(model.seen)
    small = (await ask(agent, "small"))[-1]

    assert calls == 2
    assert large.text.startswith(finding)
    assert "took more words than one may take" in large.text
    assert small.text == "Small."


async def test_fifty_calls_at_once_are_ten_answers_and_forty_refusals(toolkit: DbtDiscoveryToolkit) -> None:
    calls = [{"name": "dbt_list_jobs", "args": {"limit": n + 1}, "id": str(n), "type": "tool_call"} for n in range(50)]
    model = in_turn(AIMessage("", tool_calls=calls), AIMessage("Done."))

    messages = await ask(create_reporting_agent(model, toolkit), "everything")

    answers = {message.tool_call_id: message.status for message in tool_messages(messages)}
    assert len(tool_messages(messages)) == len(answers) == 50
    assert [id for id, status in answers.items() if status == "success"] == [str(n) for n in range(TOOL_CALLS)]
    assert messages[-1].text == "Done."


class Babbling(Scripted):
    """Streams for ever."""

    pieces: Callable[[], AIMessageChunk]
    sent: list[int] = []  # noqa: RUF012  pydantic copies it

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        if not tool_messages(messages):
            chunk = ChatGenerationChunk(message=AIMessageChunk(**jobs("1").model_dump(exclude={"type"})))
            yield chunk
            return
        while True:
            chunk = ChatGenerationChunk(message=self.pieces())
            self.sent.append(1)
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def words() -> AIMessageChunk:
    return AIMessageChunk("and so on " * 10)


def arguments() -> AIMessageChunk:
    return AIMessageChunk("", tool_call_chunks=[{"name": None, "args": "x" * 100, "id": None, "index": 0}])


@pytest.mark.parametrize("pieces", [words, arguments])
async def test_a_reply_that_streams_for_ever_is_stopped(
    toolkit: DbtDiscoveryToolkit, finding: str, pieces: Callable[[], AIMessageChunk]
) -> None:
    model = Babbling(script=lambda messages: AIMessage(""), pieces=pieces)
    agent = create_reporting_agent(model, toolkit)

    last: list[BaseMessage] = []
    async for mode, part in agent.astream({"messages": [HumanMessage("?")]}, stream_mode=["messages", "values"]):
        if mode == "values":
            last = part["messages"]

    assert len(model.sent) == REPLY_LENGTH // 100 + 1
    assert last[-1].text.startswith(finding)
    assert "without an end" in last[-1].text


@pytest.mark.parametrize(
    "reply", [AIMessage("a" * 10**6), calling("dbt_list_jobs", "2", projects=["x" * 10**6])], ids=["words", "call"]
)
async def test_a_whole_reply_that_is_too_long_is_left_out(
    toolkit: DbtDiscoveryToolkit, finding: str, reply: AIMessage
) -> None:
    used = {"input_tokens": 7, "output_tokens": 250_000, "total_tokens": 250_007}
    reply = reply.model_copy(update={"usage_metadata": used})
    messages = await ask(create_reporting_agent(in_turn(jobs("1"), reply), toolkit), "?")

    assert messages[-1].text.startswith(f"{finding}\n\nThe chat model's own words went on")
    assert messages[-1].usage_metadata == used
    assert len(json.dumps([message.text for message in messages])) < REPLY_LENGTH
    assert len(tool_messages(messages)) == 1


async def test_an_agent_that_is_not_awaited_has_the_same_limits(world: Any, settings: Any) -> None:
    import dbt_cloud_sandbox as sandbox

    with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        agent = create_reporting_agent(in_turn(jobs("1")), DbtDiscoveryToolkit(account))
        looping = agent.invoke({"messages": [HumanMessage("?")]})["messages"]
        agent = create_reporting_agent(in_turn(AIMessage("a" * 10**6)), DbtDiscoveryToolkit(account))
        long = agent.invoke({"messages": [HumanMessage("?")]})["messages"]

    assert looping[-1].response_metadata["stopped"] == "repeats"
    assert long[-1].response_metadata["stopped"] == "length"


def test_a_turn_begins_after_the_last_question() -> None:
    one, two = AIMessage("1"), ToolMessage("2", tool_call_id="2")
    assert this_turn([HumanMessage("a"), one, HumanMessage("b"), two]) == [two]
    assert this_turn([one, two]) == [one, two]
    assert this_turn([HumanMessage("a")]) == []


async def test_malformed_calls_for_ever_end_and_the_thread_goes_on(toolkit: DbtDiscoveryToolkit) -> None:
    broken = {"name": "dbt_list_jobs", "args": "{limit:", "id": None, "error": None, "type": "invalid_tool_call"}

    def script(messages: Sequence[BaseMessage]) -> AIMessage:
        return AIMessage("Fine.") if messages[-1].text == "again" else AIMessage("", invalid_tool_calls=[broken])

    model = Scripted(script=script)
    agent = create_reporting_agent(model, toolkit, checkpointer=InMemorySaver())

    first = (await ask(agent, "jobs"))[-1]
    messages = await ask(agent, "again")

    assert first.text.startswith("I stopped")
    assert len(model.seen) == MODEL_CALLS + 1
    told = {message.tool_call_id for message in model.seen[-1] if isinstance(message, ToolMessage)}
    assert told == {call["id"] for m in messages if isinstance(m, AIMessage) for call in m.invalid_tool_calls}
    assert len(told) == MODEL_CALLS
    assert messages[-1].text == "Fine."
