"""A page that is loaded again in the middle of an answer goes on with it: a turn belongs to the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat import running_turns
from dbt_discovery_web.chat.asking import Asking
from dbt_discovery_web.chat.threads_api import INTERRUPTED, get_thread
from dbt_discovery_web.database.storage import open_storage
from dbt_discovery_web.database.threads import Thread, Threads

from tests.servers.running import running
from tests.webapp.scripted import Scripted, calling, saying
from tests.webapp.writing import Writing

Account = Callable[..., DbtAccount]
STREAM = {"Accept": "text/event-stream"}
WORDS = "These are the jobs. They are in no order. That is all."


@asynccontextmanager
async def served(account: DbtAccount, settings: Settings, model: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    with running(create_app(settings, account=account, model=model)) as address:
        async with httpx.AsyncClient(base_url=address, timeout=20) as client:
            yield client


def parsed(text: str) -> list[tuple[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


async def heard_until(text: str, lines: AsyncIterator[str]) -> None:
    async for line in lines:
        if text in line:
            return
    raise AssertionError(f"{text} was not said")


async def until(so: Callable[[], Awaitable[Any]]) -> Any:
    """What something gives once it gives anything."""
    for _ in range(1000):
        if found := await so():
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be so")


async def at_rest(client: httpx.AsyncClient, thread: str) -> Any:
    """A thread once nothing runs in it."""

    async def found() -> Any:
        whole = (await client.get(f"/chat/threads/{thread}")).json()
        return None if whole["running"] else whole

    return await until(found)


class Gate:
    """Keeps a model from going on with its words until it may."""

    def __init__(self, words: str) -> None:
        self._words, self._open = words, Event()

    async def __call__(self, written: str) -> None:
        if self._words in written:
            await asyncio.to_thread(self._open.wait, 20)

    def open(self) -> None:
        self._open.set()


async def test_who_comes_back_hears_all_that_happened_and_the_rest(
    sandbox_account: Account, settings: Settings
) -> None:
    gate = Gate("They are")
    model = Writing(steps=[calling("list_jobs", limit=2), saying(WORDS)], between=gate)
    async with served(sandbox_account(), settings, model) as client:
        asked = {"message": "Which jobs are there?"}
        async with client.stream("POST", "/chat", json=asked, headers=STREAM) as answer:
            await heard_until("These are the jobs.", answer.aiter_lines())
        [listed] = (await client.get("/chat/threads")).json()["items"]
        path = f"/chat/threads/{listed['thread_id']}"
        async with client.stream("GET", f"{path}/events") as again:
            assert again.headers["content-type"].startswith("text/event-stream")
            gate.open()
            events = parsed((await again.aread()).decode())
        after = (await client.get(path)).json()
        assert (await client.get(f"{path}/events")).status_code == 204
    kinds = [kind for kind, _ in events]
    assert kinds[:4] == ["begun", "tool_start", "tool_end", "report"]
    assert set(kinds[4:-1]) == {"token"}
    assert kinds[-1] == "done"
    assert events[0][1] == {"thread_id": listed["thread_id"], "number": 0}
    assert "".join(data["text"] for kind, data in events if kind == "token") == WORDS
    assert events[-1][1]["answer"] == WORDS == after["messages"][1]["content"]
    assert after["messages"][1]["failed"] is False
    assert len(model.seen) == 2  # it was not asked anew


async def test_an_answer_that_ends_while_nobody_follows_is_in_the_thread(
    sandbox_account: Account, settings: Settings
) -> None:
    gate = Gate("They are")
    model = Writing(steps=[saying(WORDS)], between=gate)
    async with served(sandbox_account(), settings, model) as client:
        thread = ""
        async with client.stream("POST", "/chat", json={"message": "So?"}, headers=STREAM) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    thread = json.loads(line.removeprefix("data: "))["thread_id"]
                    break
        gate.open()
        shown = await at_rest(client, thread)
    assert shown["messages"][1]["content"] == WORDS
    assert shown["messages"][1]["stopped"] is False


async def test_a_turn_that_two_follow_goes_on_when_one_leaves(
    sandbox_account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_turns, "GRACE", 0.001)
    gate = Gate("They are")
    model = Writing(steps=[saying(WORDS)], between=gate)
    async with (
        served(sandbox_account(), settings, model) as client,
        client.stream("POST", "/chat", json={"message": "So?"}, headers=STREAM) as first,
    ):
        of_first = first.aiter_lines()  # a connection ends with the last reference to it
        await heard_until("data: ", of_first)
        [listed] = (await client.get("/chat/threads")).json()["items"]
        async with client.stream("GET", f"/chat/threads/{listed['thread_id']}/events") as second:
            lines = second.aiter_lines()
            await heard_until("data: ", lines)
            await first.aclose()
            gate.open()
            await heard_until("event: done", lines)
        shown = (await client.get(f"/chat/threads/{listed['thread_id']}")).json()["messages"]
    assert shown[1]["content"] == WORDS


async def test_an_answer_in_one_piece_can_be_followed_too(sandbox_account: Account, settings: Settings) -> None:
    gate = Gate("They are")
    model = Writing(steps=[saying(WORDS)], between=gate)
    async with served(sandbox_account(), settings, model) as client:

        async def begun() -> Any:
            listed = (await client.get("/chat/threads")).json()["items"]
            whole = [(await client.get(f"/chat/threads/{each['thread_id']}")).json() for each in listed]
            return [each["thread_id"] for each in whole if each["running"]]

        asking = asyncio.create_task(client.post("/chat", json={"message": "So?"}))
        [thread] = await until(begun)
        async with client.stream("GET", f"/chat/threads/{thread}/events") as following:
            gate.open()
            events = parsed((await following.aread()).decode())
        answer = (await asking).json()
    assert events[-1] == ("done", answer)


async def test_a_thread_that_is_deleted_in_the_middle_of_an_answer_stops_it(
    sandbox_account: Account, settings: Settings
) -> None:
    gate = Gate("They are")
    model = Writing(steps=[calling("list_jobs", limit=2), saying(WORDS)], between=gate)
    async with (
        served(sandbox_account(), settings, model) as client,
        client.stream("POST", "/chat", json={"message": "So?"}, headers=STREAM) as answer,
    ):
        lines = answer.aiter_lines()
        await heard_until("These are the jobs.", lines)
        [listed] = (await client.get("/chat/threads")).json()["items"]
        path = f"/chat/threads/{listed['thread_id']}"
        try:
            deleted = await client.delete(path)
        finally:
            gate.open()
        await heard_until("event: done", lines)
        assert (deleted.status_code, (await client.get(path)).status_code) == (204, 404)


@pytest.mark.parametrize("ends", [True, False])
async def test_a_turn_that_begins_or_ends_while_its_thread_is_read_is_no_interruption(
    ends: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_storage(DatabaseAddress("sqlite", tmp_path / "chat.sqlite")) as storage:
        thread = (await storage.threads.begin("First")).thread_id
        await storage.threads.ask(thread, "First", "a")  # interrupted for good
        await storage.threads.ask(thread, "Second", "b")
        turns: list[object] = [object()] if ends else []
        read = storage.threads.exchanges

        async def meanwhile(thread_id: str) -> Any:
            exchanges = await read(thread_id)
            if ends:
                turns.clear()
            else:
                turns.append(object())
            return exchanges

        monkeypatch.setattr(storage.threads, "exchanges", meanwhile)
        registry: Any = SimpleNamespace(of=lambda thread_id: turns[0] if turns else None)
        shown = await get_thread(thread, storage.threads, registry)
    assert shown.running
    assert [message.content == INTERRUPTED for message in shown.messages[1::2]] == [True, False]


async def test_who_leaves_while_a_thread_begins_leaves_none_without_its_question(
    sandbox_account: Account, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, left = asyncio.Event(), asyncio.Event()
    begin = Threads.begin

    async def slowly(self: Threads, first_message: str) -> Thread:
        thread = await begin(self, first_message)
        begun.set()
        await left.wait()
        return thread

    monkeypatch.setattr(Threads, "begin", slowly)
    app = create_app(settings, account=sandbox_account(), model=Scripted(steps=[saying("Never said.")]))
    async with app.router.lifespan_context(app):
        services = app.state.services
        threads = services.storage.threads.of(await services.account.aget_source())
        asking = Asking("So?", None, False, services.conversation, threads, services.storage, services.running)
        turn = services.running.start(asking.answer)
        with turn.followed():
            await begun.wait()
        left.set()
        await asyncio.wait([turn.task])
        [listed], _ = await threads.latest()
        [exchange] = await threads.exchanges(listed.thread_id)
    assert (exchange.question, exchange.answer["stopped"]) == ("So?", True)


async def test_a_server_that_ends_keeps_what_had_been_said(sandbox_account: Account, settings: Settings) -> None:
    reached = asyncio.Event()

    async def between(written: str) -> None:
        if "That is" in written:
            reached.set()
            await asyncio.Event().wait()

    model = Writing(steps=[calling("list_jobs", limit=1), saying(WORDS)], between=between)
    app = create_app(settings, account=sandbox_account(), model=model)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            asking = asyncio.create_task(client.post("/chat", json={"message": "Which jobs?"}))
            await reached.wait()
            await app.state.services.running.close()  # as the end of the app does
            answer = (await asking).json()
    assert answer["answer"].startswith("These are the jobs.")
    assert answer["stopped"] is True


async def test_events_and_stopping_need_a_thread(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/chat/threads/none/events"), await client.post("/chat/threads/none/stop")):
        assert (answer.status_code, answer.json()["type"]) == (404, "/docs#not-found")
