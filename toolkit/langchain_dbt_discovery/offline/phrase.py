"""A question on its way through the readers: each takes the words it understands out of it."""

from __future__ import annotations

import re
from functools import lru_cache

from langchain_dbt_discovery.offline.days import dots_as_words

__all__ = ["BARRIER", "LONGEST", "NAMED", "Phrase", "brief", "normal"]

BARRIER = "|"
"""Stands where words were taken out, so that what is left and right of it never reads as one."""

NAMED = "|*|"
"""The same where a name was taken out."""

LONGEST = 600
"""How many characters of a question are read."""

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "`": '"', "’": "'", "‘": "'", "–": "-", "—": "-", BARRIER: " "})
_CONTRACTIONS = (
    (r"\b(what|which|who|that|there|how|it|where)'s\b|\b(what)s\b", r"\1\2 is"),
    (r"n't\b", " not"),
    (r"'(?:re|ve|ll|m|d)\b", " "),
)


_AGAIN = re.compile(r"(?<!\S)(\S{1,80})(?:\s+\1(?!\S))+")
_STUTTER = re.compile(r"(\S)\1{9,}")


def normal(text: str) -> str:
    """Small letters, plain quotes, single spaces; no contractions, possessives or closing punctuation.

    Of what is longer than `LONGEST` the beginning and the end are read: a question is short, and the time it takes to
    read grows with its square.
    """
    words = dots_as_words(brief(text).lower().translate(_QUOTES))
    for pattern, plain in _CONTRACTIONS:
        words = re.sub(pattern, plain, words)
    words = re.sub(r"(?<!\w)'([^']+)'(?!\w)", r'"\1"', words)
    words = re.sub(r"(?<=\w)'s?(?=\s|$|[?.,!])", "", words)
    words = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", words)
    words = re.sub(r"[?!;]+|[.,](?=\s|$)", " , ", words)
    return re.sub(r"\s+", " ", words).strip(" ,")


def brief(text: str) -> str:
    """The text without words and letters said over and over; of what is still too long, the beginning and the end."""
    if len(text) > LONGEST:
        text = _AGAIN.sub(r"\1", _STUTTER.sub(r"\1", text))
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} , {text[-LONGEST // 2 :]}"
    return text


class Phrase:
    """What is left to read of a question.

    Attributes:
        text: The words not yet taken.
    """

    def __init__(self, text: str) -> None:
        self.text = normal(text)

    def take(self, pattern: str, leaving: str = BARRIER) -> re.Match[str] | None:
        """The first match of `pattern`, whose words are taken out; `leaving` stands in their place."""
        match = _compiled(pattern).search(self.text)
        if match:
            self.text = f"{self.text[: match.start()].rstrip()} {leaving} {self.text[match.end() :].lstrip()}".strip()
        return match

    def has(self, pattern: str) -> bool:
        """Whether `pattern` matches what is left."""
        return _compiled(pattern).search(self.text) is not None

    def drop(self, words: str) -> None:
        """Takes out the first occurrence of `words`, as whole words."""
        self.take(rf"(?<![\w.]){re.escape(words)}(?![\w])")


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
