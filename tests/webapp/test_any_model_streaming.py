"""Models that stream over real HTTP, and models of other providers: the agent gives the same with each."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any, Literal

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.model_faults import explain
from dbt_discovery_web.chat.models import close_model, online_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_dbt_discovery import DbtDiscoveryToolkit, create_reporting_agent
from pydantic import ConfigDict

from tests.servers.openai_server import USAGE, Break, Call, Fail, Say, openai_server
from tests.webapp.scripted import Scripted, calling, saying

JOBS = Call("dbt_list_jobs", {"limit": 2}, also=(Call("dbt_list_projects", {"limit": 1}),))


@pytest.fixture
async def account(sandbox_account: Callable[..., DbtAccount]) -> AsyncIterator[DbtAccount]:
    async with sandbox_account() as account:
        yield account


@asynccontextmanager
async def model_at(base_url: str, *, patience: float = 20.0) -> AsyncIterator[BaseChatModel]:
    model = online_model(Settings(openai_base_url=base_url, chat_model="openai:some-model"), timeout=patience)
    yield model
    await close_model(model)


async def failure(chunks: AsyncIterator[BaseMessage], pieces: list[str]) -> Exception:
    """What a stream ends with, after its pieces."""
    try:
        async for chunk in chunks:
            pieces.append(chunk.text)  # noqa: PERF401  (those before the error count)
    except Exception as error:
        return error
    raise AssertionError("the stream came to its end")


async def streamed(agent: Any, question: str) -> tuple[list[str], list[BaseMessage]]:
    """The pieces of the model's words, and the messages at the end."""
    pieces: list[str] = []
    messages: list[BaseMessage] = []
    async for mode, part in agent.astream({"messages": [HumanMessage(question)]}, stream_mode=["messages", "values"]):
        if mode == "values":
            messages = part["messages"]
        elif isinstance(part[0], AIMessage) and part[0].text:
            pieces.append(part[0].text)
    return pieces, messages


@pytest.mark.parametrize(("stream_options", "told"), [("known", True), ("ignored", False), ("refused", False)])
async def test_usage_is_recorded_wherever_a_server_tells_it(
    account: DbtAccount, stream_options: Literal["known", "ignored", "refused"], told: bool
) -> None:
    script = [JOBS, Say("One line.\nAnother.")] * 2
    with openai_server(script, stream_options=stream_options) as server:
        async with model_at(server.base_url) as model:
            agent = create_reporting_agent(model, DbtDiscoveryToolkit(account))
            for _ in range(2):
                pieces, messages = await streamed(agent, "Which jobs?")
                assert "".join(pieces[:2]) == messages[-1].text == "One line.\nAnother."
                assert [m.artifact["total_rows"] > 0 for m in messages if isinstance(m, ToolMessage)] == [True, True]
                replies = [message for message in messages if isinstance(message, AIMessage)]
                used = [reply.usage_metadata["total_tokens"] if reply.usage_metadata else None for reply in replies]
                assert used == [USAGE["total_tokens"] if told else None] * 2
    assert all(request["stream"] for request in server.requests)
    assert ["stream_options" in request for request in server.requests] == [stream_options != "refused"] * 4


async def test_a_server_that_refuses_something_else_keeps_being_asked_for_the_usage() -> None:
    with openai_server([Fail(400), Fail(400), Say("Hello.")]) as server:
        async with model_at(server.base_url) as model:
            assert "400" in str(await failure(model.astream("?"), []))
            chunks = [chunk async for chunk in model.astream("?")]
    assert "".join(chunk.text for chunk in chunks) == "Hello."
    assert ["stream_options" in request for request in server.requests] == [True, False, True]


@pytest.mark.parametrize(
    ("reply", "said", "words"),
    [
        (Break("The longest"), "The longest", "could not be reached, or broke off"),
        (Say("The longest\nis", pause=3.0), "The longest\n", "did not answer in time"),
    ],
    ids=["breaking off", "silent"],
)
async def test_a_stream_that_ends_too_early_is_explained(reply: Any, said: str, words: str) -> None:
    pieces: list[str] = []
    with openai_server([reply]) as server:
        async with model_at(server.base_url, patience=0.5) as model:
            error = await failure(model.astream("?"), pieces)
    assert "".join(pieces) == said
    assert f"The chat model m {words}" in explain(error, "m", 120.0)


class Limited(Scripted):
    """A model of some provider, whose class takes what LangChain hands on and refuses anything else."""

    model: str
    timeout: float | None = None
    max_retries: int | None = None

    model_config = ConfigDict(extra="forbid")

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        asked = isinstance(messages[-1], HumanMessage)
        said = calling("list_jobs", limit=2) if asked else saying(str(messages[-1].text.count("Finding")))
        return ChatResult(generations=[ChatGeneration(message=said)])


@pytest.mark.parametrize(
    ("name", "package", "limited"),
    [
        ("fireworks:m-1", "langchain_fireworks:ChatFireworks", True),
        ("ollama:m-1", "langchain_ollama:ChatOllama", False),
    ],
)
async def test_a_langchain_model_string_makes_the_providers_class(
    account: DbtAccount, name: str, package: str, limited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langchain.chat_models import base

    place, _, kind = package.partition(":")
    module = ModuleType(place)
    setattr(module, kind, lambda **given: Limited(steps=[], **given))
    monkeypatch.setitem(sys.modules, place, module)
    base._get_chat_model_creator.cache_clear()
    try:
        model = online_model(Settings(chat_model=name))
    finally:
        base._get_chat_model_creator.cache_clear()
    assert isinstance(model, Limited)
    assert (model.model, model.timeout, model.max_retries) == ("m-1", *((60.0, 2) if limited else (None, None)))
    answer = await Conversation(account, model).ask("Which jobs?", "t")
    assert (answer.answer, answer.model, answer.usage.total_tokens) == ("1", "m-1", 12 + 25)


class WithoutTools(Scripted):
    """A model that only talks, as LangChain's base class leaves it."""

    def bind_tools(self, *args: Any, **kwargs: Any) -> Any:
        return BaseChatModel.bind_tools(self, *args, **kwargs)


async def test_a_model_that_cannot_call_tools_is_named_as_such(account: DbtAccount) -> None:
    answer = await Conversation(account, WithoutTools(steps=[])).ask("Which jobs?", "t")
    assert answer.answer.startswith("The chat model scripted cannot call tools")
    assert (answer.failed, answer.error) == (True, "NotImplementedError")
