"""Filters of the environment endpoint's lists: what is given must hold; ids, names and tags are case-sensitive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from dbt_cloud_sandbox.discovery.rows import Row

Keeper: TypeAlias = Callable[[Row, Any], bool]


def _same(field: str) -> Keeper:
    return lambda row, value: bool(row.get(field) == value)


def _among(field: str) -> Keeper:
    return lambda row, values: row.get(field) in values


def _status_is(row: Row, value: str) -> bool:
    return bool(row["executionInfo"]["lastRunStatus"] == value)


def _any_tag(row: Row, values: list[str]) -> bool:
    return not set(values).isdisjoint(row["tags"])


def _identifier(row: Row, value: str) -> bool:
    """A source's identifier; elsewhere the alias, not the dbt name."""
    return bool(row.get("identifier", row.get("alias")) == value)


KEEPERS: dict[str, Keeper] = {
    "uniqueIds": _among("uniqueId"),
    "identifier": _identifier,
    "database": _same("database"),
    "schema": _same("schema"),
    "packageName": _same("packageName"),
    "group": _same("group"),
    "access": _same("access"),
    "modelingLayer": _same("modelingLayer"),
    "tags": _any_tag,
    "lastRunStatus": _status_is,
    "status": _status_is,
    "testTypes": _among("testType"),
    "sourceNames": _among("sourceName"),
    "freshnessChecked": lambda row, value: bool(row["freshness"]["freshnessChecked"] == value),
    "freshnessStatus": lambda row, value: bool(row["freshness"]["freshnessStatus"] == value),
    "exposureType": _same("exposureType"),
}


def kept(rows: list[Row], wanted: dict[str, Any] | None) -> list[Row]:
    """The rows that pass every filter given; a null filter is none."""
    given = {name: value for name, value in (wanted or {}).items() if value is not None}
    return [row for row in rows if all(KEEPERS[name](row, value) for name, value in given.items())]
