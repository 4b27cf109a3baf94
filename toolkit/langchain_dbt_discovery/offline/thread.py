"""A conversation read from its messages: the questions, and what was called and said for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from dbt_discovery.reports import registry
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_dbt_discovery.digest import MORE, said_arguments
from langchain_dbt_discovery.tools import TOOL_PREFIX

__all__ = ["Made", "Turn", "turns_of"]


@dataclass(frozen=True, slots=True)
class Made:
    """A tool call that was made.

    Attributes:
        tool: The tool's name.
        arguments: What it was called with.
        result: What came of it.
    """

    tool: str
    arguments: Mapping[str, Any]
    result: ToolMessage


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
        """The last report that came, if any did; of an earlier turn's, what is remembered."""
        found = next((r.artifact for r in reversed(self.results) if isinstance(r.artifact, Mapping)), None)
        if found is None or "columns" in found:
            return found
        rows, cells = found.get("rows") or (), found.get("cells") or ()
        empty: Mapping[str, Any] = {}
        told = [{**row, **cell} for row, cell in zip_longest(rows, cells[: len(rows)], fillvalue=empty)]
        return {**found, "rows": told, "columns": [{"key": key} for key in found.get("filled") or ()]}

    @property
    def made(self) -> list[Made]:
        """The calls that have come to a result, in order."""
        results = {result.tool_call_id: result for result in self.results}
        return [
            Made(str(call["name"]), call["args"], results[call["id"]]) for call in self.calls if call["id"] in results
        ]


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
            turns[-1].calls += [{**call, "args": _said(str(call["name"]), call["args"])} for call in message.tool_calls]
            turns[-1].answer = message.text or turns[-1].answer
    return turns


def _said(tool: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A call's arguments in plain form: another model than this one may have folded some into `more`."""
    report = registry().get(tool.removeprefix(TOOL_PREFIX))
    return said_arguments(report.arguments, given) if report and MORE in given else given
