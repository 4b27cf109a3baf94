"""The answer to a question, put together from what the tool found: no word of it is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dbt_discovery.models.report import Coverage
from langchain_core.messages import ToolMessage

from langchain_dbt_discovery.content import coverage_text
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, reason_of
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.offline.columns import told_columns
from langchain_dbt_discovery.text import FENCE_END, FENCE_START, clean

__all__ = ["Finding", "write_answer"]

_SENTENCE = 600
_PLACES = ("the first", "the second", "the third", *["the next"] * 7)


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one step of a question.

    Attributes:
        call: The call, with what the person should know about it; without a tool's name if nothing was called.
        result: The tool's message; None if none was called.
        said: What is said instead of calling a tool.
        question: What it answers, so that what that asks for by name is said too.
    """

    call: Call
    result: ToolMessage | None = None
    said: str = ""
    question: str = ""

    @property
    def report(self) -> Mapping[str, Any] | None:
        """The report that came; None if it failed, or if it is not at hand."""
        if self.result is None or self.result.status == "error" or not isinstance(self.result.artifact, Mapping):
            return None
        return self.result.artifact


def write_answer(findings: Sequence[Finding], remark: str = "") -> str:
    """The answer from what the steps of a question found: the findings, how they were read, what is missing.

    The rows are not repeated: they are in the messages' artifacts, from which every door shows them as tables.

    Args:
        findings: One for each step, in the order in which they are told.
        remark: What to say of the question's words first; only beside a report.
    """
    several = len(findings) > 1
    told = list(dict.fromkeys(_told(finding, several=several) for finding in findings))
    if remark and any(finding.report for finding in findings):
        told.insert(0, f"{remark}.")
    readings: list[str] = []
    for place, finding in enumerate(findings):
        if finding.report:
            lines = list(_reading(finding.report, finding.call.remarks))
            if several:
                lines = [line.replace("How I read it:", f"How I read {_PLACES[min(place, 9)]}:", 1) for line in lines]
            readings += [line for line in lines if line not in readings]
    return "\n\n".join([*filter(None, told), *(["\n".join(readings)] if readings else [])])


def _told(finding: Finding, *, several: bool) -> str:
    """What a step found, or why it found nothing, in a paragraph."""
    if finding.result is None:
        return finding.said.partition("\n\n")[0] if several else finding.said
    if finding.result.status == "error":
        return _explained(finding.result.text)
    if finding.report is None:
        return _from_text(finding.result.text)
    caveats = [clean(f"{caveat}.", _SENTENCE) for caveat in finding.call.caveats]
    found = clean(str(finding.report["finding"]), _SENTENCE)
    asked = told_columns(finding.question, finding.report) if finding.question else ""
    joined = "\n\n" if "\n" in asked else " "
    return "\n\n".join([*caveats, f"{found}{joined}{asked}".strip()])


def _explained(text: str) -> str:
    """A tool's failure in a sentence."""
    opening = "I could not answer that." if text.startswith(CHANGE_ARGUMENTS) else "I cannot answer that now."
    return f"{opening} {reason_of(text)}"


def _from_text(text: str) -> str:
    """The finding from a tool's text, where the artifact is not at hand."""
    inside = text.partition(FENCE_START)[2].partition(FENCE_END)[0] or text
    match = re.search(r"^Finding: (.+)$", inside, re.MULTILINE)
    return clean(match[1] if match else inside, _SENTENCE)


def _reading(report: Mapping[str, Any], remarks: Sequence[str]) -> Iterable[str]:
    """How the question was read, and what a reader should know of the numbers."""
    readings = [f"{each['label'].lower()}: {_dated(each, report)}" for each in report["reading"]]
    if report["filter"] != "everything":
        readings.append(f"filter: {report['filter']}")
    if readings:
        yield clean(f"How I read it: {'; '.join(readings)}.", _SENTENCE)
    for remark in remarks:
        yield clean(f"{remark}.", _SENTENCE)
    coverage = Coverage.model_validate(report["coverage"])
    if not coverage.complete:
        rests = coverage.considered > 1 or coverage.left_out
        yield f"Rests on {coverage_text(coverage)}." if rests else "Some data of the question is missing."
    for note in report["notes"]:
        yield clean(f"Note: {note}", _SENTENCE)
    if report["stale"]:
        yield "dbt Cloud could not be asked again, so this is what was known before."


def _dated(reading: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """What a reading says; of a period that is told by its length, with the moment at which it begins."""
    value, span = str(reading["value"]), report.get("period")
    if reading["key"] != "period" or not span or not value.startswith(label := str(span["label"])):
        return value
    if re.search(r"\d{4}", label):
        return value  # it tells its days itself
    try:
        zone = ZoneInfo(span["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        return value
    start = datetime.fromisoformat(span["start"]).astimezone(zone)
    return f"{label} (since {start:%a} {start.day} {start:%b %Y at %H:%M}){value.removeprefix(label)}"
