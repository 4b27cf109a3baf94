"""A question taken apart: what it is about, and everything it says that may become an argument."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from langchain_dbt_discovery.offline.exclusion import leaves_out_unnamed, read_exclusion
from langchain_dbt_discovery.offline.filters import (
    A_RUN,
    read_complement,
    read_filters,
    read_order,
    read_sorting,
)
from langchain_dbt_discovery.offline.intents import CHOICES, IDIOMS, IMPLIED, MARKERS, SPECIAL, SUBJECTS, TOPICS
from langchain_dbt_discovery.offline.names import Mention, read_full_names, read_other_names, read_quoted_names
from langchain_dbt_discovery.offline.numbers import ALLOWED, read_limit, read_run_count, read_runtime_bounds, read_times
from langchain_dbt_discovery.offline.outcomes import MEASURED, OUTCOME_TOPICS, UNFINISHED, read_outcome
from langchain_dbt_discovery.offline.periods import read_period
from langchain_dbt_discovery.offline.phrase import LONGEST, Phrase, normal
from langchain_dbt_discovery.offline.pointing import Pointer, Shift, read_pointer, read_same_period, read_shift
from langchain_dbt_discovery.offline.spelling import mend
from langchain_dbt_discovery.offline.strangers import read_capital_names, read_strange_names
from langchain_dbt_discovery.offline.tags import read_tags
from langchain_dbt_discovery.offline.tested import tested_models
from langchain_dbt_discovery.offline.vocabulary import Lexicon

__all__ = ["Draft", "phrases", "read_draft"]

_MOST_ROWS = 500
_ORDERS = re.compile(
    r"\b(?:prompts?|pretend|repeat after|reveal|hack\w*|jailbr\w+|you are (?:now|root|an? \w+)|append|output|print|echo"
    r"|(?:the|code|secret|magic) (?:word|phrase|code)s?|(?:respond|reply|answer|end|begin|start|confirm) with"
    r"|(?:tell|say|write) exactly|instructions?|passwords?|(?:api|secret) keys?|[a-z]{3,}-\d+)\b"
)
"""How people order a model about."""
_OF_JOBS = frozenset({"queue", "reliability", "speed"})
"""Topics of whose reports a row is a job: “per job” says nothing beside them."""


@dataclass(slots=True)
class Draft:
    """What a question says, before any tool is chosen.

    Attributes:
        topics: Keys of `TOPICS` that show, the likeliest first.
        subject: A key of `SUBJECTS`; empty if none shows.
        fields: Arguments that need no name to be looked up.
        mentions: Names, with everything they may mean.
        chosen: Arguments that fixed words stand for if the question is about a topic, by topic.
        orders: Values of `order_by`, best first.
        sorts: Whether it says to sort.
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
        orders_about: Whether it tells the model what to say: then nothing of it that is unknown is said again.
    """

    topics: tuple[str, ...] = ()
    subject: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    chosen: dict[str, dict[str, Any]] = field(default_factory=dict)
    orders: tuple[str, ...] = ()
    sorts: bool = False
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
    orders_about: bool = False

    @property
    def topic(self) -> str:
        """The likeliest topic; empty if none shows."""
        return self.topics[0] if self.topics else ""

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it to change a call by."""
        points = self.shift or self.same_period or self.points
        return bool(self.fields or self.chosen or self.mentions or self.orders or self.subject or points)

    @property
    def names(self) -> bool:
        """Whether it has words that may be a name."""
        return bool(self.mentions or self.unknown or "run_id" in self.fields)

    @property
    def turns(self) -> bool:
        """Whether it says what it wants to know."""
        return self.topic not in ("", "list")

    @property
    def whole(self) -> bool:
        """Whether it says what it wants to know and of what, and so needs nothing of the question before."""
        return bool(self.topic and self.subject)


def read_draft(
    question: str, lexicon: Lexicon, today: date, *, within_thread: bool = False, before: Sequence[str] = ()
) -> Draft:
    """The question taken apart.

    Each reader takes its words out, so the order of the readers matters: whole names first, whose words could be
    anything, then what has a fixed form, and names in part last.

    Args:
        question: As it was asked.
        lexicon: The names it may use.
        today: The day that it is where days begin.
        within_thread: Whether something was asked before, so that `the week before` has a meaning.
        before: The topics of that, which it may still be about.
    """
    phrase = Phrase(question)
    draft = Draft()
    if len(question) > LONGEST:
        draft.remarks.append(f"The question is longer than {LONGEST} characters: I read its beginning and its end")
    quoted = [*read_quoted_names(phrase, lexicon), *read_capital_names(phrase, question, lexicon)]
    mend(phrase, lexicon)
    whole_text = phrase.text
    full = [*quoted, *read_full_names(phrase, lexicon)]
    for pattern, plain in IDIOMS.items():
        phrase.text = re.sub(pattern, plain, phrase.text)
    full += read_strange_names(phrase, lexicon)
    draft.follows = phrase.has(MARKERS)
    draft.asked = phrase.text
    draft.orders_about = _ORDERS.search(normal(question)) is not None
    read_exclusion(phrase)
    draft.fields |= read_complement(phrase, draft.remarks)
    draft.exclude = phrase.has(r"\bexcept\b")
    draft.fields |= read_tags(phrase, lexicon)
    draft.orders = read_sorting(phrase)
    draft.sorts = bool(draft.orders)
    draft.topics = _shown(phrase.text)
    if draft.orders == ("queued",) and draft.topic in ("", "list", "speed") and "run" not in phrase.text:
        draft.topics, draft.orders, draft.sorts = ("queue",), (), False  # which is what that report is sorted by
    draft.chosen = _chosen(phrase, draft.topics if draft.topic not in ("", "list") else (*before, *draft.topics))
    if draft.topic not in SPECIAL:
        draft.fields |= read_outcome(phrase, draft.topic)
        if {"run_status", "model_status"} & draft.fields.keys() and draft.topic not in OUTCOME_TOPICS:
            measured = MEASURED.search(phrase.text) or "run" not in phrase.text
            draft.topics = ("speed",) if measured else ("outcome",)
    if set(draft.fields.get("run_status", ())) & UNFINISHED and draft.topic == "outcome":
        draft.topics = ("state",)  # none of these has a runtime to be ranked by
    if within_thread:
        draft.shift = read_shift(phrase)
        draft.same_period = not draft.shift and read_same_period(phrase)
    draft.points = None if re.search(A_RUN, draft.asked) else read_pointer(phrase)
    if within_thread and draft.topic == "cause" and phrase.text.startswith("why") and len(phrase.text.split()) < 4:
        draft.points = draft.points or Pointer(0, "", "that")  # “why?” asks about the first row
        if {"failing", "failure"} & set(before):
            draft.topics, draft.points = ("one run",), replace(draft.points, kind="run")
    if draft.points and draft.asked.startswith("why") and "failure" in before and draft.topic == "failure":
        latest = 0 if draft.points.said.startswith("the last") else draft.points.row  # the newest comes first
        draft.topics, draft.points = ("one run",), replace(draft.points, kind="run", row=latest)
    draft.lists = phrase.has(r"\b(?:list|show|display|how many|count|number of)\b")
    if (runs := read_run_count(phrase)) and draft.topic != "when":
        draft.fields["last_n_runs"] = runs
    draft.subject = _earliest(SUBJECTS, phrase.text)
    leans = re.match(
        r"(?:and |but |now |then |the |use |take )*(?:over|in|of|for|from|across|averaged?|avg|mean|median|max"
        r"|total)\b",
        draft.asked,
    )
    if runs and not draft.subject and draft.topic in ("", "list") and not leans:
        draft.subject = "run"  # whose word went with the number
    if span := read_period(phrase, today):
        draft.fields["period"] = span.text
        draft.remarks += [span.remark] if span.remark else []
    if draft.topic == "reliability" and (times := read_times(phrase)):
        draft.remarks.append(f"The jobs are ranked, not narrowed to those of “{times}”")
    if bounds := read_runtime_bounds(phrase):
        draft.fields |= bounds
        if "speed" in draft.topics and draft.subject == "run" and not MEASURED.search(draft.asked):
            draft.topics = tuple(
                "list" if topic == "speed" else topic for topic in draft.topics
            )  # “runs that took longer than 10 minutes” are listed
        if draft.topic == "failure" and re.search(rf"\b(?:finish|complet)|\b{ALLOWED}\b", draft.asked):
            draft.topics = ("speed",)  # “finished in under a minute” is about the minute
    grouped = phrase.take(
        r"\b(?:for each|for every|per|(?:in|of|from) (?:each|every)) (?:project|job|model|day|week|tag|group)\b"
    )
    rows = draft.subject if draft.subject in ("job", "model", "test") else "job"
    if grouped and grouped[0].endswith(("job", rows)) and draft.topic in _OF_JOBS:
        grouped = None
    if (limit := read_limit(phrase, _MOST_ROWS)) and not grouped:
        draft.fields["limit"] = limit
    draft.fields |= {field: value for field, value in read_filters(phrase).items() if field not in draft.fields}
    draft.orders = draft.orders or read_order(phrase)
    other, draft.unknown = read_other_names(phrase, lexicon)
    for test, model in tested_models(other, lexicon):
        other[other.index(test)] = model
        draft.remarks.append(f"I took “{test.said}” as a test of {model.entries[0].name}")
        draft.subject = "test"
    draft.excludes_unnamed = leaves_out_unnamed(phrase)
    draft.unknown += [grouped[0]] if grouped else []
    draft.mentions = sorted([*full, *other], key=lambda mention: whole_text.find(mention.said))
    if not draft.subject and draft.topic in IMPLIED:
        draft.subject = IMPLIED[draft.topic]
    if draft.subject and _only_beside_a_name(draft, phrase):
        draft.subject = ""
    return draft


def _shown(text: str) -> tuple[str, ...]:
    """The special topics that show, and the first of the others."""
    shown = [topic for topic, pattern in TOPICS.items() if re.search(pattern, text)]
    special, others = [each for each in shown if each in SPECIAL], [each for each in shown if each not in SPECIAL]
    return (*special, *others[:1])


def _chosen(phrase: Phrase, topics: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What fixed words stand for in questions about the topics, the likeliest first; the words are taken out."""
    chosen: dict[str, dict[str, Any]] = {}
    for choice in (each for topic in topics for each in CHOICES if each.topic == topic):
        if choice.field not in chosen.get(choice.topic, ()):
            match = phrase.take(choice.pattern) if phrase.has(choice.only_if) else None
            if match and choice.field:
                value = choice.value(match[1]) if callable(choice.value) else choice.value
                chosen.setdefault(choice.topic, {})[choice.field] = value
    return chosen


def _earliest(table: Mapping[str, str], text: str) -> str:
    found = {key: match.start() for key, pattern in table.items() if (match := re.search(pattern, text))}
    return min(found, key=lambda key: found[key]) if found else ""


def _only_beside_a_name(draft: Draft, phrase: Phrase) -> bool:
    """Whether the subject's word was only there to say what a name is: `is the nightly job slow`."""
    if re.search(SUBJECTS[draft.subject], phrase.text):
        return False
    kind = f"{draft.subject}s"
    named = [mention for mention in draft.mentions if mention.kind == kind]
    return any(not mention.entries or any(entry.kind == kind for entry in mention.entries) for mention in named)


def phrases(items: Iterable[str]) -> str:
    """Words in quotation marks, one after the other."""
    return ", ".join(f"“{item}”" for item in items)
