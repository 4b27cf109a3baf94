"""Who goes away stops the work: the turn, and with it what it was fetching from dbt Cloud."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.app import create_app
from dbt_discovery_web.chat import running_turns
from dbt_discovery_web.chat.conversation import Conversation
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.servers.running import running
from tests.webapp.scripted import Scripted, calling, saying

LATENCY = 0.05
"""Seconds that each answer of dbt Cloud takes."""
STREAM = {"Accept": "text/event-stream"}
ASK = {"message": "Which models are there?"}


@dataclass
class Upstream:
    """dbt Cloud as a server that counts.

    Attributes:
        url: Its address.
        faults: What goes wrong with it; may be changed while it runs.
        hangs: Whether requests that come now get no answer, and only come to an end because their client goes away.
        begun: Requests that came.
        hanging: Those that got no answer.
        broken: Those whose client went away before the answer.
        under_way: Those that are being answered.
    """

    url: str = ""
    faults: sandbox.Faults = field(default_factory=lambda: sandbox.Faults(latency=LATENCY))
    hangs: bool = False
    begun: int = 0
    hanging: int = 0
    broken: int = 0
    under_way: int = 0


def counting(app: ASGIApp, upstream: Upstream) -> ASGIApp:
    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        upstream.begun += 1
        upstream.under_way += 1
        body = await receive()
        while body.get("more_body"):
            more = await receive()
            body = {**more, "body": body["body"] + more.get("body", b"")}
        given: list[Message] = [body]

        async def replay() -> Message:
            return given.pop() if given else await asyncio.Event().wait()  # type: ignore[return-value]

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        hanging = upstream.hangs
        upstream.hanging += hanging
        answer = asyncio.Event().wait() if hanging else app(scope, replay, send)
        work, leaving = asyncio.create_task(answer), asyncio.create_task(gone())  # type: ignore[arg-type]
        await asyncio.wait([work, leaving], return_when=asyncio.FIRST_COMPLETED)
        upstream.broken += not work.done()
        upstream.under_way -= 1
        leaving.cancel()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work

    return counted


@pytest.fixture(scope="module")
def large() -> sandbox.World:
    from tests.conftest import NOW

    return sandbox.generated_world(now=lambda: NOW, models=6000)


@pytest.fixture
def upstream(large: sandbox.World) -> Iterator[Upstream]:
    upstream = Upstream()
    with running(counting(sandbox.create_app(large, faults=upstream.faults), upstream)) as url:
        upstream.url = url
        yield upstream


@pytest.fixture
def account(upstream: Upstream, large: sandbox.World, settings: Settings) -> DbtAccount:
    graph = f"{upstream.url}/graphql"
    return DbtAccount("sandbox", large.account.id, admin_url=upstream.url, metadata_url=graph, settings=settings)


@asynccontextmanager
async def served(account: DbtAccount, settings: Settings, model: Scripted) -> AsyncIterator[httpx.AsyncClient]:
    with running(create_app(settings, account=account, model=model)) as address:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            await client.get("/chat/threads")  # what every question needs of the account is there
            yield client


async def until(so: Callable[[], Any]) -> None:
    """Waits until something is so, at most some seconds."""
    for _ in range(1000):
        if so():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to be so")


async def hang_after(requests: int, upstream: Upstream) -> None:
    """Waits until some requests have come, and then for one that gets no answer."""
    await until(lambda: upstream.begun >= requests)
    upstream.hangs = True
    await until(lambda: upstream.hanging)


async def all_stopped(upstream: Upstream) -> int:
    """How many requests there were when none was under way any more, though none of the last was answered."""
    # Between two requests that were still answered none is under way either.
    await until(lambda: upstream.broken and not upstream.under_way)
    upstream.hangs = False
    return upstream.begun


@pytest.mark.parametrize("headers", [STREAM, {}], ids=["stream", "plain"])
async def test_a_client_that_leaves_stops_the_requests_of_its_turn(
    headers: dict[str, str],
    upstream: Upstream,
    account: DbtAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running_turns, "GRACE", 0.2)  # of a stream; who asked for the whole is not waited for
    model = Scripted(steps=[calling("list_models"), saying("Better now."), calling("list_models", "2"), saying("So.")])
    async with served(account, settings, model) as client:
        before = upstream.begun
        asking = asyncio.create_task(client.post("/chat", json=ASK, headers=headers))
        await hang_after(before + 3, upstream)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        stopped = await all_stopped(upstream)
        [listed] = (await client.get("/chat/threads")).json()["items"]
        again = {"message": "And now?", "thread_id": listed["thread_id"]}
        second = (await client.post("/chat", json=again)).json()  # it waits for the end of the first
        thread = (await client.get(f"/chat/threads/{listed['thread_id']}")).json()
        assert upstream.begun == stopped
        third = (await client.post("/chat", json=ASK)).json()
    assert third["reports"][0]["total_rows"] >= 5000
    assert upstream.begun - stopped > stopped - before  # there was much left to fetch
    assert (thread["messages"][1]["stopped"], thread["messages"][1]["failed"]) == (True, True)
    assert "Nobody waited for this answer" in thread["messages"][1]["content"]
    assert (second["answer"], second["stopped"]) == ("Better now.", False)


async def test_who_still_waits_for_the_same_gets_it(
    upstream: Upstream, account: DbtAccount, settings: Settings
) -> None:
    model = Scripted(steps=[calling("list_models"), calling("list_models"), saying("There.")])
    upstream.faults.latency = 0.3
    async with served(account, settings, model) as client:
        staying = asyncio.create_task(client.post("/chat", json=ASK))
        await until(lambda: len(model.seen) == 1)
        leaving = asyncio.create_task(client.post("/chat", json=ASK))
        await until(lambda: len(model.seen) == 2 and upstream.begun >= 4)
        leaving.cancel()
        answer = (await staying).json()
    assert answer["failed"] is False
    assert answer["reports"][0]["total_rows"] >= 5000
    assert upstream.broken == 0


async def test_a_time_limit_stops_the_requests_of_its_turn(upstream: Upstream, account: DbtAccount) -> None:
    async with account:
        await account.aget_source()
        before = upstream.begun
        upstream.hangs = True
        model = Scripted(steps=[calling("list_models"), saying("Better now.")])
        answer = await Conversation(account, model, time_limit=2.0).ask("Which models are there?", "t")
        assert upstream.begun > before
        assert (answer.stopped, answer.reports) == (True, [])
        await all_stopped(upstream)


async def test_a_turn_that_is_stopped_stops_its_requests_and_keeps_what_there_was(
    upstream: Upstream, account: DbtAccount, settings: Settings
) -> None:
    first = calling("list_projects")
    model = Scripted(steps=[first, calling("list_models", "2"), saying("Better now."), saying("So.")])
    async with served(account, settings, model) as client:
        await client.get("/reports/list_projects")
        asking = asyncio.create_task(client.post("/chat", json=ASK, headers=STREAM))
        await until(lambda: len(model.seen) == 2)
        await hang_after(upstream.begun, upstream)
        [listed] = (await client.get("/chat/threads")).json()["items"]
        path = f"/chat/threads/{listed['thread_id']}"
        during = (await client.get(path)).json()
        assert (await client.post(f"{path}/stop")).json() == {"stopped": True}
        events = (await asking).text
        await all_stopped(upstream)
        after = (await client.get(path)).json()
        assert (await client.post(f"{path}/stop")).json() == {"stopped": False}
        again = (await client.post("/chat", json={"message": "So?", "thread_id": listed["thread_id"]})).json()
    assert (during["running"], during["messages"][1]["unfinished"]) == (True, True)
    assert during["messages"][1]["content"] == "The answer is being worked out."
    answer = after["messages"][1]
    assert (after["running"], answer["unfinished"], answer["stopped"], answer["failed"]) == (False, False, True, True)
    assert [report["name"] for report in answer["reports"]] == ["list_projects"]
    assert answer["content"] == f"{answer['reports'][0]['finding']}\n\nStopped, as you asked."
    assert events.rstrip().splitlines()[-2] == "event: done"
    assert again["failed"] is False
