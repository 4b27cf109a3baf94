"""The arithmetic of runs: which of them count, and what they amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, quantiles

from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import LeftOut

__all__ = ["count_left_out", "counts", "mean", "percentile_95"]


def counts(run: RunRecord) -> bool:
    """Whether a run counts in averages, maxima and totals: it finished, well or not, and has a runtime."""
    return run.status.finished and run.runtime is not None


def count_left_out(runs: Iterable[RunRecord]) -> dict[LeftOut, int]:
    """The runs that do not count, by reason."""
    return dict(Counter(_reason(run) for run in runs if not counts(run)))


def _reason(run: RunRecord) -> LeftOut:
    if run.status is RunStatus.CANCELLED:
        return "cancelled" if run.started_at else "never_started"
    if run.status in (RunStatus.QUEUED, RunStatus.STARTING, RunStatus.RUNNING):
        return "running"
    return "no_timing"


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return fmean(values) if values else None


def percentile_95(values: Sequence[float]) -> float | None:
    """The 95th percentile with linear interpolation between ranks (Hyndman and Fan's type 7); None of nothing."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=20, method="inclusive")[-1]
