"""The figures of a sentence, in whichever of many ways they are written."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from langchain_dbt_discovery.figures.dates import without_dates
from langchain_dbt_discovery.figures.figure import Figure, Unit
from langchain_dbt_discovery.figures.number import NUMBER, last_place, reach, width, written
from langchain_dbt_discovery.figures.words import CARDINALS, FRACTIONS, MULTIPLES, NOUNS, SECONDS

__all__ = ["figures_in", "plain"]

_TIME_UNIT = "|".join(sorted(SECONDS, key=len, reverse=True))
_SMALL = "|".join(sorted(CARDINALS, key=len, reverse=True))
_APPROACH = (
    r"(?P<rough>\b(?:about|around|approximately|approx\.?|roughly|some|circa|ca\.?|nearly|almost|just under|under"
    r"|less than|fewer than|below|just over|over|more than|above|well over|at least|up to|close to)\s+|[~≈<>≥≤]\s*)?"
)
_PARTING = r"\s|,;()\[\]{}\"'“”‘’„<>=!?…"
_TOKEN = re.compile(rf"(?<![^{_PARTING}])[^{_PARTING}\d]*\d[^{_PARTING.replace(',', '', 1)}]*")
_FIGURE = re.compile(
    rf"""
    {_APPROACH}(?<![\w.])(?P<sign>[+-](?=[\d.]))?
    (?:
      (?P<clock>\d{{1,3}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?)(?![\d:])(?:\s*(?P<clockunit>h|hrs?|hours?|min|mins|minutes?|m)\b)?
     |(?P<money>[$€£]\s?)(?:{NUMBER})
     |(?P<duration>(?:{NUMBER})(?:\s?|-)(?:{_TIME_UNIT})\b
         (?:,?\s*(?:and\s+)?(?:{NUMBER})\s?(?:{_TIME_UNIT})\b)*)
     |(?P<wordtime>(?:{_SMALL})[\s-](?:and\s+a\s+half\s+)?(?:seconds?|minutes?|hours?|days?|weeks?)\b)
     |(?P<anhour>(?:an?|one)(?:\s+and\s+a\s+half)?\s+(?:half[\s-])?(?:second|minute|hour|day|week)s?\b)
     |(?P<halfhour>half\s+an?\s+(?:minute|hour|day)\b|half-(?:minute|hour|day)\b|(?:an?\s+|three[\s-])?quarters?\s+of\s+an\s+hour\b)
     |(?P<number>{NUMBER})(?P<scale>\s?(?:k|thousand|million|mio)\b|M\b)?
        (?P<after>\s?%|\s?(?:per\s?cent|percent(?:age\s+points?)?|pct|pp|points?|Prozent)\b|\s?[x×](?!\w)
           |[\s-]?fold\b|\s+times(?=\s+(?:as|longer|slower|faster|more|less|higher|lower|the|what|its|that|greater|larger|shorter)\b)
           |(?:st|nd|rd|th)\b)?
     |\b(?P<wordmultiple>(?:{_SMALL})(?:[\s-]?fold\b|\s+times(?=\s+(?:as|longer|slower|faster|more|less|higher|lower|the|what|its|that|greater)\b)))
     |\b(?P<ordinal>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?=[\s-]+(?:most|least|worst|best|[a-z]+est)\b)
     |\b(?P<multiple>(?:{"|".join(MULTIPLES)})\b)
     |\b(?P<fraction>(?:(?:a|an|one|two|three|four)[\s-])?(?:half|third|quarter|fifth|tenth|thirds|quarters|fifths|tenths)\b)
     |\b(?P<word>(?:(?:{_SMALL}|an?)\s+)?(?:hundred|thousand)(?:\s+(?:and\s+)?(?:{_SMALL}))?|a\s+dozen|(?:{_SMALL}))\b
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ANY = re.compile(
    rf"\d|\b(?:{_SMALL}|hundred|thousand|{'|'.join(FRACTIONS)}|{'|'.join(MULTIPLES)}|an? (?:min|hou|day|week|sec))",
    re.IGNORECASE,
)
_PART = re.compile(rf"({NUMBER})[\s-]?({_TIME_UNIT})\b", re.IGNORECASE)
_NOUN = re.compile(
    r"[\s-]++(?:(?!(?:of|in|out|on|for|and|or|to|with|from|per|by|at|than|as|was|were|is|are|over|after|before|but)\b)"
    rf"[a-zäöü][a-zäöü-]*+\s++){{0,2}}?({'|'.join(sorted(NOUNS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_UNITS_OF_TOKENS = re.compile(
    rf"^[+~≈-]*(?:{NUMBER})(?:-?(?:{_TIME_UNIT}|k|m|x|×|fold|st|nd|rd|th|%|pct|pp))?(?:[-–](?:{NUMBER})?[a-z%]*)?[.,:%*]*$"
    rf"|^(?:\d+(?:d|h|m|min|s)){{2,}}[.,:]*$|^\d{{1,3}}(?::\d{{2}}){{1,2}}[a-z]*[.,:]*$|^[$€£][\d.,]+[.,:]*$"
    r"|^\d+[/-]\d+[.,:]*$|^(?:top|first|last|next)-?\d+[.,:]*$|^\d+-(?:[a-z]+)(?:-[a-z]+)*[.,:]*$|^#\d+[.,:]*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:#|\b(?:number|no\.|nr\.|rank|place)\s+)$", re.IGNORECASE)
_ORDINALS = {
    word: rank
    for rank, word in enumerate(
        ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=2
    )
}
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_NO_HALF = re.compile(r"\b(?:first|second|other|latter|former|upper|lower|each|next|last|this|that)\s+$", re.IGNORECASE)
_GENERIC_ONE = re.compile(r"\b(?:no|any|every|each|which|this|that|the|other|or|than)[\s-]+$", re.IGNORECASE)


def plain(text: str) -> str:
    """A sentence as it is seen: entities resolved, invisible characters and marks of emphasis taken out."""
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", re.sub(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3})", ",", text))
        text = "".join(c for c in text if unicodedata.category(c) != "Cf").replace("−", "-").replace("‑", "-")
    return text.replace("*", "").replace("`", "")


def figures_in(text: str) -> Iterator[Figure]:
    """The figures of a sentence that `plain` was applied to, in order.

    Dates, times of day, addresses, the numbers of lists and names of percentiles are none. A word with letters and
    digits that is not a number with its unit, such as a commit or a version, is an `identifier`.

    A comma is taken for a separator of thousands where three digits follow it, and for a decimal one otherwise; a
    point for a decimal one, except before a comma.
    """
    if not _ANY.search(text):
        return
    text = without_dates(text)
    for token in list(_TOKEN.finditer(text)):
        word = token[0].strip("#~≈+*_\\").rstrip(".,:*_/\\")
        if _is_identifier(word):
            start = token.start() + token[0].index(word)
            yield Figure(word, start, "identifier")
            text = text[:start] + "§" * len(word) + text[start + len(word) :]
    for match in _FIGURE.finditer(text):
        if match["duration"]:
            yield from _durations(match)
        elif figure := _figure(match, text):
            yield figure


@lru_cache(maxsize=4096)
def _is_identifier(word: str) -> bool:
    if _VERSION.fullmatch(word):
        return True
    if word.isdecimal():
        return len(word) >= 9
    return any(c.isalpha() or c == "_" for c in word) and not _UNITS_OF_TOKENS.match(word)


def _figure(match: re.Match[str], text: str) -> Figure | None:
    """The figure that was met; None where its words say none."""
    rough = (match["rough"] or "").strip().lower()
    sign = match["sign"] or ""
    if match["clock"]:
        return _clock(match, rough)
    if match["money"]:
        return _around(match, "money", written(match[0].strip().lstrip("+-$€£ ")), 0.005, "")
    if match["wordtime"]:
        number, unit = _WORDTIME.match(match["wordtime"]).groups()  # type: ignore[union-attr]
        size = SECONDS[unit.lower()]
        half = " and a half" in match["wordtime"].lower()
        value = size * (CARDINALS[number.lower()] + half / 2)
        return _around(match, "time", value, width(value, size / 2 if half else size, rough), rough)
    if match["anhour"] or match["halfhour"]:
        return _worded_time(match, rough, text)
    if match["ordinal"]:
        return _around(match, "rank", _ORDINALS[match["ordinal"].lower()], 0, "")
    if match["multiple"]:
        value = MULTIPLES[match["multiple"].lower()]
        if match["multiple"].lower() in ("twice", "thrice") and not re.match(
            r"\s+(?:as|the|its|that|what)\b", text[match.end() :]
        ):
            return _around(match, "count", value, 0, "")
        return _around(match, "multiple", value, 0.5, rough)
    if match["fraction"]:
        return _fraction(match, rough, text)
    if match["wordmultiple"]:
        value = float(CARDINALS[re.split(r"[\s-]?fold|\s+times", match["wordmultiple"].lower())[0]])
        return _around(match, "multiple", value, 1.0, rough)
    if match["word"]:
        return _worded(match, rough, text)
    return _numeral(match, rough, sign, text)


def _durations(match: re.Match[str]) -> Iterator[Figure]:
    """The durations that stand together: `2 h and 5 min` is one, `5 min and 2 h` are two."""
    rough, sign = (match["rough"] or "").strip().lower(), match["sign"] or ""
    first = match.start("duration")
    parts = [
        (first + part.start(), first + part.end(), part[1], SECONDS[part[2].lower()])
        for part in _PART.finditer(match["duration"])
    ]
    while parts:
        (start, end, number, size), *parts = parts
        value, single = written(number) * size, True
        while parts and parts[0][3] < size:
            (_, end, number, size), *parts = parts
            value, single = value + written(number) * size, False
        low, high = reach(value, width(value, size * last_place(number), rough if single else ""), rough)
        yield Figure(match.string[start:end], start, "time", value, low, high, sign=sign)
        rough, sign = "", ""


_WORDTIME = re.compile(rf"({_SMALL})[\s-](?:and\s+a\s+half\s+)?(\w+)", re.IGNORECASE)


def _numeral(match: re.Match[str], rough: str, sign: str, text: str) -> Figure:
    number, after = match["number"], (match["after"] or "").strip().lower()
    value, step = written(number), last_place(number)
    if scale := (match["scale"] or "").strip():
        factor = 1_000_000 if scale in ("M", "mio", "million") else 1000
        value, step = value * factor, step * factor
    decimal = "." in number or ("," in number and step < 1)
    if after in ("st", "nd", "rd", "th"):
        return _around(match, "rank", value, 0, "")
    if after in ("x", "×", "fold", "-fold") or after.startswith("times") or after.endswith("fold"):
        return _around(match, "multiple", value, width(value, step, rough), rough, sign, decimal=decimal)
    if after:
        return _around(match, "share", value / 100, width(value, step, rough) / 100, rough, sign, decimal=decimal)
    if _NUMBERED.search(text[: match.start("number")]):
        return _around(match, "rank", value, 0, "")
    noun = _noun_after(text, match.end())
    loose = width(value, step, rough) if decimal or scale or rough else 0
    return _around(match, "count" if noun else "bare", value, loose, rough, sign, noun=noun, decimal=decimal)


def _worded(match: re.Match[str], rough: str, text: str) -> Figure | None:
    words = match["word"].lower()
    noun = _noun_after(text, match.end())
    if words == "one" and (not noun or _GENERIC_ONE.search(text[: match.start("word")])):
        return None
    if words in ("hundred", "thousand"):
        return None
    scaled = re.fullmatch(rf"(?:({_SMALL}|an?)\s+)?(hundred|thousand)(?:\s+(?:and\s+)?({_SMALL}))?", words)
    if scaled:
        first, scale, rest = scaled.groups()
        value = CARDINALS.get(first or "a", 1) * (100 if scale == "hundred" else 1000) + (
            CARDINALS[rest] if rest else 0
        )
    else:
        value = CARDINALS[words.removeprefix("a").strip()] if words.startswith("a ") else CARDINALS[words]
    loose = width(float(value), 1.0, rough) if rough else 0
    return _around(match, "count" if noun else "bare", float(value), loose, rough, noun=noun)


def _fraction(match: re.Match[str], rough: str, text: str) -> Figure | None:
    words = re.split(r"[\s-]", match["fraction"].lower())
    if len(words) == 1 and (words[0] != "half" or _NO_HALF.search(text[: match.start("fraction")])):
        return None
    times = CARDINALS.get(words[0], 1) if len(words) > 1 else 1
    share = times * FRACTIONS[words[-1]]
    return _around(match, "share", share, 0.1 * share if rough else 0.05 * share, rough)


def _worded_time(match: re.Match[str], rough: str, text: str) -> Figure | None:
    words = (match["anhour"] or match["halfhour"]).lower()
    size = next(SECONDS[unit] for unit in ("second", "minute", "hour", "day", "week") if unit in words)
    factor = 1.5 if "and a half" in words else 0.5 if "half" in words else 1.0
    if "quarter" in words:
        factor = 0.75 if words.startswith("three") else 0.25
    before = text[: match.start()].rstrip().lower()
    claimed = rough or match["halfhour"] or before.endswith(("took", "takes", "for", "of", "is", "was"))
    if not claimed or (words.startswith("one") is False and not rough and before.endswith(("for", "of", "is", "was"))):
        return None
    return _around(match, "time", factor * size, size * (0.5 if factor == 1 else 0.25), rough)


def _clock(match: re.Match[str], rough: str) -> Figure:
    parts = [float(part) for part in match["clock"].split(":")]
    unit = (match["clockunit"] or "").lower()
    if len(parts) == 3:
        return _around(match, "time", parts[0] * 3600 + parts[1] * 60 + parts[2], 1.0, rough)
    if unit.startswith("h"):
        return _around(match, "time", parts[0] * 3600 + parts[1] * 60, 60.0, rough)
    if unit:
        return _around(match, "time", parts[0] * 60 + parts[1], 1.0, rough)
    return _around(match, "clock", parts[0] * 60 + parts[1], 0, "")


def _around(
    match: re.Match[str],
    unit: Unit,
    value: float,
    width: float,
    rough: str,
    sign: str = "",
    *,
    noun: str = "",
    decimal: bool = False,
) -> Figure:
    """The figure with the values that are said so: on both sides, or on one for `almost` and `more than`."""
    low, high = reach(value, width, rough)
    start = max(match.end("rough"), match.start())
    return Figure(match[0][start - match.start() :].strip(), start, unit, value, low, high, noun, sign, decimal)


def _noun_after(text: str, end: int) -> str:
    found = _NOUN.match(text, end)
    return NOUNS[found[1].lower()] if found else ""
