"""Suggestions: questions that go on from an answer, each about what its report found.

Only such are offered as the offline chat model answers with the report that is meant: the tests ask it every one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

__all__ = ["SUGGESTIONS", "Suggestion", "suggestions"]

_MOST = 3
_LONGEST = 60
"""Characters of a name that still fits into a question on a button."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that may be asked next.

    Attributes:
        text: The question; `{job}`, `{model}`, `{project}` and `{run}` are those of the first row, and `{before}` the
            stretch of time before the one that the report is about.
        report: The report that answers it.
    """

    text: str
    report: str


_BEFORE = "And the {before} before?"

SUGGESTIONS: Mapping[str, Sequence[Suggestion]] = MappingProxyType(
    {
        "compare_runs": (
            Suggestion("Which tests are flaky?", "flaky_tests"),
            Suggestion("Which tests are failing?", "failing_tests"),
        ),
        "critical_path": (
            Suggestion("What does {model} depend on?", "lineage"),
            Suggestion("Is {model} getting slower?", "runtime_trend"),
            Suggestion("What happened in run {run}?", "run_details"),
        ),
        "failed_runs": (
            Suggestion("What happened in run {run}?", "run_details"),
            Suggestion(_BEFORE, "failed_runs"),
            Suggestion("Which jobs fail most in the last 30 days?", "job_reliability"),
        ),
        "failing_models": (
            Suggestion("What is downstream of {model}?", "lineage"),
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion(_BEFORE, "failing_models"),
        ),
        "failing_tests": (
            Suggestion("Which tests are flaky?", "flaky_tests"),
            Suggestion(_BEFORE, "failing_tests"),
            Suggestion("Which models have no tests?", "test_coverage"),
        ),
        "flaky_tests": (
            Suggestion(_BEFORE, "flaky_tests"),
            Suggestion("Which tests are failing?", "failing_tests"),
            Suggestion("Which tests are slowest?", "slowest_tests"),
        ),
        "job_details": (
            Suggestion("Which models are slowest in {job}?", "slowest_models"),
            Suggestion("What is the critical path of {job}?", "critical_path"),
            Suggestion("How did the run time of {job} develop over the last 14 days?", "runtime_trend"),
        ),
        "job_reliability": (
            Suggestion("Why did {job} fail this week?", "failed_runs"),
            Suggestion("What does {job} do?", "job_details"),
            Suggestion(_BEFORE, "job_reliability"),
        ),
        "lineage": (
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion("What is the health of {model}?", "model_health"),
            Suggestion("Is {model} getting slower?", "runtime_trend"),
        ),
        "list_jobs": (
            Suggestion("Which models are slowest in {job}?", "slowest_models"),
            Suggestion("When does {job} run next?", "job_details"),
            Suggestion("Which jobs take longest on average?", "longest_running_jobs"),
        ),
        "list_models": (
            Suggestion("What is downstream of {model}?", "lineage"),
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion("What is the health of {model}?", "model_health"),
        ),
        "list_projects": (
            Suggestion("What are the slowest models of {project}?", "slowest_models"),
            Suggestion("Show me the jobs of {project}.", "list_jobs"),
            Suggestion("Which models of {project} have no tests?", "test_coverage"),
        ),
        "list_runs": (
            Suggestion("What happened in run {run}?", "run_details"),
            Suggestion(_BEFORE, "list_runs"),
            Suggestion("What failed last night?", "failed_runs"),
        ),
        "longest_running_jobs": (
            Suggestion("Which models are slowest in {job}?", "slowest_models"),
            Suggestion(_BEFORE, "longest_running_jobs"),
            Suggestion("How did the run time of {job} develop over the last 14 days?", "runtime_trend"),
        ),
        "model_details": (
            Suggestion("What is downstream of {model}?", "lineage"),
            Suggestion("Is {model} getting slower?", "runtime_trend"),
            Suggestion("What is the health of {model}?", "model_health"),
        ),
        "model_health": (
            Suggestion("What is downstream of {model}?", "lineage"),
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion("Which sources are stale?", "source_freshness"),
        ),
        "model_runs": (
            Suggestion("Is {model} getting slower?", "runtime_trend"),
            Suggestion("What does {model} depend on?", "lineage"),
            Suggestion("What happened in run {run}?", "run_details"),
        ),
        "queue_times": (
            Suggestion(_BEFORE, "queue_times"),
            Suggestion("What does {job} do?", "job_details"),
            Suggestion("Which jobs take longest on average?", "longest_running_jobs"),
        ),
        "run_details": (
            Suggestion("What changed since the last run of {job}?", "compare_runs"),
            Suggestion("What is the critical path of {job}?", "critical_path"),
            Suggestion("Which models are slowest in {job}?", "slowest_models"),
        ),
        "runtime_anomalies": (
            Suggestion("What happened in run {run}?", "run_details"),
            Suggestion(_BEFORE, "runtime_anomalies"),
            Suggestion("Which models are slower this week than last?", "runtime_changes"),
        ),
        "runtime_changes": (
            Suggestion("Is {model} getting slower?", "runtime_trend"),
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion("Were there any unusual run times last week?", "runtime_anomalies"),
        ),
        "runtime_trend": (
            Suggestion("Were there any unusual run times last week?", "runtime_anomalies"),
            Suggestion("Which models are slower this week than last?", "runtime_changes"),
        ),
        "slowest_models": (
            Suggestion("Is {model} getting slower?", "runtime_trend"),
            Suggestion("What is downstream of {model}?", "lineage"),
            Suggestion("Who is responsible for {model}?", "model_details"),
        ),
        "slowest_tests": (
            Suggestion("Which tests are flaky?", "flaky_tests"),
            Suggestion("Which tests are failing?", "failing_tests"),
            Suggestion("Which models have no tests?", "test_coverage"),
        ),
        "source_freshness": (
            Suggestion("Which models are unhealthy, and why?", "model_health"),
            Suggestion("What failed last night?", "failed_runs"),
        ),
        "test_coverage": (
            Suggestion("Who is responsible for {model}?", "model_details"),
            Suggestion("Which tests are failing?", "failing_tests"),
            Suggestion("Which tests are slowest?", "slowest_tests"),
        ),
    }
)
"""What may be asked after each report; a question is left out where it names what the report does not have."""

_STRETCHES = {1: "day", 7: "week"}


def suggestions(reports: Sequence[Mapping[str, Any]]) -> list[Suggestion]:
    """Two or three questions that go on from the last of an answer's reports; none without a report.

    Args:
        reports: The reports of the answer, as JSON values.
    """
    if not reports:
        return []
    report = reports[-1]
    known = dict(_named(report))
    fitting = (each for each in SUGGESTIONS.get(str(report["name"]), ()) if _fits(each.text, known))
    return [Suggestion(each.text.format(**known), each.report) for each in fitting][:_MOST]


def _fits(text: str, known: Mapping[str, str]) -> bool:
    return all(f"{{{name}}}" not in text or name in known for name in ("job", "model", "project", "run", "before"))


def _named(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the first row names, and the stretch of time that the report is about."""
    row = report["rows"][0] if report["rows"] else {}
    names = {"job": row.get("job_name"), "project": row.get("project_name"), "run": row.get("run_id")}
    if str(row.get("unique_id", "")).startswith("model."):
        names["model"] = row.get("name")
    yield from ((key, str(name)) for key, name in names.items() if name and len(str(name)) <= _LONGEST)
    if (span := report.get("period")) and (stretch := _stretch(span["start"], span["end"])):
        yield "before", stretch


def _stretch(start: str, end: str) -> str:
    """The word for a stretch of time; empty if there is none. A day may have 23 or 25 hours."""
    first, last = (datetime.fromisoformat(moment) for moment in (start, end))
    return _STRETCHES.get(round((last - first).total_seconds() / 86400), "")
