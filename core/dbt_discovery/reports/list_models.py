"""The models of the account."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ModelFilter
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.models.report import Coverage, Row, iso
from dbt_discovery.models.telling import JOBS_NAMED
from dbt_discovery.questions.containment import models_of_jobs
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import state_reading
from dbt_discovery.words import listed

__all__ = ["ListModels", "list_models"]

_COLUMNS = columns(
    "name",
    "project_name",
    "materialization",
    "tags",
    "package",
    "last_run_status",
    "last_run_start_time",
    "last_run_runtime",
    "last_success_runtime",
    "environment_name",
    "unique_id",
)


class ListModels(ManyRows, ModelFilter):
    """Arguments of `list_models`."""

    TOLD = JOBS_NAMED

    order_by: Literal["name", "last_run", "runtime"] = Field(
        default="name",
        description="Sort by name, by the last run (newest first) or by the last successful runtime (longest first).",
    )


@report(
    title="Models",
    group="models",
    examples=("Which models are tagged finance?", "How many models are incremental?"),
    sample={"tags": ["finance"], "materialization": ["incremental"]},
)
async def list_models(inquiry: Inquiry, arguments: ListModels) -> Findings:
    """The models as production has them now: by tag, materialization, status, job, or all.

    After a failed attempt dbt Cloud's timings are still those of the last success: `last_run_runtime` is then empty
    and `last_success_runtime` holds them. The runtime bounds apply to the last successful build. Where jobs are named,
    the models are those that their latest runs built, as the environments of these jobs have them.
    """
    models = await models_of_jobs(inquiry, arguments, await inquiry.select_models(arguments))
    kept = [model for model in models if arguments.admits_runtime(model.last_success_runtime)]
    names = await Names.of_places(inquiry)
    if arguments.order_by == "name":
        kept.sort(key=lambda model: (model.name.casefold(), model.project_id))
    elif arguments.order_by == "last_run":
        kept.sort(
            key=lambda model: _known_last(start.timestamp() if (start := _started(model)) else None), reverse=True
        )
    else:
        kept.sort(key=lambda model: _known_last(model.last_success_runtime), reverse=True)
    rows: list[Row] = []
    for model in kept:
        own, started = model.last_attempt_succeeded, _started(model)
        rows.append(
            {
                **names.model(model),
                "materialization": model.materialization,
                "tags": ", ".join(model.tags),
                "package": model.package,
                "last_run_status": model.last_run_status.value if model.last_run_status else None,
                "last_run_start_time": iso(started),
                "last_run_runtime": model.last_success_runtime if own else None,
                "last_success_runtime": model.last_success_runtime,
            }
        )
    failing = sum(row["last_run_status"] == "error" for row in rows)
    return Findings(
        finding=listed([row["name"] for row in rows], "model")
        + (f" The last run of {failing} ended in an error." if failing else ""),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="models", considered=len(kept)),
        reading=[await state_reading(inquiry, arguments)],
        limit=arguments.limit,
    )


def _started(model: ModelRecord) -> datetime | None:
    """When the last attempt started; after a failed one dbt Cloud only tells when its results were written."""
    return model.last_success_start_time if model.last_attempt_succeeded else model.last_run_time


def _known_last(value: float | None) -> float:
    return -1.0 if value is None else value
