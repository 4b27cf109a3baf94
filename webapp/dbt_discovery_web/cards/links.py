"""Links of a row: to the pages of its things here, and to those in dbt Cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from dbt_discovery import Report
from dbt_discovery.models.report import Column, Row

__all__ = ["cloud_hosts", "cloud_page", "has_page_column", "place_of", "run_place"]


def place_of(row: Row, key: str) -> str:
    """The path of the page about what a column of a row names; nothing, where it has none.

    A model's has its project's id in front, as `unique_id` alone may mean several.
    """
    if not row.get(key):
        return ""
    if key.endswith("run_id"):
        return _path("runs", row[key])
    return _FINDERS[key](row) if key in _FINDERS else ""


def run_place(report: Report, row: Row, column: Column) -> str:
    """The path of a run's page, where the moment at which it started is what names the row."""
    return place_of(row, "run_id") if column.key == report.columns[0].key == "start_time" else ""


def _of(kind: str, id_key: str) -> Callable[[Row], str]:
    return lambda row: _path(kind, row[id_key]) if row.get(id_key) else ""


def _model(id_key: str) -> Callable[[Row], str]:
    def find(row: Row) -> str:
        unique_id, project = row.get(id_key), row.get("project_id")
        known = isinstance(unique_id, str) and unique_id.startswith("model.") and project
        return _path("models", f"{project}/{unique_id}") if known else ""

    return find


_FINDERS: Mapping[str, Callable[[Row], str]] = {
    "job_name": _of("jobs", "job_id"),
    "job_id": _of("jobs", "job_id"),
    "project_name": _of("projects", "project_id"),
    "project_id": _of("projects", "project_id"),
    "name": _model("unique_id"),
    "tested_model": _model("tested_model_id"),
}


def _path(kind: str, named: Any) -> str:
    return f"/browse/{kind}/{quote(str(named), safe='/')}"


def cloud_page(report: Report, row: Row, column: Column) -> str:
    """The address in dbt Cloud of what a column tells; a sandbox's runs have addresses, but no pages.

    A run's page is on its id: `failed_run_id` has `failed_url` beside it, `run_id` has `url`.
    """
    if report.source.kind != "dbt_cloud":
        return ""
    address = row.get(column.key if column.type == "link" else _address_of(column.key))
    return address if isinstance(address, str) and _is_page(address) else ""


def has_page_column(report: Report, column: Column) -> bool:
    """Whether a column of addresses has to be shown: not where an id is the link, nor where no page is behind them."""
    others = {_address_of(other.key) for other in report.columns if other.key != column.key}
    return report.source.kind == "dbt_cloud" and column.key not in others


def cloud_hosts(report: Report) -> frozenset[str]:
    """The hosts to which a report's own links lead."""
    if report.source.kind != "dbt_cloud":
        return frozenset()
    keys = [column.key for column in report.columns if column.type == "link"]
    pages = [row[key] for row in report.rows for key in keys if isinstance(row.get(key), str) and _is_page(row[key])]
    return frozenset({report.source.host, *(urlsplit(page).hostname or "" for page in pages)} - {""})


def _address_of(key: str) -> str:
    """The key of the address that belongs to a run's id; of another column none, which no column is called."""
    return f"{key.removesuffix('run_id')}url" if key.endswith("run_id") else ""


def _is_page(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
