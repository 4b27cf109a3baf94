"""What many runs amount to: per job how long they took, and how many do not count and why.

Sums are taken over whole microseconds, so that they come out alike whether records are summed up here or rows in the
run store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.analysis.measures import counts, why_left_out
from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import LeftOut

__all__ = ["JobMeasures", "RunCount", "RunQuery", "RunSums", "count_runs", "measure_jobs"]

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Runs that are asked for: those that began in a stretch of time and pass the rest.

    Attributes:
        start: The first moment.
        end: The moment after the last.
        statuses: Their statuses; any, without.
        environment_ids: The environments in which they ran; any, if None.
        job_ids: Their jobs; any, if None.
    """

    start: datetime
    end: datetime
    statuses: tuple[RunStatus, ...] = ()
    environment_ids: tuple[str, ...] | None = None
    job_ids: tuple[str, ...] | None = None

    def keeps(self, run: RunRecord) -> bool:
        """Whether a run is asked for."""
        return (
            self.start <= run.began < self.end
            and (not self.statuses or run.status in self.statuses)
            and (self.environment_ids is None or run.environment_id in self.environment_ids)
            and (self.job_ids is None or run.job_id in self.job_ids)
        )


@dataclass(frozen=True, slots=True)
class RunCount:
    """How many runs of a job there are of one kind.

    Attributes:
        reason: Why they do not count in averages and the like; None of those that do.
    """

    job_id: str
    project_id: str
    status: RunStatus
    reason: LeftOut | None
    runs: int


@dataclass(frozen=True, slots=True)
class JobMeasures:
    """How long the runs of a job took that count: all in seconds.

    Attributes:
        runs: How many they are.
        median_runtime: What half of them took no more than; of an even number, the middle of the two in the middle.
        p95_runtime: The 95th percentile, interpolated between ranks (Hyndman and Fan's type 7).
        avg_queued: The mean time in the queue; None where no run has one.
        max_run_id: The run that took longest, the newest of several.
    """

    job_id: str
    runs: int
    avg_runtime: float
    median_runtime: float
    max_runtime: float
    p95_runtime: float
    total_runtime: float
    avg_queued: float | None
    max_run_id: str

    @classmethod
    def of(
        cls,
        job_id: str,
        *,
        runs: int,
        total: int,
        longest: tuple[int, str],
        middle: tuple[int, int],
        ranks: tuple[int, int],
        queued: tuple[int, int],
    ) -> JobMeasures:
        """The measures, from sums in microseconds.

        Args:
            job_id: The job.
            runs: How many runs count.
            total: The sum of their runtimes.
            longest: The longest runtime and its run's id.
            middle: The runtimes at the two ranks in the middle, which are one and the same for an odd number of runs.
            ranks: The runtimes at the two ranks between which the 95th percentile lies.
            queued: The sum of the times in the queue, and how many runs have one.
        """
        lower, upper = ranks
        part = 19 * (runs - 1) % 20
        return cls(
            job_id=job_id,
            runs=runs,
            avg_runtime=total / runs / _MICROS,
            median_runtime=sum(middle) / 2 / _MICROS,
            max_runtime=longest[0] / _MICROS,
            p95_runtime=(lower * (20 - part) + upper * part) / 20 / _MICROS,
            total_runtime=total / _MICROS,
            avg_queued=queued[0] / queued[1] / _MICROS if queued[1] else None,
            max_run_id=longest[1],
        )


@dataclass(frozen=True, slots=True)
class RunSums:
    """What runs amount to.

    Attributes:
        counts: How many there are of each job and kind.
        measures: How long those of each job took that count, by the job's id.
    """

    counts: tuple[RunCount, ...]
    measures: Mapping[str, JobMeasures]

    @classmethod
    def of(cls, runs: Sequence[RunRecord]) -> RunSums:
        """What some runs amount to."""
        return cls(count_runs(runs), measure_jobs(runs))


def count_runs(runs: Iterable[RunRecord]) -> tuple[RunCount, ...]:
    """How many runs there are of each job and kind."""
    number = Counter((run.job_id, run.project_id, run.status, why_left_out(run)) for run in runs)
    return tuple(RunCount(*kind, runs) for kind, runs in number.items())


def measure_jobs(runs: Iterable[RunRecord]) -> dict[str, JobMeasures]:
    """How long those runs of each job took that count, by the job's id. A run without a job is of none."""
    by_job: dict[str, list[RunRecord]] = {}
    for run in filter(counts, runs):
        if run.job_id:
            by_job.setdefault(run.job_id, []).append(run)
    return {job_id: _measured(job_id, own) for job_id, own in by_job.items()}


def _measured(job_id: str, runs: Sequence[RunRecord]) -> JobMeasures:
    ordered = sorted((_micros(run.runtime), int(run.run_id)) for run in runs)
    queued = [_micros(run.queued) for run in runs if run.queued is not None]
    lower = 19 * (len(ordered) - 1) // 20
    return JobMeasures.of(
        job_id,
        runs=len(ordered),
        total=sum(runtime for runtime, _ in ordered),
        longest=(ordered[-1][0], str(ordered[-1][1])),
        middle=(ordered[(len(ordered) - 1) // 2][0], ordered[len(ordered) // 2][0]),
        ranks=(ordered[lower][0], ordered[min(lower + 1, len(ordered) - 1)][0]),
        queued=(sum(queued), len(queued)),
    )


def _micros(seconds: float | None) -> int:
    return round((seconds or 0.0) * _MICROS)
