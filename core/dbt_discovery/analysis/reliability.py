"""Reliability: how often the runs of a job failed, and how long it took until the next one succeeded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

from dbt_discovery.models.base import RunStatus
from dbt_discovery.models.records import RunRecord

__all__ = ["Reliability", "has_failed", "measure_reliability"]


@dataclass(frozen=True, slots=True)
class Reliability:
    """How reliable a job was in some of its runs; durations in seconds.

    Attributes:
        runs: Its runs that are over, however they ended.
        succeeded: Those that succeeded.
        failed: Those that failed.
        cancelled: Those that were cancelled, but for those stopped at their time limit.
        success_rate: Share of successes among those that succeeded or failed; None where none did either.
        last_success_time: When the latest success finished; None without one.
        outages: How often it broke: stretches of failures, each from its first to the next success.
        mean_time_to_recovery: The mean length of those outages that ended; None where none did.
        median_time_to_recovery: Their median.
        longest_outage: The longest outage; one that goes on is as long as it lasted until the stretch's end.
        failing_since: When the first run of the outage that goes on had failed; None where the last run succeeded.
        failing_before: Whether the first outage had begun before the stretch; None where no run before is known.
    """

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    success_rate: float | None
    last_success_time: datetime | None
    outages: int
    mean_time_to_recovery: float | None
    median_time_to_recovery: float | None
    longest_outage: float | None
    failing_since: datetime | None
    failing_before: bool | None


def has_failed(run: RunRecord, *, cancelled_as_failed: bool = False) -> bool:
    """Whether a run failed: in error, or stopped at its time limit, which dbt Cloud calls cancelled (quirks, *Nulls*).

    Args:
        run: The run.
        cancelled_as_failed: Whether those count too that somebody or something else cancelled.
    """
    cancelled = cancelled_as_failed and run.status is RunStatus.CANCELLED
    return run.status is RunStatus.FAILURE or run.timed_out or cancelled


def measure_reliability(
    runs: Iterable[RunRecord],
    until: datetime,
    *,
    before: Iterable[RunRecord] = (),
    cancelled_as_failed: bool = False,
) -> Reliability:
    """How reliable a job was.

    An outage lasts from the end of the first run that failed to the end of the next one that succeeded. It begins
    inside the stretch of time asked about, even where the job was failing before.

    Args:
        runs: The job's runs of a stretch of time, in any order.
        until: When that stretch ends, or the moment of the question if that is sooner.
        before: Its runs shortly before.
        cancelled_as_failed: Whether cancelled runs count as failed.
    """
    over = [run for run in runs if run.status.final]
    judged = _judged(over, cancelled_as_failed)
    ended: list[float] = []
    last_success = broken_at = None
    for run, failed in judged:
        if failed:
            broken_at = broken_at or _end(run)
            continue
        last_success = _end(run)
        if broken_at:
            ended.append((last_success - broken_at).total_seconds())
        broken_at = None
    verdicts = [failed for _, failed in judged]
    earlier = [failed for _, failed in _judged(before, cancelled_as_failed)]
    lasting = [max((until - broken_at).total_seconds(), 0.0)] if broken_at else []
    return Reliability(
        runs=len(over),
        succeeded=verdicts.count(False),
        failed=verdicts.count(True),
        cancelled=sum(run.status is RunStatus.CANCELLED and not run.timed_out for run in over),
        success_rate=verdicts.count(False) / len(verdicts) if verdicts else None,
        last_success_time=last_success,
        outages=len(ended) + len(lasting),
        mean_time_to_recovery=fmean(ended) if ended else None,
        median_time_to_recovery=median(ended) if ended else None,
        longest_outage=max([*ended, *lasting], default=None),
        failing_since=broken_at,
        failing_before=None if not earlier else earlier[-1] and verdicts[:1] == [True],
    )


def _judged(runs: Iterable[RunRecord], cancelled_as_failed: bool) -> list[tuple[RunRecord, bool]]:
    """The runs that succeeded or failed, in the order in which they ended, and whether each failed."""
    verdicts = [(run, has_failed(run, cancelled_as_failed=cancelled_as_failed)) for run in runs]
    judged = [(run, failed) for run, failed in verdicts if failed or run.status is RunStatus.SUCCESS]
    return sorted(judged, key=lambda each: _end(each[0]))


def _end(run: RunRecord) -> datetime:
    """When a run ended; Discovery alone does not always tell, and then its beginning has to do."""
    return run.finished_at or run.began
