"""What words that point at the report before stand for: the row, and what of it is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt_discovery.words import count

from langchain_dbt_discovery.offline.pointing import Pointer
from langchain_dbt_discovery.offline.thread import Turn
from langchain_dbt_discovery.text import clean

__all__ = ["Pointed", "are_runs", "pointed", "row_of"]

_OF_A_RUN = frozenset({"dbt_compare_runs", "dbt_critical_path", "dbt_run_details"})
"""Tools that are about one run."""
_TIMES = ("runtime", "avg_runtime", "last_run_runtime", "after", "avg_queued")
_KINDS = (
    ("job", "jobs", "job_id", "job_name"),
    ("model", "models", "unique_id", "name"),
    ("model", "models", "tested_model_id", "tested_model"),
    ("project", "projects", "project_name", "project_name"),
)
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Pointed:
    """What is pointed at.

    Attributes:
        arguments: As arguments.
        instead: The same for a tool that takes no run: the run's job.
        remark: Which one was taken, where the words leave it open.
    """

    arguments: dict[str, Any]
    instead: dict[str, Any] = field(default_factory=dict)
    remark: str = ""


def are_runs(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether rows are runs, of which the newest comes first."""
    ids = [row["run_id"] for row in rows if row.get("run_id") and row.get("start_time")]
    return bool(ids) and len(set(ids)) == len(rows)


def row_of(pointer: Pointer, rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The place of the row that is meant; None if there is none.

    The last of several runs is the newest, and the slowest of rows is the one that took longest, wherever they stand.
    """
    if pointer.longest:
        key = next((key for key in _TIMES if rows and isinstance(rows[0].get(key), int | float)), "")
        return max(range(len(rows)), key=lambda at: rows[at].get(key) or 0) if key else (0 if rows else None)
    if pointer.row == -1 and are_runs(rows):
        return max(range(len(rows)), key=lambda at: str(rows[at]["start_time"]))
    return pointer.row if -len(rows) <= pointer.row < len(rows) else None


def pointed(pointer: Pointer, previous: Turn, before: Mapping[str, Any], subject: str) -> Pointed | str:
    """What `it` and `the second one` are, from the row that they point at, or why that is not known.

    Without a report at hand, or after one that is about one thing, they are what was named before.

    Args:
        pointer: The words that point.
        previous: The turn with the report.
        before: The arguments of its call, spread.
        subject: What its tool is about.
    """
    last = previous.calls[-1]
    rows = (previous.artifact or {}).get("rows") or ()
    named = {name: before[name] for name in ("jobs", "models", "run_id") if before.get(name)}
    if str(last["name"]) in _OF_A_RUN and rows and not pointer.counted and pointer.kind in ("", "run"):
        job = {"jobs": [str(rows[0]["job_id"])]} if rows[0].get("job_id") else {}
        if run := rows[0].get("run_id"):
            return Pointed({"run_id": str(run)}, job or {name: named[name] for name in named if name == "jobs"})
    if named and not pointer.counted and any(one in last["args"] for one in ("model", "job")):
        return Pointed(named)
    if not rows and (named or not pointer.plain):
        return Pointed(named)
    place = row_of(pointer, rows)
    if place is None:
        held = count(len(rows), "row") if rows else "no rows"
        return f"I do not know what “{pointer.said}” is: the answer before had {held}."
    row = rows[place]
    run = row.get("run_id") if are_runs(rows) else None
    if (run and pointer.kind in ("", "run")) or (
        pointer.kind == "run" and (run := row.get("run_id") or row.get("max_run_id"))
    ):
        return Pointed({"run_id": str(run)}, {"jobs": [str(row["job_id"])]} if row.get("job_id") else {})
    kinds = (*_KINDS[1::-1], *_KINDS[2:]) if subject == "model" else _KINDS
    for kind, name, key, called in kinds:
        if row.get(key) and pointer.kind in ("", "run", kind) and not str(row[key]).startswith("test."):
            name_ = clean(str(row.get(called) or ""), _LONGEST)
            several = len({str(each.get(key)) for each in rows}) > 1 and not pointer.counted
            remark = f"I took “{pointer.said}” as {name_}, the first row" if several and name_ else ""
            return Pointed({name: [str(row[key])]}, remark=remark)
    return f"I do not know which {pointer.kind or 'one'} “{pointer.said}” is: the answer before names none."
