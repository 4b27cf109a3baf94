"""History: the latest runs as a strip of bars, and the runs of the last days by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from dbt_discovery.models.records import RunRecord
from dbt_discovery.words import count, duration

from dbt_discovery_web.browse.asked import page_of
from dbt_discovery_web.browse.gantt import Gantt, Stretch
from dbt_discovery_web.cards.moments import local_moment, zone_name

__all__ = ["Past", "Strip", "days_of", "strip_of"]

_RUNS = 40
"""Runs that a strip shows."""
_TALL = 44.0
"""The height of a strip, in pixels."""
_LOW = 3.0
"""The height of a run that took no time."""
_DAYS = 14
"""Days that are shown, at most."""
_DAY = 86_400.0
_DID = {"success": "succeeded", "failure": "failed"}
"""What is said of many runs of a status; the others' names say it."""


@dataclass(frozen=True, slots=True)
class Past:
    """One run of the past, or one that goes on: when it began, how long it took, how it came out, and its page."""

    run_id: str
    status: str
    began: datetime
    runtime: float | None

    @classmethod
    def of(cls, run: RunRecord) -> Past:
        """A run as its record has it; one stopped at its time limit is not just cancelled."""
        return cls(run.run_id, "timed-out" if run.timed_out else run.status.value, run.began, run.runtime)

    def told(self, zone: tzinfo) -> str:
        """It in words: `18 Nov 2026, 02:19: success, 12 min 10 s`."""
        took = f", {duration(self.runtime)}" if self.runtime is not None else ""
        return f"{local_moment(self.began, zone)}: {self.status.replace('-', ' ')}{took}"


@dataclass(frozen=True, slots=True)
class _Bar:
    run: Past
    told: str
    page: str
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The latest runs, the oldest first: how long each took is how tall its bar is, how it came out its colour.

    Attributes:
        bars: The runs.
        label: The same in a sentence.
        tall: How tall it is, in pixels.
    """

    bars: tuple[_Bar, ...]
    label: str
    tall: float = _TALL


def strip_of(newest_first: Sequence[Past], zone: tzinfo) -> Strip:
    """The strip of the newest runs."""
    runs = list(reversed(newest_first[:_RUNS]))
    longest = max((run.runtime or 0.0 for run in runs), default=0.0) or 1.0
    bars = []
    for place, run in enumerate(runs):
        height = max((run.runtime or 0.0) / longest * _TALL, _LOW)
        slot = 100 / max(len(runs), 12)
        bars.append(
            _Bar(
                run,
                run.told(zone),
                page_of("run", run.run_id),
                x=f"{place * slot + slot * 0.1:.3f}%",
                width=f"{slot * 0.8:.3f}%",
                y=f"{_TALL - height:.1f}",
                height=f"{height:.1f}",
            )
        )
    return Strip(tuple(bars), _in_words(runs))


def days_of(newest_first: Sequence[Past], now: datetime, zone: tzinfo) -> Gantt | None:
    """The runs of the last days that had any, each day a lane from midnight to midnight; none without runs."""
    lanes: dict[datetime, list[Stretch]] = {}
    for run in newest_first:
        begun = run.began.astimezone(zone)
        ended = begun + timedelta(seconds=run.runtime) if run.runtime is not None else min(begun, now.astimezone(zone))
        day = datetime.combine(begun.date(), time(), zone)
        while day <= ended and len(lanes) <= _DAYS:
            lanes.setdefault(day, []).append(_within(run, day, begun, ended, zone))
            day = datetime.combine(day.date() + timedelta(days=1), time(), zone)
    newest = sorted(lanes, reverse=True)[:_DAYS]
    if not newest:
        return None
    rows = [(f"{day:%a} {day.day} {day:%b}", lanes[day]) for day in newest]
    marks = [(hour * 3600.0, f"{hour:02d}:00") for hour in (0, 6, 12, 18, 24)]
    label = f"The runs of {count(len(rows), 'day')}, by the time of day in {zone_name(zone)}."
    return Gantt.of(label, rows, 0.0, _DAY, marks)


def _within(run: Past, day: datetime, begun: datetime, ended: datetime, zone: tzinfo) -> Stretch:
    """What of a run lies within a day."""
    start, end = ((moment - day).total_seconds() for moment in (begun, ended))
    return Stretch(
        start=max(start, 0.0),
        end=min(max(end, start), _DAY),
        name="",
        told=run.told(zone),
        status=run.status,
        page=page_of("run", run.run_id),
    )


def _in_words(runs: Sequence[Past]) -> str:
    by_status: dict[str, int] = {}
    for run in runs:
        by_status[run.status] = by_status.get(run.status, 0) + 1
    told = ", ".join(f"{number} {_DID.get(status, status.replace('-', ' '))}" for status, number in by_status.items())
    return f"The latest {count(len(runs), 'run')}, the oldest first: {told}." if runs else "No run yet."
