"""Digits and small counts that claim nothing of an account: versions, protocols, the parts of an answer, offers."""

from __future__ import annotations

import re

__all__ = ["without_idioms"]

_SMALL = r"(?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|10)"
_IDIOM = re.compile(
    rf"""
    \bHTTP(?:/\d(?:\.\d)?|\s+(?:status\s+)?(?:code\s+)?[1-5]\d\d)\b | \b(?:API|endpoint)\s+v\d\b | \bv\d\s+API\b
    |\bPython\s+3(?:\.\d+)?\b | \b(?:SHA-(?:1|256|512)|UTF-(?:8|16)|IPv[46]|Base64|OAuth\s2(?:\.0)?|S3)\b
    |\b(?:ISO|RFC)[\s-]\d{{3,5}}\b | (?<![\d/])24/7(?![\d/])
    |\b(?:step|part|option|phase|point|question|example)\s+\d{{1,2}}(?:\s+of\s+\d{{1,2}})?(?=\s*(?:[:.,;)–—]|$))
    |\b{_SMALL}\s+(?:(?:main|notable|possible|other|more|different|important|small|short|likely)\s+)?
        (?:things|reasons|ways|options|questions|examples|observations|caveats|takeaways|remarks|highlights|factors
        |possibilities|suggestions|aspects|notes|kinds|sorts|facts|sentences)\b
    |\b{_SMALL}\s+points(?=\s*:|\s+(?:worth|to|stand))
    |\b\d[\d,]*\s+(?:characters|words)\b
    |^[\s#>-]*(?:the\s+)?top[\s-](?:three|five|ten|3|5|10|20)\b(?!\s*%)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OFFER = re.compile(
    r"\s*(?:[-•]\s+)?(?:you (?:can|could|may)(?: also)? (?:ask|try)"
    r"|(?:would|do) you (?:like|want)|shall i|should i|want me to"
    r"|let me know|if you (?:like|want)|try\b|ask (?:me )?|i can (?:also )?(?:show|list|compare|filter|sort)"
    r"|ich kann|soll ich|möchtest du|möchten sie)",
    re.IGNORECASE,
)
_PICKED = re.compile(
    rf"\b(?:top|first|last|latest|past|next|newest|longer than|shorter than|slower than|above|below|over|under)\s+"
    rf"(?:{_SMALL}|\d+)(?:\s*(?:s|min|h|seconds|minutes|hours|days|weeks|months))?\b"
    rf"|\b{_SMALL}(?=\s+(?:slowest|longest|fastest|newest|latest|worst|biggest|largest|most)\b)",
    re.IGNORECASE,
)


def without_idioms(text: str) -> str:
    """The text with spaces for what claims nothing; of an offer also for what would be picked, such as `top 5`."""
    text = _IDIOM.sub(_blank, text)
    offers = _OFFER.match(text) and not re.search(r"\b(?:that|dass)\b|§", text)
    return _PICKED.sub(_blank, text) if offers else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
