"""A server that dies in the middle of a turn: the thread is there again, and can be gone on with."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery_web.chat.threads_api import INTERRUPTED

from tests.conftest import NOW, on_both_databases
from tests.servers.running import closed_port
from tests.servers.sandbox_server import SandboxServer, sandbox_server

BEFORE = {"message": "What were the longest-running jobs last week?"}


def _log(folder: Path) -> IO[bytes]:
    return (folder / "server.log").open("ab")


@asynccontextmanager
async def process(environment: dict[str, str], folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """The server as people start it, with a client of it and its process's id."""
    port = closed_port()
    command = (sys.executable, "-m", "dbt_discovery_web", "serve", "--port", str(port))
    with _log(folder) as log:
        server = await asyncio.create_subprocess_exec(*command, env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(600):
                with suppress(httpx.TransportError):
                    await client.get("/healthz")
                    break
                assert server.returncode is None, (folder / "server.log").read_text()
                await asyncio.sleep(0.1)
            yield client, server.pid
    finally:
        with suppress(ProcessLookupError):
            server.kill()
        await server.wait()


async def requests_after(number: int, server: SandboxServer) -> None:
    for _ in range(600):
        if len(server.requests) > number:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("dbt Cloud was not asked")


@on_both_databases
async def test_a_thread_whose_turn_was_under_way_goes_on_after_a_kill(database_url: str, tmp_path: Path) -> None:
    small = sandbox.generated_world(now=lambda: NOW, days=24, projects=1, models=60, jobs=4)
    with sandbox_server(small) as server:
        environment = {
            **os.environ,
            **server.environment(),
            "DBT_DISCOVERY_DATABASE_URL": database_url,
            "DBT_DISCOVERY_CHAT_MODEL": "offline",
            "DBT_DISCOVERY_NOW": NOW.isoformat(),
        }
        async with process(environment, tmp_path) as (client, pid):
            first = (await client.post("/chat", json=BEFORE)).json()
            thread = first["thread_id"]
            server.faults.latency = 300.0
            asked = len(server.requests)
            dying = asyncio.create_task(
                client.post("/chat", json={"message": "Which tests are flaky? Refresh.", "thread_id": thread})
            )
            await requests_after(asked, server)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(httpx.TransportError):
                await dying
        server.faults.latency = 0.0
        async with process(environment, tmp_path) as (client, _):
            shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
            after = (await client.post("/chat", json={"message": "And the week before?", "thread_id": thread})).json()
            whole = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert first["reports"]
    assert first["failed"] is False
    *before, question, interrupted = shown
    assert [message["content"] for message in before] == [BEFORE["message"], first["answer"]]
    assert question["content"] == "Which tests are flaky? Refresh."
    assert (interrupted["content"], interrupted["unfinished"]) == (INTERRUPTED, True)
    assert after["failed"] is False
    assert after["reports"][0]["name"] == "longest_running_jobs"
    assert after["reports"][0]["period"]["end"] == first["reports"][0]["period"]["start"]
    assert len(whole) == 6
