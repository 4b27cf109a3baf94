"""The jobs of the account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dbt_discovery.analysis.reliability import has_failed
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import JobFilter
from dbt_discovery.models.report import Coverage, Row, iso
from dbt_discovery.questions.containment import jobs_with
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
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
    "last_run_runtime",
    "job_id",
)


class ListJobs(ManyRows, JobFilter):
    """Arguments of `list_jobs`."""

    order_by: Literal["name", "last_run", "runtime"] = Field(
        default="name",
        description="Sort by name, by the latest run (newest first) or by its runtime (longest first).",
    )


@report(
    title="Jobs",
    group="jobs",
    examples=("Which jobs are there?", "Show me the jobs of the finance project.", "Which jobs build fct_revenue?"),
    sample={"projects": ["Finance Analytics"]},
)
async def list_jobs(inquiry: Inquiry, arguments: ListJobs) -> Findings:
    """The jobs of the account with their schedule and latest run.

    The latest run may still be going on; the runtime is the one of the latest run that is over (none if that was
    cancelled), and the runtime bounds apply to it. A latest run that dbt Cloud stopped at its time limit is counted as
    failed, though its status is cancelled. A job has a schedule only while its schedule is switched on. Fields of
    models keep the jobs that build such a model, as their latest run tells.
    """
    jobs = await jobs_with(inquiry, arguments, await inquiry.select_jobs(arguments))
    kept = [job for job in jobs if arguments.admits_runtime(job.last_runtime)]
    if arguments.order_by == "name":
        kept.sort(key=lambda job: (job.name.casefold(), job.job_id))
    elif arguments.order_by == "last_run":
        kept.sort(key=lambda job: job.last_run.began.timestamp() if job.last_run else 0.0, reverse=True)
    else:
        kept.sort(key=lambda job: -1.0 if (runtime := job.last_runtime) is None else runtime, reverse=True)
    names = await Names.of(inquiry)
    rows: list[Row] = [
        {
            **names.job(job),
            "job_type": job.job_type,
            "schedule": job.schedule,
            "last_run_status": job.last_run.status.value if job.last_run else None,
            "last_run_start_time": iso(job.last_run.started_at) if job.last_run else None,
            "last_run_runtime": job.last_runtime,
        }
        for job in kept
    ]
    failing = sum(job.last_run is not None and has_failed(job.last_run) for job in kept)
    return Findings(
        finding=listed([row["job_name"] for row in rows], "job")
        + (f" The latest run of {failing} failed." if failing else ""),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="runs", considered=sum(job.last_run is not None for job in kept)),
        limit=arguments.limit,
    )
