"""Rankings: a handle with the measures that put it where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from dbt_discovery.resources.job import Job
    from dbt_discovery.resources.model import Model

__all__ = ["JobRanking", "ModelRanking"]


@dataclass(frozen=True, slots=True)
class ModelRanking:
    """A model and its runtimes in seconds over `runs` runs; `runtime` is the mean."""

    MEASURES: ClassVar = ("runtime", "median_runtime", "p95_runtime", "max_runtime", "runs")

    model: Model
    runtime: float
    median_runtime: float
    p95_runtime: float
    max_runtime: float
    runs: int


@dataclass(frozen=True, slots=True)
class JobRanking:
    """A job and its runtimes in seconds over `runs` finished runs; `avg_queued` is the mean time in the queue."""

    MEASURES: ClassVar = (
        "runs",
        "avg_runtime",
        "median_runtime",
        "max_runtime",
        "p95_runtime",
        "total_runtime",
        "avg_queued",
        "max_run_id",
    )

    job: Job
    runs: int
    avg_runtime: float
    median_runtime: float
    max_runtime: float
    p95_runtime: float
    total_runtime: float
    avg_queued: float | None
    max_run_id: str
