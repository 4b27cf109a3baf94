"""The words of an answer while they are written: what is told when, and that it is the answer in the end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery_web.chat.conversation import NOT_KEPT, ChatAnswer, Conversation
from dbt_discovery_web.chat.models import chat_model
from dbt_discovery_web.chat.outbox import Outbox
from dbt_discovery_web.chat.prose import Prose
from dbt_discovery_web.chat.turn import Usage
from dbt_discovery_web.chat.turn_events import Listener, ProgressMade, Token, ToolEnd, ToolStart, TurnEvent
from langchain_core.messages import AIMessage, AIMessageChunk
from langgraph.checkpoint.memory import InMemorySaver

from tests.webapp.scripted import Scripted, calling, saying
from tests.webapp.writing import Writing, announcing

Account = Callable[..., DbtAccount]
JOBS = calling("list_jobs", limit=2)
WORDS = "Here they are. There are jobs!\n\nAsk me for more."


async def heard(account: DbtAccount, model: Scripted, **options: Any) -> tuple[ChatAnswer, list[TurnEvent]]:
    events: list[TurnEvent] = []
    answer = await Conversation(account, model, **options).ask("Which jobs are there?", "t", Listener(events.append))
    return answer, events


def words(events: list[TurnEvent]) -> list[str]:
    return [event.text for event in events if isinstance(event, Token)]


def kinds(events: list[TurnEvent]) -> list[str]:
    return [event.event for event in events]


def breaking(text: str, error: Exception) -> AIMessage:
    return AIMessage(text, additional_kwargs={"breaks": error})


class Locked(InMemorySaver):
    async def aput(self, *args: Any, **kwargs: Any) -> Any:
        raise sqlite3.OperationalError("database is locked")


async def test_a_sentence_is_told_while_the_next_is_being_written(account: DbtAccount) -> None:
    events: list[TurnEvent] = []
    told_by: dict[str, list[str]] = {}

    async def between(written: str) -> None:
        await asyncio.sleep(0)  # lets what was written before get through
        await asyncio.sleep(0)
        told_by[written] = words(events)

    model = Writing(steps=[JOBS, saying(WORDS)], between=between)
    answer = await Conversation(account, model).ask("Which jobs are there?", "t", Listener(events.append))
    assert answer.answer == WORDS
    assert told_by["Here"] == []
    assert told_by[WORDS[:24]] == ["Here they are."]
    assert words(events) == ["Here they are.", " There are jobs!", "\n\nAsk me for more."]
    assert kinds(events) == ["tool_start", "tool_end", "report", "token", "token", "token"]


@pytest.mark.parametrize("kind", [Scripted, Writing])
@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([saying("Hello. How are you?")], "Hello. How are you?"),
        ([announcing("I will look.", JOBS), saying("There.")], "There."),
        ([JOBS, announcing("Some jobs. Now the models.", calling("list_models", "2", limit=1)), saying("There.")],
         "Some jobs. Now the models.\n\nThere."),
        ([JOBS, saying("  \n There.  \n\n")], "There."),
    ],
    ids=["no tool", "words beside the first call are dropped", "words between calls stay", "spaces"],
)  # fmt: skip
async def test_the_answer_is_what_was_told(
    steps: list[Any], text: str, kind: type[Scripted], account: DbtAccount
) -> None:
    answer, events = await heard(account, kind(steps=list(steps)))
    assert answer.answer == text
    assert "".join(words(events)) == text


FAULTS: dict[str, list[Any]] = {
    "model fails at once": [ConnectionError("hush")],
    "model fails after a report": [JOBS, ConnectionError("hush")],
    "model breaks off": [JOBS, breaking("These are the jobs. And of them, the", ConnectionError("hush"))],
    "model breaks off before any report": [breaking("These are the jobs. And of them, the", ConnectionError("hush"))],
    "model breaks off within a call": [breaking("I will look.", ConnectionError("hush"))],
    "nothing said": [AIMessage("")],
    "nothing said after a report": [JOBS, AIMessage("")],
    "nothing said after words": [JOBS, announcing("Wait.", calling("list_jobs", "2", limit=1)), AIMessage("")],
    "wrong figures": [JOBS, saying("There are 987654 jobs. Of these 876543 failed. Well.")],
    "calls for ever": [calling("list_jobs", f"call-{n}", limit=1) for n in range(99)],
    "a failed tool": [calling("list_jobs", projects=["nowhere"]), saying("There is no such project.")],
}


@pytest.mark.parametrize("kind", [Scripted, Writing])
@pytest.mark.parametrize("fault", FAULTS)
async def test_the_answer_is_what_was_told_whatever_goes_wrong(
    fault: str, kind: type[Scripted], account: DbtAccount
) -> None:
    answer, events = await heard(account, kind(steps=list(FAULTS[fault])))
    assert answer.answer
    assert "".join(words(events)) == answer.answer
    assert answer.answer.strip() == answer.answer
    assert "hush" not in answer.answer
    assert all(number not in answer.answer for number in ("987654", "876543"))
    assert not answer.reports or answer.reports[0]["finding"] in answer.answer or not answer.failed


async def test_what_was_said_before_a_model_broke_off_stays(account: DbtAccount) -> None:
    answer, _ = await heard(account, Writing(steps=list(FAULTS["model breaks off"])))
    said, finding, sentence = answer.answer.split("\n\n")
    assert (said, finding) == ("These are the jobs.", answer.reports[0]["finding"])
    assert "could not be reached" in sentence


async def test_the_note_of_an_answer_that_is_not_kept_is_told_too(account: DbtAccount) -> None:
    for last in (saying("There."), ConnectionError()):
        answer, events = await heard(account, Writing(steps=[JOBS, last]), checkpointer=Locked())
        assert answer.answer.endswith(NOT_KEPT)
        assert "".join(words(events)) == answer.answer


async def test_the_time_limit_leaves_what_was_said_and_marks_it(account: DbtAccount) -> None:
    async def between(written: str) -> None:
        if len(written) > 24:
            await asyncio.Event().wait()

    text = "Here are some jobs!\n\nAsk me for more."
    model = Writing(steps=[JOBS, saying(text), saying("Better now.")], between=between)
    events: list[TurnEvent] = []
    conversation = Conversation(account, model, time_limit=2.0)
    answer = await conversation.ask("Which jobs are there?", "t", Listener(events.append))
    assert (answer.stopped, answer.failed) == (True, True)
    assert answer.answer.startswith("Here are some jobs!\n\n")
    assert "longer than 2 seconds" in answer.answer
    assert "".join(words(events)) == answer.answer
    second = await conversation.ask("And now?", "t")
    assert (second.answer, second.stopped) == ("Better now.", False)
    assert answer.answer in [message.content for message in model.seen[-1]]


async def test_no_piece_of_a_call_is_ever_told(account: DbtAccount) -> None:
    call = announcing("Let me see. ", calling("list_jobs", "2", projects=["nowhere at all"], limit=7))
    answer, events = await heard(account, Writing(steps=[JOBS, call, saying("There.")]))
    assert answer.answer == "Let me see.\n\nThere."
    assert kinds(events) == [
        *("tool_start", "tool_end", "report", "token"),
        *("tool_start", "tool_end", "token"),
    ]


async def test_the_offline_model_tells_its_words_in_pieces(sandbox_account: Account, settings: Settings) -> None:
    async with sandbox_account() as account:
        answer, events = await heard(account, chat_model(settings, account))  # type: ignore[arg-type]
    assert answer.failed is False
    assert len(words(events)) > 1
    assert "".join(words(events)) == answer.answer
    assert kinds(events).index("report") < kinds(events).index("token")


async def test_a_turn_is_counted(account: DbtAccount) -> None:
    answer, _ = await heard(account, Writing(steps=[JOBS, saying("There.")]))
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (30, 7, 37)
    assert answer.usage.model_calls == 2
    assert answer.usage.seconds >= answer.tool_calls[0].seconds > 0


class Through:
    """Lets everything go as it comes."""

    def feed(self, text: str) -> list[str]:
        return [text] if text else []

    def end(self) -> list[str]:
        return []


def test_pieces_of_any_ids_are_one_message_and_its_whole_adds_nothing() -> None:
    told: list[Token] = []
    prose = Prose(told.append, lambda: True, Through)
    for piece in (AIMessageChunk("One ", id="a"), AIMessageChunk("two", id="b"), AIMessage("One two", id="c")):
        prose.take(piece)
    prose.end(AIMessage("One two", id="d"))
    assert (prose.text, prose.concluded) == ("One two", True)
    assert [token.text for token in told] == ["One", " two"]


# the outbox


ANSWER = ChatAnswer(thread_id="t", answer="So.", reports=[], tool_calls=[], model="m", usage=Usage())


async def drained(outbox: Outbox) -> list[Any]:
    taken: list[Any] = []
    while not (taken and isinstance(taken[-1], ChatAnswer | Exception)):
        taken.append(await outbox.take())
    return taken


async def test_steps_of_a_fetch_do_not_pile_up_for_a_slow_client() -> None:
    outbox = Outbox()
    outbox.put(ToolStart(name="dbt_list_jobs", args={}))
    for done in range(10_000):
        outbox.put(ProgressMade(what="runs", unit="run", done=done, total=None))
        outbox.put(ProgressMade(what="models", unit="model", done=done, total=9999))
    outbox.put(ToolEnd(name="dbt_list_jobs", seconds=1.0, rows=2))
    outbox.put(ProgressMade(what="runs", unit="run", done=1, total=None))
    outbox.close(ANSWER)
    outbox.put(Token(text="too late"))
    outbox.close(RuntimeError())
    taken = await drained(outbox)
    *told, end = taken
    assert [event.event for event in told] == ["tool_start", "progress", "progress", "tool_end", "progress"]
    assert [step.done for step in told[1:3]] == [9999, 9999]
    assert end is ANSWER
