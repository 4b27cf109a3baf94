"""The models of the account."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from dbt_discovery.containment import models_of_jobs
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ModelFilter
from dbt_discovery.models.records import ModelRecord
from dbt_discovery.models.report import Coverage, Reading, Row, iso
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import MOST_ROWS, Findings, Limited, report
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
    seconds("last_run_runtime", "Last runtime"),
    seconds("last_success_runtime", "Last successful runtime"),
    "environment_name",
    "unique_id",
)


class ListModels(Limited, ModelFilter):
    """Arguments of `list_models`."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Most rows to give.")
    order_by: Literal["name", "last_run", "runtime"] = Field(
        default="name",
        description="Sort by name, by the last run (newest first) or by the last successful runtime (longest first).",
    )


@report(
    title="Models",
    group="models",
    examples=("Which models are tagged finance?", "How many models are incremental?"),
)
async def list_models(inquiry: Inquiry, arguments: ListModels) -> Findings:
    """The models of the account, as their production environment has them now.

    After a failed attempt dbt Cloud's timings are still those of the last success: `last_run_runtime` is then empty
    and `last_success_runtime` holds them. The runtime bounds apply to the last successful build. Where jobs are named,
    the models are those that their latest runs built, as the environments of these jobs have them.
    """
    models = await models_of_jobs(inquiry, arguments, await inquiry.select_models(arguments))
    kept = [model for model in models if arguments.admits_runtime(model.last_success_runtime)]
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
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
                "unique_id": model.unique_id,
                "name": model.name,
                "project_id": model.project_id,
                "project_name": projects.get(model.project_id),
                "environment_id": model.environment_id,
                "environment_name": environments[model.environment_id].name,
                "materialization": model.materialization,
                "tags": ", ".join(model.tags),
                "package": model.package,
                "last_run_status": model.last_run_status.value if model.last_run_status else None,
                "last_run_start_time": iso(started) if started else None,
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
        reading=[Reading(key="environment", label="State of", value=_state_of(inquiry, arguments))],
        limit=arguments.limit,
    )


def _state_of(inquiry: Inquiry, arguments: ListModels) -> str:
    """Whose state the models are in, in words."""
    if arguments.environment is None and arguments.narrows_jobs:
        return "the environments of the named jobs"
    return arguments.environment or inquiry.environment


def _started(model: ModelRecord) -> datetime | None:
    """When the last attempt started; after a failed one dbt Cloud only tells when its results were written."""
    return model.last_success_start_time if model.last_attempt_succeeded else model.last_run_time


def _known_last(value: float | None) -> float:
    return -1.0 if value is None else value
