"""The jobs of the account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dbt_discovery.containment import jobs_with
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFilter
from dbt_discovery.models.report import Coverage, Row, iso
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import MOST_ROWS, Findings, Limited, report
from dbt_discovery.words import listed

__all__ = ["ListJobs", "list_jobs"]

_COLUMNS = columns(
    "job_name",
    "project_name",
    "environment_name",
    "job_type",
    "schedule",
    "last_run_status",
    "last_run_start_time",
    seconds("last_run_runtime", "Last runtime"),
    "job_id",
)


class ListJobs(Limited, JobFilter):
    """Arguments of `list_jobs`."""

    limit: int = Field(default=50, ge=1, le=MOST_ROWS, description="Most rows to give.")
    order_by: Literal["name", "last_run", "runtime"] = Field(
        default="name",
        description="Sort by name, by the latest run (newest first) or by its runtime (longest first).",
    )


@report(
    title="Jobs",
    group="jobs",
    examples=("Which jobs are there?", "Show me the jobs of the finance project.", "Which jobs build fct_orders?"),
)
async def list_jobs(inquiry: Inquiry, arguments: ListJobs) -> Findings:
    """The jobs of the account with their schedule and latest run.

    The latest run may still be going on; the runtime is the one of the latest run that is over (none if that was
    cancelled), and the runtime bounds apply to it. A job has a schedule only while its schedule is switched on. Fields
    of models keep the jobs that build such a model, as their latest run tells.
    """
    jobs = await jobs_with(inquiry, arguments, await inquiry.select_jobs(arguments))
    kept = [job for job in jobs if arguments.admits_runtime(job.last_runtime)]
    if arguments.order_by == "name":
        kept.sort(key=lambda job: (job.name.casefold(), job.job_id))
    elif arguments.order_by == "last_run":
        kept.sort(key=lambda job: job.last_run.began.timestamp() if job.last_run else 0.0, reverse=True)
    else:
        kept.sort(key=lambda job: -1.0 if (runtime := job.last_runtime) is None else runtime, reverse=True)
    projects = {project.project_id: project.name for project in await inquiry.projects()}
    environments = await inquiry.environments()
    rows: list[Row] = [
        {
            "job_id": job.job_id,
            "job_name": job.name,
            "project_id": job.project_id,
            "project_name": projects.get(job.project_id),
            "environment_name": environments[job.environment_id].name if job.environment_id in environments else None,
            "job_type": job.job_type,
            "schedule": job.schedule,
            "last_run_status": job.last_run.status.value if job.last_run else None,
            "last_run_start_time": iso(job.last_run.started_at) if job.last_run and job.last_run.started_at else None,
            "last_run_runtime": job.last_runtime,
        }
        for job in kept
    ]
    failing = sum(row["last_run_status"] == "failure" for row in rows)
    return Findings(
        finding=listed([row["job_name"] for row in rows], "job")
        + (f" The latest run of {failing} failed." if failing else ""),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=sum(job.last_run is not None for job in kept)),
        limit=arguments.limit,
    )
