"""A report's parts as lines of text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from dbt_discovery import Report
from dbt_discovery.models.report import Column, Reading
from dbt_discovery.words import count, duration, either

__all__ = [
    "cell",
    "context_lines",
    "moment_of",
    "one_line",
    "shortened",
    "shown_columns",
    "shown_line",
    "source_line",
    "text_lines",
]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_UNSEEN = re.compile(
    "[\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
"""What turns text around or hides in it; joiners stay, which some scripts are written with."""


def one_line(text: str) -> str:
    """Text without control characters: names and errors come from dbt projects and must not steer the terminal."""
    return " ".join(_CONTROL.sub(" ", _UNSEEN.sub("", text)).split())


def text_lines(text: str) -> list[str]:
    """Text as its own lines with their indentation, each without control characters; blank ones around it left away."""
    lines = [
        _CONTROL.sub(" ", _UNSEEN.sub("", line).expandtabs(4)).rstrip() for line in text.strip("\r\n").splitlines()
    ]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def shortened(text: str, longest: int) -> str:
    """The text, cut with … where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def shown_columns(report: Report) -> list[Column]:
    """The columns for eyes.

    An id is left to JSON and CSV where the name it belongs to stands beside it, and so is a column without any value.
    """
    keys = {column.key for column in report.columns}
    named = {"unique_id"} if "name" in keys else set()
    named |= {f"{key.removesuffix('_name')}_id" for key in keys if key.endswith("_name")}
    empty = {key for key in keys if report.rows and all(row.get(key) in (None, "") for row in report.rows)}
    return [column for column in report.columns if column.key not in named | empty]


def cell(value: Any, column: Column) -> str:
    """One value of a row, for eyes: durations and ratios in words, times to the second in UTC."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, column)
    if column.type == "datetime" and isinstance(value, str) and (moment := moment_of(value)):
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, list | tuple):
        return ", ".join(one_line(str(each)) for each in value) or "–"
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def moment_of(value: str) -> datetime | None:
    """The moment that a text in ISO 8601 tells; none of another text, nor of one that leaves the zone open."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def shown_line(report: Report) -> str:
    """How many of the rows are shown, where not all are; else nothing."""
    return f"{len(report.rows)} of {report.total_rows:,} rows shown." if len(report.rows) < report.total_rows else ""


def context_lines(report: Report) -> list[str]:
    """How the question was read, what the numbers rest on, what to know about them, and where they come from."""
    lines = [_reading_line(reading) for reading in report.reading]
    lines += [one_line(f"Filter: {report.filter}"), _coverage_line(report)]
    lines += [one_line(f"Note: {note}") for note in report.notes]
    return [*lines, source_line(report)]


def source_line(report: Report) -> str:
    """Whose numbers these are, and of when."""
    source = report.source
    where = one_line(f"Source: {source.label} ({source.host}, account {source.account_id})")
    age = " A refresh failed: this is what was known then." if report.stale else ""
    return f"{where}, as of {report.as_of.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z.{age}"


def _reading_line(reading: Reading) -> str:
    others = either(alternative.label for alternative in reading.alternatives)
    return one_line(f"{reading.label}: {reading.value}" + (f"; it could also be {others}" if others else ""))


def _coverage_line(report: Report) -> str:
    coverage = report.coverage
    parts = [f"Rests on {count(coverage.considered, coverage.unit.removesuffix('s'))}"]
    if left_out := [f"{number:,} {reason.replace('_', ' ')}" for reason, number in coverage.left_out.items() if number]:
        parts.append(f"left out: {', '.join(left_out)}")
    if not coverage.complete:
        parts.append("data inside the question is missing")
    return "; ".join(parts) + "."


def _number(value: float, column: Column) -> str:
    match column.unit:
        case "seconds":
            return duration(value)
        case "ratio":
            return f"{value * 100:.1f}".removesuffix(".0") + " %"
        case "days":
            return count(round(value), "day")
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
