"""Marks: how a sandbox tells that it is not dbt Cloud, and which world it shows."""

from __future__ import annotations

from typing import Literal
from urllib.parse import unquote

import httpx

from dbt_discovery.models.report import Source

__all__ = ["mark_of", "source_of", "world_of"]

_HEADER = "x-dbt-cloud-sandbox"


def mark_of(response: httpx.Response) -> str:
    """What a sandbox says of itself, in a header; empty of dbt Cloud, which says nothing."""
    return str(response.headers.get(_HEADER, ""))


def source_of(mark: str, host: str, account_id: str) -> Source:
    """Who answered, by the mark of its answers: dbt Cloud or a sandbox."""
    if not mark:
        return Source(kind="dbt_cloud", host=host, account_id=account_id, label=f"dbt Cloud account {account_id}")
    marks = _marks(mark)
    kind: Literal["artifacts", "sandbox"] = "artifacts" if marks.get("kind") == "artifacts" else "sandbox"
    label = unquote(marks.get("label", "")) or "Sandbox data"
    return Source(kind=kind, host=host, account_id=account_id, label=label)


def world_of(mark: str) -> str:
    """Which world a sandbox shows; empty of dbt Cloud, which has but one."""
    return _marks(mark).get("world", "")


def _marks(mark: str) -> dict[str, str]:
    """What a sandbox says of itself, part by part."""
    return {name.strip(): value for name, _, value in (part.partition("=") for part in mark.split(";"))}
