"""What words for stretches of time mean on a given day: weeks, quarters, days ago, the first week of May."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from langchain_dbt_discovery.offline.days import day_of, month_end, month_number
from langchain_dbt_discovery.offline.numbers import ORDINALS, VAGUE, whole

__all__ = [
    "Span",
    "after",
    "ago",
    "before",
    "before_last",
    "between",
    "days_of_month",
    "month",
    "months",
    "numbered_quarter",
    "numbered_week",
    "open_range",
    "part_of_month",
    "quarter",
    "rolling",
    "since",
    "since_ago",
    "since_month",
    "to_date",
    "week_of",
    "weekend",
    "whole_days",
    "year",
]

_UNITS = {"h": "hour", "hr": "hour", "d": "day", "w": "week", "wk": "week", "mo": "month"}


@dataclass(frozen=True, slots=True)
class Span:
    """A period as the reports take it.

    Attributes:
        text: The period, such as `last_week` or `2026-11-01/2026-11-15`.
        remark: How the words were taken, where that is not plain.
    """

    text: str
    remark: str = ""


def rolling(match: re.Match[str], today: date) -> Span:
    """So long until now: `the last 3 days`."""
    number, unit = whole(match[1] or "one"), _UNITS.get(match[2], match[2])
    if unit in ("month", "quarter", "year"):
        days = {"month": 30, "quarter": 91, "year": 365}[unit] * number
        return Span(f"last_{days}_days", f"I took a {unit} as {days // number} days: the last {days} days")
    if unit == "fortnight":
        number, unit = 2 * number, "week"
    if number == 1 and unit in ("day", "week"):
        number, unit = (24, "hour") if unit == "day" else (7, "day")
    remark = f"I took that as the last {number} {unit}s" if re.search(VAGUE, match[0]) else ""
    return Span(f"last_{number}_{unit}s", remark)


def ago(match: re.Match[str], today: date) -> Span:
    """The day, week or month so long ago."""
    number, unit = whole(match[1]), match[2]
    if unit == "day":
        return Span(str(today - timedelta(days=number)))
    if unit == "month":
        month = today.year * 12 + today.month - 1 - number
        return whole_days(date(month // 12, month % 12 + 1, 1), month_end(month // 12, month % 12 + 1))
    number *= 2 if unit == "fortnight" else 1
    monday = today - timedelta(days=today.weekday() + 7 * number)
    return whole_days(monday, monday + timedelta(days=6))


def since_ago(match: re.Match[str], today: date) -> Span:
    """From so long ago until today."""
    number, unit = whole(match[1]), match[2]
    days = number * {"day": 1, "week": 7, "fortnight": 14, "month": 30}[unit]
    return whole_days(today - timedelta(days=days), today)


def weekend(match: re.Match[str], today: date) -> Span:
    """The last weekend, or this one on a Sunday."""
    saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
    if today.weekday() > 5 and "last" not in match[0]:
        saturday = today - timedelta(days=today.weekday() - 5)
    return whole_days(saturday, saturday + timedelta(days=1))


def quarter(match: re.Match[str], today: date) -> Span:
    """This quarter so far, or the last one."""
    first = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    if match[1] in ("this", "current"):
        return whole_days(first, today)
    end = first - timedelta(days=1)
    return whole_days(end.replace(month=end.month - 2, day=1), end)


def numbered_quarter(match: re.Match[str], today: date) -> Span:
    """A quarter by its number: `Q3`, `Q3 2025`."""
    month = 3 * int(match[1]) - 2
    year = int(match[2]) if match[2] else today.year - (month > today.month)
    return whole_days(date(year, month, 1), month_end(year, month + 2))


def year(match: re.Match[str], today: date) -> Span:
    """This year so far, or a whole one."""
    if match[1] in ("this", "current"):
        return whole_days(today.replace(month=1, day=1), today)
    year = int(match[1]) if match[1].isdigit() else today.year - 1
    return whole_days(date(year, 1, 1), date(year, 12, 31))


def week_of(match: re.Match[str], today: date) -> Span:
    """The week, from Monday, in which a day lies."""
    day = day_of(match[1], today)
    return whole_days(monday := day - timedelta(days=day.weekday()), monday + timedelta(days=6))


def numbered_week(match: re.Match[str], today: date) -> Span:
    """A week by its number in the calendar."""
    number = int(match[1])
    monday = date.fromisocalendar(int(match[2] or today.year), number, 1)
    if monday > today and not match[2]:
        monday = date.fromisocalendar(today.year - 1, number, 1)
    return whole_days(monday, monday + timedelta(days=6))


def part_of_month(match: re.Match[str], today: date) -> Span:
    """A week or a half of a month: `the first week of November`, `the second half of October`."""
    first, end = _month_of(match[3], today)
    if match[2] == "half":
        return (
            whole_days(first, first.replace(day=15)) if match[1] == "first" else whole_days(first.replace(day=16), end)
        )
    place = ORDINALS[match[1]]
    if place < 0:
        return whole_days(end - timedelta(days=6), end)
    start = first + timedelta(days=7 * place)
    return whole_days(start, min(start + timedelta(days=6), end))


def days_of_month(match: re.Match[str], today: date) -> Span:
    """So many days at the beginning or the end of a month: `the first ten days of November`."""
    first, end = _month_of(match[3], today)
    days = timedelta(days=whole(match[2]) - 1)
    return whole_days(first, min(first + days, end)) if match[1] == "first" else whole_days(max(end - days, first), end)


def _month_of(said: str, today: date) -> tuple[date, date]:
    """The first and the last day of a month, the latest of its name that is not to come."""
    first = today.replace(day=1)
    if said == "last month":
        first = (first - timedelta(days=1)).replace(day=1)
    elif said not in ("this month", "the month"):
        number = month_number(said)
        first = date(today.year - (number > today.month), number, 1)
    return first, month_end(first.year, first.month)


def month(match: re.Match[str], today: date) -> Span:
    """A month, the latest that is not to come unless its year is said."""
    number = month_number(match[1])
    year = int(match[2]) if match[2] else today.year - (number > today.month)
    return whole_days(date(year, number, 1), month_end(year, number))


def months(match: re.Match[str], today: date) -> Span:
    """From one month to another."""
    first, last = month_number(match[1]), month_number(match[2])
    year = today.year - (last > today.month)
    return whole_days(date(year - (first > last), first, 1), month_end(year, last))


def since(match: re.Match[str], today: date) -> Span:
    """From a day until today; since its Monday is this week."""
    first = day_of(match[1], today)
    return Span("this_week") if first == today - timedelta(days=today.weekday()) else whole_days(first, today)


def after(match: re.Match[str], today: date) -> Span:
    """From the day after a day until today."""
    return whole_days(day_of(match[1], today) + timedelta(days=1), today)


def before(match: re.Match[str], today: date) -> Span:
    """Up to a day, or to the day before it; how far back was not said."""
    day = day_of(match[2], today)
    last = day - timedelta(days=match[1] in ("before", "prior to"))
    first = last - timedelta(days=29)
    return replace(whole_days(first, last), remark=f"I took “{match[1]} …” as the 30 days up to {last:%a %-d %b %Y}")


def since_month(match: re.Match[str], today: date) -> Span:
    """From a month until today."""
    number = month_number(match[1])
    return whole_days(date(today.year - (number > today.month), number, 1), today)


def to_date(match: re.Match[str], today: date) -> Span:
    """From the beginning of something until today: `since last week`, `this month so far`, `ytd`."""
    said = match[0]
    unit = next(unit for unit in ("week", "month", "quarter", "year") if unit in said or f"{unit[0]}td" in said)
    if unit in ("week", "month") and "last" not in said:
        return Span(f"this_{unit}")
    if unit == "week":
        return whole_days(today - timedelta(days=today.weekday() + 7 * ("last" in said)), today)
    if unit == "month":
        first = today.replace(day=1)
        return whole_days((first - timedelta(days=1)).replace(day=1) if "last" in said else first, today)
    if unit == "quarter":
        return whole_days(today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1), today)
    return whole_days(date(today.year - ("last" in said), 1, 1), today)


def between(match: re.Match[str], today: date) -> Span:
    """From one day to another."""
    first, last = day_of(match[1], today), day_of(match[2], today)
    if first > last and not re.search(r"\d{4}", match[1]):  # “from Friday to Monday”, asked on a Wednesday
        first -= timedelta(days=7) if not re.search(r"\d", match[1]) else timedelta(days=365)
    return whole_days(first, last)


def open_range(match: re.Match[str], today: date) -> Span:
    """Two days of one month, which is said once: `Nov 9 to 15`."""
    said = [each for each in match.groups() if each]
    (name,) = (each for each in said if not each.isdigit())
    first, last = (day_of(f"{name} {each}", today) for each in said if each.isdigit())
    return whole_days(first, last)


def before_last(match: re.Match[str], today: date) -> Span:
    """The week or month before the last."""
    if match[1] == "week":
        monday = today - timedelta(days=today.weekday() + 14)
        return whole_days(monday, monday + timedelta(days=6))
    end = (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return whole_days(end.replace(day=1), end)


def whole_days(first: date, last: date) -> Span:
    """Whole days, the last one included."""
    return Span(str(first) if first == last else f"{first}/{last}")
