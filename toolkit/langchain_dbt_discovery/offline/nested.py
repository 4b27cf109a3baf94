"""A noun phrase that is a question of its own: `the longest job last week`, `the model that failed last night`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_dbt_discovery.offline.clauses import NAME
from langchain_dbt_discovery.offline.numbers import NUMBER

__all__ = ["KIND", "KINDS", "SUPERLATIVE", "Nested", "nested"]

KINDS = {
    **dict.fromkeys(("model", "table", "view", "snapshot", "node"), "model"),
    **dict.fromkeys(("job", "pipeline", "workflow"), "job"),
    **dict.fromkeys(("run", "build", "execution"), "run"),
    "test": "test",
    "source": "source",
}
"""The nouns of such a phrase, and what kind of thing they are."""
KIND = "|".join(KINDS)

SUPERLATIVE = (
    r"(?:slowest|longest(?: running)?|heaviest|worst|flakiest|stalest|unhealthiest|most expensive|most time consuming"
    r"|(?:most|least) (?:reliable|unreliable|stable|unstable|healthy|unhealthy|flaky|stale))"
)
"""What ranks, so that one comes first."""
_ENDED = r"(?:failed|failing|broken|cancelled|canceled|successful|succeeded|unsuccessful)"
_SELECTING = rf"(?:{SUPERLATIVE}|(?:last|latest|newest|most recent|current) {_ENDED}|failing|failed|flaky|stale|broken)"
_RANKS = re.compile(rf"(?:(?:top )?{NUMBER} )?(?:{SUPERLATIVE}|last|latest|newest|most recent)\b")
_WORD = rf'(?:{NAME}|"?[\w.]+"?)'
_NOT_A_NOUN = r"(?!to\b|of\b|in\b|for\b|from\b|on\b|and\b|or\b|is\b|are\b|was\b|does\b|do\b|did\b)"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_PERIOD = (
    rf"(?:(?:(?:in|over|during|for|within|of|from) )?(?:the |these )?(?:last|past|previous|this) (?:{NUMBER} )?"
    r"(?:hours?|days?|nights?|weeks?|weekend|months?|quarter|year|morning|evening)"
    r"|(?:of |from )?(?:yesterday|today|overnight|tonight)(?: night| morning| evening)?"
    rf"|(?:in|of|from|since|on) (?:{_MONTH}(?: \d{{1,4}})?(?:st|nd|rd|th)?(?: \d{{4}})?|\w+day|[\d./-]+)"
    r"|(?:(?:from|between|on|since) )?\d[\d./-]*(?: (?:to|and|until|-) \d[\d./-]*)?"
    r"|(?:right )?now|so far|ever|that (?:day|week|month))(?!\w)"
)
_PLACE = (
    r"(?:(?:of|in|for|from|within|tagged|on) (?:the |our |my )?"
    rf"(?!the\b|our\b|my\b|last\b|past\b|this\b|what\b|which\b|it\b|{_SELECTING}\b)"
    rf"(?:(?:{KIND}|project|tag)s? )?{_WORD}(?: (?:{KIND}|project))?)"
)
_TAIL = rf"(?: (?:{_PERIOD}|{_PLACE}))*"
_OUTER = (
    r"(?:(?:un)?healthy|fresh|up to date|reliable|tested|documented|ok(?:ay)?|slow|(?:run|runs|start|starts) next"
    r"|takes?|took|depends?|feeds?|compare|look)\b"
)
"""Words of the outer question after a clause, which has no end of its own."""
_FIRST = re.compile(
    rf"\b(?:the|our|my|that|its) (?P<inner>(?:(?:top )?{NUMBER} )?{_SELECTING}(?: {_NOT_A_NOUN}{_WORD}){{0,2}}?"
    rf" (?P<kind>{KIND})(?P<many>s?)\b{_TAIL})"
)
_CLAUSE = re.compile(
    rf"\b(?:the|our|my|that|those) (?P<lead>(?:{_NOT_A_NOUN}{_WORD} ){{0,2}}?)(?P<kind>{KIND})(?P<many>s?) "
    r"(?P<clause>(?:(?:that|which) \w+|with (?:the )?(?:most|lowest|highest|worst|longest))\b"
    rf"[^,]*?)(?= {_OUTER}|,|$)"
)
_BESIDE = re.compile(r"(?:\b(?:and|plus|also|as well as|then)|[+&])$")
_COMPARED = re.compile(r"\b(?:chang|compar|differ|new)\w*\b.*\b(?:since|with|against|to|than|from)$")
_ONES = {"model": "models", "job": "jobs", "run": "runs", "test": "tests", "source": "sources"}


@dataclass(frozen=True, slots=True)
class Nested:
    """A question in a question.

    Attributes:
        inner: The question that gives the rows.
        before: The outer question's words before them.
        after: Those after them.
        kind: What is taken of a row: `model`, `job`, `run`, `test` or `source`.
        several: Whether all of the rows are meant, rather than the first.
        ranked: Whether the inner question ranks, so that there is one first.
    """

    inner: str
    before: str
    after: str
    kind: str
    several: bool = False
    ranked: bool = True


def nested(text: str) -> list[Nested]:
    """The questions that the text may hold, the last first; `text` is covered."""
    found: list[tuple[int, Nested]] = []
    for match in _FIRST.finditer(text):
        ranked = _RANKS.match(match["inner"]) is not None
        outer = _around(text, match)
        if _BESIDE.search(outer[0]):
            continue  # “the slowest models, and also the longest jobs” are two questions side by side
        if KINDS[match["kind"]] == "run" and _COMPARED.search(outer[0]):
            continue  # “what changed since its last successful run”
        kind, many = KINDS[match["kind"]], bool(match["many"])
        found.append((match.start(), Nested(match["inner"], *outer, kind, many, ranked)))
    for match in _CLAUSE.finditer(text):
        kind = KINDS[match["kind"]]
        clause = re.sub(r"^(?:that|which) ", "", match["clause"])
        inner = f"which {match['lead']}{_ONES[kind]} {clause}"
        ranked = re.search(r"\b(?:most|longest|slowest|least|lowest|highest|worst)\b", clause) is not None
        found.append((match.start(), Nested(inner, *_around(text, match), kind, bool(match["many"]), ranked)))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]


def _around(text: str, match: re.Match[str]) -> tuple[str, str]:
    return text[: match.start()].strip(), text[match.end() :].strip()
