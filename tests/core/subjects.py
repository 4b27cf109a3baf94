"""Something for every report to be about, whichever account it is."""

from __future__ import annotations

from typing import Any

from dbt_discovery import DbtAccount
from dbt_discovery.reports import find_report

__all__ = ["about_what_there_is"]


async def about_what_there_is(account: DbtAccount, name: str) -> dict[str, Any]:
    """Arguments for a report: where it is about one thing, about one that the account has."""
    fields = find_report(name).arguments.model_fields
    arguments: dict[str, Any] = {"period": "last_30_days"} if "period" in fields else {}
    if "job" in fields:
        jobs = await account.aget_jobs()
        arguments["job"] = next((job for job in jobs if job.record.last_finished_run), jobs[0]).reference
    elif "model" in fields:
        arguments["model"] = (await account.aget_models())[0].reference
    return arguments
