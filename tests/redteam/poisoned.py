"""Reports whose every text is hostile: what the doors show when there is nothing but that to show."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Any

import dbt_cloud_sandbox as sandbox
from dbt_discovery import DbtAccount, Report, Settings
from dbt_discovery.reports import registry

from tests.conftest import NOW
from tests.redteam.telling import DAYS

__all__ = ["NAMES", "made", "poisoned"]

NAMES = tuple(registry())
_ROWS = 3


def poisoned(name: str, text: str) -> Report:
    """A report whose sentences, names and cells are this text; numbers, times and ids are a real report's."""
    report = made()[name]
    texts = {column.key for column in report.columns if column.type in ("text", "link")}
    return report.model_copy(
        update={
            "finding": f"{text} took longest.",
            "filter": text,
            "notes": (text, f"Of {text}."),
            "reading": tuple(reading.model_copy(update={"value": text}) for reading in report.reading),
            "rows": tuple(
                {key: _dressed(key in texts, value, text) for key, value in row.items()} for row in report.rows
            ),
        }
    )


@lru_cache
def made() -> dict[str, Report]:
    """Each report as its own example asks for it, with its first rows."""
    return asyncio.run(_made())


async def _made() -> dict[str, Report]:
    world = sandbox.generated_world(now=lambda: NOW, days=DAYS)
    reports = {}
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        for name, declaration in registry().items():
            report = await account.arun_report(name, **declaration.sample)
            reports[name] = report.model_copy(update={"rows": report.rows[:_ROWS]})
    return reports


def _dressed(told: bool, value: Any, text: str) -> Any:
    if told and isinstance(value, list | tuple):
        return [text] * len(value)
    return text if told and isinstance(value, str) else value
