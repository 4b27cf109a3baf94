"""Ten questions that people ask most, as an agent's tools answer them: calls, requests and characters."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from dbt_discovery import DbtAccount
from langchain_dbt_discovery import DbtDiscoveryToolkit

from benchmarks.measuring import Row, requests_of
from benchmarks.stage import Stage, account_on

__all__ = ["QUESTIONS", "ten_questions"]

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "longest jobs last week": ("longest_running_jobs", {"period": "last_week"}),
    "slowest 5 models of a project": ("slowest_models", {"projects": ["Marketing"], "limit": 5}),
    "average of a model's last 10 runs": ("model_runs", {"model": "fct_revenue", "last_n_runs": 10}),
    "jobs failing most in 30 days": ("job_reliability", {"period": "last_30_days"}),
    "models tagged finance and incremental": (
        "list_models",
        {"tags": ["finance"], "materialization": ["incremental"]},
    ),
    "stale sources": ("source_freshness", {"status": ["warn", "error"]}),
    "a job's daily trend over 14 days": ("runtime_trend", {"job": "Finance nightly build", "period": "last_14_days"}),
    "models slower this week than last": ("runtime_changes", {"period": "this_week"}),
    "models failing now": ("failing_models", {}),
    "what is downstream of a model": ("lineage", {"model": "fct_revenue", "direction": "downstream"}),
}
"""Each with the report that answers it, in one tool call, and the arguments of the call."""


def ten_questions(stage: Stage) -> Iterator[Row]:
    """What each question costs an account that knows nothing, what it costs again, and what a model has to read."""
    characters = 0
    with stage.ordinary.at_once():
        for question, (report, arguments) in QUESTIONS.items():
            with account_on(stage.ordinary) as dbt:
                again = partial(ask, dbt, report, arguments)
                cold, warm = requests_of(stage.ordinary, again), requests_of(stage.ordinary, again)
                length = len(again())
            characters += length
            told = f"asked again: {warm}; 1 tool call, {length:,} characters"
            yield Row(f"{question}: requests", cold, "requests", absolute=told)
        with account_on(stage.ordinary) as dbt:
            everything = partial(ask_all, dbt)
            cold, warm = requests_of(stage.ordinary, everything), requests_of(stage.ordinary, everything)
    told = f"asked again: {warm}; {len(QUESTIONS)} tool calls, {characters:,} characters"
    yield Row("all ten in a row: requests", cold, "requests", absolute=told)


def ask_all(dbt: DbtAccount) -> None:
    """Asks all ten, one after the other."""
    for report, arguments in QUESTIONS.values():
        ask(dbt, report, arguments)


def ask(dbt: DbtAccount, report: str, arguments: dict[str, Any]) -> str:
    """What a tool gives a model to read."""
    (tool,) = DbtDiscoveryToolkit(account=dbt, include=[report]).get_tools()
    content: str = tool.invoke(arguments)
    return content
