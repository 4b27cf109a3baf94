"""Asking again, and in other words: the last exchange gives way, in the thread and in what the agent remembers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, Settings

from tests.conftest import on_both_databases
from tests.webapp.conftest import opened
from tests.webapp.scripted import Scripted, calling, saying

Account = Callable[..., DbtAccount]


async def contents(client: httpx.AsyncClient, thread: str) -> list[str]:
    messages = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    return [message["content"] for message in messages]


async def instead(client: httpx.AsyncClient, thread: str, message: str) -> Any:
    messages = (await client.get(f"/chat/threads/{thread}")).json()["messages"]
    last = sum(each["role"] == "user" for each in messages) - 1
    body = {"message": message, "thread_id": thread, "replace": last}
    return (await client.post("/chat", json=body)).json()


@on_both_databases
async def test_a_question_in_other_words_takes_the_place_of_the_last(
    sandbox_account: Account, settings: Settings
) -> None:
    steps = [saying("Red."), calling("list_jobs", limit=1), saying("Blue."), saying("Green."), saying("Grey.")]
    model = Scripted(steps=steps)
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
        await client.post("/chat", json={"message": "Second", "thread_id": thread})
        await client.put(f"/chat/threads/{thread}/answers/1/feedback", json={"verdict": "down"})
        answer = await instead(client, thread, "Second, please")
        shown = (await client.get(f"/chat/threads/{thread}")).json()
        await client.post("/chat", json={"message": "Third", "thread_id": thread})
    assert (answer["thread_id"], answer["answer"]) == (thread, "Green.")
    assert [message["content"] for message in shown["messages"]] == ["First", "Red.", "Second, please", "Green."]
    assert shown["messages"][3]["feedback"] is None
    assert shown["title"] == "First"
    said = [message.text for message in model.seen[-1][1:]]
    assert said == ["First", "Red.", "Second, please", "Green.", "Third"]


@on_both_databases
async def test_the_first_question_in_other_words_renames_its_thread(
    sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[saying("Red."), saying("Blue."), saying("Green.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "Frist"})).json()["thread_id"]
        await instead(client, thread, "First")
        assert [message.text for message in model.seen[-1][1:]] == ["First"]
        assert await contents(client, thread) == ["First", "Blue."]
        assert (await client.get(f"/chat/threads/{thread}")).json()["title"] == "First"
        await client.patch(f"/chat/threads/{thread}", json={"title": "Mine"})
        await instead(client, thread, "At first")
        assert (await client.get(f"/chat/threads/{thread}")).json()["title"] == "Mine"


async def test_a_failed_answer_can_be_asked_for_again(sandbox_account: Account, settings: Settings) -> None:
    model = Scripted(steps=[saying("Red."), ConnectionError("hush"), saying("Blue.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
        failed = (await client.post("/chat", json={"message": "Second", "thread_id": thread})).json()
        again = await instead(client, thread, "Second")
        shown = await contents(client, thread)
    assert (failed["failed"], again["failed"]) == (True, False)
    assert shown == ["First", "Red.", "Second", "Blue."]
    assert [message.text for message in model.seen[-1][1:]] == ["First", "Red.", "Second"]


@on_both_databases
@pytest.mark.parametrize("turns", [1, 2])
async def test_a_problem_in_the_place_of_an_answer_leaves_what_was_to_be_replaced(
    turns: int, world: sandbox.World, sandbox_account: Account, settings: Settings
) -> None:
    faults = sandbox.Faults()
    account = sandbox_account(transport=sandbox.transport(world, faults=faults))
    asked, said = ["First", "Second"][:turns], ["Red.", "Blue."][:turns]
    model = Scripted(steps=[*map(saying, said), calling("list_jobs"), saying("No."), saying("Green."), saying("Grey.")])
    async with opened(account, settings, model) as client:
        thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
        for message in asked[1:]:
            await client.post("/chat", json={"message": message, "thread_id": thread})
        judged = {"verdict": "up", "comment": "So quick"}
        await client.put(f"/chat/threads/{thread}/answers/{turns - 1}/feedback", json=judged)
        before = (await client.get(f"/chat/threads/{thread}")).json()
        faults.add(sandbox.Fault(status=503, times=1000))
        problem = await instead(client, thread, "Which jobs?")
        after = (await client.get(f"/chat/threads/{thread}")).json()
        await client.post("/chat", json={"message": "And then?", "thread_id": thread})
        seen = [message.text for message in model.seen[-1][1:]]
        await instead(client, thread, "Never mind")
    assert problem["status"] == 503
    assert (after["title"], after["messages"]) == (before["title"], before["messages"])
    assert after["messages"][-1]["feedback"] == judged
    earlier = [words for exchange in zip(asked, said, strict=True) for words in exchange]
    assert seen == [*earlier, "And then?"]
    assert [message.text for message in model.seen[-1][1:]] == [*earlier, "Never mind"]


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("number", [0, 2])
@on_both_databases
async def test_a_question_that_is_not_the_last_does_not_give_way(
    number: int, accept: str, sandbox_account: Account, settings: Settings
) -> None:
    model = Scripted(steps=[saying("Red."), saying("Blue."), saying("Green.")])
    async with opened(sandbox_account(), settings, model) as client:
        thread = (await client.post("/chat", json={"message": "First"})).json()["thread_id"]
        await client.post("/chat", json={"message": "Second", "thread_id": thread})
        late = {"message": "First, please", "thread_id": thread, "replace": number}
        refused = await client.post("/chat", json=late, headers={"Accept": accept})
        assert await contents(client, thread) == ["First", "Red.", "Second", "Blue."]
        await client.post("/chat", json={"message": "Third", "thread_id": thread})
    if accept == "application/json":
        assert refused.status_code == 409
    assert "not the last of its conversation" in refused.text
    assert [message.text for message in model.seen[-1][1:]] == ["First", "Red.", "Second", "Blue.", "Third"]


async def test_where_there_is_nothing_to_replace_a_question_is_asked(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/chat", json={"message": "Hi", "replace": 0})).json()
    assert await contents(client, answer["thread_id"]) == ["Hi", "Hello."]


@pytest.mark.parametrize("words", ["And the week before?", "What were the longest-running jobs the week before last?"])
async def test_the_offline_model_leans_on_what_was_before_the_question_that_gave_way(
    words: str, sandbox_account: Account, settings: Settings
) -> None:
    from dbt_discovery_web.chat.models import chat_model

    account = sandbox_account()
    async with opened(account, settings, chat_model(settings, account)) as client:
        begun = {"message": "What were the longest-running jobs last week?"}
        first = (await client.post("/chat", json=begun)).json()
        thread = first["thread_id"]
        await client.post("/chat", json={"message": "Which tests are flaky?", "thread_id": thread})
        answer = await instead(client, thread, words)
    assert answer["reports"][0]["name"] == "longest_running_jobs"
    assert answer["reports"][0]["period"]["end"] == first["reports"][0]["period"]["start"]
