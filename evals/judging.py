"""The judge: whether an answer is right, and if not, what came instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dbt_discovery import DbtAccount, DbtDiscoveryError

from evals.lookup import looked_up, settled
from evals.questions import Call, Lookup, Question
from evals.rows import rows_fault
from evals.truth import truth_of
from evals.wording import holds

if TYPE_CHECKING:
    from dbt_cloud_sandbox import World
    from dbt_discovery_web.chat.conversation import ChatAnswer

__all__ = ["ExpectationError", "Judge"]

Report = dict[str, Any]

_RESOLVED = {"projects": "project_ids", "jobs": "job_ids", "models": "model_ids"}
"""Names in arguments, and where a report's canonical arguments hold what they were resolved to."""
_HARMLESS = {"limit", "refresh", "statistics", "projects", "jobs", "models", "period"}
"""Arguments that change no row, that stand in the canonical ones under another name, or are compared apart."""
_RANKINGS = ("longest_running_jobs", "queue_times", "slowest_models", "slowest_tests")
"""Reports whose answer is what comes first."""
_ASKED_FOR_WRONGLY = ("NotFound", "AmbiguousName", "InvalidArgument")
"""Faults of a question, whose sentence may well be the right answer."""
_REFUSAL = re.compile(
    r"\b(?:can(?:not|['’]t| only)|(?:could|do|does|did) not|(?:do|does)n['’]t|unable|not able|no report|no such"
    r"|there (?:is|are) no|not known)\b",
    re.IGNORECASE,
)


class ExpectationError(Exception):
    """What a question expects cannot be, or is not what the raw records say."""


class Judge:
    """Tells right answers from wrong ones.

    Args:
        account: Runs the reports that are expected, as they are without anything that a model adds.
        world: The raw records that the account reads.
    """

    def __init__(self, account: DbtAccount, world: World) -> None:
        self._account, self._world = account, world

    async def fault(self, question: Question, answer: ChatAnswer) -> str:
        """What is wrong with an answer, in a few words; empty if it is right."""
        if answer.failed and answer.error not in _ASKED_FOR_WRONGLY:
            return f"broke off: {_shown(answer.answer)}"
        found = await self._reports_fault(question, answer) if question.calls else _wordless_fault(question, answer)
        for call in question.also if found and answer.reports else ():
            found = await self._report_fault(call, answer.reports[-1], answer) and found
        return found or self._words_fault(question, answer.answer)

    async def check(self, question: Question) -> None:
        """Makes sure that every report that a question expects can be run and is what the raw records say.

        Raises:
            ExpectationError: It is not.
        """
        for call in (*question.calls, *question.also, *question.steps):
            wanted, expected = await self._expected(call)
            if fault := self._truth_fault(wanted, expected):
                raise ExpectationError(f"{question.title!r} expects {wanted}: {fault}")
        self._words_fault(question, "")

    async def _reports_fault(self, question: Question, answer: ChatAnswer) -> str:
        """What is wrong with the reports of an answer."""
        if not answer.reports:
            return f"no report, said: {_shown(answer.answer)}"
        *before, last = answer.reports
        faults = []
        if question.both:
            faults += [await self._missing(call, answer) for call in question.both]
        else:
            faults += [await self._steps_fault(question.steps, before)]
            faults += [await self._report_fault(call, last, answer) for call in question.calls]
        if question.cannot and not _REFUSAL.search(answer.answer):
            faults.append(f"does not say what cannot be done: {_shown(answer.answer)}")
        return next(filter(None, faults), "")

    async def _steps_fault(self, steps: Sequence[Call], reports: Sequence[Report]) -> str:
        """The first of the steps that was not made, where it should have been."""
        rest = iter(reports)
        for call in steps:
            wanted, expected = await self._expected(call)
            if not any(report["name"] == call.report and not _differences(wanted, report, expected) for report in rest):
                return f"made no {wanted} before"
        return ""

    async def _missing(self, call: Call, answer: ChatAnswer) -> str:
        """Why none of an answer's reports is this one."""
        faults = [await self._report_fault(call, report, answer) for report in answer.reports]
        return "" if "" in faults else f"no {call} ({', '.join(dict.fromkeys(faults))})"

    async def _report_fault(self, call: Call, report: Report, answer: ChatAnswer) -> str:
        """What is wrong with a report: its name, its arguments, its rows, or the words around it."""
        if report["name"] != call.report:
            return f"came with {_called(report)}"
        wanted, expected = await self._expected(call)
        if wrong := _differences(wanted, report, expected):
            return f"wrong {', '.join(wrong)}: {_called(report)}"
        if added := _additions(report, expected):
            return f"not asked for {', '.join(added)}: {_called(report)}"
        if wrong_rows := self._truth_fault(wanted, report):
            return f"{wrong_rows}: {_called(report)}"
        first: Report = next(iter(report["rows"]), {}) if report["name"] in _RANKINGS else {}
        label = first.get("name") or first.get("job_name") or ""
        return "" if label in answer.answer else f"the answer does not name {label}: {_shown(answer.answer)}"

    def _truth_fault(self, call: Call, report: Report) -> str:
        truth = truth_of(call.report, self._world, call.arguments)
        return rows_fault(truth, report) if truth else ""

    async def _expected(self, call: Call) -> tuple[Call, Report]:
        """A call with its arguments looked up, and the report that it makes."""
        try:
            wanted = settled(call, self._world)
            return wanted, (await self._account.arun_report(wanted.report, **wanted.arguments)).to_json()
        except (DbtDiscoveryError, LookupError, TypeError) as error:
            raise ExpectationError(f"{call} is no expectation: {error}") from error

    def _words_fault(self, question: Question, words: str) -> str:
        """What the words lack, or should have left out."""
        for each in question.says:
            key, value = self._said(each)
            if not holds(words, key, value):
                return f"does not say {value}: {_shown(words)}"
        said = [word for word in question.silent if word.lower() in words.lower()]
        return f"says {', '.join(said)}: {_shown(words)}" if said else ""

    def _said(self, each: str | Lookup) -> tuple[str, Any]:
        """A column's key, and the value of it that words have to hold; figures written down are whole numbers."""
        if isinstance(each, str):
            return "", int(each) if each.isdecimal() else each
        try:
            return each.key, looked_up(each, self._world)
        except LookupError as error:
            raise ExpectationError(f"{each} is no expectation: {error}") from error


def _wordless_fault(question: Question, answer: ChatAnswer) -> str:
    """What is wrong with an answer that should come without a report."""
    if answer.reports:
        return f"came with {_called(answer.reports[-1])}"
    if question.asks:
        missing = [name for name in question.asks if name not in answer.answer]
        asked = "?" in answer.answer
        return "" if asked and not missing else f"said: {_shown(answer.answer)}"
    refused = bool(_REFUSAL.search(answer.answer))
    named = (question.unknown or "").lower() in answer.answer.lower()
    return "" if refused and named else f"said: {_shown(answer.answer)}"


def _differences(call: Call, report: Report, expected: Report) -> list[str]:
    """The arguments fixed by a question that differ, once both are resolved; periods are compared by their moments."""
    keys = [_RESOLVED.get(key, key) for key in call.arguments]
    wrong = [key for key in keys if key != "period" and not _same(report["arguments"][key], expected["arguments"][key])]
    return wrong + (["period"] if "period" in keys and _span(report) != _span(expected) else [])


def _additions(report: Report, expected: Report) -> list[str]:
    """The other arguments that differ from the defaults, unless the rows are the same all the same."""
    given, wanted = report["arguments"], expected["arguments"]
    added = [key for key in given if key not in _HARMLESS and not _same(given[key], wanted[key])]
    added += ["period"] if _span(report) != _span(expected) else []
    shown = min(len(report["rows"]), len(expected["rows"]))
    same = report["total_rows"] == expected["total_rows"] and report["rows"][:shown] == expected["rows"][:shown]
    return [] if same else added


def _same(value: Any, expected: Any) -> bool:
    """Whether two values of an argument mean the same: the values of a list may stand in any order."""
    both = isinstance(value, list) and isinstance(expected, list)
    return bool(sorted(value) == sorted(expected) if both else value == expected)


def _span(report: Report) -> tuple[Any, Any]:
    period = report["period"] or {}
    return period.get("start"), period.get("end")


def _called(report: Report) -> str:
    """A report and the arguments that differ from nothing."""
    given = {key: value for key, value in report["arguments"].items() if value not in (None, [], False)}
    return f"{report['name']}({', '.join(f'{key}={value}' for key, value in given.items())})"


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:160]}{'…' if len(line) > 160 else ''}”"
