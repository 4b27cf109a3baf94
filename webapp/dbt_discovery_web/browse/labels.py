"""Labels: what arguments and their values are called on a form."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["FAMILIES", "PERIODS", "argument_label", "value_label"]

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "jobs": "Jobs",
        "runs": "Runs",
        "models": "Models",
        "tests": "Tests",
        "sources": "Sources",
        "projects": "Projects",
    }
)
"""The groups of reports, in the order in which people look for them."""

PERIODS: Mapping[str, str] = MappingProxyType(
    {
        "today": "Today",
        "yesterday": "Yesterday",
        "last_24_hours": "Last 24 hours",
        "last_7_days": "Last 7 days",
        "this_week": "This week",
        "last_week": "Last week (Mon–Sun)",
        "last_14_days": "Last 14 days",
        "last_30_days": "Last 30 days",
        "this_month": "This month",
        "last_month": "Last month",
        "last_90_days": "Last 90 days",
    }
)
"""Periods that are chosen rather than written."""

_ARGUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "base_run_id": "Compare with run",
        "by": "One row per",
        "cancelled_as_failed": "Cancelled runs count as failed",
        "depth": "Most steps away",
        "include_or_exclude": "Named projects are",
        "job_type": "Started by",
        "last_n_runs": "Last runs",
        "limit": "Rows",
        "max_runtime": "Greatest runtime",
        "min_change": "Least change",
        "min_runtime": "Least runtime",
        "model_status": "Last run of the model",
        "of": "Look at",
        "order_by": "Sort by",
        "refresh": "Ask dbt Cloud again",
        "resource_type": "Kinds of nodes",
        "run_id": "Run",
        "run_status": "Status of the run",
        "sql": "With its code",
        "statistics": "Say where the answer came from",
        "tags_match": "Tags match",
        "verdict": "Health",
    }
)
_VALUES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("include_or_exclude", "include"): "kept",
        ("include_or_exclude", "exclude"): "left out",
        ("job_type", "ci"): "CI",
        ("order_by", "avg"): "average",
        ("order_by", "max"): "longest",
        ("order_by", "p95"): "95th percentile",
        ("tags_match", "any"): "any of them",
        ("tags_match", "all"): "all of them",
    }
)


def argument_label(name: str) -> str:
    """What an argument is called: `order_by` is “Sort by”."""
    return _ARGUMENTS.get(name) or name.removesuffix("_ids").replace("_", " ").capitalize() + (
        " by id" if name.endswith("_ids") else ""
    )


def value_label(argument: str, value: str) -> str:
    """What one of an argument's fixed values is called."""
    return _VALUES.get((argument, value)) or value.replace("_", " ")
