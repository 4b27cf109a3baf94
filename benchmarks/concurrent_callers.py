"""Many callers of an account that knows nothing yet, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

from dbt_discovery import DbtAccount

from benchmarks.measuring import Row, best, ratio, requests_of
from benchmarks.serving import Served
from benchmarks.stage import Stage, account_on

__all__ = ["callers_of_a_report", "callers_of_all_models"]

_Question = Callable[[DbtAccount], Awaitable[object]]


def callers_of_a_report(stage: Stage) -> Iterator[Row]:
    """Everyone asks for last week's longest-running jobs."""
    yield from _rows(stage, "longest jobs", lambda dbt: dbt.arun_report("longest_running_jobs", period="last_week"))


def callers_of_all_models(stage: Stage) -> Iterator[Row]:
    """Everyone asks for all models."""
    yield from _rows(stage, "all models", lambda dbt: dbt.aget_models())


def _rows(stage: Stage, name: str, question: _Question) -> Iterator[Row]:
    """Requests and time of all callers, against those of one."""
    served, callers = stage.ordinary, stage.sizes.callers
    with served.at_once():  # the sandbox makes its pages
        one = requests_of(served, lambda: _ask(served, question, 1))
        many = requests_of(served, lambda: _ask(served, question, callers))
    what = f"{callers:,} callers at once, {name}"
    yield Row(f"{what}: requests", many, "requests", one)
    alone = best(lambda: _ask(served, question, 1))
    yield ratio(f"{what}: time / one caller", best(lambda: _ask(served, question, callers)), alone, 3, "one caller")


def _ask(served: Served, question: _Question, callers: int) -> float:
    """Seconds until so many callers of a new account all have their answer."""

    async def ask() -> float:
        async with account_on(served) as dbt:
            loop = asyncio.get_running_loop()
            start = loop.time()
            await asyncio.gather(*(question(dbt) for _ in range(callers)))
            return loop.time() - start

    return asyncio.run(ask())
