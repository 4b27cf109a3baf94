"""A report's rows against those that the raw records give."""

from __future__ import annotations

from math import isclose
from typing import Any

from evals.raw.records import RANK
from evals.truth import Truth

__all__ = ["rows_fault"]

_COMPARED = 5
_CLOSE = 1e-3


def rows_fault(truth: Truth, report: dict[str, Any]) -> str:
    """Where the number of rows or the first of them differ; empty where they do not."""
    if report["total_rows"] != truth.total:
        return f"{report['total_rows']} rows, not {truth.total}"
    for number, (row, expected) in enumerate(zip(report["rows"][:_COMPARED], truth.rows, strict=False), start=1):
        wrong = _differing(row, expected)
        peers = [each for each in truth.rows if RANK in expected and each[RANK] == expected[RANK]]
        if wrong and all(_differing(row, each) for each in peers):
            return f"{wrong[0]} of row {number} is {row.get(wrong[0])}, not {expected[wrong[0]]}"
    return ""


def _differing(row: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    return [key for key, value in expected.items() if key != RANK and not (key in row and _same(row[key], value))]


def _same(value: Any, expected: Any) -> bool:
    if isinstance(expected, float) and isinstance(value, int | float):
        return isclose(value, expected, abs_tol=_CLOSE)
    return bool(value == expected)
