"""A second start: what a store remembers is not asked for again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from benchmarks.bare import BareClient
from benchmarks.measuring import Row, requests_of
from benchmarks.serving import Served
from benchmarks.sizes import NOW, WEEK
from benchmarks.stage import Stage, account_on

__all__ = ["second_start"]

_STEP = 99
"""Rows by which pages of a list advance, so that each shares one with the page before."""
_OVER = {10, 20, 30}
"""Codes of the statuses of a run that is over."""


def second_start(stage: Stage) -> Iterator[Row]:
    """Two starts with one store: the second asks for the runs of those days alone that are not over."""
    served, store = stage.week, stage.folder / "second_start.sqlite"
    with served.at_once():
        first, second = (requests_of(served, lambda: _start(served, store), "/runs/") for _ in range(2))
    what = "second start with a warm store: pages of runs"
    yield Row(what, second, "requests", _open_pages(served), f"first start {first} pages")


def _start(served: Served, store: Path) -> None:
    with account_on(served, store) as dbt:
        dbt.run_report("longest_running_jobs", period="last_7_days")


def _open_pages(served: Served) -> int:
    """How many pages those days have that are not over, or have a run that is not."""
    with BareClient(served) as bare:
        runs = bare.runs(WEEK.split("/")[0], f"{NOW.date()}")
    days = Counter(run["created_at"][:10] for run in runs)
    still_open = {f"{NOW.date()}"} | {run["created_at"][:10] for run in runs if run["status"] not in _OVER}
    return sum(max(1, ceil((days[day] - 1) / _STEP)) for day in still_open)
