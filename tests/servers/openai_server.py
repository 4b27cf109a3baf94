"""A small server that speaks OpenAI's chat completions, and says what a test scripted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .running import running

__all__ = ["Call", "Fail", "OpenAIServer", "Reply", "Say", "openai_server"]


@dataclass(frozen=True)
class Call:
    """The model asks for one tool, or for several at once (`also`)."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[Call, ...] = ()
    delay: float = 0.0


@dataclass(frozen=True)
class Say:
    """The model says something; `delay` in seconds makes it slow, and `before` is called first, in a thread."""

    text: str
    delay: float = 0.0
    before: Callable[[], None] | None = None


@dataclass(frozen=True)
class Fail:
    """The server answers with an error status, as OpenAI words it."""

    status: int
    message: str = "Something is wrong."
    delay: float = 0.0


Reply = Call | Say | Fail
Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


@dataclass(frozen=True)
class OpenAIServer:
    """A scripted server that is being served.

    Attributes:
        base_url: What `OPENAI_BASE_URL` should be.
        requests: The body of every request so far.
        headers: The headers of every request so far, names in lower case.
    """

    base_url: str
    requests: list[dict[str, Any]]
    headers: list[dict[str, str]]


@contextmanager
def openai_server(script: Script) -> Iterator[OpenAIServer]:
    """Serves a script on a free loopback port.

    Args:
        script: The replies in order, or a function from a request's body to the reply. A request beyond the last reply
            gets status 400, which clients do not repeat.
    """
    requests: list[dict[str, Any]] = []
    headers: list[dict[str, str]] = []

    async def completions(request: Request) -> Response:
        body = await request.json()
        requests.append(body)
        headers.append(dict(request.headers))
        reply = _reply(script, body, len(requests))
        await asyncio.sleep(reply.delay)
        if isinstance(reply, Say) and reply.before:
            await asyncio.to_thread(reply.before)
        if isinstance(reply, Fail):
            error = {"message": reply.message, "type": "error", "param": None, "code": None}
            return JSONResponse({"error": error}, reply.status)
        frame = {"id": f"chatcmpl-{len(requests)}", "created": 1_700_000_000, "model": body["model"]}
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            return StreamingResponse(_events(reply, frame, usage), media_type="text/event-stream")
        return JSONResponse(_completion(reply, frame))

    app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
    with running(app) as url:
        yield OpenAIServer(f"{url}/v1", requests, headers)


_USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def _reply(script: Script, body: dict[str, Any], number: int) -> Reply:
    if callable(script):
        return script(body)
    return script[number - 1] if number <= len(script) else Fail(400, "The script has ended.")


def _completion(reply: Call | Say, frame: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if isinstance(reply, Say):
        message["content"] = reply.text
    else:
        message["tool_calls"] = _calls(reply)
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    return {**frame, "object": "chat.completion", "choices": [choice], "usage": _USAGE}


async def _events(reply: Call | Say, frame: Mapping[str, Any], usage: bool) -> AsyncIterator[str]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if isinstance(reply, Say):
        deltas += [{"content": word} for word in reply.text.splitlines(keepends=True)]
    else:
        for index, call in enumerate(_calls(reply)):
            function = call["function"]
            half = len(function["arguments"]) // 2
            opening = {**call, "function": {"name": function["name"], "arguments": function["arguments"][:half]}}
            deltas.append({"tool_calls": [{"index": index, **opening}]})
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": function["arguments"][half:]}}]})
    chunk = {**frame, "object": "chat.completion.chunk"}
    for delta in deltas:
        yield _event({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield _event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}]})
    if usage:
        yield _event({**chunk, "choices": [], "usage": _USAGE})
    yield "data: [DONE]\n\n"


def _calls(reply: Call) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{index}_{call.name}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
        }
        for index, call in enumerate((reply, *reply.also))
    ]


def _finish(reply: Call | Say) -> str:
    return "stop" if isinstance(reply, Say) else "tool_calls"


def _event(body: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
