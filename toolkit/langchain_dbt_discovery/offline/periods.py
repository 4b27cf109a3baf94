"""Stretches of time as people say them, as the periods that the reports take."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from langchain_dbt_discovery.offline.numbers import NUMBER, VAGUE, whole
from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = ["RULES", "Span", "read_period", "shifted", "stretch"]


@dataclass(frozen=True, slots=True)
class Span:
    """A period as the reports take it.

    Attributes:
        text: The period, such as `last_week` or `2026-11-01/2026-11-15`.
        remark: How the words were taken, where that is not plain.
    """

    text: str
    remark: str = ""


_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_ISO = r"\d{4}-\d{2}-\d{2}"
_ORDINAL = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = (
    rf"(?:{_ISO}|{_MONTH} {_ORDINAL}(?!\d)(?: ,? ?\d{{4}})?|{_ORDINAL} (?:of )?{_MONTH}\b(?: \d{{4}})?"
    rf"|today|yesterday|(?:last |past |this )?{_WEEKDAY})"
)
_BACK = r"(?:last|past|previous|preceding|latest|recent)"
_WITHIN = r"(?:\b(?:in|over|during|within|for|from|of|across) )?(?:the |these )?"

Rule = tuple[str, Callable[[re.Match[str], date], Span]]


def _rolling(match: re.Match[str], today: date) -> Span:
    number, unit = whole(match[1] or "one"), match[2]
    if unit == "month":
        return Span(f"last_{30 * number}_days", f"I took a month as 30 days: the last {30 * number} days")
    if unit == "fortnight":
        number, unit = 2 * number, "week"
    if number == 1 and unit in ("day", "week"):
        number, unit = (24, "hour") if unit == "day" else (7, "day")
    remark = f"I took that as the last {number} {unit}s" if re.search(VAGUE, match[0]) else ""
    return Span(f"last_{number}_{unit}s", remark)


def _night(match: re.Match[str], today: date) -> Span:
    evening = today - timedelta(days=1)
    return Span(
        f"{evening}T18:00/{today}T09:00",
        f"I took “{match[1]}” as {evening:%A} 18:00 to {today:%A} 09:00",
    )


def _ago(match: re.Match[str], today: date) -> Span:
    number, unit = whole(match[1]), match[2]
    if unit == "day":
        return Span(str(today - timedelta(days=number)))
    number *= 2 if unit == "fortnight" else 1
    monday = today - timedelta(days=today.weekday() + 7 * number)
    return _days(monday, monday + timedelta(days=6))


def _weekend(match: re.Match[str], today: date) -> Span:
    saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
    if today.weekday() > 5 and "last" not in match[0]:
        saturday = today - timedelta(days=today.weekday() - 5)
    return _days(saturday, saturday + timedelta(days=1))


def _quarter(match: re.Match[str], today: date) -> Span:
    first = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
    if match[1] == "this":
        return _days(first, today)
    end = first - timedelta(days=1)
    return _days(end.replace(month=end.month - 2, day=1), end)


def _year(match: re.Match[str], today: date) -> Span:
    if match[1] == "this":
        return _days(today.replace(month=1, day=1), today)
    return _days(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))


def _month(match: re.Match[str], today: date) -> Span:
    number = _month_number(match[1])
    year = int(match[2]) if match[2] else today.year - (number > today.month)
    return _days(date(year, number, 1), _month_end(year, number))


def _since(match: re.Match[str], today: date) -> Span:
    return _days(_day(match[1], today), today)


def _since_month(match: re.Match[str], today: date) -> Span:
    number = _month_number(match[1])
    return _days(date(today.year - (number > today.month), number, 1), today)


def _range(match: re.Match[str], today: date) -> Span:
    return _days(_day(match[1], today), _day(match[2], today))


def _before_last(match: re.Match[str], today: date) -> Span:
    if match[1] == "week":
        monday = today - timedelta(days=today.weekday() + 14)
        return _days(monday, monday + timedelta(days=6))
    end = (today.replace(day=1) - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    return _days(end.replace(day=1), end)


def _fixed(text: str, remark: str = "") -> Callable[[re.Match[str], date], Span]:
    return lambda match, today: Span(text, remark)


RULES: tuple[Rule, ...] = (
    (rf"(?:\b(?:from|between) )?\b({_DAY}) ?(?:/|to|and|until|till|through|-) ?({_DAY})", _range),
    (rf"\bsince ({_DAY})", _since),
    (rf"\bsince ({_MONTH})\b", _since_month),
    (r"\bthe (week|month) before last\b", _before_last),
    (r"\b(?:during |over )?(last night|tonight|overnight|the night)\b", _night),
    (rf"\b({NUMBER}) (day|week|fortnight)s? ago\b", _ago),
    (rf"{_WITHIN}\b(?:last|past|this|the) weekend\b", _weekend),
    (rf"{_WITHIN}\b{_BACK} ({NUMBER}) (hour|day|week|month|fortnight)s?\b", _rolling),
    (rf"{_WITHIN}\bpast ()(hour|day|week|month)\b", _rolling),
    (rf"{_WITHIN}\b{_BACK} ()(hour|day|fortnight)\b", _rolling),
    (rf"{_WITHIN}\b(last|previous|this) quarter\b", _quarter),
    (rf"{_WITHIN}\b(last|previous|this) year\b", _year),
    (rf"{_WITHIN}\b(?:last|previous) week\b", _fixed("last_week")),
    (rf"{_WITHIN}\b(?:this|current) week\b", _fixed("this_week")),
    (rf"{_WITHIN}\b(?:last|previous) month\b", _fixed("last_month")),
    (rf"{_WITHIN}\b(?:this|current) month\b", _fixed("this_month")),
    (r"\bthis (?:morning|afternoon|evening)\b", _fixed("today")),
    (r"\b(?:from |on |of )?yesterday\b", _fixed("yesterday")),
    (r"\b(?:from |of )?today\b", _fixed("today")),
    (rf"\b(?:on |during |from )?({_DAY})\b", lambda match, today: Span(str(_day(match[1], today)))),
    (rf"\b({_MONTH}) (\d{{4}})\b", _month),
    (rf"\b(?:in|during|for|of|last|from) ({_MONTH})()\b", _month),
    (
        r"\b(?:lately|recently|these days|of late)\b",
        _fixed("last_7_days", "I took “lately” as the last 7 days"),
    ),
)
"""What is said, and what it means on a given day; the first that fits wins."""


def read_period(phrase: Phrase, today: date) -> Span | None:
    """The period that the phrase names, if any."""
    for pattern, meaning in RULES:
        if match := phrase.take(pattern):
            try:
                span = meaning(match, today)
            except ValueError:
                return Span("/".join(match.groups()))  # no such day: the report says so better
            return span
    return None


def shifted(start: datetime, end: datetime, unit: str, direction: int) -> str:
    """The stretch of the same length before (-1) or after (+1) another; whole months stay whole months.

    Args:
        start: First moment, in the zone where days begin.
        end: First moment after.
        unit: `day`, `week` or `month` to move by that much at least; empty for the stretch's own length.
        direction: -1 for before, 1 for after.
    """
    midnights = start.time() == end.time() == datetime.min.time()
    if midnights and start.day == end.day == 1:
        first = start.date() if direction < 0 else end.date() + timedelta(days=31)
        last = first.replace(day=1) - timedelta(days=1)
        return _days(last.replace(day=1), last).text
    length = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}.get(unit, end - start)
    step = max(length, end - start)
    return stretch(start + direction * step, end + direction * step)


def stretch(start: datetime, end: datetime) -> str:
    """The stretch between two moments as a period: whole days where it is made of them."""
    if start.time() == end.time() == datetime.min.time():
        return _days(start.date(), end.date() - timedelta(days=1)).text
    return f"{start:%Y-%m-%dT%H:%M}/{end:%Y-%m-%dT%H:%M}"


def _days(first: date, last: date) -> Span:
    return Span(str(first) if first == last else f"{first}/{last}")


def _day(text: str, today: date) -> date:
    """The day that `text` names; without a year the latest such day that is not to come."""
    if re.fullmatch(_ISO, text):
        return date.fromisoformat(text)
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    word = text.split()[-1]
    if word in _WEEKDAYS:
        back = (today.weekday() - _WEEKDAYS.index(word)) % 7
        return today - timedelta(days=back or 7 * ("last" in text))
    month = re.search(_MONTH, text)
    day = re.search(r"(?<!\d)\d{1,2}(?!\d)", text)
    year = re.search(r"\d{4}", text)
    number, wanted = _month_number(month[0] if month else ""), int(day[0]) if day else 1
    chosen = int(year[0]) if year else today.year - ((number, wanted) > (today.month, today.day))
    return date(chosen, number, max(1, min(wanted, _month_end(chosen, number).day)))


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
