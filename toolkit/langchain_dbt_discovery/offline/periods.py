"""Stretches of time as people say them, as the periods that the reports take."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from langchain_dbt_discovery.offline import hours, spans
from langchain_dbt_discovery.offline.days import DAY, MONTH, ORDINAL_DAYS, SLASHED, WEEKDAY, day_of
from langchain_dbt_discovery.offline.numbers import NUMBER
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.spans import Span

__all__ = ["RULES", "Span", "read_period", "shifted", "stretch"]

_BACK = r"(?:last|past|previous|preceding|latest|recent)"
_WITHIN = r"(?:\b(?:in|over|during|within|for|from|of|on|across) )?(?:the |these )?"
_AFTER = r"\b(?:since|starting(?: from)?)(?: on)?"
_UNTIL = r"(?:to|and|until|till?|through|thru|up to|bis)"
_PART = r"(?:early |late )?(?P<{}>morning|afternoon|evening|night)s?"
_UNIT = r"(hour|day|week|month|fortnight|quarter|year)s?"
_NUMBERED = r"(\d{1,2})(?:st|nd|rd|th)?"
_PLACE = r"(first|second|third|fourth|last)"
_WEEK = r"((?:last|this|previous) week)"
_THE_DAY = rf"(?: on| of)? (?P<day>{DAY})"

_DAY_FIRST = rf"\b(?P<way>since|after|before|until|till|from) (?P<day>{DAY}) (?:at )?(?P<clock>{hours.CLOCK})"
"""`since yesterday 6 pm`, where elsewhere the day comes last."""

Rule = tuple[str, Callable[[re.Match[str], date], Span]]


def _fixed(text: str, remark: str = "") -> Callable[[re.Match[str], date], Span]:
    return lambda match, today: Span(text, remark)


def _day(match: re.Match[str], today: date) -> Span:
    return Span(str(day_of(match[1], today)))


RULES: tuple[Rule, ...] = (
    (
        rf"(?<!since )(?:\b(?:on|during|in) )?(?<!since )(?:(?P<day>{DAY}) {_PART.format('part')}"
        rf"|\b(?:the )?{_PART.format('part2')} (?:of |on )(?P<day2>{DAY}))\b",
        hours.part,
    ),
    (
        rf"(?:(?:\bon )?(?P<day>{DAY}) )?"
        rf"\b(?:(?:between|from) (?P<one>\d{{1,2}}|{hours.CLOCK}) ?(?:{_UNTIL}|-) ?(?P<other>{hours.CLOCK})"
        rf"|(?P<way>since|after|before|until|till|by|from) (?P<single>{hours.CLOCK}))(?:(?: on)? (?P<day2>{DAY}))?",
        hours.clocked,
    ),
    (rf"(?:\b(?:from|between) )?(?<![\w/])({DAY}) ?(?:/|{_UNTIL}|-|\.\.\.?) ?({DAY})", spans.between),
    (
        rf"(?:\b(?:from|between|in) )?\b({MONTH}) {_NUMBERED} ?(?:{_UNTIL}|-) ?{_NUMBERED}\b",
        spans.open_range,
    ),
    (
        rf"(?:\b(?:from|between) )?(?:the )?\b{_NUMBERED} ?(?:{_UNTIL}|-) ?(?:the )?{_NUMBERED}(?: of)? ({MONTH})",
        spans.open_range,
    ),
    (
        rf"(?:\b(?:from|between) )?(?:the )?\b{_NUMBERED}(?: of)? ({MONTH}) ?(?:{_UNTIL}"
        rf"|-) ?(?:the )?{_NUMBERED}\b(?! \w+ ago)",
        spans.open_range,
    ),
    (rf"\b(?:from|between|in|during|for) ({MONTH}) {_UNTIL} ({MONTH})", spans.months),
    (rf"{_AFTER} ({NUMBER}) (day|week|fortnight|month)s?(?: ago)?\b", spans.since_ago),
    (rf"\bsince ({NUMBER}) (hour|day|week|month|fortnight)s\b", spans.rolling),
    (
        r"\bsince (?:(?:the )?(?:start|beginning) of )?(?:the |this |last )?(?:week|month|quarter|year)\b"
        r"|\b(?:this |the )?(?:week|month|quarter|year)(?: to date| so far)\b|\b[wmqy]td\b",
        spans.to_date,
    ),
    (rf"\b(?:during |in )?the week (?:of|from|starting|beginning)(?: on)? ({DAY})", spans.week_of),
    (rf"\bweek (?:of|from|starting|beginning)(?: on)? ({DAY})", spans.week_of),
    (
        r"(?:\b(?:in|during) )?\b(?:calendar week|week number|week|cw|kw) ?(\d{1,2})\b(?: (?:of )?(20\d\d))?",
        spans.numbered_week,
    ),
    (
        rf"{_WITHIN}\b(first|last) ({NUMBER}) days? (?:of|in) ({MONTH}|this month|the month|last month)",
        spans.days_of_month,
    ),
    (rf"{_WITHIN}\b{_PLACE} (week|half) (?:of|in) ({MONTH}|this month|the month|last month)", spans.part_of_month),
    (rf"{_AFTER} ({DAY})", spans.since),
    (rf"\bfrom ({DAY}) (?:onwards?|on)\b", spans.since),
    (rf"\bafter ({DAY})", spans.after),
    (rf"(?<!day )\b(before|prior to|until|till|up to|by) ({DAY})", spans.before),
    (rf"\bsince (?:(?:the )?(?:start|beginning) of )?({MONTH})", spans.since_month),
    (r"\b(?:in |during )?the (week|month) before last\b", spans.before_last),
    (r"\b(?:during |over |in )?(last nights?|tonight|overnight|the night)\b", hours.night),
    (rf"\b({NUMBER}) (day|week|fortnight|month)s? ago\b", spans.ago),
    (rf"{_WITHIN}\b(?:last|past|this|the) weekend\b", spans.weekend),
    (rf"{_WITHIN}\b{_BACK} ({NUMBER}) ?{_UNIT}\b", spans.rolling),
    (rf"{_WITHIN}\b{_BACK} (\d+) ?(h|hr|d|w|wk|mo)s?\b", spans.rolling),
    (
        r"(?<!than )(?<!over )(?<!under )(?<!least )(?<!most )(?<!within )"
        r"(?:\b(?:in|over|for) )?\b(\d+) ?(d|w|wk|day|week)s?\b\)?$",
        spans.rolling,
    ),
    (rf"{_WITHIN}\bpast ()(hour|day|week|month|quarter|year)\b", spans.rolling),
    (rf"{_WITHIN}\b{_BACK} ()(hour|day|fortnight)\b", spans.rolling),
    (rf"{_WITHIN}\b(last|previous|this|current) quarter\b", spans.quarter),
    (r"(?:\b(?:in|during|for|of|from|since) )?\bq([1-4])\b(?: (?:of )?(20\d\d)\b)?", spans.numbered_quarter),
    (rf"{_WITHIN}\b(last|previous|this|current) year\b", spans.year),
    (rf"{_WITHIN}\b(?:last|previous) week\b", _fixed("last_week")),
    (rf"{_WITHIN}\b(?:this|current) week\b", _fixed("this_week")),
    (rf"{_WITHIN}\b(?:last|previous) month\b", _fixed("last_month")),
    (rf"{_WITHIN}\b(?:this|current) month\b", _fixed("this_month")),
    (r"\b(?:in )?(?:this|the) (?:morning|afternoon|evening)\b", _fixed("today")),
    (r"\b(?:from |on |of )?(?<!before )yesterday\b", _fixed("yesterday")),
    (r"\b(?:from |of )?today\b(?: so far)?", _fixed("today")),
    (rf"(?:\b(?:on|during|from|of|for|at) )?(?<![\w/])({DAY})", _day),
    (rf"\b(?:in |during |of )?({MONTH}) (\d{{4}})\b", spans.month),
    (rf"\b(?:in|during|for|of|last|from|whole|all of) ({MONTH})()", spans.month),
    (r"\b(january|february|april|june|july|august|september|october|november|december)\b()", spans.month),
    (r"\b(?:in|during|of|for) (20\d\d)\b", spans.year),
    (
        r"\b(?:lately|recently|these days|of late)\b",
        _fixed("last_7_days", "I took “lately” as the last 7 days"),
    ),
)
"""What is said, and what it means on a given day; the first that fits wins."""


def read_period(phrase: Phrase, today: date) -> Span | None:
    """The period that the phrase names, if any."""
    phrase.text = _in_figures(phrase.text)
    phrase.text = re.sub(_DAY_FIRST, r"\g<way> \g<clock> \g<day>", phrase.text)
    for pattern, meaning in RULES:
        if match := phrase.take(pattern):
            try:
                span = meaning(match, today)
            except ValueError:
                return Span("/".join(filter(None, match.groups())))  # no such day: the report says so better
            slashed = re.search(SLASHED, match[0])
            return replace(span, remark=f"I took “{slashed[0]}” as {_spelled(slashed[0], today)}") if slashed else span
    return None


def _in_figures(text: str) -> str:
    """Days in words in figures, and without the weekdays beside them that say the same again."""
    day = "|".join(ORDINAL_DAYS)
    text = re.sub(rf"\b({day})(?=(?: of)? {MONTH})", lambda match: ORDINAL_DAYS[match[1]], text)
    if re.search(rf"\b(?:{MONTH})", text):
        text = re.sub(rf"\b({day})(?= (?:{_UNTIL}|-) )", lambda match: ORDINAL_DAYS[match[1]], text)
        text = re.sub(
            rf"\b({_UNTIL}|-)( the)? ({day})\b",
            lambda match: f"{match[1]}{match[2] or ''} {ORDINAL_DAYS[match[3]]}",
            text,
        )
    text = re.sub(rf"\b{_WEEK}(?: ,)? (?:\(? ?)?(?:from )?mon(?:day)? {_UNTIL} sun(?:day)?\b", r"\1", text)
    text = re.sub(rf"\b(?:from )?mon(?:day)? {_UNTIL} sun(?:day)?(?: ,)?(?: of)?(?: the)? {_WEEK}\b", r"\1", text)
    return re.sub(rf"\b(?:on )?{WEEKDAY}s? (?:and|to|until|-) {WEEKDAY} ?,? (?=\d{{1,2}}\b)", "", text)


def _spelled(day: str, today: date) -> str:
    return f"{day_of(day, today):%a %-d %b %Y}"


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
        return spans.whole_days(last.replace(day=1), last).text
    length = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}.get(unit, end - start)
    step = max(length, end - start)
    return stretch(start + direction * step, end + direction * step)


def stretch(start: datetime, end: datetime) -> str:
    """The stretch between two moments as a period: whole days where it is made of them."""
    if start.time() == end.time() == datetime.min.time():
        return spans.whole_days(start.date(), end.date() - timedelta(days=1)).text
    return f"{start:%Y-%m-%dT%H:%M}/{end:%Y-%m-%dT%H:%M}"
