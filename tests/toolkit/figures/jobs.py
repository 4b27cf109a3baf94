"""A small report of four jobs, whose numbers can be checked by eye."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import BaseMessage

from tests.toolkit.figures.speakers import thread_about

__all__ = ["FINDING", "about_jobs"]

FINDING = (
    "Growth nightly (Product Growth) took longest last week: 1 h 18 min on average over 84 runs (longest 2 h 28 min)."
)

_COLUMNS = (
    ("job_name", "Job", "text", None),
    ("project_name", "Project", "text", None),
    ("runs", "Runs", "number", "count"),
    ("avg_runtime", "Average", "number", "seconds"),
    ("max_runtime", "Longest", "number", "seconds"),
    ("success_rate", "Success rate", "number", "ratio"),
    ("failures", "Failures", "number", "count"),
    ("job_id", "Job id", "id", None),
)
_ROWS = (
    ("Growth nightly", "Product Growth", 84, 4690.4, 8893.0, 0.75, 21, "70403103940011"),
    ("Finance build", "Finance Analytics", 40, 730.2, 912.9, 0.975, 1, "70403103940001"),
    ("Month-end close 2", "Finance Analytics", 3, 245.3, 301.7, 1.0, 0, "70403103940003"),
    ("Campaign sync", "Marketing", 168, 29.7, 41.2, 0.631, 62, "70403103940008"),
)


def about_jobs(question: str = "Which jobs take longer than 7 minutes?") -> list[BaseMessage]:
    """A question, and the report that a tool gave."""
    keys = [key for key, *_ in _COLUMNS]
    artifact: dict[str, Any] = {
        "name": "longest_running_jobs",
        "finding": FINDING,
        "arguments": {"period": "last_week", "limit": 10},
        "reading": [{"key": "period", "label": "Period", "value": "last week (Mon 9 – Sun 15 Nov 2026), UTC"}],
        "period": {"label": "last week", "start": "2026-11-09T00:00:00Z", "end": "2026-11-16T00:00:00Z"},
        "filter": "everything",
        "columns": [{"key": key, "label": label, "type": kind, "unit": unit} for key, label, kind, unit in _COLUMNS],
        "rows": [dict(zip(keys, row, strict=True)) for row in _ROWS],
        "total_rows": 17,
        "coverage": {"unit": "runs", "considered": 556, "left_out": {"cancelled": 13}, "complete": True},
        "notes": ["2 jobs had no runs."],
        "as_of": "2026-11-18T10:30:00Z",
    }
    return thread_about("longest_running_jobs", f"Finding: {FINDING}", artifact, question)
