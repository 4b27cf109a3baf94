"""The chat model that answers from rules alone."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any

from dbt_discovery.exceptions import DbtDiscoveryError
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from langchain_dbt_discovery.offline.decision import Setting
from langchain_dbt_discovery.offline.moves import next_move
from langchain_dbt_discovery.offline.schema import tool_schemas, whole_schema
from langchain_dbt_discovery.offline.thread import turns_of
from langchain_dbt_discovery.offline.vocabulary import NamesSource, lexicon_of

__all__ = ["OfflineChatModel"]

logger = logging.getLogger(__name__)

_VOCABULARY_SECONDS = 20.0


class OfflineChatModel(BaseChatModel):
    """A chat model without a key or a network, which understands reporting questions by rules.

    It is a pure function of the messages, the schemas of the bound tools, the clock, the time zone and the names
    that `vocabulary` gives: asked the same again, it says the same. It asks one report after another
    where a question is about what another finds, and several at once where it asks several things; it writes the
    answer from what the tools found, says how it read the question, and says plainly what it cannot answer.

    Attributes:
        clock: Gives the moment it is.
        zone: Where days begin.
        vocabulary: Gives the names that questions may use; without it, names are passed on as they were said.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    zone: tzinfo = UTC
    vocabulary: Callable[[], Awaitable[Any]] | None = None

    @property
    def _llm_type(self) -> str:
        return "offline"

    @property
    def _identifying_params(self) -> Mapping[str, Any]:
        return {"model_name": "offline", "zone": str(self.zone)}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(
            ls_provider="offline", ls_model_name=str(kwargs.get("model", "offline")), ls_model_type="chat"
        )

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with tools to call; it chooses among them by itself."""
        return self.bind(tools=[whole_schema(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return _result(self._reply(messages, self._names_now(), kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return _result(self._reply(messages, await self._names(), kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(self._reply(messages, self._names_now(), kwargs)):
            if run_manager:
                run_manager.on_llm_new_token(str(chunk.message.content), chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(self._reply(messages, await self._names(), kwargs)):
            if run_manager:
                await run_manager.on_llm_new_token(str(chunk.message.content), chunk=chunk)
            yield chunk

    def _reply(
        self, messages: Sequence[BaseMessage], names: NamesSource | None, kwargs: Mapping[str, Any]
    ) -> AIMessage:
        """The next message of the conversation."""
        message = self._next(messages, names, kwargs)
        failed = isinstance(messages[-1], ToolMessage) and messages[-1].status == "error"
        if self.vocabulary and names is None and not failed and not message.tool_calls:
            _tell_of_missing_names()  # a tool that failed, or is yet to be called, says itself what is the matter
        return message

    def _next(self, messages: Sequence[BaseMessage], names: NamesSource | None, kwargs: Mapping[str, Any]) -> AIMessage:
        turns = turns_of(messages)
        if not turns:
            return _message("Ask me about the jobs, runs and models of a dbt account.", messages)
        now = self.clock().astimezone(self.zone)
        setting = Setting(tool_schemas(kwargs.get("tools") or ()), lexicon_of(names), now)
        move = next_move(turns, setting)
        if isinstance(move, str):
            return _message(move, messages)
        digest = hashlib.sha256(f"{len(messages)} {turns[-1].question}".encode()).hexdigest()[:12]
        asked = [
            tool_call(name=call.tool, args=call.arguments, id=f"call_{digest}" + (f"_{number}" if number else ""))
            for number, call in enumerate(move)
        ]
        return _message("", messages, *asked)

    async def _names(self) -> NamesSource | None:
        """The names that questions may use; None if they cannot be had, for the tool's own error says why."""
        if self.vocabulary is None:
            return None
        try:
            names: NamesSource = await self.vocabulary()
        except DbtDiscoveryError as error:
            logger.info("The names of projects, jobs and models are not available: %s", error)
            return None
        return names

    def _names_now(self) -> NamesSource | None:
        """The same for plain calls: on a loop of its own, in a thread of its own where a loop is running already.

        The time is limited, because the running loop may be the one that would have to give the names.
        """
        if self.vocabulary is None:
            return None
        executor = ThreadPoolExecutor(1, thread_name_prefix="dbt-discovery-names")
        try:
            return executor.submit(lambda: asyncio.run(asyncio.wait_for(self._names(), _VOCABULARY_SECONDS))).result()
        except TimeoutError:
            logger.info("The names of projects, jobs and models did not come in time.")
            return None
        finally:
            executor.shutdown(wait=False)


@cache
def _tell_of_missing_names() -> None:
    """Says, once in a process, that questions are answered without names to go by."""
    logger.warning("The names of projects, jobs and models are not available: what questions call them is not checked.")


def _message(text: str, messages: Sequence[BaseMessage], *calls: Any) -> AIMessage:
    """A message with its usage, counted in words: there are no tokens here."""
    read = sum(len(message.text.split()) for message in messages)
    written = len(text.split()) + sum(len(str(call["args"]).split()) + 1 for call in calls)
    usage = UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
    return AIMessage(text, tool_calls=list(calls), usage_metadata=usage, response_metadata={"model_name": "offline"})


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _chunks(message: AIMessage) -> Iterator[ChatGenerationChunk]:
    """The message word by word; its calls and usage come with the last piece."""
    for word in re.findall(r"\S+\s*|\s+", message.text):
        yield ChatGenerationChunk(message=AIMessageChunk(content=word))
    calls = [
        tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index)
        for index, call in enumerate(message.tool_calls)
    ]
    last = AIMessageChunk(
        content="",
        tool_call_chunks=calls,
        usage_metadata=message.usage_metadata,
        response_metadata=message.response_metadata,
        chunk_position="last",
    )
    yield ChatGenerationChunk(message=last)
