"""A chat model that plays a script, for tests that need to know beforehand what the model does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

__all__ = ["Scripted", "calling", "saying"]

Step = AIMessage | Exception | Callable[[list[BaseMessage]], AIMessage]


class Scripted(BaseChatModel):
    """Plays its steps one after the other: a message is said, an error raised, a function asked.

    Attributes:
        seen: The messages of each call, in order.
    """

    steps: list[Any]
    seen: list[list[BaseMessage]] = []  # noqa: RUF012  (a pydantic field)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Scripted:
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        self.seen.append(list(messages))
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        said = step if isinstance(step, AIMessage) else step(messages)
        return ChatResult(generations=[ChatGeneration(message=said)])


def saying(text: str) -> AIMessage:
    """A message of words, with the tokens it took."""
    return AIMessage(text, usage_metadata={"input_tokens": 20, "output_tokens": 5, "total_tokens": 25})


def calling(report: str, call_id: str = "call-1", **arguments: Any) -> AIMessage:
    """A message that calls a report's tool."""
    call = {"name": f"dbt_{report}", "args": arguments, "id": call_id}
    return AIMessage("", tool_calls=[call], usage_metadata={"input_tokens": 10, "output_tokens": 2, "total_tokens": 12})
