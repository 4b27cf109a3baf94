"""How the OpenAPI document describes what paths name, and the forms of their answers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dbt_discovery_web.rest.accepting import CSV, NDJSON, TEXT

__all__ = ["CODE_ANSWERS", "REFERENCES", "TABLE_ANSWERS", "Answers"]

Answers = dict[int | str, dict[str, Any]]

REFERENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "project": ("The project's id or name.", "Marketing"),
        "job": ("The job's id or name.", "Finance nightly build"),
        "model": (
            "The model's name, unique_id or project_name.model_name; project_id/unique_id means exactly one.",
            "fct_invoices",
        ),
        "run": ("The run's id.", "70403104000001"),
    }
)
"""What a path takes in the place of one thing, with an example; a slash in it may stand as it is."""


def _header(description: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": description, "schema": schema}


TABLE_ANSWERS: Answers = {
    200: {
        "content": {
            CSV: {
                "schema": {
                    "type": "string",
                    "description": "A header, then a line for each row. What would be a formula has a ' before it.",
                }
            },
            NDJSON: {"schema": {"type": "string", "description": "A JSON object on each line, one for each row."}},
        },
        "headers": {
            "X-Total-Count": _header(
                "CSV and NDJSON: how many rows there are before any limit.", {"type": "integer", "minimum": 0}
            ),
            "X-Complete": _header(
                "CSV and NDJSON: false where data inside the question is missing; JSON says what.",
                {"type": "string", "enum": ["true", "false"]},
            ),
            "Link": _header("CSV and NDJSON: where a limit leaves more, the path of the next.", {"type": "string"}),
        },
    },
    406: {},
}
"""Rows as CSV and NDJSON, beside the JSON that the route declares itself."""

CODE_ANSWERS: Answers = {200: {"content": {TEXT: {"schema": {"type": "string"}}}}, 406: {}}
"""Code as it is, beside JSON."""
