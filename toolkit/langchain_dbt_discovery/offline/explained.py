"""Words that the rules spell out: none of them is a name, and none is left over as not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from langchain_dbt_discovery.offline.intents import CHOICES, IDIOMS, SUBJECTS, TOPICS
from langchain_dbt_discovery.offline.stopwords import STOPWORDS

__all__ = ["is_explained", "spelled_out"]

_SHORTEST_STEM = 4
_ENDING = re.compile(
    r"(?:e?s|e?d|l?ing|(?:al)?ly|e?[rt]s?|est|y|ie[sd]|(?:at)?ions?|ness|abl[ey]|ability|ful(?:ly)?|al|e|it(?:y"
    r"|ies)|ous"
    r"|ic|ments?)?"
)
"""What a stem may end in to be the rule's word: `touching` of `touch`, but not `touchpoints`."""


def is_explained(word: str) -> bool:
    """Whether a word is one that questions are asked with, or one that a rule about topics knows."""
    words, stems = _of_rules()
    return word in words or any(word.startswith(stem) and _ENDING.fullmatch(word, len(stem)) for stem in stems)


@lru_cache(maxsize=1)
def _of_rules() -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of the rules, and the beginnings of those that may end in any way, such as `anomal`."""
    spelled = (*TOPICS.values(), *SUBJECTS.values(), *IDIOMS, *(choice.pattern for choice in CHOICES))
    patterns = [_plain(pattern) for pattern in spelled]
    stems = {stem for pattern in patterns for stem in re.findall(r"([a-z]{2,})\\w[*+]", pattern)}
    words = STOPWORDS.union(*map(spelled_out, patterns))
    return words, tuple(sorted(stem for stem in stems if len(stem) >= _SHORTEST_STEM))


def _plain(pattern: str) -> str:
    """The pattern without the letters that stand for the edge of a word, a space or a digit."""
    return re.sub(r"\\[bsd]", " ", pattern)


def spelled_out(pattern: str) -> Iterable[str]:
    """The words of a pattern, those with endings of choice among them: `speed(?:ing|s)?` has three."""
    pattern = _plain(pattern)
    words = set(re.findall(r"[a-z]{3,}", pattern))
    for stem, endings in re.findall(r"([a-z]{2,})\(\?:([a-z|]+)\)", pattern):
        words |= {stem, *(stem + ending for ending in endings.split("|"))}
    return words | {stem + last for stem, last in re.findall(r"([a-z]{2,})([a-z])\?", pattern)}
