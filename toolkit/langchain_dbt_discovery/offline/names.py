"""Names of projects, jobs, models and tags in a question: exact, in part, or with typos."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from langchain_dbt_discovery.offline.exclusion import is_left_out
from langchain_dbt_discovery.offline.explained import is_explained
from langchain_dbt_discovery.offline.phrase import NAMED, Phrase
from langchain_dbt_discovery.offline.stopwords import COMMON, STOPWORDS, TOPIC_WORDS
from langchain_dbt_discovery.offline.vocabulary import Entry, Lexicon, words_of

__all__ = ["Mention", "read_full_names", "read_other_names", "read_quoted_names"]

_NOUNS = {"project": "projects", "job": "jobs", "model": "models", "tag": "tags", "environment": "environments"}
_NOUN = "|".join(_NOUNS)
_BEFORE = rf"(?:\b(?P<before>{_NOUN})s?(?: called| named)?:? )?"
_AFTER = rf"(?: (?P<after>{_NOUN})(?=\s|$))?"
_PREPOSITION = re.compile(r"\b(?:in|of|for|from|within|on|under|by|inside|but|only|about|to|except)(?: the| our| my)?$")
_PLACE = re.compile(r"\b(?:in|within|from)(?: the| our| my)?$")
_QUOTED = re.compile(rf'{_BEFORE}"(?P<said>[^"]+)"{_AFTER}')
_TURNED = re.compile(
    r"\b(?P<what>ci|nightly|daily|hourly|weekly|monthly|staging)(?: (?:nightly|daily))? (?P<noun>runs?|builds?|jobs?)"
    r" (?:of|for|in|from) (?:the |our )?(?P<owner>\w+)\b"
)
"""A job's name the other way round: `the CI run of growth`."""
_MEASURED = """
day days week weeks month months quarter quarters year years hour hours minute minutes second seconds tomorrow fortnight
weekend weekends night nights morning mornings
"""
_MEASURES = frozenset(_MEASURED.split())
"""Words that no longer stand there once they are understood."""
_ASKED_WITH = """
what which who when where why how show list tell give is are was were be did does do has have the a an all any me my our
in of on for by last this next past previous current hour hours day days week weeks month months quarter quarters year
years today yesterday long longest slow slowest fast fastest shortest most running ran run runs job jobs model models
test tests source sources project projects fail failed failing fails failures stale fresh not and or
"""
_ASKING = frozenset(_ASKED_WITH.split())
"""Words that questions are asked with."""


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
    """Whole names of two words or more; taken before anything reads their words otherwise.

    A name that is made of nothing but words that questions are asked with is not: whoever may name a job “last week”
    would otherwise decide what a question about last week means. Between quotation marks it is a name all the same.
    """
    found = []
    for match in _TURNED.finditer(phrase.text):
        said = [f"{match['owner']} {match['what']}{noun}" for noun in ("", " build", " job", " run")]
        if name := next((each for each in said if _is_job(lexicon.by_text.get(each, ()))), ""):
            phrase.text = phrase.text.replace(match[0], f"{match['noun']} of {name}")
            break
    for window in _windows(phrase.text, lexicon.longest, shortest=2):
        if _ASKING.issuperset(window.replace("-", " ").split()):
            continue
        if entries := lexicon.by_text.get(window):
            found += _taken(phrase, window, entries, lexicon, exact=True)
    return found


def read_other_names(phrase: Phrase, lexicon: Lexicon) -> tuple[list[Mention], list[str]]:
    """The names in what is left, and the words that nothing explains."""
    found = _dotted(phrase, lexicon)
    for window in _windows(phrase.text, lexicon.longest, shortest=1):
        if all(word in STOPWORDS for word in window.split()):
            continue
        hinted = re.search(
            rf"\bmodels? (?:called |named )?{re.escape(window)}\b|\b{re.escape(window)} model\b"
            rf"|\btests?\b.*\b(?:on|of|for) (?:the )?{re.escape(window)}\b",
            phrase.text,
        )
        entries, exact = _meanings(tuple(window.split()), lexicon, models_too=hinted is not None)
        if entries and (exact or window not in COMMON or _called_so(window, phrase.text)):
            found += _taken(phrase, window, entries, lexicon, exact=exact)
    found += _literals(phrase)
    unexplained = _clauses(phrase)
    left = re.findall(r"[\w.]+", phrase.text)
    unknown = [word for word in left if word in _MEASURES or not (word in COMMON or is_explained(word))]
    return found, [*unexplained, *unknown]


def _no_word_of(words: Iterable[str]) -> str:
    """A pattern for a word that is none of these."""
    return r"(?<![\w.])(?!(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")\b)[\w.]+"


_A_NAME = _no_word_of(STOPWORDS | COMMON)
_MORE_OF_IT = _no_word_of(STOPWORDS)
_SAID = rf"(?P<said>{_A_NAME}(?: {_MORE_OF_IT})*)"


def _called_so(window: str, text: str) -> bool:
    """Whether the words beside a common word say that it is a name, or part of one: `the end job`, `project end`."""
    return re.search(rf"\b(?:{_NOUN}) {re.escape(window)}\b|\b{re.escape(window)} (?:{_NOUN}|one)\b", text) is not None


def _is_job(entries: Sequence[Entry]) -> bool:
    return any(entry.kind == "jobs" for entry in entries)


def _dotted(phrase: Phrase, lexicon: Lexicon) -> list[Mention]:
    """Names with dots, such as a source's, of which no part may be taken for another name."""
    said = re.findall(r"(?<![\w.])[a-z]\w*\.[a-z]\w+(?![\w.])", phrase.text)
    unknown = [each for each in said if " ".join(words_of(each)) not in lexicon.by_text]
    for each in unknown:
        phrase.take(re.escape(each), leaving=NAMED)
    return [Mention(each, (), exact=False, kind="models", preposition=True) for each in unknown]


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
    found = []
    patterns = (
        rf"\b(?P<noun>{_NOUN})(?: called| named| id)?:? {_SAID}",
        rf"\b(?P<noun>{_NOUN}) (?:called|named) (?P<said>\w+(?: \w+)*)",
        rf"{_SAID} (?P<noun>{_NOUN})(?=\s|$)",
        r"(?P<said>\b[a-z0-9.]+_\w+|(?<![\w.])[a-z]\w+\.[a-z]\w+)(?P<noun>)",
        rf"\btests?\b[^|]* on (?:the )?(?P<said>{_A_NAME})()",
        rf"\b(?:in|of|for|from|within|except) (?:the |our |my )?(?P<said>(?!\d){_A_NAME})()",
    )
    for pattern, default in zip(patterns, ("", "", "", "models", "models", "projects"), strict=True):
        while match := _first_name(pattern, phrase.text, plain=default == "projects"):
            kind = default or _NOUNS[match["noun"]]
            excluded = is_left_out(phrase.text[: match.start("said")].rstrip(), ())
            mark = f"| except {NAMED}" if match[0].startswith("except") else NAMED
            before, after = phrase.text[: match.start()].rstrip(), phrase.text[match.end() :].lstrip()
            phrase.text = f"{before} {mark} {after}".strip()
            found.append(Mention(match["said"], (), exact=False, kind=kind, preposition=True, excluded=excluded))
    return found


def _first_name(pattern: str, text: str, *, plain: bool) -> re.Match[str] | None:
    """The first match; where nothing but `in` or `of` marks a `plain` name, no word that a rule knows is one."""
    found = re.finditer(pattern, text)
    return next((match for match in found if not (plain and is_explained(match["said"]))), None)


def _clauses(phrase: Phrase) -> list[str]:
    """What is said of a job, model or project and tells nothing that is known: `the job that does not exist`."""
    found = []
    for match in re.finditer(rf"\b(?:{_NOUN})(?P<many>s?) (?P<said>(?:that|which) [^|,]+)", phrase.text):
        words = match["said"].split()
        narrows = "not" in words or not match["many"]
        if narrows and not TOPIC_WORDS & set(words) and all(word in STOPWORDS for word in words):
            found.append(" ".join(words))
    return found
