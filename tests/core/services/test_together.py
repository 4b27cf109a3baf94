"""Together: results in order, and after a failure nothing left behind."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, assert_type

import pytest
from dbt_discovery.services.together import together


class Work:
    """Something that takes until it is told to end.

    Attributes:
        ended: How it came to its end.
    """

    def __init__(self) -> None:
        self.ended = ""

    async def forever(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)  # clearing up takes a moment
            self.ended = "stopped"


async def number(value: int, turns: int = 0) -> int:
    for _ in range(turns):
        await asyncio.sleep(0)
    return value


async def text(value: str) -> str:
    return value


async def fail(message: str) -> int:
    await asyncio.sleep(0)
    raise LookupError(message)


@pytest.fixture
async def noise() -> list[dict[str, Any]]:
    """What the loop was told of that nobody had looked after."""
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: heard.append(context))
    return heard


async def test_results_come_in_the_order_of_the_work_and_of_their_types() -> None:
    numbers = await together(*(number(n, turns=5 - n) for n in range(5)))
    assert_type(numbers, list[int])
    assert numbers == [0, 1, 2, 3, 4]
    one, two, three = await together(number(1), text("two"), number(3))
    assert_type(two, str)
    assert (one, two, three) == (1, "two", 3)
    first, rest = await together(number(1), together(*map(text, "ab")))
    assert_type(rest, list[str])
    assert (first, rest) == (1, ["a", "b"])


async def test_no_work_has_no_results() -> None:
    nothing: list[int] = await together()
    assert nothing == []


async def test_the_first_failure_is_raised_when_its_siblings_have_come_to_their_end(noise: list[Any]) -> None:
    siblings = [Work(), Work()]
    before = asyncio.all_tasks()
    with pytest.raises(LookupError, match="first"):
        await together(siblings[0].forever(), fail("first"), siblings[1].forever())
    assert [each.ended for each in siblings] == ["stopped", "stopped"]
    assert asyncio.all_tasks() == before
    gc.collect()
    assert not noise


async def test_a_second_failure_makes_no_noise(noise: list[Any]) -> None:
    with pytest.raises(LookupError, match="first"):
        await together(fail("first"), fail("second"), number(1))
    gc.collect()
    await asyncio.sleep(0)
    assert not noise


async def test_whoever_is_cancelled_stops_the_work(noise: list[Any]) -> None:
    siblings = [Work(), Work()]
    waiting = asyncio.create_task(together(siblings[0].forever(), siblings[1].forever()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [each.ended for each in siblings] == ["stopped", "stopped"]
    gc.collect()
    assert not noise
