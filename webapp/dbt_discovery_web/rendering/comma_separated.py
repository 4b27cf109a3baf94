"""Rows as CSV that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from dbt_discovery import Report

__all__ = ["report_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report_csv(report: Report) -> str:
    """The rows of a report: a header of column keys, then raw values, numbers as numbers, times in UTC.

    Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, *CSV injection*): names and
    error texts come from dbt projects, and anyone who may write there could plant one.
    """
    keys = [column.key for column in report.columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([_field(row.get(key)) for key in keys] for row in report.rows)
    return out.getvalue()


def _field(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else _joined(value)
    safe = f"'{text}" if text.startswith(_FORMULA) else text
    return safe.replace("\r\n", "\n").replace("\r", "\n")  # which the writer would not put in quotes


def _joined(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
