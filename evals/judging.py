"""The judge: whether an answer is right, and if not, what came instead."""

from __future__ import annotations

import re
from math import isclose
from typing import TYPE_CHECKING, Any

from dbt_discovery import DbtAccount, DbtDiscoveryError

from evals.questions import Question
from evals.truth import Truth, truth_of

if TYPE_CHECKING:
    from dbt_cloud_sandbox import World
    from dbt_discovery_web.conversation import ChatAnswer

__all__ = ["fault"]

_RESOLVED = {"projects": "project_ids", "jobs": "job_ids", "models": "model_ids"}
"""Names in arguments, and where a report's canonical arguments hold what they were resolved to."""
_CLOSE = 1e-3
_ASKED_FOR_WRONGLY = ("NotFound", "AmbiguousName", "InvalidArgument")
"""Faults of a question, whose sentence may well be the right answer."""
_REFUSAL = re.compile(
    r"\b(?:can(?:not|['’]t| only)|(?:could|do|does|did) not|(?:do|does)n['’]t|unable|not able|no report|no such)\b",
    re.IGNORECASE,
)


async def fault(question: Question, answer: ChatAnswer, account: DbtAccount, world: World) -> str:
    """What is wrong with an answer, in a few words; empty if it is right."""
    if answer.failed and answer.error not in _ASKED_FOR_WRONGLY:
        return f"broke off: {_shown(answer.answer)}"
    if question.report:
        return await _report_fault(question, answer, account, truth_of(question.report, world, question.arguments))
    if answer.reports:
        return f"came with {_call(answer)}"
    if question.asks:
        missing = [name for name in question.asks if name not in answer.answer]
        asked = "?" in answer.answer
        return "" if asked and not missing else f"said: {_shown(answer.answer)}"
    refused = bool(_REFUSAL.search(answer.answer))
    named = (question.unknown or "").lower() in answer.answer.lower()
    return "" if refused and named else f"said: {_shown(answer.answer)}"


async def _report_fault(question: Question, answer: ChatAnswer, account: DbtAccount, truth: Truth | None) -> str:
    """What is wrong with the last report of an answer: its name, its arguments, its rows, or the words around it."""
    if not answer.reports:
        return f"no report, said: {_shown(answer.answer)}"
    report = answer.reports[-1]
    if report["name"] != question.report:
        return f"came with {_call(answer)}"
    wrong = await _wrong_arguments(question, report, account)
    if wrong:
        return f"wrong {', '.join(wrong)}: {_call(answer)}"
    if truth is None:
        return ""
    if report["total_rows"] != truth.total:
        return f"{report['total_rows']} rows, not {truth.total}: {_call(answer)}"
    row = report["rows"][0] if report["rows"] else None
    if (row is None) != (truth.first is None):
        return f"first row {row}, not {truth.first}"
    for key, value in (truth.first or {}).items():
        if not _same(row[key], value):  # type: ignore[index]
            return f"first {key} is {row[key]}, not {value}: {_call(answer)}"  # type: ignore[index]
    label = (truth.first or {}).get("job_name") or (truth.first or {}).get("name")
    if label and "runtime" in " ".join(truth.first or {}) and label not in answer.answer:
        return f"the answer does not name {label}: {_shown(answer.answer)}"
    return ""


async def _wrong_arguments(question: Question, report: dict[str, Any], account: DbtAccount) -> list[str]:
    """The arguments that differ from those expected, once both are resolved; periods are compared by their moments."""
    assert question.report
    try:
        expected = (await account.arun_report(question.report, **question.arguments)).to_json()
    except DbtDiscoveryError as error:
        raise RuntimeError(f"The expectation of {question.ask[-1]!r} is wrong: {error}") from error
    keys = [_RESOLVED.get(key, key) for key in question.arguments]
    wrong = [key for key in keys if key != "period" and report["arguments"][key] != expected["arguments"][key]]
    if "period" in keys:
        spans = [
            {k: v for k, v in (each["period"] or {}).items() if k in ("start", "end")} for each in (report, expected)
        ]
        wrong += [] if spans[0] == spans[1] else ["period"]
    return wrong


def _same(value: Any, expected: Any) -> bool:
    return isclose(value, expected, abs_tol=_CLOSE) if isinstance(expected, float) else bool(value == expected)


def _call(answer: ChatAnswer) -> str:
    """The last call of an answer."""
    if not answer.tool_calls:
        return "no call"
    call = answer.tool_calls[-1]
    return f"{call.name}({', '.join(f'{key}={value}' for key, value in call.args.items())})"


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:160]}{'…' if len(line) > 160 else ''}”"
