"""A turn: what one question to the agent brought about, collected while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from time import perf_counter
from typing import Any
from uuid import UUID

from dbt_discovery import ConfigurationError, InvalidArgument, Progress, UpstreamError
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_dbt_discovery.failures import FAILURE_EVENT
from langchain_dbt_discovery.figures import Evidence, Release
from langchain_dbt_discovery.progress import CaughtUp, relayed
from pydantic import BaseModel

from dbt_discovery_web.chat.prose import Prose
from dbt_discovery_web.chat.turn_events import ProgressMade, ReportMade, Token, ToolEnd, ToolStart, TurnEvent

__all__ = ["ToolCall", "Turn", "Usage"]

MODEL = "model"
"""The agent's node that asks the chat model."""


class ToolCall(BaseModel):
    """One call of a tool: how long it took, and how many rows it gave; `rows` is None when it gave no report."""

    name: str
    args: dict[str, Any]
    seconds: float
    rows: int | None


class Usage(BaseModel):
    """What a turn took: tokens that the chat model read and wrote, how often it was called, and seconds in all."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    model_calls: int = 0
    seconds: float = 0.0


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
        prose: The words of the answer.
    """

    def __init__(self, question: HumanMessage, hear: Callable[[TurnEvent], None]) -> None:
        self.question = question
        self.model_failed = False
        self.prose = Prose(self._say, self._informed, self._release)
        self._hear = hear
        self._started = perf_counter()
        self._model_calls = 0
        self._thread: list[BaseMessage] = [question]
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
        for node, change in update.items():
            messages = change.get("messages", ()) if isinstance(change, dict) else ()
            for message in self._own(messages if isinstance(messages, Sequence) else [messages]):
                known = message.id in self._messages
                if isinstance(message, ToolMessage):
                    self._tell_of_refused(message)
                self._messages[message.id or f"unnamed-{len(self._messages)}"] = message
                if isinstance(message, ToolMessage):
                    continue
                if node == MODEL and not known and "stopped" not in message.response_metadata:
                    self.prose.end(message)
                elif not (message.tool_calls or message.invalid_tool_calls):
                    self.prose.complete(message.text)  # such as the agent's own words when it gives up

    def read(self, piece: BaseMessage, about: Mapping[str, Any]) -> None:
        """Takes a piece of a message that is being written; one that came whole is taken as the agent leaves it."""
        if isinstance(piece, AIMessageChunk) and about["langgraph_node"] == MODEL:
            self.prose.take(piece)

    @property
    def unasked(self) -> bool:
        """Whether no report came of it because the account cannot be asked."""
        return isinstance(self.failure(), UpstreamError | ConfigurationError)

    @property
    def gave_up(self) -> bool:
        """Whether the agent had to end it in the model's place, without a report."""
        last = self.messages[-1]
        return "stopped" in last.response_metadata and not self.reports()

    def reports(self) -> list[dict[str, Any]]:
        """The reports that tools made, as JSON values, each once, in the order in which they were asked for."""
        answers, made = self._answers(), list[dict[str, Any]]()
        for call in self._calls():  # tools that run at once answer in any order
            answer = answers.get(str(call["id"]))
            if answer and isinstance(answer.artifact, dict) and answer.artifact not in made:
                made.append(answer.artifact)
        return made

    def say_findings(self) -> None:
        """Says the findings that nobody has said yet."""
        for report in self.reports():
            if report["finding"] not in self.prose.text:
                self.prose.add(report["finding"])

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
            model_calls=self._model_calls,
            seconds=round(perf_counter() - self._started, 3),
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

    async def on_chat_model_start(self, serialized: Any, messages: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """The chat model is asked."""
        self._model_calls += 1
        self._thread = [message for message in messages[0] if not isinstance(message, SystemMessage)]

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """The chat model has failed.

        The checkpointer writes down what an error says, and that of a provider may hold its key.
        """
        self.model_failed = True
        if isinstance(error, Exception):
            error.args = ()
        self.prose.break_off()

    def _own(self, messages: Sequence[BaseMessage]) -> list[AIMessage | ToolMessage]:
        """Those of a step's messages that belong to the turn: a step may write the whole thread anew."""
        from langgraph.graph.message import REMOVE_ALL_MESSAGES

        ids = [message.id for message in messages]
        if REMOVE_ALL_MESSAGES in ids:
            messages = messages[ids.index(self.question.id) :] if self.question.id in ids else ()
        return [message for message in messages if isinstance(message, AIMessage | ToolMessage)]

    def _say(self, token: Token) -> None:
        if not self.unasked:  # then there is a problem instead of an answer
            self._hear(token)

    def _release(self) -> Release:
        """What the model says now, as it may be seen: the guard of the agent itself lets the same through."""
        from langchain_dbt_discovery.findings import findings_of

        thread = self._thread
        return Release(lambda: Evidence.of(thread), lambda: findings_of(thread))

    def _informed(self) -> bool:
        return bool(self._answers()) and not self.unasked

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
        """Seconds that a call took; until now, if its tool was stopped and so has not come to an end."""
        begun = next((begun for id, _, begun in self._begun.values() if id == call), None)
        return round(self._seconds.get(call, perf_counter() - begun if begun else 0.0), 3)

    def _calls(self) -> list[dict[str, Any]]:
        return [dict(call) for m in self.messages if isinstance(m, AIMessage) for call in m.tool_calls]

    def _answers(self) -> dict[str, ToolMessage]:
        return {m.tool_call_id: m for m in self.messages if isinstance(m, ToolMessage)}


def _rows(answer: ToolMessage | None) -> int | None:
    rows = answer.artifact.get("rows") if answer and isinstance(answer.artifact, dict) else None
    return None if rows is None else len(rows)


async def _at_once() -> None:
    """Nothing is being told that would have to be waited for."""
