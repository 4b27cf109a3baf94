"""The answer to a question, put together from what the tool found: no word of it is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dbt_discovery.models.report import Coverage
from langchain_core.messages import ToolMessage

from langchain_dbt_discovery.content import coverage_text
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, WILL_NOT_WORK
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.text import FENCE_END, FENCE_START, clean

__all__ = ["write_answer"]

_SENTENCE = 600


def write_answer(result: ToolMessage, call: Call) -> str:
    """The answer from a tool's message: the finding, how the question was read, what is missing.

    The rows are not repeated: they are in the message's artifact, from which every door shows them as a table.

    Args:
        result: The tool's message.
        call: The call it answers, with what the person should know about it.
    """
    if result.status == "error":
        return _explained(result.text)
    if not isinstance(result.artifact, Mapping):
        return _from_text(result.text)
    report = result.artifact
    parts = [clean(f"{caveat}.", _SENTENCE) for caveat in call.caveats]
    parts.append(clean(str(report["finding"]), _SENTENCE))
    parts.append("\n".join(_reading(report, call.remarks)))
    return "\n\n".join(part for part in parts if part)


def _explained(text: str) -> str:
    """A tool's failure in a sentence."""
    if text.startswith(CHANGE_ARGUMENTS):
        return f"I could not answer that. {text.removeprefix(CHANGE_ARGUMENTS).strip()}"
    return f"I cannot answer that now. {text.removeprefix(WILL_NOT_WORK).strip()}"


def _from_text(text: str) -> str:
    """The finding from a tool's text, where the artifact is not at hand."""
    inside = text.partition(FENCE_START)[2].partition(FENCE_END)[0] or text
    match = re.search(r"^Finding: (.+)$", inside, re.MULTILINE)
    return clean(match[1] if match else inside, _SENTENCE)


def _reading(report: Mapping[str, Any], remarks: Sequence[str]) -> Iterable[str]:
    """How the question was read, and what a reader should know of the numbers."""
    readings = [f"{each['label'].lower()}: {each['value']}" for each in report["reading"]]
    if report["filter"] != "everything":
        readings.append(f"filter: {report['filter']}")
    if readings:
        yield clean(f"How I read it: {'; '.join(readings)}.", _SENTENCE)
    for remark in remarks:
        yield clean(f"{remark}.", _SENTENCE)
    coverage = Coverage.model_validate(report["coverage"])
    if not coverage.complete:
        yield f"Rests on {coverage_text(coverage)}."
    for note in report["notes"]:
        yield clean(f"Note: {note}", _SENTENCE)
    if report["stale"]:
        yield "dbt Cloud could not be asked again, so this is what was known before."
