"""Periods: the words for a stretch of time, and the moments they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated

from pydantic import AfterValidator

from dbt_discovery.exceptions import InvalidArgument

__all__ = ["Period", "PeriodText", "TimeRange", "parse_period"]

_ROLLING = re.compile(r"last_([1-9]\d{0,3})_(day|hour|week)s?")
_NAMED = ("today", "yesterday", "this_week", "last_week", "this_month", "last_month")
_LONGEST = timedelta(days=3660)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_HINT = (
    "Use today, yesterday, this_week, last_week, this_month, last_month, last_7_days, last_24_hours, last_2_weeks, "
    "a date such as 2026-11-01, or two dates such as 2026-11-01/2026-11-15."
)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A period at a moment: from `start` (inclusive) to `end` (exclusive), both aware and in UTC.

    Attributes:
        text: The period as it was asked for, such as `last_week`.
        label: The same for people: `last week (Mon 9 – Sun 15 Nov 2026)`.
        start: First moment inside.
        end: First moment after.
        timezone: Name of the zone the days were taken in.
    """

    text: str
    label: str
    start: datetime
    end: datetime
    timezone: str

    @property
    def when(self) -> str:
        """The period as the end of a sentence: `last week (…)`, `in the last 7 days`, `on Fri 13 Nov 2026`."""
        if _ROLLING.fullmatch(self.text):
            return f"in the {self.label}"
        if self.text in _NAMED:
            return self.label
        return f"from {self.label.replace(' – ', ' to ')}" if "/" in self.text else f"on {self.label}"

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time in words, still without a clock.

    `today`, `yesterday`, `this_week`, `last_week` (Monday to Sunday), `this_month`, `last_month`,
    `last_<n>_days|hours|weeks` (rolling, ending now: `last_7_days` is 168 hours), a date, or two dates or instants
    with a slash between them. A date as end includes that day; an instant as end is exclusive.
    """

    text: str

    def resolve(self, now: datetime, zone: tzinfo) -> TimeRange:
        """The moments this period stands for at `now`, with days taken in `zone`."""
        today = now.astimezone(zone).date()
        if match := _ROLLING.fullmatch(self.text):
            count, unit = int(match[1]), match[2]
            start = now - count * timedelta(**{f"{unit}s": 1})
            return self._range(start, now, zone, f"last {count} {unit}{'s' if count > 1 else ''}")
        if self.text in _NAMED:
            first, last = _named_days(self.text, today)
            words = self.text.replace("_", " ")
            return self._range(_midnight(first, zone), _midnight(last, zone), zone, f"{words} ({_days(first, last)})")
        left, _, right = self.text.partition("/")
        start, end = _moment(left, zone, as_end=False), _moment(right or left, zone, as_end=True)
        if start.astimezone(UTC) >= end.astimezone(UTC):
            raise InvalidArgument("period", f"The period “{self.text}” ends before it starts in {zone}. {_HINT}")
        if "T" in self.text:
            label = _instants(start.astimezone(zone), end.astimezone(zone))
        else:
            label = _days(date.fromisoformat(left), date.fromisoformat(right or left) + timedelta(days=1))
        return self._range(start, end, zone, label)

    def before(self, now: datetime, zone: tzinfo) -> TimeRange:
        """The stretch of time to compare this period with: as long, and right before it.

        The week before a week, the month before a month, as many days before days, the same hours before hours. Of a
        period that still goes on, what has passed of it counts, so that like is compared with like: `this_week` on a
        Wednesday noon is compared with last week up to its Wednesday noon. A day that a month lacks is its end.
        """
        span = self.resolve(now, zone)
        end = now if span.start < now < span.end else span.end
        start, end = (self._back(moment.astimezone(zone), span) for moment in (span.start, end))
        midnights = all(moment.time() == time() for moment in (start, end))
        first, last = (moment.astimezone(zone) for moment in (start, end))
        if midnights:
            days = first.date(), last.date() - timedelta(days=1)
            text = str(days[0]) if days[0] == days[1] else f"{days[0]}/{days[1]}"
            return Period(text)._range(start, end, zone, _days(first.date(), last.date()))
        text = "/".join(moment.astimezone(UTC).isoformat().replace("+00:00", "Z") for moment in (start, end))
        return Period(text)._range(start, end, zone, _instants(first, last))

    def _back(self, moment: datetime, span: TimeRange) -> datetime:
        """A moment, in the account's zone, moved back by the length of the period: by the clock where it is of days."""
        if self.text in ("this_month", "last_month"):
            return _month_before(moment)
        if _ROLLING.fullmatch(self.text) or "T" in self.text:
            return (moment.astimezone(UTC) - (span.end - span.start)).astimezone(moment.tzinfo)
        zone = moment.tzinfo
        days = span.end.astimezone(zone).date() - span.start.astimezone(zone).date()
        return moment - days

    def _range(self, start: datetime, end: datetime, zone: tzinfo, label: str) -> TimeRange:
        return TimeRange(self.text, label, start.astimezone(UTC), end.astimezone(UTC), str(zone))


def parse_period(text: str) -> Period:
    """The period that `text` names; capitals, spaces and hyphens between words are forgiven.

    Raises:
        InvalidArgument: `text` is no period, ends before it starts, or spans more than ten years.
    """
    words = text.strip()
    name = re.sub(r"[\s-]+", "_", words.lower())
    if name in _NAMED:
        return Period(name)
    if match := _ROLLING.fullmatch(name):
        if int(match[1]) * timedelta(**{f"{match[2]}s": 1}) > _LONGEST:
            raise InvalidArgument("period", f"The period “{text}” is longer than ten years. {_HINT}")
        return Period(name)
    left, slash, right = (part.strip() for part in words.partition("/"))
    try:
        start, end = _moment(left, UTC, as_end=False), _moment(right if slash else left, UTC, as_end=True)
    except (ValueError, OverflowError) as error:
        raise InvalidArgument("period", f"“{text}” is not a period. {_HINT}") from error
    if not slash and "T" in left:
        raise InvalidArgument("period", f"“{text}” is a moment, not a period: give two, with a slash between. {_HINT}")
    one_clock = ("T" in left and _zoned(left)) == ("T" in right and _zoned(right))
    if one_clock and start >= end:
        raise InvalidArgument("period", f"The period “{text}” ends before it starts. {_HINT}")
    if end - start > _LONGEST:
        raise InvalidArgument("period", f"The period “{text}” is longer than ten years. {_HINT}")
    if not (start >= _EARLIEST and end <= _LATEST):
        raise InvalidArgument(
            "period", f"The period “{text}” lies outside the years {_EARLIEST.year} to {_LATEST.year}."
        )
    return Period(f"{left}/{right}" if slash else left)


def _canonical(text: str) -> str:
    try:
        return parse_period(text).text
    except InvalidArgument as error:
        raise ValueError(str(error)) from error


PeriodText = Annotated[str, AfterValidator(_canonical)]


def _named_days(name: str, today: date) -> tuple[date, date]:
    """First day of the named period, and the first day after it."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    match name:
        case "today":
            return today, today + timedelta(days=1)
        case "yesterday":
            return today - timedelta(days=1), today
        case "this_week":
            return monday, monday + timedelta(days=7)
        case "last_week":
            return monday - timedelta(days=7), monday
        case "this_month":
            return first, (first + timedelta(days=31)).replace(day=1)
        case _:
            return (first - timedelta(days=1)).replace(day=1), first


def _month_before(moment: datetime) -> datetime:
    """The same day and time of the month before; that month's end, where it has no such day."""
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (first - timedelta(days=1)).replace(day=1)
    return min(before + (moment - first), first)


def _moment(text: str, zone: tzinfo, *, as_end: bool) -> datetime:
    if "T" in text:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return _midnight(date.fromisoformat(text) + timedelta(days=as_end), zone)


def _zoned(text: str) -> bool:
    """Whether a moment says its own zone; one that does not can only be compared once the zone is known."""
    return datetime.fromisoformat(text).tzinfo is not None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _instants(start: datetime, end: datetime) -> str:
    """Two moments as people write them: the date is said once where both fall on it."""
    opening = f"{start:%a} {start.day} {start:%b %Y %H:%M}"
    same_day = start.date() == end.date()
    return f"{opening} – {end:%H:%M}" if same_day else f"{opening} – {end:%a} {end.day} {end:%b %Y %H:%M}"


def _days(first: date, after: date) -> str:
    """The days from `first` to the day before `after`, as people write them."""
    last = after - timedelta(days=1)
    end = f"{last:%a} {last.day} {last:%b %Y}"
    if first == last:
        return end
    start = f"{first:%a} {first.day}"
    if (first.year, first.month) != (last.year, last.month):
        start += f" {first:%b}" if first.year == last.year else f" {first:%b %Y}"
    return f"{start} – {end}"
