"""Names of projects, jobs, models and tags in a question: exact, in part, or with typos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_dbt_discovery.offline.exclusion import is_left_out
from langchain_dbt_discovery.offline.phrase import NAMED, Phrase
from langchain_dbt_discovery.offline.stopwords import STOPWORDS, TOPIC_WORDS
from langchain_dbt_discovery.offline.vocabulary import Entry, Lexicon, words_of

__all__ = ["Mention", "read_full_names", "read_other_names", "read_quoted_names"]

_NOUNS = {"project": "projects", "job": "jobs", "model": "models", "tag": "tags", "environment": "environments"}
_NOUN = "|".join(_NOUNS)
_BEFORE = rf"(?:\b(?P<before>{_NOUN})s?(?: called| named)?:? )?"
_AFTER = rf"(?: (?P<after>{_NOUN})(?=\s|$))?"
_PREPOSITION = re.compile(r"\b(?:in|of|for|from|within|on|under|by|inside|but|only|about|to|except)(?: the| our| my)?$")
_PLACE = re.compile(r"\b(?:in|within|from)(?: the| our| my)?$")
_QUOTED = re.compile(rf'{_BEFORE}"(?P<said>[^"]+)"{_AFTER}')
_MEASURED = """
day days week weeks month months quarter quarters year years hour hours minute minutes second seconds tomorrow fortnight
weekend weekends night nights morning mornings
"""
_MEASURES = frozenset(_MEASURED.split())
"""Words that no longer stand there once they are understood."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the question that name something.

    Attributes:
        said: The words, as they were said.
        entries: The names they may mean; none for words that no name explains.
        exact: Whether they are such a name whole, rather than a part of it.
        kind: The kind that the words around them say: `jobs` for “the nightly job”; empty if they say none.
        preposition: Whether `in`, `of`, `for` or the like stands before them.
        excluded: Whether `except` or the like stands before them.
    """

    said: str
    entries: tuple[Entry, ...]
    exact: bool
    kind: str = ""
    preposition: bool = False
    excluded: bool = False


def read_quoted_names(phrase: Phrase, lexicon: Lexicon) -> list[Mention]:
    """Names between quotation marks, which are taken as names whatever their words are."""
    found = []
    while match := _QUOTED.search(phrase.text):
        lead = phrase.text[: match.start()].rstrip()
        phrase.take(re.escape(match[0]), leaving=NAMED)
        excluded = is_left_out(lead, lexicon.words)
        entries, exact = _meanings(words_of(match["said"]), lexicon, models_too=True)
        kind = _NOUNS.get(match["before"] or match["after"] or "", "")
        if not entries and not kind:
            in_project = excluded or _PLACE.search(lead)
            kind = "models" if "_" in match["said"] else "projects" if in_project else ""
        found.append(Mention(match["said"], entries, exact, kind, True, excluded))
    return found


def read_full_names(phrase: Phrase, lexicon: Lexicon) -> list[Mention]:
    """Whole names of two words or more; taken before anything reads their words otherwise."""
    found = []
    for window in _windows(phrase.text, lexicon.longest, shortest=2):
        if entries := lexicon.by_text.get(window):
            found += _taken(phrase, window, entries, lexicon, exact=True)
    return found


def read_other_names(phrase: Phrase, lexicon: Lexicon) -> tuple[list[Mention], list[str]]:
    """The names in what is left, and the words that nothing explains."""
    found = []
    for window in _windows(phrase.text, lexicon.longest, shortest=1):
        if all(word in STOPWORDS for word in window.split()):
            continue
        hinted = re.search(
            rf"\bmodels? (?:called |named )?{re.escape(window)}\b|\b{re.escape(window)} model\b"
            rf"|\btests?\b.*\b(?:on|of|for) (?:the )?{re.escape(window)}\b",
            phrase.text,
        )
        entries, exact = _meanings(tuple(window.split()), lexicon, models_too=hinted is not None)
        if entries:
            found += _taken(phrase, window, entries, lexicon, exact=exact)
    found += _literals(phrase)
    unexplained = _clauses(phrase)
    unknown = [word for word in re.findall(r"[\w.]+", phrase.text) if word not in STOPWORDS - _MEASURES]
    return found, [*unexplained, *unknown]


def _meanings(words: tuple[str, ...], lexicon: Lexicon, *, models_too: bool) -> tuple[tuple[Entry, ...], bool]:
    """The names that these words are, or else are a part of, and whether they are whole."""
    whole = lexicon.by_text.get(" ".join(words), ())
    kinds = {"projects", "jobs"} | ({"models"} if models_too else set())
    taken = {entry.kind for entry in whole}
    partly = tuple(e for e in lexicon.entries if e.kind in kinds - taken and _within(words, e.words))
    return whole + partly, bool(whole)


def _within(part: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))


def _windows(text: str, longest: int, *, shortest: int) -> list[str]:
    """Runs of neighbouring words of a name's length, longest first; a barrier or comma parts them."""
    found = []
    for segment in re.split(r"[|,]", text):
        words = words_of(segment)
        for length in range(min(longest, len(words)), shortest - 1, -1):
            found += [" ".join(words[at : at + length]) for at in range(len(words) - length + 1)]
    return sorted(found, key=lambda window: -len(window.split()))


def _taken(phrase: Phrase, window: str, entries: Sequence[Entry], lexicon: Lexicon, *, exact: bool) -> list[Mention]:
    """The mention of `window`, taken out of the phrase; none if an earlier one took its words."""
    words = r"[\s_.\-]*".join(map(re.escape, window.split()))
    lead = phrase.text
    match = phrase.take(rf"{_BEFORE}(?<![\w.])(?P<said>{words})(?!\w){_AFTER}", leaving=NAMED)
    if match is None:
        return []
    kind = _NOUNS.get(match["before"] or match["after"] or "", "")
    lead = lead[: match.start()].rstrip()
    excluded = is_left_out(lead, lexicon.words)
    return [Mention(match["said"], tuple(entries), exact, kind, excluded or bool(_PREPOSITION.search(lead)), excluded)]


def _literals(phrase: Phrase) -> list[Mention]:
    """Names that the vocabulary does not know but the words around them mark: the report says what is near."""
    word = r"(?<![\w.])(?!(?:" + "|".join(sorted(STOPWORDS, key=len, reverse=True)) + r")\b)[\w.]+"
    found = []
    patterns = (
        rf"\b(?P<noun>{_NOUN})(?: called| named| id)?:? (?P<said>{word}(?: {word})*)",
        rf"\b(?P<noun>{_NOUN}) (?:called|named) (?P<said>\w+(?: \w+)*)",
        rf"(?P<said>{word}(?: {word})*) (?P<noun>{_NOUN})(?=\s|$)",
        r"(?P<said>\b[a-z0-9.]+_\w+)(?P<noun>)",
        rf"\btests?\b[^|]* on (?:the )?(?P<said>{word})()",
        rf"\b(?:in|of|for|from|within|except) (?:the |our |my )?(?P<said>(?!\d){word})()",
    )
    for pattern, default in zip(patterns, ("", "", "", "models", "models", "projects"), strict=True):
        while match := re.search(pattern, phrase.text):
            kind = default or _NOUNS[match["noun"]]
            excluded = is_left_out(phrase.text[: match.start("said")].rstrip(), ())
            phrase.take(pattern, leaving=f"| except {NAMED}" if match[0].startswith("except") else NAMED)
            found.append(Mention(match["said"], (), exact=False, kind=kind, preposition=True, excluded=excluded))
    return found


def _clauses(phrase: Phrase) -> list[str]:
    """What is said of a job, model or project and tells nothing that is known: `the job that does not exist`."""
    found = []
    for match in re.finditer(rf"\b(?:{_NOUN})(?P<many>s?) (?P<said>(?:that|which) [^|,]+)", phrase.text):
        words = match["said"].split()
        narrows = "not" in words or not match["many"]
        if narrows and not TOPIC_WORDS & set(words) and all(word in STOPWORDS for word in words):
            found.append(" ".join(words))
    return found
