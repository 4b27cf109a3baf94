"""Progress: who hears of it, and that listening does no harm."""

from __future__ import annotations

import asyncio

import pytest
from dbt_discovery import Progress, watch
from dbt_discovery.cache.flights import Flights
from dbt_discovery.progress import told


def runs(done: int) -> Progress:
    return Progress("runs", "run", done)


def broken(step: Progress) -> None:
    raise RuntimeError("a broken progress bar")


def test_a_watcher_that_raises_hears_no_more_and_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Progress] = []

    def break_at_two(step: Progress) -> None:
        heard.append(step)
        if step.done == 2:
            broken(step)

    caplog.set_level("DEBUG", logger="dbt_discovery")
    with watch(break_at_two):
        for done in (1, 2, 3):
            told("runs", "run", done)
    assert heard == [runs(1), runs(2)]
    (record,) = caplog.records
    assert (record.levelname, "a broken progress bar" in caplog.text) == ("DEBUG", True)


async def test_a_watcher_that_raises_fails_nobody_who_waits_for_the_same_and_silences_no_other() -> None:
    flights, heard = Flights(), list[Progress]()

    async def fetch() -> str:
        await asyncio.sleep(0)
        told("runs", "run", 1)
        told("runs", "run", 2)
        return "answer"

    async def watching() -> str:
        with watch(broken):
            return await flights.join("key", fetch)

    async def hearing() -> str:
        with watch(heard.append):
            return await flights.join("key", fetch)

    assert await asyncio.gather(watching(), flights.join("key", fetch), hearing()) == ["answer"] * 3
    assert heard == [runs(1), runs(2)]


def test_who_watches_around_a_watcher_that_raises_hears_on() -> None:
    heard: list[Progress] = []
    with watch(heard.append), watch(broken):
        told("runs", "run", 1)
        told("runs", "run", 2)
    assert heard == [runs(1), runs(2)]
