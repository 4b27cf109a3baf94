"""Rows as CSV that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from dbt_discovery import Report

__all__ = ["csv_lines", "report_csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a formula begins: also with the full-width forms of = + - @, which some spreadsheets take for these."""


def report_csv(report: Report) -> str:
    """The rows of a report, under a header of its columns' keys."""
    return "".join(csv_lines([column.key for column in report.columns], report.rows))


def csv_lines(keys: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A header of the keys, then each row's raw values, numbers as numbers, times in UTC; each line with its end.

    Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, *CSV injection*): names and
    error texts come from dbt projects, and anyone who may write there could plant one.
    """
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    for values in chain([keys], ([_field(row.get(key)) for key in keys] for row in rows)):
        writer.writerow(values)
        yield line.getvalue()
        line.seek(0)
        line.truncate()


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
