"""A conversation read from its messages: the questions, and what was called and said for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

__all__ = ["Turn", "turns_of"]


@dataclass(slots=True)
class Turn:
    """One question, with what came of it.

    Attributes:
        question: The person's words.
        calls: The tool calls made, in order.
        results: The tools' messages, in order.
        answer: What was said in the end.
    """

    question: str
    calls: list[Mapping[str, Any]] = field(default_factory=list)
    results: list[ToolMessage] = field(default_factory=list)
    answer: str = ""

    @property
    def artifact(self) -> Mapping[str, Any] | None:
        """The last report that came, if any did."""
        return next((r.artifact for r in reversed(self.results) if isinstance(r.artifact, Mapping)), None)


def turns_of(messages: Sequence[BaseMessage]) -> list[Turn]:
    """The turns of a conversation; what comes before the first question is none."""
    turns: list[Turn] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            turns.append(Turn(message.text))
        elif not turns:
            continue
        elif isinstance(message, ToolMessage):
            turns[-1].results.append(message)
        elif isinstance(message, AIMessage):
            turns[-1].calls += [dict(call) for call in message.tool_calls]
            turns[-1].answer = message.text or turns[-1].answer
    return turns
