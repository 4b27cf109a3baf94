"""A small dbt Cloud whose runs and results a store has to keep, and what answers about it have to be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from dbt_discovery.analysis.run_summary import RunQuery
from dbt_discovery.cache.strategy import CachingStrategy
from dbt_discovery.history.store import RunStore
from dbt_discovery.services.artifacts import ArtifactService
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.results import ResultService
from dbt_discovery.services.run_days import RunDays
from dbt_discovery.services.run_results import RunResultService
from dbt_discovery.services.runs import RunService

from tests.core.tiny import TinyCloud, run
from tests.core.upstream import NOW, wire_to

__all__ = ["EXPECTED", "PERIOD", "Cloud"]

PERIOD = RunQuery(datetime(2026, 11, 16, tzinfo=UTC), NOW)
"""Monday to Wednesday, half past ten; fetched from Sunday on."""

EXPECTED: dict[str, Any] = {
    "runs": ["1", "2", "3", "4", "5"],
    "measures": {"1": 3, "2": 1},
    "counts": 5,
    "results": {"1": {"model.shop.a": 6.0}, "2": {"model.shop.a": 7.0}, "3": None, "4": None},
}
"""By hand, of the runs below."""


class Cloud(TinyCloud):
    """Five runs of two jobs: one fails, one is running, two left results.

    Args:
        busy: How many runs there are besides, yesterday.
    """

    def __init__(self, busy: int = 0) -> None:
        super().__init__()
        self.runs = [
            run(1, "2026-11-16 08:00:00", "2026-11-16 08:10:00"),
            run(2, "2026-11-17 08:00:00", "2026-11-17 08:20:00"),
            run(3, "2026-11-17 09:00:00", "2026-11-17 09:10:00", status=20),
            run(4, "2026-11-17 10:00:00", "2026-11-17 10:10:00", job_id=2),
            run(5, "2026-11-18 10:00:00", None),
        ]
        for n in range(busy):
            at = datetime(2026, 11, 17, 11) + timedelta(minutes=n)
            self.runs.append(run(100 + n, f"{at}", f"{at + timedelta(minutes=1)}", git_sha="0b2d" * 10))
        self.nodes = {1: {"models": [_node("a", 6.0)]}, 2: {"models": [_node("a", 7.0)]}}
        self.client = DbtClient(wire_to(self), CachingStrategy())
        self.expected = EXPECTED | {
            "runs": EXPECTED["runs"][:4] + [str(100 + n) for n in range(busy)] + ["5"],
            "measures": {"1": 3 + busy, "2": 1},
            "counts": 5 + busy,
        }

    @property
    def lists(self) -> int:
        """How many lists of runs were asked for."""
        ranges = (request.url.params for request in self.requests if "created_at__range" in request.url.params)
        return sum(params["offset"] == "0" for params in ranges)

    def days(self, store: RunStore, timer: Callable[[], float]) -> RunDays:
        return RunDays(self.client, lambda: store, lambda: NOW, timer)

    def runs_over(self, days: RunDays) -> RunService:
        return RunService(self.client, days)

    def service(self, store: RunStore, timer: Callable[[], float]) -> RunService:
        return self.runs_over(self.days(store, timer))

    async def answers(self, store: RunStore, timer: Callable[[], float]) -> dict[str, Any]:
        """What this account is told about the period."""
        days = self.days(store, timer)
        runs = self.runs_over(days)
        results = RunResultService(self.client, ResultService(self.client), ArtifactService(self.client, runs), days)
        found = (await runs.between(PERIOD)).value
        finished = [run for run in found if run.status.finished and int(run.run_id) < 100]
        models = await results.of_runs(finished)
        return {
            "runs": [run.run_id for run in found],
            "measures": {job_id: each.runs for job_id, each in (await runs.sums(PERIOD)).value.measures.items()},
            "counts": sum(each.runs for each in (await runs.counts(PERIOD)).value),
            "results": {
                run.run_id: dict(answer.value.timed()) if answer.value else None
                for run, answer in zip(finished, models, strict=True)
            },
        }


def _node(name: str, runtime: float) -> dict[str, Any]:
    return {"uniqueId": f"model.shop.{name}", "name": name, "status": "success", "executionTime": runtime}
