"""Words that point at the turn before: `that day`, `the week before`, `it`, `the second one`."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_dbt_discovery.offline.numbers import ORDINALS
from langchain_dbt_discovery.offline.phrase import Phrase

__all__ = ["Pointer", "Shift", "read_pointer", "read_same_period", "read_shift"]

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
    rf"(?<!ing ){_NOT_HOW}\b(?:that|this|the) (?:very )?(?P<place>{'|'.join(_ROWS)})$",
    r"(?:\b(?:number|row) |#)(?P<number>\d{1,2})\b",
    rf"\b(?:that|this) {_NOUN}\b",
    r"\bits?\b",
)


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
    """

    row: int
    kind: str
    said: str
    counted: bool = False

    @property
    def plain(self) -> bool:
        """Whether it plainly points at something; a mere `it` may stand for nothing much."""
        return self.said not in ("it", "its", "that")


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
            row = int(said["number"]) - 1 if said.get("number") else _ROWS[said.get("place") or "first"]
            counted = bool(said.get("number") or said.get("place"))
            return Pointer(row, _KINDS.get(noun, ""), match[0], counted)
    return None
