"""The arithmetic of runs: which of them count, and what they amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import LeftOut

__all__ = ["count_left_out", "counts", "mean", "reason_left_out", "why_left_out"]


def counts(run: RunRecord) -> bool:
    """Whether a run counts in averages, maxima and totals: it finished, well or not, and has a runtime."""
    return why_left_out(run) is None


def count_left_out(runs: Iterable[RunRecord]) -> dict[LeftOut, int]:
    """The runs that do not count, by reason."""
    return dict(Counter(reason for run in runs if (reason := why_left_out(run))))


def reason_left_out(status: RunStatus, *, started: bool, timed: bool) -> LeftOut | None:
    """Why a run does not count, given whether it started and has a runtime; None of one that counts."""
    if status is RunStatus.CANCELLED:
        return "cancelled" if started else "never_started"
    if status.finished and timed:
        return None
    return "no_timing" if status.finished or status is RunStatus.UNKNOWN else "running"


def why_left_out(run: RunRecord) -> LeftOut | None:
    """Why a run does not count; None of one that does."""
    return reason_left_out(run.status, started=run.started_at is not None, timed=run.runtime is not None)


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return fmean(values) if values else None
