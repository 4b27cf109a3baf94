"""The chat over a real server that speaks OpenAI's protocol: what it says, and every way in which it fails."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.models import close_model, online_model
from langchain_dbt_discovery.limits import REPLY_LENGTH

from tests.servers.openai_server import USAGE, Break, Call, Fail, Page, Reply, Say, openai_server
from tests.servers.running import closed_port
from tests.webapp.conftest import opened

KEY = "sk-do-not-tell-0123456789"
AT_ONCE = {"retry-after-ms": "1"}
JOBS = Call("dbt_longest_running_jobs", {"period": "last_week", "limit": 3})

Chat = Callable[..., Any]


@pytest.fixture
def chat(sandbox_account: Callable[..., DbtAccount], settings: Settings) -> Chat:
    """Opens an app whose chat model is at an address."""

    @asynccontextmanager
    async def chatting(base_url: str, patience: float = 20.0) -> AsyncIterator[httpx.AsyncClient]:
        named = Settings(openai_base_url=base_url, openai_api_key=KEY, chat_model="openai:some-model")
        model = online_model(named, timeout=patience)
        async with opened(sandbox_account(), settings, model) as client:
            yield client
        await close_model(model)

    return chatting


async def ask(client: httpx.AsyncClient, message: str, thread: str | None = None, *, stream: bool) -> dict[str, Any]:
    """The answer, as JSON or as the last event of a stream."""
    question = {"message": message} | ({"thread_id": thread} if thread else {})
    headers = {"Accept": "text/event-stream"} if stream else {}
    given = await client.post("/chat", json=question, headers=headers)
    assert given.status_code == 200
    if not stream:
        return dict(given.json())
    events = [event.partition("\ndata: ") for event in given.text.strip().split("\n\n")]
    told = [json.loads(data)["text"] for kind, _, data in events if kind == "event: token"]
    kind, _, data = events[-1]
    assert kind == "event: done"
    answer = dict(json.loads(data))
    assert "".join(told) == answer["answer"]
    return answer


def database(folder: Path) -> bytes:
    """All that the database has written down so far."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("chat.sqlite*")))


both_ways = pytest.mark.parametrize("stream", [False, True], ids=["json", "events"])


@both_ways
async def test_an_answer_has_its_reports_and_its_usage(
    chat: Chat, sandbox_account: Callable[..., DbtAccount], stream: bool
) -> None:
    async with sandbox_account() as account:
        report = (await account.arun_report("longest_running_jobs", period="last_week", limit=3)).to_json()
    with openai_server([JOBS, Say(report["finding"])]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs take longest?", stream=stream)
    assert answer["answer"] == report["finding"]
    assert answer["reports"] == [report]
    assert [(call["name"], call["rows"]) for call in answer["tool_calls"]] == [("dbt_longest_running_jobs", 3)]
    assert answer["usage"]["total_tokens"] == 2 * USAGE["total_tokens"]
    assert (answer["model"], answer["failed"]) == ("some-model", False)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@both_ways
async def test_calls_at_once_are_all_answered(chat: Chat, stream: bool) -> None:
    several = Call("dbt_list_jobs", {"limit": 1}, also=(Call("dbt_list_projects"), Call("dbt_failed_runs")))
    with openai_server([several, Say("There.")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Everything", stream=stream)
    assert {report["name"] for report in answer["reports"]} == {"list_jobs", "list_projects", "failed_runs"}
    told = [message for message in server.requests[1]["messages"] if message["role"] == "tool"]
    assert len({message["tool_call_id"] for message in told}) == 3


@pytest.mark.parametrize("id", ["", "call"], ids=["none", "the same"])
async def test_calls_without_ids_of_their_own_are_told_apart(chat: Chat, id: str) -> None:
    """Some servers of one's own send no ids, or always the same."""
    one = Call("dbt_list_jobs", {"limit": 1}, also=(Call("dbt_list_projects", id=id),), id=id)
    with openai_server([one, Call("dbt_failed_runs", id=id), Say("There.")] * 2) as server:
        async with chat(server.base_url) as client:
            first = await ask(client, "Everything", stream=False)
            second = await ask(client, "Again", first["thread_id"], stream=False)
    for answer in (first, second):
        assert [report["name"] for report in answer["reports"]] == ["list_jobs", "list_projects", "failed_runs"]
        assert None not in [call["rows"] for call in answer["tool_calls"]]
    assert len(server.requests) == 6


FAULTS: dict[str, tuple[list[Reply], str]] = {
    "wrong key": ([Fail(401, f"Incorrect API key provided: {KEY}")], "refused the request: check its key"),
    "forbidden": ([Fail(403)], "refused the request: check its key"),
    "unknown model": ([Fail(404)], "is not known to its provider"),
    "too long or no tools": (
        [Fail(400, "does not support tools")],
        "did not accept the request: it may not be able to call tools",
    ),
    "over its limit": ([Fail(429, headers=AT_ONCE)] * 3, "is over its limit of requests or credit"),
    "broken": ([Fail(500, headers=AT_ONCE)] * 3, "has a fault on its side (HTTP 500)"),
    "overloaded": ([Fail(503, headers=AT_ONCE)] * 3, "has a fault on its side (HTTP 503)"),
    "a page": ([Page("<html><h1>Sign in</h1></html>")], "did not give a usable answer"),
    "no JSON": ([Page("{", "application/json")], "did not give a usable answer"),
    "no choices": ([Page('{"choices": null}', "application/json")], "did not give a usable answer"),
    "breaking off": ([Break("The longest")], "could not be reached, or broke off"),
    "silent": ([Say("Too late.", delay=3.0)] * 3, "did not answer in time"),
}


@pytest.mark.parametrize("after_a_report", [False, True], ids=["at once", "after a report"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_becomes_a_sentence_after_the_finding_and_the_thread_goes_on(
    chat: Chat, fault: str, after_a_report: bool, caplog: pytest.LogCaptureFixture
) -> None:
    replies, words = FAULTS[fault]
    if isinstance(replies[0], Fail) and replies[0].status == 400 and not after_a_report:
        replies = replies * 2  # asked again without `stream_options`, which the server may not have liked
    script = [*([JOBS] if after_a_report else []), *replies, Say("Better now.")]
    with openai_server(script) as server, caplog.at_level(logging.DEBUG):
        async with chat(server.base_url, patience=0.5 if fault == "silent" else 20.0) as client:
            answer = await ask(client, "Which jobs take longest?", stream=False)
            after = await ask(client, "And now?", answer["thread_id"], stream=False)
    assert f"The chat model some-model {words}" in answer["answer"]
    assert answer["failed"]
    assert after["answer"] == "Better now."
    if after_a_report:
        assert answer["answer"].startswith(answer["reports"][0]["finding"])
        assert answer["usage"]["total_tokens"] == USAGE["total_tokens"]
    assert len(server.requests) == len(script)
    told = [message["role"] for message in server.requests[-1]["messages"]]
    assert told == ["system", "user", *(["assistant", "tool"] if after_a_report else []), "assistant", "user"]
    assert KEY not in caplog.text + json.dumps(answer)


async def test_what_a_provider_says_of_a_key_is_not_kept_in_the_database(chat: Chat, tmp_path: Path) -> None:
    with openai_server([JOBS, Fail(401, f"Incorrect API key provided: {KEY}")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs take longest?", stream=False)
            kept = database(tmp_path)
    assert answer["thread_id"].encode() in kept
    assert b"Which jobs take longest?" in kept
    assert KEY.encode() not in kept


async def test_a_server_that_is_not_there_is_named_as_such(chat: Chat) -> None:
    async with chat(f"http://127.0.0.1:{closed_port()}/v1") as client:
        answer = await ask(client, "Which jobs?", stream=True)
    assert "could not be reached" in answer["answer"]
    assert "OPENAI_BASE_URL" in answer["answer"]


async def test_a_limit_that_passes_is_waited_for(chat: Chat) -> None:
    with openai_server([Fail(429, headers=AT_ONCE), Fail(500, headers=AT_ONCE), Say("Hello.")]) as server:
        async with chat(server.base_url) as client:
            assert (await ask(client, "Hello?", stream=False))["answer"] == "Hello."


MISDEEDS: dict[str, tuple[Reply, str]] = {
    "no JSON": (Call("dbt_list_jobs", '{"limit": '), "malformed"),
    "half of the arguments": (Call("dbt_list_jobs", '{"limit": 2, "jobs": ["fin'), "malformed"),
    "no object": (Call("dbt_list_jobs", "[1, 2]"), "malformed"),
    "unknown tool": (Call("dbt_delete_everything"), "dbt_delete_everything is not a valid tool"),
    "wrong types": (Call("dbt_list_jobs", {"limit": {"a": [1]}, "jobs": 7.5}), "Change the arguments"),
    "unknown name": (Call("dbt_list_jobs", {"jobs": ["no such job"]}), "no such job"),
}


@both_ways
@pytest.mark.parametrize("misdeed", MISDEEDS)
async def test_a_wrong_call_is_told_to_the_model_which_may_mend_it(chat: Chat, misdeed: str, stream: bool) -> None:
    wrong, words = MISDEEDS[misdeed]
    with openai_server([wrong, Call("dbt_list_jobs", {"limit": 2}), Say("There.")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs?", stream=stream)
    assert answer["answer"] == "There."
    assert [report["name"] for report in answer["reports"]] == ["list_jobs"]
    assert not answer["failed"]
    told = server.requests[1]["messages"][-1]
    assert told["role"] == "tool"
    assert words in told["content"]


EMPTY: dict[str, tuple[Say, str]] = {
    "nothing": (Say(""), "did not give a usable answer"),
    "blanks": (Say(" \n "), "did not give a usable answer"),
    "filtered": (Say("", finish="content_filter"), "refused to answer"),
    "refused": (Say("", refusal="I can't help with that."), "refused to answer"),
    "no room": (Say("", finish="length"), "reached the most it may write"),
}


@pytest.mark.parametrize("after_a_report", [False, True], ids=["at once", "after a report"])
@pytest.mark.parametrize("case", EMPTY)
async def test_an_empty_answer_becomes_the_finding_and_a_sentence(chat: Chat, case: str, after_a_report: bool) -> None:
    reply, words = EMPTY[case]
    with openai_server([*([JOBS] if after_a_report else []), reply, Say("Better now.")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs take longest?", stream=True)
            after = await ask(client, "And now?", answer["thread_id"], stream=True)
    if after_a_report:
        assert answer["answer"].startswith(answer["reports"][0]["finding"])
    if not after_a_report or "usable" not in words:
        assert words in answer["answer"]
        assert answer["model"] in answer["answer"]
    assert answer["failed"] is not after_a_report
    assert after["answer"] == "Better now."


async def test_words_that_break_off_say_so(chat: Chat) -> None:
    with openai_server([Say("The jobs of last week", finish="length")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs?", stream=False)
    assert answer["answer"].startswith("The jobs of last week\n\nThe answer breaks off here")


@both_ways
async def test_a_server_that_tells_no_usage_answers_all_the_same(chat: Chat, stream: bool) -> None:
    with openai_server([Say("Hello.", usage=None)]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Hello?", stream=stream)
    assert answer["answer"] == "Hello."
    assert answer["usage"]["total_tokens"] == 0


async def test_a_password_in_the_address_is_sent_and_never_told(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    replies: list[Reply] = [Say("Hello."), Fail(500, headers=AT_ONCE), Fail(500, headers=AT_ONCE), Fail(500)]
    with openai_server(replies) as server, caplog.at_level(logging.DEBUG):
        async with chat(server.base_url.replace("://", "://gate:hush%21@")) as client:
            answers = [await ask(client, "Hello?", stream=False) for _ in range(2)]
    assert [answer["failed"] for answer in answers] == [False, True]
    assert server.headers[0]["authorization"] == "Basic Z2F0ZTpodXNoIQ=="
    assert "hush" not in caplog.text + json.dumps(answers)
    assert "Z2F0ZTpodXNoIQ" not in caplog.text + json.dumps(answers)


def looping(body: dict[str, Any]) -> Reply:
    """A model that calls the same tool again and again, until it is asked something else."""
    return Say("Better now.") if body["messages"][-1]["content"] == "And now?" else JOBS


def greedy(body: dict[str, Any]) -> Reply:
    """A model that asks for fifty things at once, and then for nothing."""
    last = body["messages"][-1]
    if last["role"] == "tool":
        return Say("")
    if last["content"] == "And now?":
        return Say("Better now.")
    return Call(JOBS.name, JOBS.arguments, also=tuple(Call("dbt_list_jobs", {"limit": n}) for n in range(1, 50)))


@both_ways
@pytest.mark.parametrize(
    ("script", "requests", "calls", "words"),
    [(looping, 3, 3, "asking for the same"), (greedy, 2, 50, "")],
)
async def test_a_model_without_measure_is_ended_with_the_finding_and_the_thread_goes_on(
    chat: Chat, script: Callable[[dict[str, Any]], Reply], requests: int, calls: int, words: str, stream: bool
) -> None:
    with openai_server(script) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs take longest?", stream=stream)
            assert len(server.requests) == requests
            after = await ask(client, "And now?", answer["thread_id"], stream=stream)
    assert answer["answer"].startswith(answer["reports"][0]["finding"])
    assert words in answer["answer"]
    assert len(answer["answer"]) < 5000
    assert len(answer["tool_calls"]) == calls
    assert sum(call["rows"] is not None for call in answer["tool_calls"]) == min(calls, 10)
    assert answer["usage"]["total_tokens"] == requests * USAGE["total_tokens"]
    assert after["answer"] == "Better now."


@both_ways
async def test_a_second_try_says_nothing_twice(chat: Chat, stream: bool) -> None:
    cut_off = Call("dbt_list_jobs", '{"limit": ', text="These are the jobs. I look for more. ")
    with openai_server([JOBS, cut_off, Say("These are the jobs. There are no more.")]) as server:
        async with chat(server.base_url) as client:
            answer = await ask(client, "Which jobs take longest?", stream=stream)
    assert answer["answer"] == "These are the jobs. I look for more.\n\nThere are no more."
    assert not answer["failed"]


@both_ways
async def test_a_model_that_babbles_is_stopped_in_the_middle_and_the_thread_goes_on(
    chat: Chat, sandbox_account: Callable[..., DbtAccount], stream: bool
) -> None:
    async with sandbox_account() as account:
        finding = (await account.arun_report("longest_running_jobs", period="last_week", limit=3)).finding
    babble = f"{'and so on ' * 10}\n" * 10**4
    script = [JOBS, Say(babble), Say("Better now."), JOBS, Say(f"{finding}\n\n{babble}"), Say("Better now.")]
    with openai_server(script) as server:
        async with chat(server.base_url) as client:
            thread, answers = None, []
            for question in ("Which jobs take longest?", "And now?") * 2:
                answers.append(await ask(client, question, thread, stream=stream))
                thread = answers[0]["thread_id"]
    ended = "\n\nThe chat model's own words went on without an end, so I stopped them. Ask again, or in other words."
    for answer, begin, end in ((answers[0], "", f"\n\n{finding}{ended}"), (answers[2], f"{finding}\n\n", ended)):
        told = answer["answer"].removeprefix(begin).removesuffix(end)
        assert answer["answer"] == f"{begin}{told}{end}"
        assert REPLY_LENGTH / 2 < len(told) <= REPLY_LENGTH
        assert babble.startswith(told)
        assert answer["usage"]["model_calls"] == 2
        assert answer["usage"]["total_tokens"] == USAGE["total_tokens"]  # a stream tells them at its end
    assert [answers[1]["answer"], answers[3]["answer"]] == ["Better now."] * 2
    assert not any("and so on" in str(message["content"]) for message in server.requests[-1]["messages"])
