"""Progress as it is passed on: at which pace, in which order, in whose context, and to whom."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Progress, Report, Settings, watch
from dbt_discovery.progress import told
from dbt_discovery.reports import registry
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langchain_dbt_discovery import report_tool
from langchain_dbt_discovery.progress import PROGRESS_EVENT, Pace, relayed, relayed_plainly

from tests.toolkit.test_tools import Listening

CALL = {"type": "tool_call", "id": "1", "name": "dbt_list_jobs", "args": {"limit": 2}}


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def runs(done: int, total: int | None = 9) -> Progress:
    return Progress("runs", "run", done, total)


# the pace


def test_the_first_step_of_each_thing_is_due_at_once() -> None:
    pace = Pace(Clock())
    for step in (runs(1), Progress("models", "model", 5)):
        pace.take(step)
    assert pace.wait == 0
    assert pace.due() == [runs(1), Progress("models", "model", 5)]
    assert pace.wait is None


def test_later_steps_wait_for_a_tenth_of_a_second_and_the_latest_stands_for_all() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.take(runs(1))
    pace.due()
    clock.now += 0.04
    for done in (2, 3, 4):
        pace.take(runs(done))
    assert pace.due() == []
    assert pace.wait == pytest.approx(0.06)
    clock.now += 0.07
    assert pace.due() == [runs(4)]


def test_ten_seconds_of_many_steps_pass_a_hundred_on_and_the_last() -> None:
    clock = Clock()
    pace = Pace(clock)
    passed: list[Progress] = []
    for done in range(1000):  # one each 10 ms
        pace.take(runs(done))
        passed += pace.due()
        clock.now += 0.01
    passed += pace.rest()
    assert 91 <= len(passed) <= 102
    assert passed[-1] == runs(999)
    assert [step.done for step in passed] == sorted({step.done for step in passed})


def test_one_things_steps_do_not_hold_up_anothers() -> None:
    pace = Pace(Clock())
    pace.take(runs(1))
    pace.due()
    pace.take(runs(2))
    pace.take(Progress("models", "model", 5))
    assert pace.due() == [Progress("models", "model", 5)]
    assert pace.rest() == [runs(2)]


# the relay


async def test_what_is_held_is_passed_on_when_it_is_asked_to_catch_up_and_at_the_end() -> None:
    heard: list[Progress] = []

    async def send(step: Progress) -> None:
        await asyncio.sleep(0)
        heard.append(step)

    async with relayed(send, Pace(Clock())) as caught_up:
        for done in (1, 2, 3):
            told("runs", "run", done, 9)
        await caught_up()
        assert heard == [runs(1), runs(3)]
        told("runs", "run", 4, 9)
    assert heard == [runs(1), runs(3), runs(4)]
    await caught_up()  # does nothing, and does not wait for ever


async def test_a_step_waits_no_longer_than_its_time_while_nothing_else_comes() -> None:
    came = asyncio.Event()

    async def send(step: Progress) -> None:
        if step == runs(2):
            came.set()

    async with relayed(send), asyncio.timeout(5):
        told("runs", "run", 1, 9)
        await asyncio.sleep(0)
        told("runs", "run", 2, 9)
        await came.wait()


async def test_who_watched_before_hears_every_step_too() -> None:
    outer: list[Progress] = []

    async def send(step: Progress) -> None: ...

    with watch(outer.append):
        async with relayed(send):
            for done in (1, 2):
                told("runs", "run", done, 9)
        with relayed_plainly(lambda step: None):
            told("runs", "run", 3, 9)
        told("runs", "run", 4, 9)
    told("runs", "run", 5, 9)
    assert outer == [runs(1), runs(2), runs(2 + 3, 9 + 9), runs(2 + 3 + 4, 9 + 9 + 9)]


async def test_two_tools_at_the_same_time_are_told_of_as_one_to_who_watched_before() -> None:
    outer: list[Progress] = []

    async def send(step: Progress) -> None: ...

    async def tool(total: int, fetch: str) -> None:
        async with relayed(send):
            for part in (1, 2):
                told("runs", "run", total * part // 2, total, fetch=fetch)
                await asyncio.sleep(0)

    with watch(outer.append):
        await asyncio.gather(tool(1000, ""), tool(50, ""))
        assert outer == [runs(500, 1000), runs(525, 1050), runs(1025, 1050), runs(1050, 1050)]
        outer.clear()
        await asyncio.gather(tool(600, "one that both wait for"), tool(600, "one that both wait for"))
        assert outer[-1] == runs(1050 + 600, 1050 + 600)


async def test_an_error_comes_after_all_that_was_heard_and_a_cancelled_one_tells_nothing_more() -> None:
    heard: list[Progress] = []

    async def send(step: Progress) -> None:
        heard.append(step)

    async def failing() -> None:
        async with relayed(send):
            told("runs", "run", 1, 9)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert heard == [runs(1)]

    async def cancelled() -> None:
        async with relayed(send):
            await asyncio.Event().wait()

    task = asyncio.create_task(cancelled())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == [runs(1)]


async def test_a_listener_that_fails_ends_nothing() -> None:
    heard: list[Progress] = []

    async def send(step: Progress) -> None:
        heard.append(step)
        raise ZeroDivisionError

    async with relayed(send) as caught_up:
        told("runs", "run", 1, 9)
        await caught_up()
        told("runs", "run", 2, 9)
    assert heard == [runs(1), runs(2)]


# the tools


def telling(account: DbtAccount, *steps: Progress, error: Exception | None = None) -> None:
    """Makes an account's reports tell these steps while they run."""
    genuine = type(account).arun_report

    async def arun_report(name: str, *args: Any, **given: Any) -> Report:
        async def work() -> Report:
            for step in steps:
                told(step.what, step.unit, step.done, step.total)
            if error:
                raise error
            return await genuine(account, name, *args, **given)

        return await account.home.call(work())

    def run_report(name: str, *args: Any, **given: Any) -> Report:
        return account.home.run(arun_report(name, *args, **given))

    account.arun_report = arun_report  # type: ignore[method-assign, assignment]
    account.run_report = run_report  # type: ignore[method-assign]


@pytest.fixture
async def away(world: sandbox.World, settings: Settings) -> AsyncIterator[DbtAccount]:
    """An account whose home is a loop in a thread of its own."""
    account = DbtAccount(transport=sandbox.transport(world), settings=settings)
    yield account
    await account.aclose()


def tool_of(account: DbtAccount) -> BaseTool:
    return report_tool(registry()["list_jobs"], account)


def event(step: Progress) -> tuple[str, dict[str, Any]]:
    return PROGRESS_EVENT, {"what": step.what, "unit": step.unit, "done": step.done, "total": step.total}


MODELS = Progress("models", "model", 500)


async def test_a_tool_tells_its_callbacks_of_progress(account: DbtAccount) -> None:
    telling(account, runs(1), MODELS, runs(9))
    listening = Listening()
    message = await tool_of(account).ainvoke(CALL, {"callbacks": [listening]})
    assert message.artifact["name"] == "list_jobs"
    assert listening.heard == [event(runs(1)), event(MODELS), event(runs(9))]


async def test_an_account_at_home_elsewhere_is_heard_on_the_tools_own_loop_and_in_its_context(away: DbtAccount) -> None:
    mark: contextvars.ContextVar[str] = contextvars.ContextVar("mark")
    where: list[tuple[Any, str]] = []

    class Whereabouts(AsyncCallbackHandler):
        async def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
            where.append((asyncio.get_running_loop(), mark.get("none")))

    telling(away, runs(1), runs(9))
    mark.set("the caller's")
    await tool_of(away).ainvoke(CALL, {"callbacks": [Whereabouts()]})
    assert where
    assert set(where) == {(asyncio.get_running_loop(), "the caller's")}


class Noting(BaseCallbackHandler):
    """Notes what it hears, and on which thread."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.threads: set[str] = set()

    def on_tool_start(self, *args: Any, **kwargs: Any) -> None:
        self.heard.append("start")

    def on_tool_end(self, *args: Any, **kwargs: Any) -> None:
        self.heard.append("end")

    def on_custom_event(self, name: str, data: Any, **kwargs: Any) -> None:
        self.heard.append((name, data))
        self.threads.add(threading.current_thread().name)


def test_a_plain_call_tells_too_between_its_start_and_its_end(world: sandbox.World, settings: Settings) -> None:
    noting = Noting()
    with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        telling(account, MODELS, runs(9))
        message = tool_of(account).invoke(CALL, {"callbacks": [noting]})
    assert isinstance(message, ToolMessage)
    assert message.artifact["name"] == "list_jobs"
    assert noting.heard == ["start", event(MODELS), event(runs(9)), "end"]
    assert "dbt-discovery" not in noting.threads  # the home loop is not kept waiting by who listens


async def test_many_steps_become_few_events_that_end_with_the_last(account: DbtAccount) -> None:
    telling(account, *(runs(done, 1000) for done in range(1, 1001)))
    listening = Listening()
    await tool_of(account).ainvoke(CALL, {"callbacks": [listening]})
    assert len(listening.heard) < 100
    assert listening.heard[-1] == event(runs(1000, 1000))


async def test_a_failed_report_tells_of_its_progress_before_its_failure(account: DbtAccount) -> None:
    from dbt_discovery import NotFound

    telling(account, runs(1), error=NotFound("job", "nowhere"))
    listening = Listening()
    message = await tool_of(account).ainvoke(CALL, {"callbacks": [listening]})
    assert message.status == "error"
    assert [name for name, _ in listening.heard] == [PROGRESS_EVENT, "dbt_discovery_failure"]


async def test_a_tool_that_is_not_listened_to_gives_its_report(away: DbtAccount) -> None:
    telling(away, runs(1), runs(9))
    assert (await tool_of(away).ainvoke(CALL)).artifact["name"] == "list_jobs"


async def test_an_agents_stream_of_events_holds_the_progress(account: DbtAccount) -> None:
    telling(account, runs(1), MODELS)
    heard = [
        (each["name"], each["data"])
        async for each in tool_of(account).astream_events(CALL, version="v2")
        if each["event"] == "on_custom_event"
    ]
    assert heard == [event(runs(1)), event(MODELS)]


@pytest.mark.parametrize("models", [400, 1300])
async def test_a_long_list_of_models_tells_from_its_second_page_on(models: int, settings: Settings) -> None:
    world = sandbox.generated_world(now=settings.now, models=models)
    heard: list[Progress] = []
    async with DbtAccount(transport=sandbox.transport(world), settings=settings) as account:
        with watch(heard.append):
            found = await account.arun_report("list_models", limit=1)
    assert found.total_rows >= models * 0.9
    if models == 400:
        assert heard == []
    else:
        assert {(step.what, step.unit) for step in heard} == {("models", "model")}
        assert all(step.total is not None and 500 < step.done <= step.total for step in heard)
