"""The answer to a question, put together from what the tool found: no word of it is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dbt_discovery.models.report import Coverage
from langchain_core.messages import ToolMessage

from langchain_dbt_discovery.content import cell, coverage_text
from langchain_dbt_discovery.failures import CHANGE_ARGUMENTS, WILL_NOT_WORK
from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.text import FENCE_END, FENCE_START, clean

__all__ = ["write_answer"]

_ROWS = 5
_SENTENCE = 600
_DETAIL = 90
_DETAILS: Mapping[str, tuple[str, ...]] = {
    "failed_runs": ("job_name", "start_time", "failed_nodes", "status_message"),
    "list_jobs": ("job_name", "project_name", "last_run_status", "last_run_runtime"),
    "list_models": ("name", "project_name", "materialization", "last_run_status"),
    "longest_running_jobs": ("job_name", "project_name"),
    "slowest_models": ("name", "project_name"),
}
"""The columns of a report that its rows show in a line; another report shows the first ones it has."""


def write_answer(result: ToolMessage, call: Call) -> str:
    """The answer from a tool's message: the finding, its first rows, how the question was read, what is missing.

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
    if rows := list(_rows(report)):
        parts.append("\n".join(rows))
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


def _rows(report: Mapping[str, Any]) -> Iterable[str]:
    rows = report["rows"]
    if len(rows) < 2 and report["name"] not in ("failed_runs",):
        return
    columns = {column["key"]: column for column in report["columns"]}
    keys = [key for key in _DETAILS.get(report["name"], tuple(columns)[:4]) if key in columns]
    keys += [key for key in (report.get("chart") or {}).get("y", ()) if key in columns and key not in keys]
    for number, row in enumerate(rows[:_ROWS], 1):
        cells = [clean(cell(row.get(key), columns[key]), _DETAIL) for key in keys]
        yield f"{number}. {' · '.join(each for each in cells if each)}"
    if report["total_rows"] > _ROWS:
        yield f"({min(_ROWS, len(rows))} of {report['total_rows']:,} shown)"


def _reading(report: Mapping[str, Any], remarks: Sequence[str]) -> Iterable[str]:
    readings = [f"{each['label'].lower()}: {each['value']}" for each in report["reading"]]
    if narrowing := _without_period(report):
        readings.append(f"filter: {narrowing}")
    if readings:
        yield clean(f"How I read it: {'; '.join(readings)}.", _SENTENCE)
    for remark in remarks:
        yield clean(f"{remark}.", _SENTENCE)
    coverage = Coverage.model_validate(report["coverage"])
    if coverage.left_out or not coverage.complete:
        yield f"Rests on {coverage_text(coverage)}."
    for note in report["notes"]:
        yield clean(f"Note: {note}", _SENTENCE)
    if report["stale"]:
        yield "dbt Cloud could not be asked again, so this is what was known before."
    as_of = str(report["as_of"])[:16].replace("T", " ")
    yield clean(f"Source: {report['source']['label']}, as of {as_of} UTC.", _SENTENCE)


def _without_period(report: Mapping[str, Any]) -> str:
    """The filter without the period, which the reading tells better; empty if nothing else narrows."""
    period = str(report["arguments"].get("period") or "").replace("_", " ")
    parts = [part for part in str(report["filter"]).split("; ") if part not in (period, "everything")]
    return "; ".join(parts)
