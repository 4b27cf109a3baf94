"""Single days as people write them: `9.11.`, `Nov 9`, `9th of November`, `last Tuesday`, `the 9th`, `11/9`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

__all__ = [
    "DAY",
    "MONTH",
    "MONTHS",
    "ORDINAL_DAYS",
    "SLASHED",
    "WEEKDAY",
    "day_of",
    "dots_as_words",
    "month_end",
    "month_number",
]

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
SLASHED = r"(?<![\d/])\d{1,2}/\d{1,2}(?:/(?:20)?\d\d)?(?![\d/])"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_BRIEF = r"(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)"
_ISO = r"\d{4}[-/]\d{2}[-/]\d{2}"
_TENS = {"": 0, "twenty": 20, "thirty": 30}
_ONES = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
)
ORDINAL_DAYS = {
    **{
        f"{tens} {word}": f"{value + number}th"
        for tens, value in _TENS.items()
        if tens
        for number, word in enumerate(_ONES[:9], 1)
    },
    "twentieth": "20th",
    "thirtieth": "30th",
    **{word: f"{number}th" for number, word in enumerate(_ONES, 1)},
}
"""Days of a month in words, and in figures; the longer come first."""
_NUMBER = r"\d{1,2}(?:st|nd|rd|th)?(?![\d:]|\.\d)"
_YEAR = r"(?:(?: ,)? 20\d\d\b)?"
DAY = (
    rf"(?:{_ISO}\b|{SLASHED}|(?:(?:{WEEKDAY}|{_BRIEF})(?: ,)? (?:the )?)?"
    rf"(?:{MONTH} (?:the )?{_NUMBER}{_YEAR}|(?:the )?{_NUMBER} (?:of )?{MONTH}{_YEAR})"
    rf"|today|(?:the )?day before yesterday|yesterday|(?:last |past |this )?{WEEKDAY}\b(?! the \d)"
    rf"|(?<=\bon ){_BRIEF}\b|(?:last|past|this) {_BRIEF}\b"
    rf"|(?:{WEEKDAY} )?"
    r"the \d{1,2}(?:st|nd|rd|th)\b(?! (?:time|run|job|model|one)))"
)
"""A day in words that `normal` has gone over."""

_DOTTED = re.compile(rf"(?<![\d.])(\d{{1,2}})\. ?(?:(\d{{1,2}})\.(?: ?(20\d\d|\d\d)(?![\d:.])(?! ?\.))?|(?={MONTH}))")
_TO = r"-|to|and|until|till|through|bis"
_OPEN = re.compile(rf"(?<![\d.])(\d{{1,2}})\.? ?({_TO}) ?(\d{{1,2}}) ({MONTH})")
_UNDOTTED = re.compile(r"\b(on|since|until|from|after|before) (\d{1,2})\.(\d{1,2})(?![\d.])(?! ?[a-z])")


def dots_as_words(text: str) -> str:
    """German-style days with the month in words: `9.11.2026` is `9 november 2026`, `9.-15.11.` two such days."""
    text = re.sub(rf"(?<![\d.])(\d{{1,2}})\. ?({_TO}) ?(\d{{1,2}})\.(\d{{1,2}})\.", r"\1.\4. \2 \3.\4.", text)
    text = _UNDOTTED.sub(r"\1 \2.\3.", text)
    text = _DOTTED.sub(_dotted, text)
    return _OPEN.sub(r"\1 \4 \2 \3 \4", text)


def _dotted(match: re.Match[str]) -> str:
    if match[2] is None:
        return f"{match[1]} "
    if not (1 <= int(match[1]) <= 31 and 1 <= int(match[2]) <= 12):
        return match[0]
    year = f" {match[3] if len(match[3]) == 4 else f'20{match[3]}'}" if match[3] else ""
    return f"{int(match[1])} {MONTHS[int(match[2]) - 1]}{year}"


def day_of(text: str, today: date) -> date:
    """The day that `text` names; without a year or a month the latest such day that is not to come.

    Raises:
        ValueError: There is no such day.
    """
    words = re.sub(rf"^(?:{WEEKDAY} )?the ", "", text)
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    if re.fullmatch(_ISO, words):
        return date.fromisoformat(words.replace("/", "-"))
    if re.fullmatch(rf"(?:last |past |this )?(?:{WEEKDAY}|{_BRIEF})", words):
        return _weekday(words, today)
    if number := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", words):
        first = today.replace(day=1)
        if int(number[1]) > today.day:
            first = (first - timedelta(days=1)).replace(day=1)
        return first.replace(day=int(number[1]))
    return _parsed(words, today)


def _weekday(words: str, today: date) -> date:
    wanted = next(place for place, name in enumerate(_WEEKDAYS) if name.startswith(words.split()[-1][:3]))
    back = (today.weekday() - wanted) % 7
    return today - timedelta(days=back or 7 * ("last" in words))


def _parsed(words: str, today: date) -> date:
    """What dateparser makes of a day in words; with slashes the month is first, unless it can be none."""
    import dateparser  # type: ignore[import-untyped]

    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})(.*)", words)
    order = "DMY" if slashed is None or int(slashed[1]) > 12 else "MDY"
    if slashed and not slashed[3]:
        words = f"{words}/{today.year}"
    settings = {
        "RELATIVE_BASE": datetime(today.year, today.month, today.day),
        "PREFER_DATES_FROM": "past",
        "REQUIRE_PARTS": ["day"],
        "DATE_ORDER": order,
    }
    words = re.sub(rf"^(?:{WEEKDAY}|{_BRIEF})(?: ,)? (?:the )?(?=\S)", "", words)
    found: datetime | None = dateparser.parse(words.replace(" ,", ","), languages=["en"], settings=settings)
    if found is None:
        raise ValueError(words)
    if slashed and not slashed[3] and found.date() > today:
        return found.date().replace(year=today.year - 1)
    return found.date()


def month_number(name: str) -> int:
    """The number of a month by its name or its beginning."""
    return next(i for i, month in enumerate(MONTHS, 1) if month.startswith(name[:3]))


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
