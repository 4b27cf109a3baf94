"""Names of projects, jobs, models and tags in a question: exact, in part, or with typos."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from langchain_dbt_discovery.offline.phrase import Phrase
from langchain_dbt_discovery.offline.stopwords import STOPWORDS
from langchain_dbt_discovery.offline.vocabulary import Entry, Lexicon, words_of

__all__ = ["Mention", "read_full_names", "read_other_names"]

_NOUNS = {"project": "projects", "job": "jobs", "model": "models", "tag": "tags", "environment": "environments"}
_NOUN = "|".join(_NOUNS)
_BEFORE = rf"(?:\b(?P<before>{_NOUN})s?(?: called| named)?:? )?"
_AFTER = rf"(?: (?P<after>{_NOUN})(?=\s|$))?"
_PREPOSITION = re.compile(r"\b(?:in|of|for|from|within|on|under|by|inside|but|only|about|to)(?: the| our| my)?$")
_TYPO_SCORE = 82
_SHORTEST_TYPO = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the question that name something.

    Attributes:
        said: The words, as they were said.
        entries: The names they may mean; none for words that no name explains.
        exact: Whether they are such a name whole, rather than a part of it.
        kind: The kind that the words around them say: `jobs` for “the nightly job”; empty if they say none.
        preposition: Whether `in`, `of`, `for` or the like stands before them.
    """

    said: str
    entries: tuple[Entry, ...]
    exact: bool
    kind: str = ""
    preposition: bool = False


def read_full_names(phrase: Phrase, lexicon: Lexicon) -> list[Mention]:
    """Quoted names, and whole names of two words or more; taken before anything reads their words otherwise."""
    found = []
    entries: tuple[Entry, ...] | None
    while match := phrase.take(rf'{_BEFORE}(?:"([^"]+)"|(?<!\w)\'([^\']+)\'(?!\w)){_AFTER}'):
        said = match[2] or match[3]
        entries, exact = _meanings(words_of(said), lexicon, models_too=True)
        found.append(Mention(said, entries, exact, _NOUNS.get(match["before"] or match["after"] or "", ""), True))
    for window in _windows(phrase.text, lexicon.longest, shortest=2):
        if entries := lexicon.by_text.get(window):
            found += _taken(phrase, window, entries, exact=True)
    return found


def read_other_names(phrase: Phrase, lexicon: Lexicon) -> tuple[list[Mention], list[str]]:
    """The names in what is left, and the words that nothing explains."""
    phrase.text = " ".join(_mended(token, lexicon) for token in phrase.text.split())
    found = []
    for window in _windows(phrase.text, lexicon.longest, shortest=1):
        if all(word in STOPWORDS for word in window.split()):
            continue
        hinted = re.search(
            rf"\bmodels? (?:called |named )?{re.escape(window)}\b|\b{re.escape(window)} model\b", phrase.text
        )
        entries, exact = _meanings(tuple(window.split()), lexicon, models_too=hinted is not None)
        if entries:
            found += _taken(phrase, window, entries, exact=exact)
    found += _literals(phrase)
    unknown = [word for word in re.findall(r"[\w.]+", phrase.text) if word not in STOPWORDS and not word.isdigit()]
    return found, unknown


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


def _taken(phrase: Phrase, window: str, entries: Sequence[Entry], *, exact: bool) -> list[Mention]:
    """The mention of `window`, taken out of the phrase; none if an earlier one took its words."""
    words = r"[\s_.\-]*".join(map(re.escape, window.split()))
    lead = phrase.text
    match = phrase.take(rf"{_BEFORE}(?<![\w.])(?P<said>{words})(?!\w){_AFTER}")
    if match is None:
        return []
    kind = _NOUNS.get(match["before"] or match["after"] or "", "")
    return [
        Mention(match["said"], tuple(entries), exact, kind, bool(_PREPOSITION.search(lead[: match.start()].rstrip())))
    ]


def _literals(phrase: Phrase) -> list[Mention]:
    """Names that the vocabulary does not know but the words around them mark: the report says what is near."""
    word = r"(?<![\w.])(?!(?:" + "|".join(sorted(STOPWORDS, key=len, reverse=True)) + r")\b)[\w.]+"
    found = []
    patterns = (
        rf"\b(?P<noun>{_NOUN})(?: called| named| id)?:? (?P<said>{word}(?: {word})*)",
        rf"(?P<said>{word}(?: {word})*) (?P<noun>{_NOUN})(?=\s|$)",
        rf"\b(?:in|of|from|within) (?:the |our |my )?(?P<said>{word})()",
        r"(?P<said>\b[a-z0-9.]+_\w+)(?P<noun>)",
    )
    for pattern, default in zip(patterns, ("", "", "projects", "models"), strict=True):
        while match := phrase.take(pattern):
            kind = default or _NOUNS[match["noun"]]
            found.append(Mention(match["said"], (), exact=False, kind=kind, preposition=True))
    return found


def _mended(token: str, lexicon: Lexicon) -> str:
    """A token with each of its words as the vocabulary's that it most probably is a typo of."""
    return re.sub(r"[^\W_]+", lambda match: _mended_word(match[0], lexicon), token)


def _mended_word(word: str, lexicon: Lexicon) -> str:
    known = word in STOPWORDS or word in lexicon.words or word in lexicon.by_text
    if known or len(word) < _SHORTEST_TYPO or word.isdigit():
        return word
    near = process.extractOne(word, sorted(lexicon.words), scorer=fuzz.ratio, score_cutoff=_TYPO_SCORE)
    return str(near[0]) if near and len(near[0]) >= _SHORTEST_TYPO - 1 else word
