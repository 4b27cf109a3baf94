"""Addresses of a report: its page, its card, its rows and its picture, each with the report's own arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt_discovery import DbtDiscoveryError, Report
from dbt_discovery.reports import find_report
from dbt_discovery.reports.declaration import MOST_ROWS

__all__ = ["Addresses"]


class Addresses:
    """Where a report and its other forms are found.

    Args:
        report: The report.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._query = report.path.partition("?")[2]

    @property
    def page(self) -> str:
        """Its page, with the form."""
        return f"/browse/{self._report.name}{self._queried}"

    @property
    def picture(self) -> str:
        """Its chart as a file."""
        return f"/reports/{self._report.name}/chart.svg{self._queried}"

    @property
    def markdown(self) -> str:
        """It as Markdown."""
        return f"/reports/{self._report.name}/report.md{self._queried}"

    @property
    def rows(self) -> str:
        """All its rows as CSV, whatever its limit."""
        return self._as("/reports/", "/rows.csv", {"limit": None})

    @property
    def longer(self) -> str:
        """Its page with all rows, or with as many as a report may give; nothing where it gives these already."""
        if len(self._report.rows) >= min(self._report.total_rows, MOST_ROWS):
            return ""
        return self._as("/browse/", "", {"limit": min(self._report.total_rows, MOST_ROWS)})

    def instead(self, arguments: Mapping[str, Any]) -> str:
        """The page of the same report with other arguments."""
        return _path(self._report.name, "/browse/", "", arguments)

    @property
    def _queried(self) -> str:
        return f"?{self._query}" if self._query else ""

    def _as(self, before: str, after: str, changed: Mapping[str, Any]) -> str:
        arguments = {**self._report.arguments, **changed}
        return _path(self._report.name, before, after, {k: v for k, v in arguments.items() if k != "limit" or v})


def _path(name: str, before: str, after: str, arguments: Mapping[str, Any]) -> str:
    """A path of a report; of one that is no longer known, without arguments."""
    try:
        path = find_report(name).path(arguments)
    except DbtDiscoveryError:
        path = f"/reports/{name}"
    place, mark, query = path.removeprefix("/reports/").partition("?")
    return f"{before}{place}{after}{mark}{query}"
