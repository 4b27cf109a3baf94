"""Failures: how often runs failed at a model or test, since when one is not built, and which others it held up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import GraphNode, ModelRecord, NodeRun, RunRecord
from dbt_discovery.models.results import RunResults
from dbt_discovery.models.unique_ids import NodeKey

__all__ = ["FailureTally", "failing_since", "held_up_by", "tally_failures"]


@dataclass(slots=True)
class FailureTally:
    """What became of a model or a test in some runs.

    Attributes:
        failures: In how many it failed or ended in an error.
        errors: In how many of these it ended in an error.
        warnings: In how many it warned.
        runs: In how many it was built or executed, well or not.
        skipped: How many skipped it.
        last_failed: The latest run that failed at it.
    """

    failures: int = 0
    errors: int = 0
    warnings: int = 0
    runs: int = 0
    skipped: int = 0
    last_failed: RunRecord | None = None

    def add(self, run: RunRecord, status: NodeStatus) -> None:
        """Takes in one more run."""
        if status is NodeStatus.SKIPPED:
            self.skipped += 1
            return
        self.runs += 1
        self.warnings += status is NodeStatus.WARN
        if status.failed:
            self.failures += 1
            self.errors += status is NodeStatus.ERROR
            if self.last_failed is None or run.began > self.last_failed.began:
                self.last_failed = run

    @property
    def failure_rate(self) -> float | None:
        """Share of the runs that failed at it; None where each skipped it."""
        return self.failures / self.runs if self.runs else None


def tally_failures(tallies: dict[NodeKey, FailureTally], run: RunRecord, results: RunResults) -> None:
    """Takes one run's results into the tallies of its models or tests."""
    for unique_id, status in zip(results.unique_ids, results.statuses, strict=True):
        key = (run.environment_id, unique_id)
        if (tally := tallies.get(key)) is None:
            tally = tallies[key] = FailureTally()
        tally.add(run, status)


def failing_since(history: Sequence[NodeRun]) -> tuple[datetime | None, bool]:
    """Since when a model has not been built, by its runs with the newest first, and whether a success lies before that.

    It is the end of the first of the runs since its last success, each of which ended in an error or skipped it. None
    where the newest run built it.
    """
    since: datetime | None = None
    for node in history:
        if not node.status.failed and node.status is not NodeStatus.SKIPPED:
            return since, True
        since = node.finished_at or node.started_at or since
    return since, False


def held_up_by(models: Iterable[ModelRecord], graph: Iterable[GraphNode]) -> dict[str, list[str]]:
    """Which failed models each skipped one was waiting for, by unique_id.

    A model that failed holds up what is made from it, directly or through other skipped models, as far as the same run
    skipped it. A skipped model that none of them leads to is not among the keys: it may have waited for a test, a seed
    or a source.

    Args:
        models: The models of one environment, each with its last run.
        graph: That environment's graph.
    """
    known = {model.unique_id: model for model in models}
    children: dict[str, list[str]] = {}
    for node in graph:
        for parent in node.parents:
            children.setdefault(parent, []).append(node.unique_id)
    found: dict[str, list[str]] = {}
    for failed in (model for model in known.values() if model.last_run_status is NodeStatus.ERROR):
        reached, frontier = {failed.unique_id}, [failed.unique_id]
        while frontier:
            for child in children.get(frontier.pop(), ()):
                model = known.get(child)
                if child not in reached and model and _skipped_with(model, failed):
                    reached.add(child)
                    frontier.append(child)
                    found.setdefault(child, []).append(failed.unique_id)
    return found


def _skipped_with(model: ModelRecord, failed: ModelRecord) -> bool:
    """Whether a model was skipped in the run in which another failed."""
    return model.last_run_status is NodeStatus.SKIPPED and model.last_run_id == failed.last_run_id
