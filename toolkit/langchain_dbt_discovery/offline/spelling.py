"""Typos: words taken as the known words they most probably are, fixed words and names alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import zip_longest

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from langchain_dbt_discovery.offline.explained import spelled_out
from langchain_dbt_discovery.offline.filters import ORDERS, PATTERNS
from langchain_dbt_discovery.offline.intents import CHOICES, IDIOMS, LIMITATIONS, SUBJECTS, TOPICS
from langchain_dbt_discovery.offline.numbers import NUMBER
from langchain_dbt_discovery.offline.periods import RULES
from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.stopwords import COMMON, STOPWORDS, TOPIC_WORDS
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["mend", "mended", "spelled"]

_CALENDAR = """
january february march april june july august september october november december monday tuesday wednesday thursday
friday saturday sunday today yesterday fortnight weekend quarter
"""
_ASKING = "what which show list between during since than most least many every last everything"
_BARE = """
last week weeks month months days hours yesterday which jobs job models model project this runs runtime longest slowest
"""
"""Words that people write without vowels, the likelier first where two look the same."""

_OTHERS = """
accounts coded codes company compared compares contact contract country counts describes falling filed filing filling
means meant media modes modules paused performances periods product products protect que ques reliably scheduler
sending sent sharing speeds starting stating tale talking teh tend totals types wat wats writing
"""
"""Words that look like slips of others and are none."""

_TARGETS = frozenset(word for word in TOPIC_WORDS.union(_CALENDAR.split(), _ASKING.split()) if len(word) > 3)
_NAME_FOLLOWS = re.compile(r"\b(?:project|tag|tagged|group|package|environment|called|named)$")
_NAME_BEFORE = re.compile(r"(?:group|package)\b")
_NAME_SCORE = 82
_SHORT, _MIDDLING = 4, 6
_SHORTEST_NAME = 5


def mend(phrase: Phrase, lexicon: Lexicon) -> None:
    """Rights the words of the phrase that are neither fixed words nor names but nearly are.

    A word right after `project`, `tag`, `group` and the like is a name, whatever it looks like, so it is only ever
    taken as a name.
    """
    phrase.text = mended(phrase.text, lexicon)


def mended(text: str, lexicon: Lexicon) -> str:
    """The text with its words righted in the same way."""
    tokens = text.split()
    righted: list[str] = []
    for token, following in zip_longest(tokens, tokens[1:], fillvalue=""):
        free = not _NAME_FOLLOWS.search(" ".join(righted[-2:])) and not _NAME_BEFORE.match(following)
        righted.append(_mended(token, lexicon, free=free))
    return " ".join(righted)


def _mended(token: str, lexicon: Lexicon, *, free: bool) -> str:
    known = (STOPWORDS, COMMON, spelled(), lexicon.words, lexicon.by_text)
    if any(token in words for words in known) or not re.search("[a-z]", token):
        return token
    if token.isalpha():
        fixed, name = _fixed(token) if free else "", _name(token, lexicon)
        return max((fixed, name), key=lambda word: fuzz.ratio(word, token)) or token
    return re.sub(r"[^\W\d_]+", lambda match: _name(match[0], lexicon) or match[0], token)


def _fixed(word: str) -> str:
    """The fixed word that this one is a typo of; empty for none.

    The first letter has to be right, and one slip is allowed. In words of up to six letters none may stand for another,
    or `taped` would become `taken`; in shorter ones the last letter has to be right too, or `star` would be `start`.
    """
    if bare := next((bare for bare in _BARE.split() if re.sub("[aeiou]", "", bare) == word), ""):
        return bare
    near = (target for target in _TARGETS if target[0] == word[0] and OSA.distance(word, target, score_cutoff=1) == 1)
    likely = [target for target in near if _likely(word, target)]
    return min(likely, key=lambda target: (-len(target), target)) if likely else ""


def _likely(word: str, target: str) -> bool:
    """Whether one slip more probably makes `word` of `target` than that it is a word of its own."""
    swapped = sorted(word) == sorted(target)
    if len(word) <= _SHORT and word[-1] != target[-1]:
        return False
    return swapped or len(word) != len(target) or len(word) > _MIDDLING


def _name(word: str, lexicon: Lexicon) -> str:
    """The word of a name that this one is a typo of; empty for none."""
    if word in STOPWORDS or word in lexicon.words or len(word) < _SHORTEST_NAME:
        return ""
    alike = [
        each for each in sorted(lexicon.words) if each[0] == word[0] or (each[-1] == word[-1] and len(word) > _MIDDLING)
    ]
    near = process.extractOne(word, alike, scorer=fuzz.ratio, score_cutoff=_NAME_SCORE)
    if near is None:  # two letters that changed places weigh more than they should
        swaps = (each for each in sorted(lexicon.words) if sorted(each) == sorted(word))
        return next((each for each in swaps if OSA.distance(word, each, score_cutoff=1) == 1), "")
    return str(near[0]) if near and len(near[0]) >= _SHORTEST_NAME - 1 else ""


@lru_cache(maxsize=1)
def spelled() -> frozenset[str]:
    """Every word that the rules themselves spell out, so that none of them is taken for a typo of another."""
    patterns: Iterable[str] = (
        *TOPICS.values(),
        *SUBJECTS.values(),
        *IDIOMS,
        *(each.pattern for each in CHOICES),
        *(each.pattern for each in LIMITATIONS),
        *(pattern for pattern, _ in RULES),
        *(pattern for pattern, _ in ORDERS),
        *(pattern for _, pattern in PATTERNS),
        NUMBER,
    )
    return _TARGETS.union(_CALENDAR.split(), _OTHERS.split(), *map(spelled_out, patterns))
