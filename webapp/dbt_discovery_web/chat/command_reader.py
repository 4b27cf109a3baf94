"""The reader of commands: what stands where a chat model does in an agent, when a person names a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from dbt_discovery import InvalidArgument, NotFound
from dbt_discovery.reports import find_report
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_dbt_discovery.offline.answer import Finding, write_answer
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.tools import TOOL_PREFIX

from dbt_discovery_web.chat.command import NO_MODEL, Command

__all__ = ["CommandReader"]


class CommandReader(BaseChatModel):
    """Calls the tool that a command names, with what the command says, and then says what the tool found.

    In this way a command is answered by the same tools, within the same limits and in the same threads as a question.
    """

    @property
    def _llm_type(self) -> str:
        return NO_MODEL

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> CommandReader:
        """Itself: a command names its tool."""
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=_reply(messages))])


def _reply(messages: Sequence[BaseMessage]) -> AIMessage:
    message = next(message.text for message in reversed(messages) if isinstance(message, HumanMessage))
    try:
        command = Command.read(message)
    except (InvalidArgument, NotFound) as error:
        return AIMessage(f"I could not run that. {error}")
    tool, last = f"{TOOL_PREFIX}{command.report}", messages[-1]
    if not isinstance(last, ToolMessage):
        return AIMessage("", tool_calls=[{"name": tool, "args": dict(command.arguments), "id": f"call-{uuid4()}"}])
    answer = write_answer([Finding(Call(tool, {}), last)])
    if last.status == "error" and not command.arguments:
        answer += f" It is written like this: `{Command(command.report, find_report(command.report).sample)}`."
    return AIMessage(answer)
