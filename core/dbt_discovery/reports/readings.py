"""Readings: the assumptions that several reports make, each with its alternatives as ready arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import EnvironmentFields, FailureFields, JobFields, PeriodFields
from dbt_discovery.models.period import TimeRange
from dbt_discovery.models.records import ModelRecord, RunRecord
from dbt_discovery.models.report import Alternative, Reading
from dbt_discovery.models.subjects import OneRun
from dbt_discovery.questions.nodes import PlacedNode
from dbt_discovery.reports.declaration import ReportArguments
from dbt_discovery.words import minute

__all__ = [
    "alternative",
    "choice_reading",
    "failure_reading",
    "node_state_reading",
    "order_reading",
    "period_reading",
    "run_reading",
    "state_reading",
]

_OTHER_PERIODS = {"last_week": "last_7_days", "last_7_days": "last_week", "this_week": "last_7_days"}


def alternative(arguments: ReportArguments, label: str, **instead: Any) -> Alternative:
    """The same question with some arguments changed; one that becomes None is left away."""
    changed = {**arguments.given(), **instead}
    return Alternative(label=label, arguments={name: value for name, value in changed.items() if value is not None})


def period_reading(span: TimeRange, arguments: ReportArguments) -> Reading:
    """How the period was taken, and the one that people may have meant instead.

    Args:
        span: The period.
        arguments: The arguments as they were given, which may name none.
    """
    assumed = isinstance(arguments, PeriodFields) and arguments.period is None
    value = f"{span.label}, {span.timezone}" + (" (none was named)" if assumed else "")
    other = _OTHER_PERIODS.get(span.text) or ("last_30_days" if span.text != "last_30_days" else "last_month")
    instead = alternative(arguments, other.replace("_", " "), period=other)
    return Reading(key="period", label="Period", value=value, alternatives=(instead,))


def choice_reading(arguments: ReportArguments, key: str, label: str, words: Mapping[str, str]) -> Reading:
    """What one argument of a few words was taken to be, and the others that it could be.

    Args:
        arguments: The arguments.
        key: The argument.
        label: What is chosen, for people.
        words: What each of its words means.
    """
    taken = getattr(arguments, key)
    others = (alternative(arguments, word, **{key: each}) for each, word in words.items() if each != taken)
    return Reading(key=key, label=label, value=words[taken], alternatives=tuple(others))


def order_reading(arguments: ReportArguments, words: Mapping[str, str], label: str = "Ranked by") -> Reading:
    """Which measure puts the rows in order, and the others it could be."""
    return choice_reading(arguments, "order_by", label, words)


def run_reading(run: RunRecord, called: str, arguments: OneRun, latest: str = "the latest finished") -> Reading:
    """Which run the answer is about.

    Args:
        run: The run.
        called: What it is called, such as `run 1 of Nightly`.
        arguments: The arguments, which may name no more than its job.
        latest: Which of the job's runs is taken then.
    """
    value = f"{called}, started {minute(run.began)}" + ("" if arguments.run_id else f" ({latest})")
    return Reading(key="run", label="Run", value=value)


def failure_reading(arguments: ReportArguments) -> Reading:
    """Which runs count as failed, and which could."""
    with_cancelled = isinstance(arguments, FailureFields) and arguments.cancelled_as_failed
    value = "status error, or stopped at the time limit" + (", or cancelled" if with_cancelled else "")
    if not isinstance(arguments, FailureFields):
        return Reading(key="failed", label="Failed", value=value)
    label = "without cancelled runs" if with_cancelled else "with cancelled runs"
    instead = alternative(arguments, label, cancelled_as_failed=None if with_cancelled else True)
    return Reading(key="failed", label="Failed", value=value, alternatives=(instead,))


async def state_reading(inquiry: Inquiry, arguments: ReportArguments) -> Reading:
    """Which environment's state of models, tests and sources is told, and the others that it could be."""
    named = arguments.environment if isinstance(arguments, EnvironmentFields) else None
    if named is None and isinstance(arguments, JobFields) and arguments.narrows_jobs:
        return Reading(key="environment", label="State of", value="the environments of the named jobs")
    taken = named or inquiry.environment
    others: list[Alternative] = []
    if isinstance(arguments, EnvironmentFields):
        projects = {project.project_id for project in await inquiry.select_projects(arguments)}
        homes = [home for home in (await inquiry.environments()).values() if home.project_id in projects]
        there = {home.deployment_type for home in homes} - {taken.casefold()}
        others = [alternative(arguments, each, environment=each) for each in ("production", "staging") if each in there]
    return Reading(key="environment", label="State of", value=taken, alternatives=tuple(others))


async def node_state_reading(
    inquiry: Inquiry, arguments: ReportArguments, node: ModelRecord | PlacedNode, label: str = "State of"
) -> Reading:
    """Which environment's state of one model or other node is told, and the others of its project that it could be."""
    homes = await inquiry.environments()
    taken = homes.get(node.environment_id)
    others = (
        alternative(arguments, home.name, environment=home.environment_id)
        for home in homes.values()
        if home.project_id == node.project_id and home.deployment_type and home != taken
    )
    value = taken.name if taken else f"environment {node.environment_id}"
    return Reading(key="environment", label=label, value=value, alternatives=tuple(others))
