"""Buckets: a stretch of time cut into hours, days or weeks as an account's own clock and calendar have them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

from dbt_discovery.models.period import TimeRange

__all__ = ["BucketLength", "Buckets"]

BucketLength = Literal["hour", "day", "week"]

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Hours, days or weeks one after the other, without a gap.

    A day begins at midnight of the account's zone, so the days on which clocks change have 23 or 25 hours; a week
    begins on Monday. An hour has sixty minutes always.

    Attributes:
        length: How long each is.
        edges: The moment at which each begins, in UTC and in order, and the one at which the last ends.
        cut_first: Whether the stretch of time begins in the middle of the first.
        cut_last: Whether it ends in the middle of the last.
    """

    length: BucketLength
    edges: tuple[datetime, ...]
    cut_first: bool
    cut_last: bool

    @classmethod
    def of(cls, span: TimeRange, length: BucketLength, zone: tzinfo) -> Buckets:
        """The buckets of which a stretch of time has a part."""
        edges = tuple(_hours(span, zone) if length == "hour" else _days(span, zone, 1 if length == "day" else 7))
        return cls(length, edges, edges[0] < span.start, edges[-1] > span.end)

    def __len__(self) -> int:
        return len(self.edges) - 1

    @property
    def starts(self) -> Sequence[datetime]:
        """When each begins."""
        return self.edges[:-1]

    def place(self, moment: datetime) -> int:
        """In which bucket a moment lies that one of them holds; one past the end, as clocks differ, is of the last."""
        return min(bisect_right(self.edges, moment), len(self)) - 1

    def label(self, start: datetime, zone: tzinfo) -> str:
        """What a bucket is called, by the account's clock: `2026-11-16`, `2026-11-16 14:00`, `week of 2026-11-16`."""
        own = start.astimezone(zone)
        if self.length == "hour":
            return f"{own:%Y-%m-%d %H:%M}"
        return f"{own:%Y-%m-%d}" if self.length == "day" else f"week of {own:%Y-%m-%d}"


def _hours(span: TimeRange, zone: tzinfo) -> list[datetime]:
    """Hours are counted from the one, by the account's clock, in which the stretch of time begins."""
    own = span.start.astimezone(zone)
    edges = [own.replace(minute=0, second=0, microsecond=0).astimezone(UTC)]
    while edges[-1] < span.end:
        edges.append(edges[-1] + _HOUR)
    return edges


def _days(span: TimeRange, zone: tzinfo, days: int) -> list[datetime]:
    first = span.start.astimezone(zone).date()
    if days == 7:
        first -= timedelta(days=first.weekday())
    edges = [_midnight(first, zone)]
    while edges[-1] < span.end:
        first += timedelta(days=days)
        edges.append(_midnight(first, zone))
    return edges


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
