"""Reports made by hand, for charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dbt_discovery import Report
from dbt_discovery.models.report import Chart, Column, Coverage, Source

__all__ = ["HOSTILE", "column", "report", "seconds"]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "x" * 100_000,
    "evil\u202egnp.exe",
    "a\x00b\x1b[31mc\ud800\ufffe\x85d",
    "]]>&amp;&#x3c;",
    "模型" * 60,
    "",
)
"""Names that somebody may have given to a model."""


def seconds(key: str) -> Column:
    return Column(key=key, label=key.replace("_", " ").capitalize(), type="number", unit="seconds")


def column(key: str, **more: Any) -> Column:
    return Column(key=key, label=key.replace("_", " ").capitalize(), **more)


def report(columns: Sequence[Column], rows: Sequence[dict[str, Any]], chart: Chart | None, **more: Any) -> Report:
    """A report with those rows, of sandbox data as of 18 November 2026, 10:30 UTC."""
    return Report(
        **{
            "name": "an_example",
            "title": "An example",
            "finding": "a took longest: 5 min.",
            "source": Source(kind="sandbox", host="sandbox.localhost", account_id="1", label="Sandbox data"),
            "arguments": {},
            "filter": "everything",
            "columns": tuple(columns),
            "rows": tuple(rows),
            "total_rows": len(rows),
            "coverage": Coverage(unit="runs", considered=12),
            "as_of": datetime(2026, 11, 18, 10, 30, tzinfo=UTC),
            "chart": chart,
            "path": "/reports/an_example",
        }
        | more
    )
