"""A chat model that writes its scripted messages piece by piece, and waits between pieces where a test says so."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

from tests.webapp.scripted import Scripted

__all__ = ["Writing", "announcing"]


class Writing(Scripted):
    """Plays its steps like `Scripted`, four characters at a time; a tool call's arguments come in pieces too.

    An exception as a step's `additional_kwargs["breaks"]` is raised when the words are written and nothing else is.

    Attributes:
        between: Is awaited before each piece, with all that was written of the message so far.
    """

    between: Callable[[str], Awaitable[None]] | None = None

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        said = self._generate(messages).generations[0].message
        assert isinstance(said, AIMessage)
        written = ""
        for text in re.findall(r".{1,4}", said.text, re.DOTALL):
            if self.between:
                await self.between(written)
            written += text
            yield ChatGenerationChunk(message=AIMessageChunk(text))
        if error := said.additional_kwargs.get("breaks"):
            raise error
        for index, call in enumerate(said.tool_calls):
            arguments = json.dumps(call["args"])
            begin = tool_call_chunk(name=call["name"], args="", id=call["id"], index=index)
            rest = [tool_call_chunk(args=each, index=index) for each in re.findall(r".{1,3}", arguments)]
            for chunk in (begin, *rest):
                yield ChatGenerationChunk(message=AIMessageChunk("", tool_call_chunks=[chunk]))
        yield ChatGenerationChunk(message=AIMessageChunk("", usage_metadata=said.usage_metadata, chunk_position="last"))


def announcing(words: str, call: AIMessage) -> AIMessage:
    """A call of a tool with words beside it."""
    return call.model_copy(update={"content": words})
