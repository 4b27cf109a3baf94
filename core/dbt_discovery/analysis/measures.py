"""The arithmetic of runs: which of them count, and what they amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median

from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord
from dbt_discovery.models.report import LeftOut

__all__ = ["apart", "count_left_out", "counts", "mean", "middle", "percentile", "reason_left_out", "why_left_out"]

_APART = 1.5
"""From which factor between them on a mean and a median tell different stories."""


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


def middle(values: Sequence[float]) -> float | None:
    """The median; None of nothing."""
    return median(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of the others lies, interpolated between ranks; None of nothing.

    Hyndman and Fan's type 7 ("Sample Quantiles in Statistical Packages", The American Statistician 50, 1996), which is
    also how the run store and NumPy do it.
    """
    if not values:
        return None
    ordered, place = sorted(values), share * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def apart(average: float, median: float) -> bool:
    """Whether a mean and a median tell different stories: a few runs then took far longer, or shorter, than most."""
    low, high = sorted((average, median))
    return high > _APART * low
