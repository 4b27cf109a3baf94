"""Runtimes of models: which of their runs count, and how long each took."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from statistics import median

from dbt_discovery.analysis.measures import percentile
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.records import ModelRecord, NodeRun, RunRecord
from dbt_discovery.models.unique_ids import NodeKey
from dbt_discovery.services.models import HISTORY_LIMIT
from dbt_discovery.words import count as counted

__all__ = ["Runtimes", "Timing", "of_last_attempts", "of_last_success", "of_runs"]


class Timing:
    """How long a model took in some runs, in seconds. Of a model without a run that has a time, only `runs` is known.

    Attributes:
        times: The time of each run that has one: eight bytes each, since there may be millions.
    """

    __slots__ = ("times",)

    def __init__(self, runtimes: Iterable[float | None] = ()) -> None:
        self.times = array("d")
        for runtime in runtimes:
            self.add(runtime)

    def add(self, runtime: float | None) -> None:
        """Takes in one more run; one without a time does not count."""
        if runtime is not None:
            self.times.append(runtime)

    @property
    def runs(self) -> int:
        """How many have a time."""
        return len(self.times)

    @property
    def total(self) -> float:
        """Their times together."""
        return sum(self.times)

    @property
    def mean(self) -> float:
        """The mean of their times."""
        return self.total / self.runs

    @property
    def median(self) -> float:
        """The median of their times."""
        return median(self.times)

    @property
    def p95(self) -> float:
        """The 95th percentile of their times, interpolated between ranks."""
        return percentile(self.times, 0.95) or 0.0

    @property
    def longest(self) -> float:
        """The longest of their times."""
        return max(self.times)


Runtimes = dict[NodeKey, Timing]
"""How long each model took that ran at all; without a run where none has a time."""


def of_last_success(models: Iterable[ModelRecord]) -> Runtimes:
    """The runtime of each model's last successful build."""
    return {model.key: Timing([model.last_success_runtime]) for model in models}


async def of_last_attempts(inquiry: Inquiry, models: Sequence[ModelRecord], count: int) -> Runtimes:
    """The runtimes of each model's last `count` attempts that have one, whichever job made them."""
    histories = await inquiry.histories(models, HISTORY_LIMIT)
    if short := sum(len(nodes) >= HISTORY_LIMIT and len(_times(nodes)) < count for nodes in histories):
        inquiry.lack(
            f"For {counted(short, 'model')} the latest {HISTORY_LIMIT} runs hold fewer than {count} with a time."
        )
    return {model.key: Timing(_times(nodes)[:count]) for model, nodes in zip(models, histories, strict=True)}


async def of_runs(inquiry: Inquiry, runs: Sequence[RunRecord]) -> Runtimes:
    """The runtimes of every model in some runs."""
    found: Runtimes = {}
    async for run, results in inquiry.models_of_many_runs(runs):
        for unique_id, runtime in zip(results.unique_ids, results.runtimes, strict=True) if results else ():
            key = (run.environment_id, unique_id)
            if (timing := found.get(key)) is None:
                timing = found[key] = Timing()
            timing.add(runtime)
    return found


def _times(nodes: Iterable[NodeRun]) -> list[float]:
    return [node.runtime for node in nodes if node.runtime is not None]
