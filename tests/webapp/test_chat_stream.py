"""The chat as a stream of server-sent events."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, RateLimited, Settings, Unreachable
from dbt_discovery.progress import told
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat import running_turns, stream
from dbt_discovery_web.chat.conversation import ChatAnswer
from dbt_discovery_web.chat.stream import AnswerStream
from dbt_discovery_web.chat.turn import Usage
from langchain_core.messages import HumanMessage
from sqlalchemy.exc import SQLAlchemyError

from tests.conftest import NOW
from tests.servers.running import running
from tests.servers.sandbox_server import sandbox_server
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]
Event = tuple[str, Any]

STREAM = {"Accept": "text/event-stream"}


def parsed(block: str) -> Event:
    """One event, as the standard has them: fields on lines of their own."""
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    assert set(fields) == {"event", "data"}
    return fields["event"], json.loads(fields["data"])


def events_of(answer: httpx.Response) -> list[Event]:
    """The events after the one that says where the turn takes place."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("\n\n")
    blocks = [block for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    (begun, where), *events = [parsed(block) for block in blocks]
    assert (begun, set(where)) == ("begun", {"thread_id", "number"})
    return events


async def streamed(client: httpx.AsyncClient, message: str, **given: Any) -> list[Event]:
    return events_of(await client.post("/chat", json={"message": message, **given}, headers=STREAM))


def names(events: list[Event]) -> list[str]:
    return [name for name, _ in events]


def without(answer: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in keys}


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from one turn to the next."""
    calls = [without(call, "seconds") for call in answer["tool_calls"]]
    return without(answer, "thread_id") | {"tool_calls": calls, "usage": without(answer["usage"], "seconds")}


async def test_the_stream_tells_of_the_tool_its_report_and_the_words_and_ends_with_the_answer(
    sandbox_account: Account, settings: Settings
) -> None:
    steps = [calling("slowest_models", limit=2), saying("The slowest is slow. It took 4.5 s!\n\nAsk me more.")]
    async with opened(sandbox_account(), settings, Scripted(steps=[*steps, *steps])) as client:
        events = await streamed(client, "Which models are slowest?")
        plain = (await client.post("/chat", json={"message": "Which models are slowest?"})).json()
        thread = (await client.get(f"/chat/threads/{events[-1][1]['thread_id']}")).json()
    assert names(events) == ["tool_start", "tool_end", "report", "token", "token", "token", "done"]
    (_, start), (_, end), (_, report), *tokens, (_, done) = events
    assert start == {"name": "dbt_slowest_models", "args": {"limit": 2}}
    assert end == without(done["tool_calls"][0], "args")
    assert done["reports"] == [report]
    assert "".join(token["text"] for _, token in tokens) == done["answer"]
    assert set(done) == set(plain)
    assert timeless(done) == timeless(plain)
    assert without(thread["messages"][1], "role", "content", "unfinished", "feedback") == without(
        done, "thread_id", "answer"
    )


async def test_a_stream_is_what_only_those_get_who_ask_for_it(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(), settings, Scripted(steps=[saying("Hello.")] * 5)) as client:
        for accept, kind in {
            "text/event-stream, application/json;q=0.5": "text/event-stream",
            "application/json, Text/Event-Stream": "text/event-stream",
            "*/*": "application/json",
            "application/json": "application/json",
            "text/event-streams": "application/json",
        }.items():
            answer = await client.post("/chat", json={"message": "Hi"}, headers={"Accept": accept})
            assert answer.headers["content-type"].split(";")[0] == kind, accept


async def test_calls_that_no_tool_took_have_their_events_too(sandbox_account: Account, settings: Settings) -> None:
    unknown = calling("no_such_report")
    wrong = calling("list_jobs", "call-2", projects=["nowhere"])
    malformed = calling("list_jobs", "call-3", colour="red")
    model = Scripted(steps=[unknown, wrong, malformed, saying("It did not work.")])
    async with opened(sandbox_account(), settings, model) as client:
        events = await streamed(client, "Which jobs are there?")
    done = events[-1][1]
    assert done["failed"] is True
    assert [{**start, **end} for (_, start), (_, end) in zip(events[0:6:2], events[1:6:2], strict=True)] == done[
        "tool_calls"
    ]
    assert names(events) == ["tool_start", "tool_end"] * 3 + ["token", "done"]
    assert [call["rows"] for call in done["tool_calls"]] == [None] * 3


async def test_progress_of_a_tool_comes_between_its_start_and_its_end(
    sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()
    genuine = account.arun_report

    async def slowly(name: str, *args: Any, **given: Any) -> Any:
        for done in range(1, 501):
            told("runs", "run", done, 500)
        told("models", "model", 700)
        return await genuine(name, *args, **given)

    account.arun_report = slowly  # type: ignore[method-assign, assignment]
    model = Scripted(steps=[calling("list_jobs"), calling("list_models", "call-2"), saying("Done.")])
    async with opened(account, settings, model) as client:
        events = await streamed(client, "Which jobs are there?")
    assert list(dict.fromkeys(names(events))) == [
        "tool_start",
        "progress",
        "tool_end",
        "report",
        "token",
        "done",
    ]
    second = names(events).index("tool_start", 1)
    assert names(events)[second - 2 : second] == ["tool_end", "report"]
    first = [data for name, data in events[:second] if name == "progress"]
    assert {"what": "models", "unit": "model", "done": 700, "total": None} in first
    of_runs = [data["done"] for data in first if data["what"] == "runs"]
    assert of_runs == sorted(of_runs)
    assert of_runs[-1] == 500
    assert len(of_runs) < 50


async def test_progress_of_a_real_fetch_is_heard_while_it_runs(settings: Settings) -> None:
    world = sandbox.generated_world(now=settings.now, models=1600)
    with sandbox_server(world) as server:
        server.faults.latency = 0.02
        account = DbtAccount(
            "sandbox", world.account.id, admin_url=server.url, metadata_url=f"{server.url}/graphql", settings=settings
        )
        model = Scripted(steps=[calling("slowest_models", limit=3), saying("Slow.")])
        async with opened(account, settings, model) as client:
            events = await streamed(client, "Which models are slowest?")
    steps = [data for name, data in events if name == "progress" and data["what"] == "models"]
    assert steps
    assert all(step["unit"] == "model" and 500 < step["done"] <= step["total"] for step in steps)
    between = names(events)[names(events).index("tool_start") + 1 : names(events).index("tool_end")]
    assert set(between) == {"progress"}


async def test_what_is_fetched_for_the_chat_model_is_told_too(sandbox_account: Account, settings: Settings) -> None:
    def asking(messages: list[Any]) -> Any:
        told("models", "model", 600, 1200)
        return saying("I looked.")

    async with opened(sandbox_account(), settings, Scripted(steps=[asking])) as client:
        events = await streamed(client, "Hi")
    assert events[0] == ("progress", {"what": "models", "unit": "model", "done": 600, "total": 1200})


# what goes wrong


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message": ""}, 422),
        ({"message": "hi", "mesage": "hi"}, 422),
        ({"message": "hi", "thread_id": "nowhere"}, 404),
    ],
)
async def test_what_is_wrong_from_the_first_is_an_ordinary_problem(
    body: dict[str, Any], status: int, client: httpx.AsyncClient
) -> None:
    answer = await client.post("/chat", json=body, headers=STREAM)
    plain = await client.post("/chat", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert without(answer.json(), "request_id") == without(plain.json(), "request_id")


async def test_a_stream_passes_the_same_doorstep(client: httpx.AsyncClient) -> None:
    for headers, status in (
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Length": str(1 << 20)}, 413),
    ):
        answer = await client.post("/chat", json={"message": "Hi"}, headers=STREAM | headers)
        assert answer.status_code == status
    answer = await client.post("/chat", json={"message": "Hi"}, headers=STREAM | {"X-Request-ID": "mine"})
    assert answer.headers["x-request-id"] == "mine"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("dbt Cloud is not there."),
        RateLimited("Too many.", NOW),
        SQLAlchemyError("disk"),
        RuntimeError("hush"),
    ],
)
async def test_an_error_ends_the_stream_with_the_plain_doors_problem(
    error: Exception, sandbox_account: Account, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings, account=sandbox_account(), model=Scripted(steps=[]))

    async def broken(*args: Any, **given: Any) -> Any:
        raise error

    body, same = {"message": "Hi"}, {"X-Request-ID": "same"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client,
    ):
        app.state.services.conversation.ask = broken
        plain = await client.post("/chat", json=body, headers=same)
        assert "hush" not in caplog.text or isinstance(error, RuntimeError)
        caplog.clear()
        [(name, data)] = events_of(await client.post("/chat", json=body, headers=same | STREAM))
    assert name == "error"
    assert plain.headers["content-type"] == "application/problem+json"
    assert data == plain.json()
    assert "hush" not in json.dumps(data)
    assert ("hush" in caplog.text) == isinstance(error, RuntimeError)


async def test_an_account_that_cannot_be_asked_ends_the_stream_with_a_problem_and_leaves_no_thread(
    world: sandbox.World, sandbox_account: Account, settings: Settings
) -> None:
    faults = sandbox.Faults()
    account = sandbox_account(transport=sandbox.transport(world, faults=faults))
    model = Scripted(steps=[calling("list_jobs"), saying("No.")] * 2)
    async with opened(account, settings, model) as client:
        await client.get("/account")
        faults.add(sandbox.Fault(status=503, times=1000))
        plain = await client.post("/chat", json={"message": "Which jobs?"})
        events = await streamed(client, "Which jobs?")
        kept = (await client.get("/chat/threads")).json()["total"]
    assert names(events) == ["tool_start", "tool_end", "error"]
    assert without(events[-1][1], "request_id") == without(plain.json(), "request_id")
    assert plain.status_code == 503
    assert kept == 0


async def test_a_failed_model_is_an_answer_that_says_so(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(), settings, Scripted(steps=[ConnectionError("hush")])) as client:
        events = await streamed(client, "Hi")
    assert names(events)[-1] == "done"
    assert events[-1][1]["failed"] is True
    assert "could not be reached" in events[-1][1]["answer"]


# over a real connection


class Held(Scripted):
    """Waits at its second call until it may go on."""

    reached: Any
    release: Any

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        if len(self.seen) == 1:
            self.reached.set()
            await asyncio.to_thread(self.release.wait, 20)
        return self._generate(*args, **kwargs)


def held(*steps: Any) -> Held:
    return Held(steps=list(steps), reached=threading.Event(), release=threading.Event())


@asynccontextmanager
async def served(account: DbtAccount, settings: Settings, model: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    with running(create_app(settings, account=account, model=model)) as address:
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            yield client


async def next_event(blocks: AsyncIterator[str]) -> str:
    lines = []
    async for line in blocks:
        if not line:
            break
        lines.append(line)
    return "\n".join(lines)


async def test_events_come_while_the_turn_runs_and_comments_in_its_silence(
    sandbox_account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SILENCE", 0.05)
    model = held(calling("list_jobs", limit=1), saying("There."))
    async with (
        served(sandbox_account(), settings, model) as client,
        client.stream("POST", "/chat", json={"message": "Which jobs?"}, headers=STREAM) as answer,
    ):
        lines = aiter(answer.aiter_lines())
        heard: list[str] = []
        while sum(block.startswith(":") for block in heard) < 2 or not any("event: report" in block for block in heard):
            heard.append(await next_event(lines))  # all of this before the model has said anything
        model.release.set()
        while not heard[-1].startswith("event: done"):
            heard.append(await next_event(lines))
    told_of = names([parsed(block) for block in heard if not block.startswith(":")])
    assert told_of == ["begun", "tool_start", "tool_end", "report", "token", "done"]
    assert {block for block in heard if block.startswith(":")} == {": ping"}


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Is set when a stream is over on the server's side."""
    ended = threading.Event()
    genuine = AnswerStream.__call__

    async def watched(self: AnswerStream, *args: Any) -> None:
        try:
            await genuine(self, *args)
        finally:
            ended.set()

    monkeypatch.setattr(AnswerStream, "__call__", watched)
    return ended


class Endless(Scripted):
    """Never comes to its second answer."""

    reached: Any

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        if len(self.seen) == 1:
            self.reached.set()
            await asyncio.Event().wait()
        return self._generate(*args, **kwargs)


async def test_a_client_that_goes_away_ends_the_turn_and_the_thread_goes_on(
    sandbox_account: Account,
    settings: Settings,
    ended: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(running_turns, "GRACE", 0.05)
    steps = [calling("list_jobs", limit=1), saying("And now I answer.")]
    model = Endless(steps=steps, reached=threading.Event())
    async with served(sandbox_account(), settings, model) as client:
        async with client.stream("POST", "/chat", json={"message": "Which jobs?"}, headers=STREAM) as answer:
            assert answer.status_code == 200
            assert await asyncio.to_thread(model.reached.wait, 20)
        assert await asyncio.to_thread(ended.wait, 20)
        [listed] = (await client.get("/chat/threads")).json()["items"]
        thread = listed["thread_id"]
        running = True
        while running:
            running = (await client.get(f"/chat/threads/{thread}")).json()["running"]
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
        model.seen.append([])
        second = (await client.post("/chat", json={"message": "And?", "thread_id": thread})).json()
    assert shown[0]["content"] == "Which jobs?"
    assert shown[1]["failed"] is True
    assert shown[1]["content"].startswith(shown[1]["reports"][0]["finding"])
    assert "Nobody waited" in shown[1]["content"]
    assert second["answer"] == "And now I answer."
    remembered = [message.content for message in model.seen[-1] if isinstance(message, HumanMessage)]
    assert remembered == ["Which jobs?", "And?"]
    assert caplog.records == []


async def test_a_client_that_goes_away_before_its_turn_leaves_nothing(
    sandbox_account: Account, settings: Settings, ended: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    model = held(saying("Once."), saying("Again."), saying("At last."))
    async with served(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
        second = asyncio.create_task(client.post("/chat", json={"message": "Second", "thread_id": thread}))
        assert await asyncio.to_thread(model.reached.wait, 20)
        body = {"message": "Given up", "thread_id": thread}
        async with client.stream("POST", "/chat", json=body, headers=STREAM) as answer:
            assert answer.status_code == 200
        assert await asyncio.to_thread(ended.wait, 20)
        model.release.set()
        await second
        third = (await client.post("/chat", json={"message": "Third", "thread_id": thread})).json()
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert third["answer"] == "At last."
    assert [message["content"] for message in shown[::2]] == ["First", "Second", "Third"]
    assert caplog.records == []


async def test_plain_and_streamed_questions_of_a_thread_wait_for_each_other(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[saying(f"Answer {n}.") for n in range(5)])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "Begin"})).json()["thread_id"]
        bodies = [{"message": f"Question {n}", "thread_id": thread} for n in range(4)]
        await asyncio.gather(
            *(client.post("/chat", json=body, headers=STREAM if n % 2 else {}) for n, body in enumerate(bodies))
        )
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    asked = [message.content for message in model.seen[-1] if message.type == "human"]
    assert asked == [message["content"] for message in shown[::2]]
    assert len(shown) == 10


async def test_the_stream_is_described(client: httpx.AsyncClient) -> None:
    content = (await client.get("/openapi.json")).json()["paths"]["/chat"]["post"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/ChatAnswer"}
    described = content["text/event-stream"]["schema"]["description"]
    page = (await client.get("/docs")).text
    guide = (Path(__file__).parents[2] / "docs/chat.md").read_text()
    assert not [name for name in (*ChatAnswer.model_fields, *Usage.model_fields) if f"`{name}`" not in guide]
    for name in ("begun", "tool_start", "progress", "tool_end", "report", "token", "done", "error"):
        assert f"`{name}`" in described
        assert f"`{name}`" in guide
        assert name in page
