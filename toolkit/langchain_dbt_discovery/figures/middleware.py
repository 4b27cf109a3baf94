"""The guard in an agent: what the model says reaches the thread as it was released, and not otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, BaseMessage

from langchain_dbt_discovery.figures.evidence import Evidence
from langchain_dbt_discovery.figures.release import Release
from langchain_dbt_discovery.findings import findings_of

__all__ = ["GuardedFigures", "released"]


class GuardedFigures(AgentMiddleware[AgentState[Any], Any, Any]):
    """Lets a model's sentences through once their figures were found in the reports of the conversation.

    It is the innermost around the model, so that nothing of the agent sees a message as it was before. What was
    withheld is listed in the message's `response_metadata["withheld"]`.
    """

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """The model's answer, released."""
        return _guarded(handler(request), request.state["messages"])

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, for an agent that is awaited."""
        return _guarded(await handler(request), request.state["messages"])


def released(message: AIMessage, thread: Sequence[BaseMessage]) -> AIMessage:
    """The message with its text as it may be seen, under the same id.

    Args:
        message: What the model said.
        thread: The messages that it answers.
    """
    release = Release(lambda: Evidence.of(thread), lambda: findings_of(thread))
    content: str | list[str | dict[str, Any]]
    if isinstance(message.content, str):
        content = "".join([*release.feed(message.content), *release.end()])
    else:
        content = list(_blocks(message.content, release))
    if not release.withheld:
        return message
    metadata = {**message.response_metadata, "withheld": release.withheld}
    return message.model_copy(update={"content": content, "response_metadata": metadata})


def _blocks(content: Sequence[str | dict[str, Any]], release: Release) -> Iterator[str | dict[str, Any]]:
    """The blocks of a message, with those of text released one after the other as the one text that they are."""
    for block in content:
        if isinstance(block, str):
            yield "".join(release.feed(block))
        elif block.get("type") == "text":
            yield {**block, "text": "".join(release.feed(str(block.get("text", ""))))}
        else:
            yield block
    if rest := "".join(release.end()):
        yield {"type": "text", "text": rest}


def _guarded(response: ModelResponse[Any], thread: Sequence[BaseMessage]) -> ModelResponse[Any]:
    result = [released(each, thread) if isinstance(each, AIMessage) else each for each in response.result]
    return ModelResponse(result=result, structured_response=response.structured_response)
