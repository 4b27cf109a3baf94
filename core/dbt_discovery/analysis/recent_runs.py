"""Recent runs of a job, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from dbt_discovery.analysis.measures import counts, mean, middle
from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

__all__ = ["RecentRuns", "recent_runs"]


@dataclass(frozen=True, slots=True)
class RecentRuns:
    """The newest runs of a job that succeeded or failed.

    Attributes:
        runs: The runs, newest first.
        passed_over: Runs among them that say nothing of the job: cancelled, or not over yet.
    """

    runs: Sequence[RunRecord]
    passed_over: Sequence[RunRecord]

    @property
    def succeeded(self) -> int:
        """How many succeeded."""
        return sum(run.status is RunStatus.SUCCESS for run in self.runs)

    @property
    def success_rate(self) -> float | None:
        """The part that succeeded, from 0 to 1; None of no runs."""
        return self.succeeded / len(self.runs) if self.runs else None

    @property
    def runtimes(self) -> list[float]:
        """The runtimes of those that came to an end of their own, in seconds: the time limit is no measure of a job."""
        return [run.runtime for run in self.runs if counts(run) and run.runtime is not None]

    @property
    def median_runtime(self) -> float | None:
        """The median of the runtimes; None of none."""
        return middle(self.runtimes)

    @property
    def avg_runtime(self) -> float | None:
        """The mean of the runtimes; None of none."""
        return mean(self.runtimes)


def recent_runs(newest_first: Sequence[RunRecord], most: int) -> RecentRuns:
    """The newest `most` of some runs that succeeded or failed."""
    judged = list(islice((run for run in newest_first if _judged(run)), most))
    oldest = judged[-1] if len(judged) == most else newest_first[-1] if newest_first else None
    among = newest_first[: newest_first.index(oldest) + 1] if oldest else ()
    return RecentRuns(judged, [run for run in among if not _judged(run)])


def _judged(run: RunRecord) -> bool:
    return run.status is RunStatus.SUCCESS or has_failed(run)
