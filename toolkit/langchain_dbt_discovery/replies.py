"""What becomes of replies that models should not give: calls that cannot be read or told apart, repeats, nothing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest, hook_config
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.messages.tool import invalid_tool_call, tool_call

from langchain_dbt_discovery.findings import findings_of, this_turn
from langchain_dbt_discovery.limits import call_key, ending

if TYPE_CHECKING:
    from langgraph.runtime import Runtime
    from langgraph.types import Command

__all__ = ["CallIds", "MalformedCalls", "RepeatedCalls", "StreamedCalls", "UnfinishedAnswers"]

_KNOWN = "You have asked for exactly this before. What it gave still holds: answer the person from it."
_NOTHING = "The chat model {model} did not give a usable answer. Ask again, or put the question in other words."
_REFUSED = "The chat model {model} or its provider refused to answer this. Put the question in other words."
_CUT = "The answer breaks off here, because the chat model reached the most it may write."
_CUT_BEFORE = "The chat model {model} reached the most it may write before it gave an answer. Ask for less at a time."

_TOO_LONG = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
_KEPT_BACK = frozenset({"content_filter", "refusal", "safety", "prohibited_content", "blocklist", "recitation"})
"""Why a reply ended, as different providers word it."""


class CallIds(AgentMiddleware[AgentState[Any], Any, Any]):
    """Gives each tool call an id of its own: some servers send none, or the same ones again in every reply."""

    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The reply with other ids, where some are missing or used already."""
        *before, reply = state["messages"]
        if not isinstance(reply, AIMessage):
            return None
        used = {call["id"] for message in before if isinstance(message, AIMessage) for call in _calls(message)}
        renamed = dict(_renamed([call["id"] for call in _calls(reply)], used))
        if not renamed:
            return None
        calls = _calls(reply)
        for place, id in renamed.items():
            calls[place] = {**calls[place], "id": id}
        split = len(reply.tool_calls)
        return {
            "messages": [reply.model_copy(update={"tool_calls": calls[:split], "invalid_tool_calls": calls[split:]})]
        }


def _calls(reply: AIMessage) -> list[Any]:
    return [*reply.tool_calls, *reply.invalid_tool_calls]


def _renamed(ids: Sequence[str | None], used: set[str | None]) -> Iterator[tuple[int, str]]:
    """Places of the ids that cannot stay, with others for them."""
    for place, id in enumerate(ids):
        if not id or id in used:
            yield place, f"call_{uuid4().hex}"
        used.add(id)


class StreamedCalls(BaseCallbackHandler):
    """Reads the arguments of streamed calls as strictly as those of whole replies.

    LangChain closes what a stream left open and leaves away what it cannot read: a call that was cut off would be made
    with some of its arguments, and its report answer another question. Such a call counts as malformed.
    """

    raise_error = True
    run_inline = True

    def __init__(self) -> None:
        self._pieces: dict[UUID, list[AIMessageChunk]] = {}

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A piece of a reply has come."""
        if chunks := getattr(getattr(kwargs.get("chunk"), "message", None), "tool_call_chunks", None):
            self._pieces.setdefault(run_id, []).append(AIMessageChunk(content="", tool_call_chunks=chunks))

    def on_llm_end(self, response: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A reply is whole: the message that the agent is about to get is put right."""
        pieces = self._pieces.pop(run_id, None)
        if not pieces:
            return
        first, *rest = pieces
        written = add_ai_message_chunks(first, *rest).tool_call_chunks
        calls = [(call, _arguments(call["args"])) for call in written]
        if any(arguments is None for _, arguments in calls):
            message = response.generations[0][0].message
            message.tool_calls = [
                tool_call(name=call["name"] or "", args=arguments, id=call["id"])
                for call, arguments in calls
                if arguments is not None
            ]
            message.invalid_tool_calls = [
                invalid_tool_call(name=call["name"], args=call["args"], id=call["id"], error=None)
                for call, arguments in calls
                if arguments is None
            ]

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A reply has broken off."""
        self._pieces.pop(run_id, None)


def _arguments(written: str | None) -> dict[str, Any] | None:
    """The arguments as a model wrote them; None if they are no JSON object."""
    try:
        read = json.loads(written, strict=False) if written else {}
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


class MalformedCalls(AgentMiddleware[AgentState[Any], Any, Any]):
    """Another try for a model whose tool calls could not be read as JSON.

    LangChain tells the model about them when it is next called, but takes a message without a readable call for the
    answer, which would be an empty one.
    """

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """A jump back to the model, if all of its calls were malformed."""
        last = state["messages"][-1]
        if isinstance(last, AIMessage) and last.invalid_tool_calls and not last.tool_calls:
            return {"jump_to": "model"}
        return None


class RepeatedCalls(AgentMiddleware[AgentState[Any], Any, Any]):
    """Answers a call that a model makes again in the same turn from what it gave before."""

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]]
    ) -> ToolMessage | Command[Any]:
        """The earlier answer, or else the tool's."""
        return _known(request) or handler(request)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]
    ) -> ToolMessage | Command[Any]:
        """The same, for an agent that is awaited."""
        return _known(request) or await handler(request)


def _known(request: ToolCallRequest) -> ToolMessage | None:
    wanted, id = call_key(request.tool_call), request.tool_call["id"]
    turn: list[BaseMessage] = this_turn(request.state["messages"])
    same = {
        call["id"]
        for message in turn
        if isinstance(message, AIMessage)
        for call in message.tool_calls
        if call_key(call) == wanted
    }
    for message in turn:
        if isinstance(message, ToolMessage) and message.tool_call_id in same and message.status == "success":
            text = message.text.removeprefix(f"{_KNOWN}\n\n")
            given = {"content": f"{_KNOWN}\n\n{text}", "tool_call_id": id, "id": None}
            return message.model_copy(update=given)
    return None


class UnfinishedAnswers(AgentMiddleware[AgentState[Any], Any, Any]):
    """Puts the findings and a sentence where a model says nothing, and says so where its words break off.

    Args:
        model: The chat model's name.
    """

    def __init__(self, model: str) -> None:
        self._model = model

    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> dict[str, Any] | None:
        """The reply with what it lacks, if it ends the turn."""
        reply = state["messages"][-1]
        if not isinstance(reply, AIMessage) or reply.tool_calls or reply.invalid_tool_calls:
            return None
        ends = _ends(reply)
        if not reply.text.strip():
            found = bool(findings_of(state["messages"]))
            sentence = _REFUSED if ends & _KEPT_BACK else _CUT_BEFORE if ends & _TOO_LONG else "" if found else _NOTHING
            given = {"id": reply.id, "usage_metadata": reply.usage_metadata}
            sentence = sentence.format(model=self._model)
            return {"messages": [ending(state["messages"], sentence, "empty", **given)]}
        if ends & _TOO_LONG:
            return {"messages": [reply.model_copy(update={"content": f"{reply.text.rstrip()}\n\n{_CUT}"})]}
        return None


def _ends(reply: AIMessage) -> set[str]:
    """Why a reply ended, in the words of whichever provider."""
    given = reply.response_metadata
    ends = {given.get("finish_reason"), given.get("stop_reason"), (given.get("incomplete_details") or {}).get("reason")}
    if reply.additional_kwargs.get("refusal"):
        ends.add("refusal")
    return {end.lower() for end in ends if isinstance(end, str)}
