from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_openai import ChatOpenAI
from openai import AuthenticationError, InternalServerError

from .openai_server import Call, Fail, OpenAIServer, Say, openai_server


def model(server: OpenAIServer, **given: object) -> ChatOpenAI:
    return ChatOpenAI(model="some-model", base_url=server.base_url, api_key="some-key", max_retries=0, **given)  # type: ignore[arg-type]


async def test_says_what_the_script_says_in_order() -> None:
    with openai_server([Say("one"), Say("two")]) as server:
        assert [(await model(server).ainvoke("?")).text for _ in range(2)] == ["one", "two"]
    assert [request["messages"][-1]["content"] for request in server.requests] == ["?", "?"]
    assert server.headers[0]["authorization"] == "Bearer some-key"


async def test_asks_for_tools_whole_and_in_pieces() -> None:
    call = Call("first", {"limit": 5}, also=(Call("second"),))
    with openai_server([call, call]) as server:
        whole = await model(server).ainvoke("?")
        pieces: AIMessageChunk | None = None
        async for chunk in model(server).astream("?"):
            assert isinstance(chunk, AIMessageChunk)
            pieces = chunk if pieces is None else pieces + chunk
    assert isinstance(whole, AIMessage)
    assert pieces is not None
    for message in (whole, pieces):
        assert [(each["name"], each["args"]) for each in message.tool_calls] == [
            ("first", {"limit": 5}),
            ("second", {}),
        ]


async def test_streams_text_line_by_line_and_tells_the_usage_when_asked() -> None:
    with openai_server([Say("one\ntwo")]) as server:
        chunks = [chunk async for chunk in model(server, stream_usage=True).astream("?")]
    assert "".join(chunk.text for chunk in chunks) == "one\ntwo"
    assert [chunk.usage_metadata["total_tokens"] for chunk in chunks if chunk.usage_metadata] == [110]


async def test_script_may_be_a_function_of_the_request() -> None:
    with openai_server(lambda body: Say(f"You said {body['messages'][-1]['content']}.")) as server:
        assert (await model(server).ainvoke("hello")).text == "You said hello."


@pytest.mark.parametrize(("status", "error"), [(401, AuthenticationError), (500, InternalServerError)])
async def test_fails_with_the_status_it_is_told(status: int, error: type[Exception]) -> None:
    with openai_server([Fail(status)]) as server, pytest.raises(error):
        await model(server).ainvoke("?")
