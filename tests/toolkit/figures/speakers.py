"""Models that speak about a report: an honest one in many ways of writing, and several that lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

__all__ = ["Said", "cells", "names_of", "sentence", "tabled", "thread_about", "ways"]

SHOWN = 20
"""Rows that a model sees."""
_NAMES = ("name", "job_name", "source", "bucket", "run_id", "project_name")


@dataclass(frozen=True)
class Said:
    """One number of a report, as a sentence may be made of it."""

    row: int
    name: str
    label: str
    unit: str | None
    value: float


def thread_about(
    report: str, content: str, artifact: Mapping[str, Any], question: str = "Tell me."
) -> list[BaseMessage]:
    """A question, the call of one report's tool, and what came of it."""
    call = {"name": f"dbt_{report}", "args": {}, "id": "call-1"}
    return [
        HumanMessage(question),
        AIMessage("", tool_calls=[call]),
        ToolMessage(content, artifact=dict(artifact), tool_call_id="call-1", name=call["name"]),
    ]


def names_of(artifact: Mapping[str, Any]) -> list[str]:
    """What people call the rows that a model sees: what tells one from the other, if anything does."""
    rows = artifact["rows"][:SHOWN]
    keys = [key for key in _NAMES if rows and all(row.get(key) for row in rows)]
    telling = [key for key in keys if len({row[key] for row in rows}) == len(rows)]
    key = (telling or keys or [""])[0]
    return [str(row.get(key, "")) for row in rows]


def cells(artifact: Mapping[str, Any]) -> list[Said]:
    """The numbers of the rows that a model sees."""
    return [
        Said(index, name, column["label"], column["unit"], float(row[column["key"]]))
        for index, (name, row) in enumerate(zip(names_of(artifact), artifact["rows"], strict=False))
        for column in artifact["columns"]
        if column["type"] == "number" and row.get(column["key"]) is not None
    ]


def ways(unit: str | None, value: float) -> Iterator[str]:
    """Ways to write a value honestly: as it is shown, and rounded or converted rightly."""
    if unit == "seconds":
        yield _as_shown(value)
        yield f"{value:.1f} seconds"
        yield f"{value:,.0f} s" if abs(value) >= 10 else f"{value:.2f} s"
        if abs(value) >= 60:
            yield f"{value / 60:.1f} minutes"
            yield f"about {value / 60:.0f} min"
        if abs(value) >= 3600:
            yield f"{value / 3600:.1f} hours"
        if 60 <= value < 86400:
            whole = round(value)
            yield f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"
            yield f"{whole // 3600}h {whole % 3600 // 60}m {whole % 60}s"
    elif unit == "ratio":
        yield f"{value:.1%}"
        yield f"{value * 100:.0f} percent"
        yield f"{value * 100:.1f} %"
        if 0.01 < abs(value) < 1:
            yield f"{value:.3f}"
    elif value == int(value):
        yield f"{int(value):,}"
        yield f"{int(value)}"
        if 1 < value < 13:
            yield "zero one two three four five six seven eight nine ten eleven twelve".split()[int(value)]  # noqa: SIM905
    else:
        yield f"{value:,.2f}"
        yield f"{value:.1f}"


def sentence(said: Said, words: str) -> str:
    """A sentence about one number of a row."""
    return f"{said.name}: {said.label} {words}."


def tabled(artifact: Mapping[str, Any], told: Mapping[tuple[int, str], str]) -> str:
    """The rows as a table of markdown, of the columns that were told."""
    labels = list(dict.fromkeys(label for _, label in told))
    lines = ["| " + " | ".join(["Name", *labels]) + " |", "|" + " --- |" * (len(labels) + 1)]
    for index, name in enumerate(names_of(artifact)):
        lines.append("| " + " | ".join([name, *(told.get((index, label), "") for label in labels)]) + " |")
    return "\n".join(lines) + "\n"


def _as_shown(value: float) -> str:
    if value < 0:
        return f"-{_as_shown(-value)}"
    if value < 59.95:
        return f"{value:.2f} s" if value < 1 else f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(round(value / 60), 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{round(value / 3600) // 24} d {round(value / 3600) % 24} h"
