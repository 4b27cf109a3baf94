"""Limits on one turn of any model: calls, tokens, repeated calls, and the length of a reply.

Whichever is reached, the turn ends with what the reports have found so far and a sentence that says why it ends.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse, hook_config
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage

from langchain_dbt_discovery.findings import findings_of, this_turn

if TYPE_CHECKING:
    from langchain_core.messages.tool import ToolCall
    from langgraph.runtime import Runtime

__all__ = [
    "MODEL_CALLS",
    "REPEATS",
    "REPLY_LENGTH",
    "TOOL_CALLS",
    "TURN_TOKENS",
    "ReplyLength",
    "ReplyMeter",
    "TurnLimits",
    "call_key",
    "ending",
]

MODEL_CALLS = 8
TOOL_CALLS = 10
TURN_TOKENS = 200_000
"""Tokens that a model may read and write in a turn: eight calls with a long thread need about half of them."""
REPEATS = 2
"""Replies in which a model asks for nothing but what it has asked in the turn before."""
REPLY_LENGTH = 20_000
"""Characters of one reply, the arguments of its calls among them: several pages, which no answer needs."""

Reason = Literal["calls", "tokens", "repeats", "length", "empty"]

_SHORTER = "Ask for one thing at a time, or name the job, model or period you mean."
_SENTENCES: dict[Reason, str] = {
    "calls": f"I stopped after {MODEL_CALLS} steps without an answer. {_SHORTER}",
    "tokens": f"I stopped, because this question took more words than one may take. {_SHORTER}",
    "repeats": f"I stopped, because I kept asking for the same without coming to an answer. {_SHORTER}",
    "length": "The chat model's own words went on without an end, so I stopped them. Ask again, or in other words.",
}


def ending(messages: Sequence[BaseMessage], sentence: str, reason: Reason, **fields: Any) -> AIMessage:
    """The message that ends a turn in the model's place: the findings so far, and why there is no more.

    Its `response_metadata["stopped"]` names the reason, for programs.
    """
    text = "\n\n".join(filter(None, (findings_of(messages), sentence)))
    return AIMessage(text, response_metadata={"stopped": reason}, **fields)


def call_key(call: ToolCall) -> tuple[str, str]:
    """A tool call without its id, however its arguments are ordered."""
    return call["name"], json.dumps(call["args"], sort_keys=True, default=str)


class TurnLimits(AgentMiddleware[AgentState[Any], Any, Any]):
    """Ends a turn before the model is called again, once it has taken too much."""

    @hook_config(can_jump_to=["end"])
    def before_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The end of the turn, if a limit is reached."""
        messages = state["messages"]
        reason = _reached([message for message in this_turn(messages) if isinstance(message, AIMessage)])
        return {"jump_to": "end", "messages": [ending(messages, _SENTENCES[reason], reason)]} if reason else None


def _reached(replies: Sequence[AIMessage]) -> Reason | None:
    if len(replies) >= MODEL_CALLS:
        return "calls"
    if sum(reply.usage_metadata["total_tokens"] for reply in replies if reply.usage_metadata) >= TURN_TOKENS:
        return "tokens"
    return "repeats" if sum(_repeating(replies)) >= REPEATS else None


def _repeating(replies: Sequence[AIMessage]) -> Iterator[bool]:
    """For each reply, whether it has calls and all of them were in replies before it."""
    known: set[tuple[str, str]] = set()
    for reply in replies:
        asked = {call_key(call) for call in reply.tool_calls}
        yield bool(asked) and asked <= known
        known |= asked


class ReplyLength(AgentMiddleware[AgentState[Any], Any, Any]):
    """Ends the turn of a model whose reply is longer than anybody would read.

    A model that streams is stopped in the middle, if a `ReplyMeter` is among the callbacks.
    """

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """The reply, unless it is too long."""
        try:
            return _short(request, handler(request))
        except _TooLong:
            return _too_long(request)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, for an agent that is awaited."""
        try:
            return _short(request, await handler(request))
        except _TooLong:
            return _too_long(request)


class _TooLong(Exception):
    """A reply that is being streamed has become too long."""


class ReplyMeter(BaseCallbackHandler):
    """Counts the characters of replies while they are streamed, and stops one that is too long."""

    raise_error = True
    run_inline = True

    def __init__(self) -> None:
        self._lengths: dict[UUID, int] = {}

    def on_llm_new_token(self, token: str | list[str | dict[str, Any]], *, run_id: UUID, **kwargs: Any) -> None:
        """A piece of a reply has come; text, or blocks of which each counts for one."""
        pieces = getattr(getattr(kwargs.get("chunk"), "message", None), "tool_call_chunks", ())
        length = len(token) + sum(len(piece["args"] or "") for piece in pieces)
        self._lengths[run_id] = self._lengths.get(run_id, 0) + length
        if self._lengths[run_id] > REPLY_LENGTH:
            raise _TooLong

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A reply is whole."""
        self._lengths.pop(run_id, None)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A reply has broken off."""
        self._lengths.pop(run_id, None)


def _short(request: ModelRequest[Any], response: ModelResponse[Any]) -> ModelResponse[Any]:
    for reply in response.result:
        if isinstance(reply, AIMessage) and _length(reply) > REPLY_LENGTH:
            return _too_long(request, id=reply.id, usage_metadata=reply.usage_metadata)
    return response


def _length(reply: AIMessage) -> int:
    return len(reply.text) + sum(len(json.dumps(call["args"], default=str)) for call in reply.tool_calls)


def _too_long(request: ModelRequest[Any], **fields: Any) -> ModelResponse[Any]:
    return ModelResponse([ending(request.messages, _SENTENCES["length"], "length", **fields)])
