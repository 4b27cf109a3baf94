"""A question taken apart: what it is about, and everything it says that may become an argument."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from langchain_dbt_discovery.offline.exclusion import leaves_out_unnamed, read_exclusion
from langchain_dbt_discovery.offline.filters import (
    OUTCOME_TOPICS,
    read_filters,
    read_order,
    read_outcome,
    read_sorting,
    read_tags,
)
from langchain_dbt_discovery.offline.intents import MARKERS, SUBJECTS, TOPICS
from langchain_dbt_discovery.offline.names import Mention, read_full_names, read_other_names, read_quoted_names
from langchain_dbt_discovery.offline.numbers import read_limit, read_run_count, read_runtime_bounds
from langchain_dbt_discovery.offline.periods import read_period
from langchain_dbt_discovery.offline.phrase import LONGEST, Phrase
from langchain_dbt_discovery.offline.pointing import Pointer, Shift, read_pointer, read_same_period, read_shift
from langchain_dbt_discovery.offline.spelling import mend
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["Draft", "phrases", "read_draft"]

_MOST_ROWS = 500


@dataclass(slots=True)
class Draft:
    """What a question says, before any tool is chosen.

    Attributes:
        topic: A key of `TOPICS`; empty if none shows.
        subject: A key of `SUBJECTS`; empty if none shows.
        fields: Arguments that need no name to be looked up.
        mentions: Names, with everything they may mean.
        orders: Values of `order_by`, best first.
        exclude: Whether something is to be left out.
        excludes_unnamed: Whether that is something other than a name.
        shift: A period told by the one before.
        follows: Whether a word ties the question to the one before.
        same_period: Whether it speaks of the period before, as in `that day`.
        points: The row of the earlier report that `it` or `the second one` points at.
        lists: Whether a word asks for a list and for nothing else.
        asked: The question in plain small letters, without its full names.
        remarks: How words were taken, where that is not plain.
        unknown: Words that nothing explains.
    """

    topic: str = ""
    subject: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    orders: tuple[str, ...] = ()
    exclude: bool = False
    excludes_unnamed: bool = False
    shift: Shift | None = None
    follows: bool = False
    same_period: bool = False
    points: Pointer | None = None
    lists: bool = False
    asked: str = ""
    remarks: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it to change a call by."""
        points = self.shift or self.same_period or self.points
        return bool(self.fields or self.mentions or self.orders or self.subject or points)

    @property
    def turns(self) -> bool:
        """Whether it says what it wants to know."""
        return self.topic not in ("", "list")

    @property
    def whole(self) -> bool:
        """Whether it says what it wants to know and of what, and so needs nothing of the question before."""
        return bool(self.topic and self.subject)


def read_draft(question: str, lexicon: Lexicon, today: date, *, within_thread: bool = False) -> Draft:
    """The question taken apart.

    Each reader takes its words out, so the order of the readers matters: whole names first, whose words could be
    anything, then what has a fixed form, and names in part last.

    Args:
        question: As it was asked.
        lexicon: The names it may use.
        today: The day that it is where days begin.
        within_thread: Whether something was asked before, so that `the week before` has a meaning.
    """
    phrase = Phrase(question)
    draft = Draft()
    if len(question) > LONGEST:
        draft.remarks.append(f"I read only the first {LONGEST} characters of the question")
    quoted = read_quoted_names(phrase, lexicon)
    mend(phrase, lexicon)
    full = [*quoted, *read_full_names(phrase, lexicon)]
    draft.follows = phrase.has(MARKERS)
    draft.asked = phrase.text
    draft.exclude = read_exclusion(phrase)
    draft.fields |= read_tags(phrase, lexicon)
    draft.orders = read_sorting(phrase)
    draft.topic = _first(TOPICS, phrase.text)
    draft.fields |= read_outcome(phrase, draft.topic)
    if "run_status" in draft.fields or "model_status" in draft.fields:
        draft.topic = draft.topic if draft.topic in OUTCOME_TOPICS else "speed"
    if within_thread:
        draft.shift = read_shift(phrase)
        draft.same_period = not draft.shift and read_same_period(phrase)
    draft.points = read_pointer(phrase)
    if within_thread and draft.topic == "cause" and phrase.text.startswith("why") and len(phrase.text.split()) < 4:
        draft.points = draft.points or Pointer(0, "", "that")  # “why?” asks about the first row
    draft.lists = phrase.has(r"\b(?:list|show|display|how many|count|number of)\b")
    if (runs := read_run_count(phrase)) and draft.topic != "when":
        draft.fields["last_n_runs"] = runs
    draft.subject = _earliest(SUBJECTS, phrase.text)
    if span := read_period(phrase, today):
        draft.fields["period"] = span.text
        draft.remarks += [span.remark] if span.remark else []
    if bounds := read_runtime_bounds(phrase):
        draft.fields |= bounds
        if draft.topic == "failure" and re.search(r"\b(?:finish|complet)", draft.asked):
            draft.topic = "speed"  # “finished in under a minute” is about the minute
    grouped = phrase.take(r"\b(?:for each|for every|per) (?:project|job|model|day|week|tag|group)\b")
    if (limit := read_limit(phrase, _MOST_ROWS)) and not grouped:
        draft.fields["limit"] = limit
    draft.fields |= read_filters(phrase)
    draft.orders = draft.orders or read_order(phrase)
    other, draft.unknown = read_other_names(phrase, lexicon)
    draft.excludes_unnamed = leaves_out_unnamed(phrase)
    draft.unknown += [grouped[0]] if grouped else []
    draft.mentions = [*full, *other]
    if draft.subject and _only_beside_a_name(draft, phrase):
        draft.subject = ""
    return draft


def _first(table: Mapping[str, str], text: str) -> str:
    return next((key for key, pattern in table.items() if re.search(pattern, text)), "")


def _earliest(table: Mapping[str, str], text: str) -> str:
    found = {key: match.start() for key, pattern in table.items() if (match := re.search(pattern, text))}
    return min(found, key=lambda key: found[key]) if found else ""


def _only_beside_a_name(draft: Draft, phrase: Phrase) -> bool:
    """Whether the subject's word was only there to say what a name is: `is the nightly job slow`."""
    if re.search(SUBJECTS[draft.subject], phrase.text):
        return False
    return any(mention.kind == f"{draft.subject}s" for mention in draft.mentions)


def phrases(items: Iterable[str]) -> str:
    """Words in quotation marks, one after the other."""
    return ", ".join(f"“{item}”" for item in items)
