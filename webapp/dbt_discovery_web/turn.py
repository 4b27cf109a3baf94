"""A turn: what one question to the agent brought about, collected while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict
from time import perf_counter
from typing import Any
from uuid import UUID

from dbt_discovery import InvalidArgument, Progress
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_dbt_discovery.failures import FAILURE_EVENT
from langchain_dbt_discovery.progress import CaughtUp, relayed
from pydantic import BaseModel

from dbt_discovery_web.turn_events import ProgressMade, ReportMade, ToolEnd, ToolStart, TurnEvent

__all__ = ["ToolCall", "Turn", "Usage"]


class ToolCall(BaseModel):
    """One call of a tool: how long it took, and how many rows it gave; `rows` is None when it gave no report."""

    name: str
    args: dict[str, Any]
    seconds: float
    rows: int | None


class Usage(BaseModel):
    """Tokens that the chat model read and wrote during a turn."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0


class Turn(AsyncCallbackHandler):
    """One question and everything the agent said and did about it.

    It is handed to the agent as a callback, for the tools' times, and is fed the messages as the agent's nodes give
    them, so that it is right up to the moment at which a turn breaks off.

    Args:
        question: The question, as a message.
        hear: Is told what happens, as it happens.

    Attributes:
        question: The question, as a message.
        model_failed: Whether the chat model itself raised an error.
    """

    def __init__(self, question: HumanMessage, hear: Callable[[TurnEvent], None]) -> None:
        self.question = question
        self.model_failed = False
        self._hear = hear
        self._messages: dict[str, BaseMessage] = {str(question.id): question}
        self._failures: dict[str, Exception] = {}
        self._begun: dict[UUID, tuple[str, str, float]] = {}
        self._seconds: dict[str, float] = {}
        self._told: list[dict[str, Any]] = []
        self._caught_up: CaughtUp = _at_once

    @property
    def messages(self) -> list[BaseMessage]:
        """The question and the messages that followed, in order."""
        return list(self._messages.values())

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Tells of the progress of what is fetched inside, by tools or for the chat model."""
        async with relayed(self._progress) as self._caught_up:
            yield

    def take(self, update: dict[str, Any]) -> None:
        """Notes the messages of one step of the agent; one with a known id replaces what was there."""
        for change in update.values():
            messages = change.get("messages", ()) if isinstance(change, dict) else ()
            for message in messages if isinstance(messages, Iterable) else (messages,):
                if isinstance(message, ToolMessage):
                    self._tell_of_refused(message)
                if isinstance(message, AIMessage | ToolMessage):
                    self._messages[message.id or f"unnamed-{len(self._messages)}"] = message

    def prose(self) -> str:
        """The model's closing words; empty when it ended on a tool call or said nothing."""
        last = self.messages[-1]
        return last.text.strip() if isinstance(last, AIMessage) and not last.tool_calls else ""

    def reports(self) -> list[dict[str, Any]]:
        """The reports that tools made, as JSON values, each once."""
        made: list[dict[str, Any]] = []
        for answer in self._answers().values():
            if isinstance(answer.artifact, dict) and answer.artifact not in made:
                made.append(answer.artifact)
        return made

    def failure(self) -> Exception | None:
        """What the last tool call that failed raised; None when none failed, or any made a report."""
        failed = [answer for answer in self._answers().values() if answer.status == "error"]
        if not failed or self.reports():
            return None
        # A tool refuses arguments that are not of its schema before it is called, and tells nobody but the model.
        return self._failures.get(failed[-1].tool_call_id) or InvalidArgument("arguments", failed[-1].text)

    def tool_calls(self) -> list[ToolCall]:
        """Every call the model asked for, in order."""
        answers = self._answers()
        return [
            ToolCall(
                name=call["name"],
                args=call["args"],
                seconds=self._took(str(call["id"])),
                rows=_rows(answers.get(str(call["id"]))),
            )
            for call in self._calls()
        ]

    def usage(self) -> Usage:
        """Tokens used, summed over the model's calls."""
        used = [m.usage_metadata for m in self.messages if isinstance(m, AIMessage) and m.usage_metadata]
        return Usage(
            input_tokens=sum(each["input_tokens"] for each in used),
            output_tokens=sum(each["output_tokens"] for each in used),
            total_tokens=sum(each["total_tokens"] for each in used),
        )

    def unanswered(self) -> list[dict[str, Any]]:
        """Tool calls that no tool has answered; a chat model refuses a history that holds one."""
        answers = self._answers()
        return [call for call in self._calls() if str(call["id"]) not in answers]

    # LangChain calls these by position and keyword; only what is needed here is named.

    async def on_tool_start(self, serialized: Any, input_str: str, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool begins."""
        name = str(serialized["name"])
        self._begun[run_id] = str(kwargs.get("tool_call_id")), name, perf_counter()
        self._hear(ToolStart(name=name, args=kwargs.get("inputs") or {}))

    async def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has answered."""
        await self._end(run_id, output if isinstance(output, ToolMessage) else None)

    async def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool has failed in a way nobody foresaw."""
        if isinstance(error, Exception):
            self._note(run_id, error)
        await self._end(run_id, None)

    async def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A tool tells of an error that it hands to the model as words."""
        if name == FAILURE_EVENT:
            self._note(run_id, data)

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """The chat model has failed."""
        self.model_failed = True

    def _note(self, run_id: UUID, error: Exception) -> None:
        if run_id in self._begun:
            self._failures[self._begun[run_id][0]] = error

    async def _end(self, run_id: UUID, answer: ToolMessage | None) -> None:
        call, name, begun = self._begun.pop(run_id)
        self._seconds[call] = perf_counter() - begun
        await self._caught_up()  # no progress of a tool comes after its end
        self._hear(ToolEnd(name=name, seconds=self._took(call), rows=_rows(answer)))
        if answer and isinstance(answer.artifact, dict) and answer.artifact not in self._told:
            self._told.append(answer.artifact)
            self._hear(ReportMade(answer.artifact))

    def _tell_of_refused(self, answer: ToolMessage) -> None:
        """Tells of a call that was answered without its tool, such as one over the limit or of a tool there is not."""
        call = next((call for call in self.unanswered() if call["id"] == answer.tool_call_id), None)
        if call and str(call["id"]) not in self._seconds:
            self._hear(ToolStart(name=call["name"], args=call["args"]))
            self._hear(ToolEnd(name=call["name"], seconds=0.0, rows=None))

    async def _progress(self, step: Progress) -> None:
        self._hear(ProgressMade(**asdict(step)))

    def _took(self, call: str) -> float:
        return round(self._seconds.get(call, 0.0), 3)

    def _calls(self) -> list[dict[str, Any]]:
        return [dict(call) for m in self.messages if isinstance(m, AIMessage) for call in m.tool_calls]

    def _answers(self) -> dict[str, ToolMessage]:
        return {m.tool_call_id: m for m in self.messages if isinstance(m, ToolMessage)}


def _rows(answer: ToolMessage | None) -> int | None:
    rows = answer.artifact.get("rows") if answer and isinstance(answer.artifact, dict) else None
    return None if rows is None else len(rows)


async def _at_once() -> None:
    """Nothing is being told that would have to be waited for."""
