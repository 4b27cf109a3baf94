"""Columns that a question asks for by their name."""

from __future__ import annotations

from typing import Any

from langchain_dbt_discovery.offline.columns import asked_column, told_columns

SCHEDULE = {"key": "schedule", "label": "Schedule", "type": "text", "unit": None}
RUNTIME = {"key": "avg_runtime", "label": "Average", "type": "number", "unit": "seconds"}
MODELS = {"key": "model_count", "label": "Models", "type": "number", "unit": "count"}
ERROR = {"key": "error", "label": "Error", "type": "text", "unit": None}
PROJECT = {"key": "project_name", "label": "Project", "type": "text", "unit": None}


def report(columns: list[dict[str, Any]], *rows: dict[str, Any], finding: str = "Found.") -> dict[str, Any]:
    return {"finding": finding, "columns": columns, "rows": list(rows), "total_rows": len(rows)}


def test_the_value_of_one_row_is_said() -> None:
    found = report([SCHEDULE], {"job_name": "Nightly", "schedule": "0 2 * * *"})

    assert told_columns("what is the cron of nightly?", found) == "Schedule: 0 2 * * *."


def test_the_values_of_several_rows_are_listed_with_what_they_are_of() -> None:
    found = report([MODELS], {"project_name": "A", "model_count": 52}, {"project_name": "B", "model_count": 7})

    assert told_columns("how many models does each project have", found) == "Models:\n- 52 (A)\n- 7 (B)"


def test_what_the_finding_says_is_not_said_again() -> None:
    found = report([RUNTIME], {"avg_runtime": 245.0}, finding="Nightly took 4 min 5 s on average.")

    assert told_columns("average runtime of nightly", found) == ""


def test_an_error_is_quoted() -> None:
    found = report([ERROR], {"run_id": "1", "error": 'a: column "x" does not exist'})

    assert told_columns("why did it fail?", found) == 'Error:\n> a: column "x" does not exist'


def test_what_rows_share_is_named_once() -> None:
    rows = [{"run_id": str(number), "project_name": name} for number, name in enumerate(["A", "B", "A"])]
    found = report([PROJECT], *rows)

    assert asked_column("for which project?", found)
    assert told_columns("for which project?", found) == "Projects: A and B."


def test_a_question_of_its_own_is_not_about_a_column_of_the_report_before() -> None:
    found = report([PROJECT, ERROR], {"run_id": "1", "project_name": "A", "error": "x"})

    assert asked_column("show me the error", found)
    assert not asked_column("which project has the most models?", found)
    assert not asked_column("what is the schedule?", found)
    assert not asked_column("for which project?", None)
