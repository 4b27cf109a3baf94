"""The ledger: a world's runs, found by what is asked for without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from dbt_cloud_sandbox.memory import Memory
from dbt_cloud_sandbox.records import CANCELLED, Run

KEPT_LISTS = 32


class Ledger:
    """The runs as they stand, by id. What finds them is made when it is first asked for.

    Attributes:
        runs: All of them, by id.
        lists: Lists of runs that were asked for, filtered and in order, so that the next page is a slice of one.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self.lists: Memory[list[Run]] = Memory(KEPT_LISTS)
        self._groups: dict[str, dict[Any, list[Run]]] = {}
        self._done: dict[int, tuple[Run, ...]] = {}

    def run(self, run_id: int) -> Run | None:
        """The run with that id."""
        place = bisect_left(self.runs, run_id, key=lambda run: run.id)
        found = self.runs[place] if place < len(self.runs) else None
        return found if found and found.id == run_id else None

    def after(self, run_id: int) -> Sequence[Run]:
        """The runs with larger ids."""
        return self.runs[bisect_right(self.runs, run_id, key=lambda run: run.id) :]

    def where(self, field: str, value: Any) -> Sequence[Run]:
        """The runs whose field is the value, by id."""
        if field not in self._groups:
            groups = self._groups[field] = {}
            for run in self.runs:
                groups.setdefault(getattr(run, field), []).append(run)
        return self._groups[field].get(value, ())

    def created_between(self, first: datetime, last: datetime) -> Sequence[Run]:
        """The runs created between two instants, both included, in the order of their creation."""
        start = bisect_left(self._by_creation, first, key=lambda run: run.created_at)
        return self._by_creation[start : bisect_right(self._by_creation, last, key=lambda run: run.created_at)]

    @cached_property
    def _by_creation(self) -> list[Run]:
        return sorted(self.runs, key=lambda run: run.created_at)

    def done(self, environment_id: int) -> tuple[Run, ...]:
        """The environment's runs that left something behind, in the order in which they finished."""
        if environment_id not in self._done:
            here = self.where("environment_id", environment_id)
            over = [(run.finished_at, run.id, run) for run in here if run.finished_at and run.status != CANCELLED]
            self._done[environment_id] = tuple(run for *_, run in sorted(over, key=lambda item: item[:2]))
        return self._done[environment_id]
