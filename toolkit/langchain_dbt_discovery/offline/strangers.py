"""Names that nobody knows, whole as they were said: `Supply Chain`, `the HR weekly build`, `logistics models`.

A part of such a name may be a name that is known, or a word that questions are asked with. Taken by itself it would
make the question one about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from langchain_dbt_discovery.offline.days import MONTHS
from langchain_dbt_discovery.offline.exclusion import is_left_out
from langchain_dbt_discovery.offline.explained import is_explained
from langchain_dbt_discovery.offline.names import Mention
from langchain_dbt_discovery.offline.phrase import LONGEST, NAMED, Phrase, normal
from langchain_dbt_discovery.offline.spelling import mended, spelled
from langchain_dbt_discovery.offline.stopwords import COMMON, STOPWORDS
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["read_capital_names", "read_strange_names"]

_CAPITAL = r"[A-Z][\w&]*"
_SEQUENCE = re.compile(rf"(?<![\w.\"'“])(?:(?:{_CAPITAL}|&)(?= |[^\w ]|$)(?: (?:{_CAPITAL}|&)(?!\w))*)")
_EVERYDAY = """
i ok okay hi hello hey utc cet est gmt am pm sql dbt ci cd pr prs sla slas slo slos ceo cfo cto cdo vp p95 p90 p99 qa bi
it api id ids kpi kpis etl elt git github slack jira team teams monday tuesday wednesday thursday friday saturday sunday
mon tue tues wed thu thur fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec q1 q2 q3 q4 asap fyi btw pls plz
regards best cheers dear sorry morning
"""
_PLAIN = frozenset(_EVERYDAY.split()) | set(MONTHS)
"""Words with capitals, or in capitals, that are no names of projects or jobs."""
_OFTEN = r"(?:nightly|daily|hourly|weekly|monthly|quarterly)"
_JOBS = (
    rf"(?:{_OFTEN}|sync|refresh|build|load|import|export|ingest(?:ion)?|snapshot|ci"
    r"|pipeline|backfill|full refresh)"
)
"""Words that names of jobs end in."""
_HELPERS = re.compile(r"did|does|has|will|was|the")
_ACTS = re.compile(
    r"runs?|fail\w*|finish\w*|takes?|start\w*|succeed\w*|br[eo]a?ke?s?|complete\w*|slow|stable|reliable|late"
)
"""What only a job or a model does."""
_TEAMS = re.compile(
    r"analytics|chain|success|resources|operations|ops|science|engineering|relations|care|services?|support|management"
    r"|intelligence|planning|experience|security|logistics|research|affairs|development|insights"
)
"""Words that names of teams and projects end in, and that are ordinary words by themselves."""
_OTHER = r"(?:ing|ed|ly|est|ful|ous|ish|able|ible|less|er|ive)$"
"""How words end that rather say how a thing is than what it is called."""
_NOUNS = {"project": "projects", "job": "jobs", "model": "models", "tag": "tags", "environment": "environments"}
_NOUN = "|".join(_NOUNS)
_MANY = r"(?:models?|jobs?|tests?|runs?|sources?|tables?|views?|pipelines?|project|builds)"


def read_capital_names(phrase: Phrase, question: str, lexicon: Lexicon) -> list[Mention]:
    """Names of several words that nobody knows, such as `Customer Care` or `supply chain`; taken out of the phrase.

    Args:
        phrase: The question, before typos are mended.
        question: The same as it was written.
        lexicon: The names that are known.
    """
    letters = re.sub(r"[^A-Za-z]", "", question)
    if not lexicon.entries or sum(letter.isupper() for letter in letters) * 2 > len(letters):
        return []  # no name is known, or all of it is shouted
    found = []
    for match in _SEQUENCE.finditer(question[:LONGEST]):
        words = match[0].split()
        if not question[: match.start()].strip() or question[: match.start()].rstrip()[-1:] in ".?!:":
            while words and _is_plain(words[0], lexicon):
                words = words[1:]
        while words and words[-1].lower() in _PLAIN:
            words = words[:-1]
        text = normal(" ".join(words))
        if len(words) > 1 and not _is_known(text, lexicon) and any(_is_strange(word, lexicon) for word in text.split()):
            found.append(text)
    return _mentions(phrase, [*found, *_teams(phrase.text, lexicon)])


def read_strange_names(phrase: Phrase, lexicon: Lexicon) -> list[Mention]:
    """Other names that nobody knows; taken out of the phrase, of which whole names that are known are taken already."""
    return _mentions(phrase, list(_adjoining(phrase.text, lexicon)) if lexicon.entries else [])


def _mentions(phrase: Phrase, names: Iterable[str]) -> list[Mention]:
    found = []
    for said in names:
        lead = phrase.text
        match = phrase.take(
            rf"(?:\b(?P<before>{_NOUN})s?(?: called| named)?:? )?"
            rf"(?<![\w.]){re.escape(said)}(?![\w.])(?: (?P<after>{_NOUN})\b)?",
            leaving=NAMED,
        )
        if match is None:
            continue
        lead = lead[: match.start()].rstrip()
        noun = match["before"] or match["after"]
        kind = _NOUNS[noun] if noun else _kind(said, lead, phrase.text)
        found.append(Mention(said, (), exact=False, kind=kind, preposition=True, excluded=is_left_out(lead, ())))
    return found


def _kind(said: str, lead: str, rest: str) -> str:
    """What a name is likely that no word calls a project or a job."""
    if re.search(rf"\b{_JOBS}$", said):
        return "jobs"
    if re.search(r"\b(?:run|runs|build|builds|critical path|schedule|status) (?:of|for)(?: the| our)?$", lead):
        return "jobs"
    in_project = re.search(r"\b(?:in|of|for|from|within|except|at|by)(?: the| our| my)?$", lead)
    return "projects" if in_project or re.search(rf"{re.escape(NAMED)} {_MANY}\b", rest) else ""


def _adjoining(text: str, lexicon: Lexicon) -> Iterator[str]:
    """Strange words together with the words of a name beside them: `salesforce sync`, `hr weekly build`."""
    for segment in re.split(r"[|,:*]", text):
        words = segment.split()
        at = 0
        while at < len(words):
            if not (_is_strange(words[at], lexicon) or _names_no_job(words[at : at + 2], lexicon)):
                at += 1
                continue
            start = at
            while start and (_belongs(words[start - 1], lexicon) or re.fullmatch(_OFTEN, words[start - 1])):
                start -= 1
            end = at + 1
            while end < len(words) and (
                _is_strange(words[end], lexicon) or _belongs(words[end], lexicon) or re.fullmatch(_JOBS, words[end])
            ):
                end += 1
            said = words[start:end]
            follows = " ".join(words[end : end + 1])
            named = any(_belongs(word, lexicon) or re.fullmatch(_JOBS, word) for word in said)
            acts = start and _HELPERS.fullmatch(words[start - 1]) and _ACTS.fullmatch(follows)
            if (
                (named and len(said) > 1)
                or acts
                or (
                    re.fullmatch(_MANY, follows)
                    and not re.search(_OTHER, said[-1])
                    and not _is_known(" ".join(said), lexicon)
                )
            ):
                yield " ".join(said)
            at = end


def _belongs(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is a part of a job's name and of nothing else that questions say."""
    if word in STOPWORDS or word in COMMON:
        return False
    return (
        any(entry.kind == "jobs" and word in entry.words for entry in lexicon.entries) and word not in lexicon.by_text
    )


def _names_no_job(pair: list[str], lexicon: Lexicon) -> bool:
    """Whether a word of models' names alone stands before one that names of jobs end in: `salesforce sync`."""
    if len(pair) < 2 or pair[0] in STOPWORDS | COMMON or not re.fullmatch(_JOBS, pair[1]):
        return False
    kinds = {entry.kind for entry in lexicon.entries if pair[0] in entry.words}
    return kinds == {"models"} and pair[0] not in lexicon.by_text


def _teams(text: str, lexicon: Lexicon) -> Iterator[str]:
    """Two words each that a team or its project may be called, and none of those there are: `supply chain`."""
    for segment in re.split(r"[|,:*]", text):
        words = segment.split()
        for at, pair in enumerate(pairwise(words)):
            if _names_no_team(pair, lexicon):
                end = at + 2
                while end < len(words) and re.fullmatch(_JOBS, words[end]):
                    end += 1
                yield " ".join(words[at:end])


def _names_no_team(pair: tuple[str, str], lexicon: Lexicon) -> bool:
    if not _TEAMS.fullmatch(pair[1]) or not re.fullmatch(r"[a-z]{3,}", pair[0]):
        return False
    ordinary = is_explained(pair[0]) and pair[0] not in ("data", "people")
    if ordinary or re.search(r"(?:ing|est|ous|ful)$", pair[0]) or _is_known(" ".join(pair), lexicon):
        return False
    return pair[0] == "data" or not any(
        pair[0] in entry.words for entry in lexicon.entries if entry.kind in ("projects", "jobs")
    )


def _is_strange(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is of no name and of no rule."""
    if not re.fullmatch(r"[a-z][a-z&]+", word) or word in STOPWORDS or word in COMMON or word in _PLAIN:
        return False
    return not (word in lexicon.words or word in lexicon.by_text or word in spelled() or is_explained(word))


def _is_plain(word: str, lexicon: Lexicon) -> bool:
    """Whether a word with a capital is an ordinary one, which begins a sentence."""
    small = word.lower()
    return small in _PLAIN or ((small in COMMON or is_explained(small)) and small not in lexicon.words)


def _is_known(text: str, lexicon: Lexicon) -> bool:
    """Whether words are a known name, or a part of one, be it with a typo."""
    fixed = mended(text, lexicon)
    return any(f" {each} " in f" {entry.text} " for entry in lexicon.entries for each in (text, fixed))
