"""The steps of a question: questions that one report each answers, some of them about what an earlier one found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from langchain_dbt_discovery.offline.asking import is_question_back
from langchain_dbt_discovery.offline.broken import BROKEN, FAILURES, OF_NODES, PRONOUN
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.offline.calling import Settled
from langchain_dbt_discovery.offline.clauses import NAME, cover
from langchain_dbt_discovery.offline.decision import Setting, decide
from langchain_dbt_discovery.offline.draft import Draft, read_draft
from langchain_dbt_discovery.offline.intents import LIMITATIONS
from langchain_dbt_discovery.offline.intents.words import CANCELLED_TOO
from langchain_dbt_discovery.offline.nested import KIND, SUPERLATIVE, Nested, nested
from langchain_dbt_discovery.offline.parts import (
    MOST_PARTS,
    Comparison,
    asked_and_wished,
    beside,
    compared,
    listed,
    shared_place,
    split,
)
from langchain_dbt_discovery.offline.pointing import its_runs
from langchain_dbt_discovery.offline.slots import Slot, blank, known_by_then, stand_in
from langchain_dbt_discovery.offline.talk import small_talk
from langchain_dbt_discovery.offline.thread import Made, Turn

__all__ = ["MOST_STEPS", "Step", "plan"]

MOST_STEPS = 3
"""How many reports one part of a question may need, each about what the one before found."""
_BETWEEN = "¦"
"""Stands between the questions of a list, and is in none."""
_ITS_OWN = re.compile(rf"\b(its|their) ({SUPERLATIVE} (?:{KIND})s?)\b")
_NOW = re.compile(r"\b(?:now|currently|at the moment|(?:is|are) (?:failing|running|queued|broken|stale|down))\b")
_TWO_NAMES = re.compile(rf"({NAME}) (?:and|or) ({NAME})")
_OVER = re.compile(r"(?:averag\w+|measured|based|judg\w+|taking|looking|counting|over)\b[^,]*,? ")
"""How a measure is said before the question that it belongs to."""
_MOST_PAIRS = 8
"""Places at which a question is tried as two: each try reads both of them, and a list is none."""
_ASKING = re.compile(
    r"(?:(?:please|can|could|you|find|take|get|pick|look|at|up|show|list|give|tell|name|me|us|what|which|who|is|are|was"
    r"|were|about|please|pls|plz|thanks|thank|thx|,) ?)*"
)
"""Words that ask for nothing but what follows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a plan.

    Attributes:
        question: Its words; a blank stands for what an earlier step finds.
        slots: What the blanks stand for.
        one: Whether it is asked for the sake of its first row.
        period: The period that the rest of the question says, for want of one of its own.
        after: The step that it may lean on like a question on the one before; None for the conversation.
        before: The turn whose call it changes, where it says again what was asked before.
        call: Its call, where it is known without its words.
        given: What it came to, where that is known from the turn before.
    """

    question: str
    slots: tuple[Slot, ...] = ()
    one: bool = False
    period: str = ""
    after: int | None = None
    before: Turn | None = None
    call: Call | None = None
    given: Made | None = None

    @property
    def needs(self) -> set[int]:
        """The steps that have to be done before it."""
        return {slot.source for slot in self.slots} | ({self.after} if self.after is not None else set())


def plan(question: str, setting: Setting, settled: Settled) -> tuple[Step, ...]:
    """The steps that answer a question, in the order of their findings; one of a plain question.

    Args:
        question: As it was asked.
        setting: The tools, the names and the clock.
        settled: What words of it mean, as the person said when asked back.
    """
    return _Planner(question, setting, settled).steps()


class _Planner:
    """Takes a question apart. Its words are those of the question with the names covered."""

    def __init__(self, question: str, setting: Setting, settled: Settled) -> None:
        self._question = question
        self._covered = cover(question, setting.lexicon)
        self._setting = setting
        self._settled = settled

    def steps(self) -> tuple[Step, ...]:
        """The steps of all parts."""
        parts = self._parts()
        chains: list[list[Step]] = []
        for part in parts:
            chains.append(self._chain(part, [step for chain in chains for step in chain]))
        steps = tuple(step for chain in self._with_periods(chains) for step in chain)
        return (Step(self._question),) if len(steps) == 1 and parts == [self._covered.text] else steps

    def _parts(self) -> list[str]:
        """The questions that stand side by side, each with what is said of all of them before or after."""
        if listed := self._listed():
            return listed
        text = self._covered.text
        if shared := shared_place(text):
            parts = self._side_by_side(shared.rest)
            if len(parts) > 1:
                return [f"{part} {shared.words}" for part in parts]
        return self._side_by_side(text)

    def _side_by_side(self, text: str) -> list[str]:
        """The questions that stand side by side; the whole where one of them is none by itself."""
        if comparison := compared(text):
            return self._for_both(comparison) or [text]
        parts = split(text)
        if len(parts) > 1 and small_talk(parts[0]):
            parts = parts[1:]
        if len(parts) > 1 and all(map(self._asks, parts)):
            return parts[:MOST_PARTS]
        if len(parts) == 1 and (pair := asked_and_wished(text)) and isinstance(self._decided(pair[0]), Call):
            return list(pair)
        for pair in islice(beside(text), _MOST_PAIRS):
            calls = [self._decided(part) for part in pair]
            tools = {call.tool for call in calls if isinstance(call, Call)}
            if len(tools) == 2:
                return list(pair)
        return self._for_each_name(text) or [text]

    def _listed(self) -> list[str]:
        """The questions of a list, `1) … 2) …` or with semicolons between, if each is one by itself."""
        pieces = listed(self._question)
        if len(pieces) < 2:
            return []
        covered = cover(f" {_BETWEEN} ".join(pieces), self._setting.lexicon)
        parts = [part.strip(" ,") for part in covered.text.split(_BETWEEN)]
        whole, self._covered = self._covered, covered
        if len(parts) > 2 and not self._is_answered(parts[0]):
            parts = parts[1:]  # “two things: 1. … 2. …”
        narrows = any(re.search(CANCELLED_TOO, part) for part in parts)
        if len(parts) > 1 and not narrows and all(map(self._is_answered, parts)):
            return parts[:MOST_PARTS]
        self._covered = whole
        return []

    def _for_both(self, comparison: Comparison) -> list[str]:
        """One question about two named things: for both at once where a report ranks them, else one for each."""
        drafts = [self._draft(comparison.about(name)) for name in comparison.names]
        if not all(any(mention.entries for mention in draft.mentions) for draft in drafts):
            return []
        both = comparison.about(" and ".join(comparison.names))
        if isinstance(self._decided(both), Call):
            return [both]
        return [comparison.about(name) for name in comparison.names]

    def _for_each_name(self, text: str) -> list[str]:
        """One question for each of two names, where the report tells of one thing at a time."""
        match = _TWO_NAMES.search(text)
        if match is None or isinstance(self._decided(text), Call):
            return []
        parts = [f"{text[: match.start()]}{name}{text[match.end() :]}" for name in match.groups()]
        return parts if all(isinstance(self._decided(part), Call) for part in parts) else []

    def _chain(self, part: str, before: Sequence[Step]) -> list[Step]:
        """The steps of one part, which follow those of the parts before: the innermost question first."""
        slots: list[Slot] = []
        after, start = None, len(before)
        if before:
            part, slots = self._pointing(part, before[-1], start - 1)
            after = None if slots or self._stands_alone(part) else start - 1
        steps: list[Step] = []
        while len(steps) < MOST_STEPS - 1:
            found = next(filter(self._is_nested, nested(part)), None)
            if found is None:
                break
            steps.append(self._step(found.inner, slots, one=not found.several))
            slots.append(Slot(start + len(steps) - 1, found.kind, found.several, found.ranked))
            part = f"{found.before} {blank(slots[-1])} {found.after}".strip()
        return [*steps, replace(self._step(part, slots), after=after)]

    def _step(self, text: str, slots: Sequence[Slot], *, one: bool = False) -> Step:
        return Step(self._covered.open(text), tuple(slot for slot in slots if blank(slot) in text), one)

    def _is_nested(self, found: Nested) -> bool:
        """Whether a phrase is a question of its own, and what stands around it asks something about its answer."""
        outer = f"{found.before} {stand_in(found.kind, 0)} {found.after}"
        kind = f"{found.kind}s"
        if any(
            entry.kind == kind and mention.exact and entry.text == mention.said
            for mention in self._draft(found.inner).mentions
            for entry in mention.entries
        ):
            return False  # “the Finance nightly build job that failed” is named
        draft = self._draft(outer)
        another = bool(draft.subject) and draft.subject != found.kind
        if not self._draft(found.inner).turns or not (draft.turns or another):
            return False
        if (over := _OVER.match(found.before)) and _ASKING.fullmatch(found.before, over.end()):
            return False  # “averaged over their last 5 runs, what are the slowest models”
        if found.before.endswith((" with", " having")) or (
            _ASKING.fullmatch(found.before) and _ASKING.fullmatch(found.after)
        ):
            return False
        first, then = self._decided(found.inner), self._decided(outer)
        if not isinstance(first, Call) or not isinstance(then, Call):
            return False
        if first.tool in FAILURES and then.tool in FAILURES and "details" not in draft.topics:
            return False  # the row of a failed run says what failed in it
        return first.tool != then.tool or another

    def _pointing(self, part: str, previous: Step, source: int) -> tuple[str, list[Slot]]:
        """The part with a blank where it points at what the part before is about."""
        call, about = self._decided(previous.question), self._draft(previous.question).subject
        failing = isinstance(call, Call) and call.tool in FAILURES
        part = its_runs(part)
        part = _ITS_OWN.sub(lambda own: f"the {own[2]} of {'it' if own[1] == 'its' else 'them'}", part)
        if failing and (match := BROKEN.search(part)):
            slot = Slot(source, "node")
        elif match := PRONOUN.search(part):
            of_a_node = failing and bool(OF_NODES & set(self._draft(part).topics))
            kind = "node" if of_a_node else "run" if about == "run" and not failing else ""
            slot = Slot(source, kind, several=match["many"] is not None)
        else:
            return part, []
        return f"{part[: match.start()]}{blank(slot)}{part[match.end() :]}", [slot]

    def _asks(self, part: str) -> bool:
        """Whether a part says what it wants to know, be it something that no report tells."""
        draft = self._draft(part)
        return (
            draft.turns
            or (draft.topic == "list" and bool(draft.subject))
            or any(re.search(limitation.pattern, draft.asked) for limitation in LIMITATIONS)
        )

    def _is_answered(self, part: str) -> bool:
        """Whether there is an answer to a part that needs nothing of another: a report, or what no report tells."""
        decision, asked = self._decided(part), self._draft(part).asked
        told = any(re.search(limitation.pattern, asked) for limitation in LIMITATIONS)
        return told or isinstance(decision, Call) or is_question_back(decision)

    def _stands_alone(self, part: str) -> bool:
        """Whether a part needs nothing of the one before."""
        draft = self._draft(part)
        leans = draft.points or draft.same_period or draft.follows
        return not leans and isinstance(self._decided(part), Call)

    def _with_periods(self, chains: Sequence[Sequence[Step]]) -> Iterator[list[Step]]:
        """The steps of each part, with the period that the rest of the question says where they say none.

        `The slowest models last week of the longest job` are of last week's longest job, but `the slowest models of
        the longest job last week` are as slow as they are now: a period belongs to the phrase that it stands in. A
        part that says nothing but what it asks is about the period of the one before, unless it speaks of now; one
        that is narrowed by itself keeps to that.
        """
        drafts = {step: self._draft(step.question) for chain in chains for step in chain}
        periods = {step: str(draft.fields.get("period", "")) for step, draft in drafts.items()}
        before = ""
        for number, chain in enumerate(chains):
            own = [periods[step] for step in chain]
            present = any(_NOW.search(drafts[step].asked) for step in chain)
            narrowed = number and any(drafts[step].mentions and not step.slots for step in chain)
            given = own[-1] or ("" if any(own) or present or narrowed else before)
            before = before or next(filter(None, own), "")
            yield [replace(step, period=given) for step in chain]

    def _decided(self, text: str) -> Call | str:
        """What a question would come to, were its blanks filled."""
        return decide([Turn(self._covered.open(text))], self._setting, known_by_then(self._settled))

    def _draft(self, text: str) -> Draft:
        return read_draft(self._covered.open(text), self._setting.lexicon, self._setting.now.date())
