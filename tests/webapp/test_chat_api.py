"""The chat over REST, and its threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import ConfigurationError, DbtAccount, Settings
from pydantic import PrivateAttr

from tests.conftest import NOW, on_both_databases
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]


async def test_a_question_gets_an_answer_with_its_report(sandbox_account: Account, settings: Settings) -> None:
    model = Scripted(steps=[calling("slowest_models", limit=2), saying("The slowest is slow.")])
    async with opened(sandbox_account(), settings, model) as client:
        answer = (await client.post("/chat", json={"message": "Which models are slowest?"})).json()
        report = (await client.get("/reports/slowest_models?limit=2")).json()
    assert set(answer) == {"thread_id", "answer", "reports", "tool_calls", "model", "usage", "failed", "stopped"}
    assert answer["failed"] is False
    assert answer["answer"] == "The slowest is slow."
    assert answer["reports"] == [report]
    assert set(answer["tool_calls"][0]) == {"name", "args", "seconds", "rows"}


@on_both_databases
async def test_a_thread_can_be_shown_again_as_it_was(sandbox_account: Account, settings: Settings) -> None:
    model = Scripted(steps=[calling("list_jobs"), saying("Some."), saying("Still some.")])
    async with opened(sandbox_account(), settings, model) as client:
        first = (await client.post("/chat", json={"message": " Which jobs  are there? "})).json()
        thread = first.pop("thread_id")
        second = (await client.post("/chat", json={"message": "And now?", "thread_id": thread})).json()
        assert second.pop("thread_id") == thread
        shown = (await client.get(f"/chat/threads/{thread}")).json()
        listed = (await client.get("/chat/threads")).json()
    assert [each["role"] for each in shown["messages"]] == ["user", "assistant"] * 2
    assert [each["content"] for each in shown["messages"][::2]] == ["Which jobs  are there?", "And now?"]
    for given, kept in zip((first, second), shown["messages"][1::2], strict=True):
        unsaid = {"unfinished": False, "feedback": None}
        assert kept == {"role": "assistant", "content": given.pop("answer"), **given, **unsaid}
    assert shown["title"] == "Which jobs are there?"
    assert listed["total"] == 1
    assert listed["items"][0] == {key: shown[key] for key in ("thread_id", "title", "created", "updated")}


@on_both_databases
async def test_threads_survive_a_restart(sandbox_account: Account, settings: Settings) -> None:
    async with opened(sandbox_account(), settings, Scripted(steps=[saying("Hello.")])) as client:
        thread = (await client.post("/chat", json={"message": "Remember me"})).json()["thread_id"]
        before = (await client.get(f"/chat/threads/{thread}")).json()
    model = Scripted(steps=[saying("Of course.")])
    async with opened(sandbox_account(), settings, model) as client:
        assert (await client.get(f"/chat/threads/{thread}")).json() == before
        answer = await client.post("/chat", json={"message": "Do you?", "thread_id": thread})
        assert answer.json()["answer"] == "Of course."
    assert [message.content for message in model.seen[0][1:]] == ["Remember me", "Hello.", "Do you?"]


@on_both_databases
async def test_a_deleted_thread_is_gone_for_people_and_for_the_agent(client: httpx.AsyncClient) -> None:
    thread = (await client.post("/chat", json={"message": "Forget me"})).json()["thread_id"]
    assert (await client.delete(f"/chat/threads/{thread}")).status_code == 204
    for answer in (
        await client.get(f"/chat/threads/{thread}"),
        await client.delete(f"/chat/threads/{thread}"),
        await client.post("/chat", json={"message": "Still there?", "thread_id": thread}),
    ):
        assert answer.status_code == 404
        assert "no conversation" in answer.json()["detail"]
    services = client._transport.app.state.services  # type: ignore[attr-defined]
    config = {"configurable": {"thread_id": thread}}
    assert await services.storage.checkpointer.aget_tuple(config) is None
    assert (await client.get("/chat/threads")).json() == {"items": [], "total": 0}


@pytest.mark.parametrize(
    "body",
    [
        {"message": ""},
        {"message": "   "},
        {"message": "x" * 4001},
        {"message": 5},
        {},
        {"message": "hi", "mesage": "hi"},
        ["message"],
    ],
)
async def test_a_message_that_is_none_is_refused(body: Any, client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await client.get("/chat/threads")).json()["total"] == 0


@on_both_databases
async def test_a_message_of_four_thousand_characters_is_taken(client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", json={"message": "x" * 4000})
    assert answer.status_code == 200
    thread = (await client.get(f"/chat/threads/{answer.json()['thread_id']}")).json()
    assert len(thread["title"]) == 80
    assert thread["title"].endswith("…")


@on_both_databases
async def test_an_unknown_thread_is_not_begun(client: httpx.AsyncClient) -> None:
    answer = await client.post("/chat", json={"message": "hi", "thread_id": "no-such-thread"})
    assert answer.status_code == 404
    assert answer.json()["type"] == "/docs#not-found"


class Counting(Scripted):
    """Notes how many calls of it run at once."""

    running: int = 0
    most: int = 0

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.05)
        self.running -= 1
        return self._generate(*args, **kwargs)


@on_both_databases
async def test_a_thread_answers_one_question_at_a_time(sandbox_account: Account, settings: Settings) -> None:
    model = Counting(steps=[saying(f"Answer {n}.") for n in range(5)])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "Begin"})).json()["thread_id"]
        bodies = [{"message": f"Question {n}", "thread_id": thread} for n in range(4)]
        answers = await asyncio.gather(*(client.post("/chat", json=body) for body in bodies))
        shown = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    assert {answer.status_code for answer in answers} == {200}
    assert model.most == 1
    assert len(shown) == 10
    asked = [message.content for message in model.seen[-1] if message.type == "human"]
    assert asked == [message["content"] for message in shown[::2]]


class Meeting(Scripted):
    """Answers two at once, and nobody alone."""

    _both: asyncio.Barrier = PrivateAttr(default_factory=lambda: asyncio.Barrier(2))

    async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
        async with asyncio.timeout(30):
            await self._both.wait()
        return self._generate(*args, **kwargs)


async def test_two_threads_are_answered_at_once(sandbox_account: Account, settings: Settings) -> None:
    model = Meeting(steps=[saying("Hello.")] * 2)
    async with opened(sandbox_account(), settings, model) as client:
        answers = await asyncio.gather(*(client.post("/chat", json={"message": "Begin"}) for _ in range(2)))
    assert [answer.json()["answer"] for answer in answers] == ["Hello."] * 2


async def test_without_a_writable_file_conversations_are_kept_in_memory(
    sandbox_account: Account, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in-the-way").write_text("a file where a folder should be")
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{tmp_path}/in-the-way/chat.sqlite")
    async with opened(sandbox_account(), settings) as client:
        thread = (await client.post("/chat", json={"message": "Hello"})).json()["thread_id"]
        assert (await client.get(f"/chat/threads/{thread}")).status_code == 200
        assert (await client.get("/readyz")).json()["threads"] == "in memory"
    assert "in memory only" in caplog.text
    assert "DBT_DISCOVERY_DATABASE_URL" in caplog.text


async def test_a_file_that_is_no_database_is_left_alone(
    sandbox_account: Account, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but somebody's notes. " * 50)
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{file}")
    async with opened(sandbox_account(), settings) as client:
        assert (await client.post("/chat", json={"message": "Hello"})).status_code == 200
    assert file.read_text().startswith("not a database, but")
    assert "in memory only" in caplog.text


def test_another_kind_of_database_is_refused_with_a_way_out(sandbox_account: Account, settings: Settings) -> None:
    from dbt_discovery_web.app import create_app

    elsewhere = settings.model_copy(update={"database_url": "mysql://user:secret@db/chat"})
    with pytest.raises(ConfigurationError, match="sqlite:///") as raised:
        create_app(elsewhere, account=sandbox_account(), model=Scripted(steps=[]))
    assert "secret" not in str(raised.value)
