"""Words for time that are mistyped, or set a month against the one before: `last weak`, `October vs September`."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rapidfuzz.distance import OSA

from langchain_dbt_discovery.offline.days import MONTH, month_number
from langchain_dbt_discovery.offline.stopwords import COMMON, STOPWORDS

__all__ = ["in_clear_time"]

_UNITS = ("week", "month", "weekend", "night", "quarter", "year")
_LEADS = ("last", "this", "past", "next", "previous")
_MEASURED = re.compile(
    r"\b(?:slow\w*|fast\w*|quick\w*|long\w*|short\w*|run ?times?|durations?|chang\w+|improv\w+|regress\w*|worse"
    r"|better)\b",
    re.IGNORECASE,
)
"""What may have changed from one month to the next; anything else is told of both."""
_AGAINST = (
    r"(?:vs\.?|versus|against|(?:as )?compared (?:to|with)|relative to|with|over|than)(?: (?:it|they) (?:was|were))?"
)
_LATER_FIRST = re.compile(
    rf"(?:\b(?:in|during|for|of) )?\b(?P<later>{MONTH}),? {_AGAINST} (?:in |during )?(?P<earlier>{MONTH})\b",
    re.IGNORECASE,
)
_EARLIER_FIRST = re.compile(
    rf"\b(?:(?:from|between) )?(?P<earlier>{MONTH}),? (?:to|and|into|vs\.?|versus|against) (?P<later>{MONTH})\b",
    re.IGNORECASE,
)


def in_clear_time(text: str, today: date) -> str:
    """The question with such words for time righted, and a month against the one before as that month.

    A report of what changed sets a stretch of time against the one before anyhow.

    Args:
        text: What was asked.
        today: The day that it is where days begin.
    """
    text = _righted(text)
    said = _against_before if _MEASURED.search(text) else _both
    for pattern in (_LATER_FIRST, _EARLIER_FIRST):
        text = pattern.sub(lambda match: said(match, today), text)
    return text


def _righted(text: str) -> str:
    """The text with words such as `last` and `week` beside each other where they are these but for one slip."""
    pieces = re.split(r"(\W+)", text)
    for at in range(0, len(pieces) - 2, 2):
        if pieces[at + 1] != " ":
            continue
        lead, unit = pieces[at].lower(), pieces[at + 2].lower()
        first = lead if lead in _LEADS else _nearest(lead, _LEADS)
        sure = lead in _LEADS and lead != "this"
        second = unit if unit.removesuffix("s") in _UNITS else _nearest(unit, _UNITS, sure=sure)
        if first and second and (first, second) != (lead, unit):
            pieces[at], pieces[at + 2] = first, second
    return "".join(pieces)


def _nearest(word: str, known: tuple[str, ...], *, sure: bool = False) -> str:
    """The known word that this is one slip away from; empty for none.

    Unless it is `sure` that such a word stands there, a common word is itself, and no letter stands for another in a
    word that is as long: `list` is not `last`, but after `last` a `weak` is a `week`.
    """
    if not word or (not sure and (word in STOPWORDS or word in COMMON)):
        return ""
    near = (each for each in known if each[0] == word[0] or sorted(each) == sorted(word))
    slips = (each for each in near if OSA.distance(word, each, score_cutoff=1) == 1)
    return next((each for each in slips if sure or len(word) != len(each) or sorted(word) == sorted(each)), "")


def _follow(match: re.Match[str]) -> bool:
    return (month_number(match["later"].lower()) - month_number(match["earlier"].lower())) % 12 == 1


def _both(match: re.Match[str], today: date) -> str:
    return f"from {match['earlier']} to {match['later']}" if _follow(match) else match[0]


def _against_before(match: re.Match[str], today: date) -> str:
    if not _follow(match):
        return match[0]
    later = month_number(match["later"].lower())
    last = (today.replace(day=1) - timedelta(days=1)).month
    name = "this month" if later == today.month else "last month" if later == last else f"in {match['later']}"
    return f"{name} compared with the month before"
