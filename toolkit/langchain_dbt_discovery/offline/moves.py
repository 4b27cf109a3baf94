"""What to do next about a question: tools to call, or the answer, from what its steps have found so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from langchain_dbt_discovery.offline.again import asked_again
from langchain_dbt_discovery.offline.answer import Finding, write_answer
from langchain_dbt_discovery.offline.asides import hear
from langchain_dbt_discovery.offline.asking import is_question_back
from langchain_dbt_discovery.offline.bridges import models_of, tested_model, to_models, to_tested_model
from langchain_dbt_discovery.offline.calendar_words import in_clear_time
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.offline.calling import Settled
from langchain_dbt_discovery.offline.chatter import without_chatter
from langchain_dbt_discovery.offline.decision import Setting, decide, settle
from langchain_dbt_discovery.offline.onward import led_on
from langchain_dbt_discovery.offline.plain import in_plain_words
from langchain_dbt_discovery.offline.plan import Step, plan
from langchain_dbt_discovery.offline.slots import Filling, Slot, blank, fill, filling_of
from langchain_dbt_discovery.offline.talk import meant
from langchain_dbt_discovery.offline.thread import Made, Turn
from langchain_dbt_discovery.offline.turns import in_usual_words

__all__ = ["next_move"]

_OF_TIME = frozenset({"period", "last_n_runs", "run_id"})


def next_move(turns: Sequence[Turn], setting: Setting) -> tuple[Call, ...] | str:
    """The tools to call now, or the answer.

    Which steps there are is worked out anew each time, from the question and the results that have come: nothing is
    remembered but the messages. Steps that need nothing of each other are called together.

    Args:
        turns: The conversation up to the question, with what was called and found for it so far.
        setting: The tools, the names and the clock.
    """
    heard = [hear(turn.question) for turn in turns]
    today, names = setting.now.date(), setting.lexicon
    plain = [in_clear_time(in_usual_words(in_plain_words(each.text)), today) for each in heard]
    asked = [meant(without_chatter(text, names, today)) for text in plain]
    turns = [replace(turn, question=text) for turn, text in zip(turns, asked, strict=True)]
    settled = settle(turns, setting)
    if isinstance(settled, str):
        return settled
    turns, meanings = settled
    current = turns[-1]
    steps = (
        asked_again(turns, setting, meanings)
        or led_on(turns, setting, meanings)
        or plan(current.question, setting, meanings)
    )
    progress = _Progress(steps, turns[:-1], setting, meanings)
    made = current.made
    while wave := progress.ready():
        if not made:
            return tuple(call for _, call in wave)
        for number, call in wave[: len(made)]:
            progress.note(number, call, made.pop(0))
    findings = [*progress.findings, *(Finding(Call(each.tool, {}), each.result) for each in made)]
    return write_answer(findings, heard[-1].remark)


class _Progress:
    """How far the steps of a question have come."""

    def __init__(self, steps: Sequence[Step], earlier: Sequence[Turn], setting: Setting, meanings: Settled) -> None:
        self._steps = steps
        self._earlier = list(earlier)
        self._setting = setting
        self._meanings = meanings
        self._done = {
            number: Finding(Call(step.given.tool, dict(step.given.arguments)), step.given.result)
            for number, step in enumerate(steps)
            if step.given
        }
        self._bridges: dict[int, Finding] = {}

    @property
    def findings(self) -> list[Finding]:
        """What the steps came to, in their order; a question back stands alone."""
        failed = {number: each for number, each in self._bridges.items() if each.report is None}
        done = {**self._done, **failed}
        own = (number for number in sorted(done) if number in failed or not self._steps[number].given)
        told = {id(done[number]): done[number] for number in own}  # one may be what two steps came to
        found = [each for each in told.values() if each.result or each.said]
        return next(([each] for each in found if is_question_back(each.said)), found)

    def ready(self) -> list[tuple[int, Call]]:
        """The calls that can be made now, with the numbers of their steps; none when all is done."""
        wave: list[tuple[int, Call]] = []
        for number, step in enumerate(self._steps):
            if number in self._done or not step.needs <= self._done.keys():
                continue
            decision = self._decided(number, step)
            if isinstance(decision, str):
                self._done[number] = Finding(Call("", {}), said=decision)
            elif twin := next((each for each in self._done.values() if _same(each.call, decision)), None):
                self._done[number] = twin
            elif not any(_same(call, decision) for _, call in wave):
                wave.append((number, decision))
        return [] if any(is_question_back(each.said) for each in self._done.values()) else wave

    def note(self, number: int, call: Call, made: Made) -> None:
        """Notes what a call came to."""
        asked = call if made.tool == call.tool else Call(made.tool, {})
        finding = Finding(asked, made.result, question=self._steps[number].question)
        if call.bridge:
            self._bridges[number] = finding
        else:
            self._done[number] = finding

    def _decided(self, number: int, step: Step) -> Call | str:
        """The call of a step, or what is said instead; nothing of a step for which an earlier one failed."""
        if step.call:
            return step.call
        if step.before:
            return decide([step.before, Turn(step.question)], self._setting, self._meanings)
        if step.slots:
            return self._filled(number, step)
        context = [self._turn(step.after)] if step.after is not None else self._earlier
        return self._timed(step, decide([*context, Turn(step.question)], self._setting, self._meanings))

    def _filled(self, number: int, step: Step) -> Call | str:
        """The call of a step about what others found, or one that leads there."""
        bridge = self._bridges.get(number)
        fillings: list[tuple[Slot, Filling]] = []
        for slot in step.slots:
            source = self._done[slot.source]
            if source.report is None:
                return ""
            filling = filling_of(slot, source.call.arguments, source.report)
            if filling.test and bridge is None:
                call = to_tested_model(source.report, self._setting.tools, self._setting.now.tzinfo)
                return call or slot.nothing(filling)
            filling = tested_model(filling, bridge.report if bridge else None)
            if not filling.ids and not slot.kind and source.report["rows"]:
                return decide([self._turn(slot.source), Turn(step.question.replace(blank(slot), "it"))], self._setting)
            if not filling.ids:
                return slot.nothing(filling)
            fillings.append((slot, filling))
        decision = self._timed(step, self._asked(step, fillings))
        if isinstance(decision, str) and any(len(filling.ids) > 1 for _, filling in fillings):
            alone = [(replace(slot, ranked=False), filling.first) for slot, filling in fillings]
            decision = self._timed(step, self._asked(step, alone))  # the report is about one at a time
        if isinstance(decision, Call) and (call := to_models(decision, fillings, self._setting.tools)):
            if bridge is None:
                return call
            fillings = [(slot, models_of(filling, bridge.report)) for slot, filling in fillings]
            if bare := next((filling for _, filling in fillings if not filling.ids), None):
                return f"{bare.name or 'That job'} builds no model in its latest run, so I stop there."
            decision = self._timed(step, self._asked(step, fillings))
        return decision

    def _asked(self, step: Step, fillings: Sequence[tuple[Slot, Filling]]) -> Call | str:
        """The call of a step with its blanks filled, and what to say of them."""
        question, meanings, said = step.question, dict(self._meanings), list[str]()
        for slot, filling in fillings:
            question, meant = fill(question, slot, filling)
            meanings |= meant
            report = self._done[slot.source].report
            said += slot.remarks(filling, report) if report else []
        decision = decide([Turn(question)], self._setting, meanings)
        return replace(decision, caveats=(*said, *decision.caveats)) if isinstance(decision, Call) else decision

    def _timed(self, step: Step, decision: Call | str) -> Call | str:
        """The call with the period that the rest of the question says, and one row where one is wanted."""
        if isinstance(decision, str):
            return decision
        fields, arguments = self._setting.tools[decision.tool].fields, dict(decision.arguments)
        if step.period and "period" in fields and not _OF_TIME & arguments.keys():
            arguments["period"] = step.period
        if step.one and "limit" in fields:
            arguments.setdefault("limit", 1)
        return replace(decision, arguments=arguments)

    def _turn(self, number: int) -> Turn:
        """A step as a turn of its own, on which another may lean."""
        finding = self._done[number]
        calls: list[Mapping[str, object]] = [{"name": finding.call.tool, "args": finding.call.arguments, "id": "0"}]
        results = [finding.result] if finding.result else []
        return Turn(self._steps[number].question, calls if finding.call.tool else [], results)


def _same(one: Call, other: Call) -> bool:
    return (one.tool, one.arguments) == (other.tool, other.arguments)
