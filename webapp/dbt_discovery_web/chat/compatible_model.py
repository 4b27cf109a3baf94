"""The chat model of servers that speak OpenAI's protocol, each with more or less of its details."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from openai import BadRequestError, UnprocessableEntityError
from pydantic import PrivateAttr

__all__ = ["CompatibleModel"]


class CompatibleModel(ChatOpenAI):
    """LangChain's, which asks a server to tell the tokens at the end of a stream until the server refuses to be asked.

    Servers that know nothing of `stream_options` mostly pass over it. Those that answer 400 or 422 are asked again
    without, and always without once that has worked. One that has taken them is not asked again: it means something
    else.
    """

    _takes_options: bool | None = PrivateAttr(default=None)

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        if self._takes_options is not False:
            chunks = super()._astream(*args, **kwargs | {"stream_usage": True})
            try:
                first = await anext(chunks, None)
            except (BadRequestError, UnprocessableEntityError):
                if self._takes_options:
                    raise
                # Perhaps it is about something else, which the second request will show.
            else:
                self._takes_options = True
                if first:
                    yield first
                async for chunk in chunks:
                    yield chunk
                return
        async for chunk in super()._astream(*args, **kwargs | {"stream_usage": False}):
            self._takes_options = False
            yield chunk

    def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *args: Any) -> ChatGenerationChunk | None:
        """A chunk with what it says in the field for refusals, which LangChain reads in whole replies only."""
        made = super()._convert_chunk_to_generation_chunk(chunk, *args)
        for choice in (chunk.get("choices") or ())[:1]:
            if made and (refusal := (choice.get("delta") or {}).get("refusal")):
                made.message.additional_kwargs["refusal"] = refusal
        return made
