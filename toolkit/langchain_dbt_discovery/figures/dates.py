"""Dates, times of day and other digits that are no figures: addresses, numbers of lists, names of percentiles."""

from __future__ import annotations

import re

__all__ = ["without_dates"]

_DATES = re.compile(
    r"""
    \b\d{4}-\d{2}-\d{2}(?:[T ]+(?:at\s+)?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:\s*(?:Z|UTC|[+-]\d{2}:?\d{2})\b)?)?
    |\b\d{4}-\d{2}\b(?!-) | \b\d{4}-W\d{2}\b | \b\d{1,2}\.\d{1,2}\.\d{4}\b | \b\d{1,2}/\d{1,2}/\d{4}\b
    |\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+\d{1,2}(?:st|nd|rd|th)?\b(?![.,:]?\d|\s*(?:%|×))
        (?:\s*(?:–|-|to)\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?\d{1,2}\b)?
        (?:\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:,?\s+\d{4}\b)?)?
    |\b\d{1,2}(?:st|nd|rd|th)?(?:\s*(?:–|-|to)\s*\d{1,2}(?:st|nd|rd|th)?)?(?:\s+of)?\s+
        (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b\.?
        (?:,?\s+\d{4}\b)?(?:,?\s+(?:at\s+)?\d{1,2}:\d{2}(?::\d{2})?)?
    |\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b\.?\s+
        \d{1,2}(?:st|nd|rd|th)?\b(?![.,:]?\d)(?:\s*(?:–|-|to)\s*\d{1,2}(?:st|nd|rd|th)?\b)?(?:,?\s+\d{4}\b)?
        (?:,?\s+(?:at\s+)?\d{1,2}:\d{2}(?::\d{2})?)?
    |\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+20\d{2}\b
    |\b(?:in|of|since|year)\s+20\d{2}\b(?!\s*(?:[a-z%]|[.,:]\d)) | \bQ[1-4]\b(?:\s+20\d{2}\b)? | \bH[12]\b
    |\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:UTC|GMT|CET|CEST|Z\b|[ap]\.?m\.?\b|o'clock|Uhr)
    |\b\d{1,2}\s*(?:[ap]\.?m\.?\b|o'clock|Uhr\b)
    |\b(?:at|since|until|till|by|started|ended)\s+\d{1,2}:\d{2}\b(?!\s*(?:min|h|s)\b)
    |\bweek\s+\d{1,2}\b | \b(?:UTC|GMT)\s*[+-]\s*\d{1,2}(?::?\d{2})?\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXEMPT = re.compile(
    r"https?://\S+|(?<![\w/])/[a-z_]+(?:/[\w./-]*)?(?:\?\S*)?|\b\d{1,2}(?:st|nd|rd|th)[ -]percentiles?\b|\bp\d{2}\b"
    r"|^\s*(?:>\s*)*(?:[-*+•]\s+)?\(?\d{1,3}[.)](?=\s)|^\s*(?:#+\s+)\d{1,3}[.)](?=\s)",
    re.IGNORECASE,
)


def without_dates(text: str) -> str:
    """The text with spaces for every letter of what is no figure, so that all else keeps its place."""
    return _EXEMPT.sub(_blank, _DATES.sub(_blank, text))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
