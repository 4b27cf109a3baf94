"""Trends: how long runs took in each stretch of time, and whether they grew longer from one half to the other."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from dbt_discovery.analysis.buckets import Buckets
from dbt_discovery.analysis.measures import mean, middle, percentile
from dbt_discovery.analysis.runtime_comparison import Comparison
from dbt_discovery.models.report import LeftOut

__all__ = ["BucketMeasures", "Timeline"]


@dataclass(frozen=True, slots=True)
class BucketMeasures:
    """How long the runs of one hour, day or week took: all in seconds, None where there is none.

    Attributes:
        start: When it begins.
        runs: How many runs have a time that counts.
        failures: How many failed, with a time or without.
    """

    start: datetime
    runs: int
    avg_runtime: float | None
    median_runtime: float | None
    p95_runtime: float | None
    max_runtime: float | None
    failures: int


class Timeline:
    """When runs began, how long they took, and which of them failed: columns, since there may be very many.

    Attributes:
        began: When each run with a time began.
        runtimes: How long it took, in seconds.
        failures: When each run began that failed, with a time or without.
        left_out: How many have no time that counts, by reason.
    """

    __slots__ = ("began", "failures", "left_out", "runtimes")

    def __init__(self) -> None:
        self.began: list[datetime] = []
        self.runtimes: array[float] = array("d")
        self.failures: list[datetime] = []
        self.left_out: Counter[LeftOut] = Counter()

    def add(self, began: datetime, runtime: float | None, reason: LeftOut | None = None, *, failed: bool) -> None:
        """Takes in one more run; `reason` is why its time does not count."""
        if failed:
            self.failures.append(began)
        if runtime is not None and reason is None:
            self.began.append(began)
            self.runtimes.append(runtime)
        else:
            self.left_out[reason or "no_timing"] += 1

    def measured(self, buckets: Buckets) -> list[BucketMeasures]:
        """The measures of each bucket, the empty ones too."""
        runtimes: list[array[float]] = [array("d") for _ in buckets.starts]
        for began, runtime in zip(self.began, self.runtimes, strict=True):
            runtimes[buckets.place(began)].append(runtime)
        failures = Counter(map(buckets.place, self.failures))
        return [
            BucketMeasures(
                start=start,
                runs=len(own),
                avg_runtime=mean(own),
                median_runtime=middle(own),
                p95_runtime=percentile(own, 0.95),
                max_runtime=max(own, default=None),
                failures=failures[place],
            )
            for place, (start, own) in enumerate(zip(buckets.starts, runtimes, strict=True))
        ]

    def halves(self) -> Comparison | None:
        """The earlier half of the runs compared with the later one; None of a single run.

        Since a single comparison is made, and not one of each of many models, chance may make one of twenty notable.
        """
        in_order = [runtime for _, runtime in sorted(zip(self.began, self.runtimes, strict=True))]
        half = len(in_order) // 2
        return Comparison.of(in_order[:half], in_order[half:], 0.05) if half else None
