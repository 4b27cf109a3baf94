"""A small server that speaks OpenAI's chat completions, says what a test scripted, and fails in every way they do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .running import running

__all__ = ["USAGE", "Break", "Call", "Fail", "OpenAIServer", "Page", "Reply", "Say", "openai_server"]

USAGE: Mapping[str, int] = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
"""What every reply costs, unless it says otherwise."""


@dataclass(frozen=True)
class Call:
    """The model asks for one tool, or for several at once (`also`).

    Attributes:
        arguments: The arguments, or text in their place that need not be JSON.
        id: The call's id, where it is not one of its own; empty for none.
        text: What is said beside.
    """

    name: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    also: tuple[Call, ...] = ()
    delay: float = 0.0
    id: str | None = None
    text: str = ""
    usage: Mapping[str, int] | None = field(default_factory=lambda: USAGE)


@dataclass(frozen=True)
class Say:
    """The model says something; `delay` in seconds makes it slow, and `before` is called first, in a thread.

    Attributes:
        finish: Why the words end: `stop`, `length` or `content_filter`.
        refusal: What is said in the field for refusals.
        pause: Seconds of silence after the first piece of a stream.
        usage: What it cost; None where the server does not say.
    """

    text: str
    delay: float = 0.0
    before: Callable[[], None] | None = None
    finish: str = "stop"
    refusal: str | None = None
    pause: float = 0.0
    usage: Mapping[str, int] | None = field(default_factory=lambda: USAGE)


@dataclass(frozen=True)
class Fail:
    """The server answers with an error status, as OpenAI words it."""

    status: int
    message: str = "Something is wrong."
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Something else than the protocol: a proxy's HTML, or JSON of no use."""

    body: str
    media_type: str = "text/html"
    status: int = 200
    delay: float = 0.0


@dataclass(frozen=True)
class Break:
    """The connection breaks off: in the middle of the words, or before anything of them."""

    text: str = ""
    delay: float = 0.0


Reply = Call | Say | Fail | Page | Break
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
def openai_server(
    script: Script, *, stream_options: Literal["known", "ignored", "refused"] = "known"
) -> Iterator[OpenAIServer]:
    """Serves a script on a free loopback port.

    As OpenAI's own, it refuses a conversation in which a tool call is not answered.

    Args:
        script: The replies in order, or a function from a request's body to the reply. A request beyond the last reply
            gets status 400, which clients do not repeat.
        stream_options: What the server does with them; one that refuses them does not count that as a request.
    """
    requests: list[dict[str, Any]] = []
    headers: list[dict[str, str]] = []

    async def completions(request: Request) -> Response:
        body = await request.json()
        if stream_options == "refused" and "stream_options" in body:
            return _problem(Fail(400, "Unknown field: stream_options"))
        requests.append(body)
        headers.append(dict(request.headers))
        if lacking := _unanswered(body["messages"]):
            return _problem(Fail(400, f"Tool calls are not answered: {', '.join(lacking)}"))
        reply = _reply(script, body, len(requests))
        await asyncio.sleep(reply.delay)
        if isinstance(reply, Say) and reply.before:
            await asyncio.to_thread(reply.before)
        if isinstance(reply, Fail):
            return _problem(reply)
        if isinstance(reply, Page):
            return Response(reply.body, reply.status, media_type=reply.media_type)
        frame = {"id": f"chatcmpl-{len(requests)}", "created": 1_700_000_000, "model": body["model"]}
        if isinstance(reply, Break):
            return _Broken(_broken(reply, frame), media_type="text/event-stream")
        if body.get("stream"):
            asked = bool((body.get("stream_options") or {}).get("include_usage")) and stream_options == "known"
            return StreamingResponse(
                _events(reply, frame, asked, request.is_disconnected), media_type="text/event-stream"
            )
        return JSONResponse(_completion(reply, frame))

    app = Starlette(routes=[Route("/v1/chat/completions", completions, methods=["POST"])])
    with running(app) as url:
        yield OpenAIServer(f"{url}/v1", requests, headers)


def _reply(script: Script, body: dict[str, Any], number: int) -> Reply:
    if callable(script):
        return script(body)
    return script[number - 1] if number <= len(script) else Fail(400, "The script has ended.")


def _problem(fault: Fail) -> JSONResponse:
    error = {"message": fault.message, "type": "error", "param": None, "code": None}
    return JSONResponse({"error": error}, fault.status, dict(fault.headers))


def _unanswered(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The calls that are not answered by the messages right after them."""
    lacking: list[str] = []
    for place, message in enumerate(messages):
        answered = set()
        for later in messages[place + 1 :]:
            if later["role"] != "tool":
                break
            answered.add(later["tool_call_id"])
        lacking += [str(call["id"]) for call in message.get("tool_calls") or () if call["id"] not in answered]
    return lacking


def _completion(reply: Call | Say, frame: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if isinstance(reply, Say):
        message |= {"content": reply.text, "refusal": reply.refusal}
    else:
        message["tool_calls"] = _calls(reply)
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    usage = {"usage": dict(reply.usage)} if reply.usage else {}
    return {**frame, "object": "chat.completion", "choices": [choice], **usage}


async def _events(
    reply: Call | Say, frame: Mapping[str, Any], usage: bool, gone: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    chunk = {**frame, "object": "chat.completion.chunk"}
    for place, delta in enumerate(_deltas(reply)):
        yield _event({**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        if await gone():
            return
        if place == 1 and isinstance(reply, Say):
            await asyncio.sleep(reply.pause)
    yield _event({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}]})
    if usage and reply.usage:
        yield _event({**chunk, "choices": [], "usage": dict(reply.usage)})
    yield "data: [DONE]\n\n"


def _deltas(reply: Call | Say) -> Iterator[dict[str, Any]]:
    """The pieces of a reply: words line by line, and the arguments of each call in halves, as the calls take turns."""
    yield {"role": "assistant", "content": ""}
    for line in reply.text.splitlines(keepends=True):
        yield {"content": line}
    if isinstance(reply, Say):
        if reply.refusal:
            yield {"refusal": reply.refusal}
        return
    calls = _calls(reply)
    for index, call in enumerate(calls):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        opening = {**call, "function": {"name": name, "arguments": arguments[: len(arguments) // 2]}}
        yield {"tool_calls": [{"index": index, **opening}]}
    for index, call in enumerate(calls):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{"index": index, "function": {"arguments": arguments[len(arguments) // 2 :]}}]}


def _calls(reply: Call) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{index}_{call.name}" if call.id is None else call.id or None,
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": call.arguments if isinstance(call.arguments, str) else json.dumps(dict(call.arguments)),
            },
        }
        for index, call in enumerate((reply, *reply.also))
    ]


def _finish(reply: Call | Say) -> str:
    return reply.finish if isinstance(reply, Say) else "tool_calls"


class _Broken(StreamingResponse):
    """A stream whose end never comes: the server closes the connection instead."""

    async def stream_response(self, send: Any) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self.body_iterator:
            await send({"type": "http.response.body", "body": str(piece).encode(), "more_body": True})


async def _broken(reply: Break, frame: Mapping[str, Any]) -> AsyncIterator[str]:
    chunk = {**frame, "object": "chat.completion.chunk"}
    for text in ("", reply.text):
        yield _event({**chunk, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def _event(body: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(body)}\n\n"
