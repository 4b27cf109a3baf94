"""Sharing: equal questions under way are worked out once, others never."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

import pytest
from dbt_discovery.cache.flights import Flights
from dbt_discovery.sharing import shared


class Desk:
    """Answers questions, one number after the other, and only when it is let.

    Attributes:
        questions: The questions under way; desks may have them together.
        place: What an answer depends on besides the question.
    """

    def __init__(self, questions: Flights | None = None, standpoint: Hashable = "here") -> None:
        self.questions = questions or Flights()
        self.place: Hashable = standpoint
        self.worked = 0
        self.opened = asyncio.Event()

    async def standpoint(self) -> Hashable:
        return self.place

    @shared
    async def answer(self, *what: object, refresh: bool = False, limit: int = 5) -> int:
        """A number of its own for each time that it is worked out."""
        self.worked += 1
        number = self.worked
        await self.opened.wait()
        if what == ("bad",):
            raise ValueError("no")
        return number

    @shared
    async def other(self, *what: object) -> int:
        return await self.answer(*what, "other")


async def test_equal_questions_under_way_get_one_answer_and_later_ones_another() -> None:
    desk = Desk()
    asking = [asyncio.create_task(desk.answer("a", "b", limit=3)) for _ in range(3)]
    asking += [asyncio.create_task(desk.answer("a", "b", limit=3))]
    await asyncio.sleep(0)
    desk.opened.set()
    assert await asyncio.gather(*asking) == [1, 1, 1, 1]
    assert await desk.answer("a", "b", limit=3) == 2
    assert desk.questions.joined == 3


async def test_a_refresh_is_shared_with_nobody() -> None:
    desk = Desk()
    asking = [asyncio.create_task(desk.answer("a", refresh=True)) for _ in range(2)]
    await asyncio.sleep(0)
    desk.opened.set()
    assert await asyncio.gather(*asking) == [1, 2]


@pytest.mark.parametrize("others", [(1.0,), (True,)])
async def test_what_is_equal_but_of_another_kind_is_another_question(others: tuple[object, ...]) -> None:
    desk = Desk()
    asking = [asyncio.create_task(desk.answer(*what)) for what in ((1,), others)]
    await asyncio.sleep(0)
    desk.opened.set()
    assert await asyncio.gather(*asking) == [1, 2]


async def test_other_questions_are_worked_out_by_themselves() -> None:
    desk = Desk()
    asking = [desk.answer("a"), desk.answer("b"), desk.answer("a", refresh=True), desk.answer(), desk.other("a")]
    tasks = [asyncio.create_task(each) for each in asking]
    await asyncio.sleep(0)
    desk.opened.set()
    assert len(set(await asyncio.gather(*tasks))) == 5


async def test_same_question_from_another_standpoint_is_another_one() -> None:
    questions = Flights()
    here, there = Desk(questions, "here"), Desk(questions, "there")
    tasks = [asyncio.create_task(desk.answer("a")) for desk in (here, there)]
    await asyncio.sleep(0)
    here.place = "here, after something was invalidated"
    tasks.append(asyncio.create_task(here.answer("a")))
    await asyncio.sleep(0)
    for desk in (here, there):
        desk.opened.set()
    assert await asyncio.gather(*tasks) == [1, 1, 2]


async def test_failure_is_shared_too_and_not_kept() -> None:
    desk = Desk()
    desk.opened.set()
    failures = await asyncio.gather(desk.answer("bad"), desk.answer("bad"), return_exceptions=True)
    assert [str(each) for each in failures] == ["no", "no"]
    assert desk.worked == 1
    with pytest.raises(ValueError, match="no"):
        await desk.answer("bad")
    assert desk.worked == 2


async def test_one_who_leaves_takes_nothing_from_those_who_wait_on() -> None:
    desk = Desk()
    leaving, waiting = (asyncio.create_task(desk.answer("a")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    desk.opened.set()
    assert await waiting == 1


async def test_what_cannot_be_told_from_other_questions_is_not_shared() -> None:
    desk = Desk()
    desk.opened.set()
    assert await asyncio.gather(desk.answer(["a"]), desk.answer(["a"])) == [1, 2]
