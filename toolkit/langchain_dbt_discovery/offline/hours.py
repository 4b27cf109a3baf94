"""Hours of a day: `last night`, `Tuesday morning`, `between 8:00 and 12:00 yesterday`, `since 6am`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from langchain_dbt_discovery.offline.days import day_of
from langchain_dbt_discovery.offline.spans import Span

__all__ = ["CLOCK", "clocked", "moments", "night", "part"]

CLOCK = r"(?:\d{1,2}:\d\d(?: ?[ap]m)?|\d{1,2} ?(?:[ap]m|uhr|o'clock)|noon|midnight)\b"
"""A time of day."""

_HOURS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 33)}


def night(match: re.Match[str], today: date) -> Span:
    """The night before a day."""
    evening = today - timedelta(days=1)
    return Span(
        f"{evening}T18:00/{today}T09:00",
        f"I took “{match[1]}” as {evening:%A} 18:00 to {today:%A} 09:00",
    )


def part(match: re.Match[str], today: date) -> Span:
    """A part of a day: `Tuesday night`, `yesterday morning`, `the evening of Nov 9`."""
    day, part = (match["day"], match["part"]) if match["day"] else (match["day2"], match["part2"])
    midnight = datetime.combine(day_of(day, today), datetime.min.time())
    start, end = (midnight + timedelta(hours=hour) for hour in _HOURS[part])
    return Span(moments(start, end), f"I took “{part}” as {start:%A %H:%M} to {end:%A %H:%M}")


def clocked(match: re.Match[str], today: date) -> Span:
    """Hours of a day: `between 8:00 and 12:00 yesterday`, `after 6 pm on Monday`, `since 6am`."""
    said = match.groupdict()
    day = day_of(said["day"] or said["day2"] or "today", today)
    if said["single"]:
        at = _clock(said["single"], day)
        before = said["way"] in ("before", "until", "till", "by")
        if said["single"] == "midnight" and not before:
            at = datetime.combine(day, datetime.min.time())  # “since midnight” is since the day began
            if day == today:
                return Span("today")
        start, end = (datetime.combine(day, datetime.min.time()), at) if before else (at, _clock("24:00", day))
        if said["way"] == "since":
            end = _clock("24:00", today)
    else:
        start, end = _clock(said["one"], day, said["other"]), _clock(said["other"], day)
        end += timedelta(days=end <= start)
    return Span(moments(start, end))


def _clock(text: str, day: date, like: str = "") -> datetime:
    words = {"noon": "12", "midnight": "24"}.get(text, text)
    hour, minute = (int(each or 0) for each in re.match(r"(\d{1,2})(?::(\d\d))?", words).groups())  # type: ignore[union-attr]
    half = re.search(r"[ap]m", text) or re.search(r"[ap]m", like)
    hour = hour % 12 + 12 * (half[0] == "pm") if half else hour
    return datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=minute)


def moments(start: datetime, end: datetime) -> str:
    """The period between two moments."""
    return f"{start:%Y-%m-%dT%H:%M}/{end:%Y-%m-%dT%H:%M}"
