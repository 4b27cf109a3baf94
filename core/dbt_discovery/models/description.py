"""Filters said in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_discovery.models.period import parse_period
from dbt_discovery.words import count, duration, either

__all__ = ["describe"]

_LISTS = {
    "job": ("job", "jobs", "job_ids"),
    "model": ("model", "models", "model_ids"),
    "run": ("run_id",),
}
_PLAIN = {
    "job_type": "job type",
    "materialization": "materialization",
    "package": "package",
    "group": "group",
    "run_status": "run status",
    "model_status": "last run status",
    "status": "status",
}


def describe(given: Mapping[str, Any]) -> str:
    """Filter fields that were given, as one phrase; `everything` when there are none."""
    parts = []
    if projects := [*given.get("projects", ()), *given.get("project_ids", ())]:
        word = "every project but" if given.get("include_or_exclude") == "exclude" else "project"
        parts.append(f"{word} {either(projects)}")
    if environment := given.get("environment"):
        parts.append(f"environment {environment}")
    for word, keys in _LISTS.items():
        if names := [name for key in keys for name in _as_list(given.get(key))]:
            parts.append(f"{word} {either(names)}")
    if tags := given.get("tags"):
        both = given.get("tags_match") == "all"
        parts.append(f"{'tags' if len(tags) > 1 else 'tag'} {either(tags, word='and' if both else 'or')}")
    parts += [f"{word} {either(_as_list(given[key]))}" for key, word in _PLAIN.items() if given.get(key)]
    if bounds := _bounds(given.get("min_runtime"), given.get("max_runtime")):
        parts.append(bounds)
    if given.get("cancelled_as_failed"):
        parts.append("cancelled runs count as failed")
    if runs := given.get("last_n_runs"):
        parts.append(f"last {count(runs, 'run')}")
    if period := given.get("period"):
        parts.append(parse_period(period).text.replace("_", " "))
    return "; ".join(parts) or "everything"


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _bounds(least: float | None, most: float | None) -> str:
    if least is not None and most is not None:
        return f"runtime from {duration(least)} to {duration(most)}"
    if least is not None:
        return f"runtime of at least {duration(least)}"
    return f"runtime of at most {duration(most)}" if most is not None else ""
