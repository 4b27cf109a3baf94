"""Words that point at the turn before: `that day`, `the week before`, `it`, `the second one`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_dbt_discovery.offline.numbers import NUMBER, ORDINALS
from langchain_dbt_discovery.offline.phrase import Phrase, normal

__all__ = ["Pointer", "Shift", "its_runs", "pointing_plainly", "read_pointer", "read_same_period", "read_shift"]

_PERIOD = r"(?:day|night|week|month|period|time(?: frame| period| span)?|range|window)"
_SHIFT = (
    r"\b(?:the )?(?:(?P<unit>day|week|month|period) (?P<before>before|after)(?: that)?|(?P<alone>before) that"
    r"|(?:the )?(?P<previous>previous|preceding|prior) (?P<previous_unit>day|week|month|period|one))\b(?! last)"
)
_SAME_PERIOD = (
    rf"\b(?:(?:in|on|for|over|during|within|at|of) )?(?:that(?: same)?|the same|those) {_PERIOD}s?\b|\bback then\b"
)
_ROWS = {**ORDINALS, "top": 0, "worst": 0, "slowest": 0, "longest": 0}
_COUNTED = "|".join(place for place in ORDINALS if place != "last")
_NOUN = r"(?P<noun>one|job|model|table|row|run)"
_KINDS = {"job": "job", "model": "model", "table": "model", "run": "run"}
_NOT_HOW = "".join(
    rf"(?<!{verb} )" for verb in ("take", "takes", "took", "run", "runs", "ran", "wait", "waits", "waited")
)
"""“Which jobs take the longest” points at nothing."""
_POINTERS = (
    rf"\b(?:that|this|the) (?:very )?(?P<place>{_COUNTED}) {_NOUN}\b(?! (?:in|of|for|from)\b)",
    rf"\b(?:that|this) (?:very )?(?P<place>{'|'.join(_ROWS)}) {_NOUN}\b",
    r"\bthe (?P<place>last|top|worst) (?P<noun>one|row)\b",
    r"\bthe (?P<latest>latest|newest|most recent) (?P<noun>one)\b",
    r"(?<!is )(?<!was )\bthe (?P<longest>slowest|longest|heaviest) (?P<noun>one)\b",
    rf"(?<!ing ){_NOT_HOW}\b(?:that|this|the) (?:very )?(?P<place>{'|'.join(_ROWS)})$",
    r"(?:\b(?:number|row) |#)(?P<number>\d{1,2})\b",
    rf"\b(?:that|this) {_NOUN}\b",
    r"\b(?<=about )(?:that|this)$|\b(?<=of )(?:that|this)$|\b(?<=behind )(?:that|this)$|\b(?<=on )(?:that|this)$"
    r"|\b(?<=for )(?:that|this)$",
    r"\bits?\b",
)

_RUNS = (
    rf"(?:(?:last|latest|past|previous|recent|most recent) (?:{NUMBER} )?(?:runs?|builds?|executions?)"
    r"|run history|runs)"
)
_ITS = re.compile(rf"\b(its|their) ({_RUNS})\b")
_OPEN = re.compile(
    r"(?:(?:and|so|but|ok|,) )*(?:(?:since when|how long|how often|how come)(?: already| now| exactly)?"
    r"|(?:(?:(?:show|give|tell)(?: me)?|what (?:is|was|are|were)|and|see|about"
    r"|what about) )?(?:the )?(?:error|errors|error"
    r" messages?|critical path|lineage|owners?|schedule|sql|code|steps|trend|run history|history|last (?:\d+ )?runs?)"
    r"|who (?:owns|built|maintains)|who (?:do|should|can|could|must) (?:i|we) (?:ask|call|contact|ping"
    r"|message|email)|who is responsible|when does (?:run|start) next"
    r"|what (?:broke|was the (?:error|problem|issue|reason|cause)))"
)
"""Questions that say no more than what of something they ask for."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A period told by the one before, as in `and the week before?`.

    Attributes:
        unit: `day`, `week`, `month`, or empty for as long as the period before.
        direction: -1 for earlier, 1 for later.
    """

    unit: str
    direction: int


@dataclass(frozen=True, slots=True)
class Pointer:
    """A row of the report before.

    Attributes:
        row: Its place; -1 for the last.
        kind: What of the row is meant: `job`, `model`, `run`, or empty for what the row is about.
        said: The words that point.
        counted: Whether they say which row, rather than what was spoken of.
        longest: Whether it is the one that took longest, wherever it stands.
    """

    row: int
    kind: str
    said: str
    counted: bool = False
    longest: bool = False

    @property
    def plain(self) -> bool:
        """Whether it plainly points at something; a mere `it` may stand for nothing much."""
        return self.said not in ("it", "its", "that")


def pointing_plainly(question: str) -> str:
    """A question after another, with what it points at said in the way that questions usually do.

    `Its last 5 runs` are those of it, and a bare `since when?` or `show me the lineage` asks that of it.
    """
    words = normal(question)
    if _OPEN.fullmatch(words):
        return f"{words} of it"
    plain = its_runs(words)
    return plain if plain != words else question


def its_runs(words: str) -> str:
    """`Its last runs` as `the last runs of it`."""
    return _ITS.sub(lambda own: f"the {own[2]} of {'it' if own[1] == 'its' else 'them'}", words)


def read_shift(phrase: Phrase) -> Shift | None:
    """A period told by the one before."""
    match = phrase.take(_SHIFT)
    if match is None:
        return None
    unit = match["unit"] or match["previous_unit"] or ""
    return Shift(unit if unit in ("day", "week", "month") else "", 1 if match["before"] == "after" else -1)


def read_same_period(phrase: Phrase) -> bool:
    """Whether the phrase speaks of the same period as the turn before."""
    return phrase.take(_SAME_PERIOD) is not None


def read_pointer(phrase: Phrase) -> Pointer | None:
    """The row of the report before that the phrase points at."""
    for pattern in _POINTERS:
        if match := phrase.take(pattern):
            said = match.groupdict()
            noun = said.get("noun") or ""
            place = "last" if said.get("latest") else said.get("place") or "first"
            row = int(said["number"]) - 1 if said.get("number") else _ROWS[place]
            counted = any(said.get(each) for each in ("number", "place", "latest", "longest"))
            return Pointer(row, _KINDS.get(noun, ""), match[0], counted, longest=bool(said.get("longest")))
    return None
