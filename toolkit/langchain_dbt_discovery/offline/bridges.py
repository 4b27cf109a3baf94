"""Reports that only lead from one to another: to the model of a test, to the models of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from langchain_dbt_discovery.offline.call import Call
from langchain_dbt_discovery.offline.schema import ToolSchema
from langchain_dbt_discovery.offline.slots import Filling, Slot

__all__ = ["models_of", "tested_model", "to_models", "to_tested_model"]

_TESTS = "dbt_failing_tests"
_MODELS = "dbt_list_models"
_JOBS = frozenset({"job", "jobs", "job_ids"})
_MOST = 100


def to_tested_model(report: Mapping[str, Any], tools: Mapping[str, ToolSchema], zone: tzinfo | None) -> Call | None:
    """The call that tells which models the tests test that failed in the run of a report; None if there is none.

    Args:
        report: Its first row is the run.
        tools: The bound tools.
        zone: Where days begin, and so the moments of periods.
    """
    row = report["rows"][0]
    if _TESTS not in tools or not row.get("start_time"):
        return None
    started = datetime.fromisoformat(row["start_time"]).astimezone(zone).replace(second=0, microsecond=0)
    period = "/".join(f"{moment:%Y-%m-%dT%H:%M}" for moment in (started, started + timedelta(minutes=1)))
    return Call(_TESTS, {"job_ids": [row["job_id"]], "period": period, "limit": _MOST}, bridge=True)


def tested_model(filling: Filling, report: Mapping[str, Any] | None) -> Filling:
    """The model that a failed test tests, as the report of failing tests tells it; else what it was."""
    for row in (report or {}).get("rows") or ():
        if filling.test and row.get("name") == filling.test and row.get("tested_model_id"):
            return Filling("model", (str(row["tested_model_id"]),), str(row["tested_model"]), filling.test)
    return filling


def to_models(call: Call, fillings: Sequence[tuple[Slot, Filling]], tools: Mapping[str, ToolSchema]) -> Call | None:
    """The call that tells the models of a job, for a report that knows models and no jobs; None for any other."""
    jobs = [each for _, filling in fillings if filling.kind == "job" for each in filling.ids]
    fields = tools[call.tool].fields
    if not jobs or _JOBS & call.arguments.keys() or "models" not in fields or _MODELS not in tools:
        return None
    return Call(_MODELS, {"jobs": jobs, "limit": _MOST}, bridge=True)


def models_of(filling: Filling, report: Mapping[str, Any] | None) -> Filling:
    """The models of a job, as the list of its models tells them."""
    if filling.kind != "job":
        return filling
    ids = tuple(str(row["unique_id"]) for row in (report or {}).get("rows") or () if row.get("unique_id"))
    return replace(filling, kind="model", ids=ids)
