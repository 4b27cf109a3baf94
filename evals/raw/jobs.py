"""What reports about jobs and projects should hold."""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

from evals.raw.records import (
    FINISHED,
    Arguments,
    Reports,
    Rows,
    began,
    failed,
    finished,
    homes,
    jobs,
    measured,
    models,
    moment,
    projects,
    ranked,
    runs,
    seconds,
    within,
)

if TYPE_CHECKING:
    from dbt_cloud_sandbox import Job, Run, World

__all__ = ["JOBS"]

_LATEST = 20


def _longest_running_jobs(world: World, arguments: Arguments) -> Rows:
    rows = []
    for job in jobs(world, arguments):
        times = [each for run in _runs_that_count(world, job, arguments) if (each := seconds(run)) is not None]
        if times and within(fmean(times), arguments):
            own = {"job_name": job.name, "runs": len(times), "total_runtime": sum(times)}
            rows.append(own | measured(times, "avg_runtime"))
    by = f"{arguments.get('order_by', 'avg')}_runtime"
    return ranked(rows, lambda row: -row[by])


def _runs_that_count(world: World, job: Job, arguments: Arguments) -> list[Run]:
    """The finished runs of the period with the status that is asked for, or a job's last n."""
    codes = {"success": (10,), "failure": (20,)}
    wanted = [code for status in arguments.get("run_status", ()) for code in codes.get(status, ())] or FINISHED
    if last := arguments.get("last_n_runs"):
        latest = finished(world, job.environment_id, job.id)[-last:]
        return [run for run in world.runs() if run.id in latest]
    return [run for run in runs(world, job, arguments) if run.status in wanted]


def _list_projects(world: World, arguments: Arguments) -> Rows:
    wanted = [project for project in world.projects() if project.id in projects(world, arguments)]
    rows = []
    for project in sorted(wanted, key=lambda each: each.name):
        own = {"projects": [project.name]}
        built = sum(len(models(world, home, own)) for home in homes(world, own))
        rows.append({"project_name": project.name, "model_count": built, "job_count": len(jobs(world, own))})
    by = {"models": "model_count", "jobs": "job_count"}.get(arguments.get("order_by", ""))
    return ranked(rows, lambda row: -row[by]) if by else rows


def _job_reliability(world: World, arguments: Arguments) -> Rows:
    rows, bad_codes = [], (30,) if arguments.get("cancelled_as_failed") else ()
    for job in jobs(world, arguments):
        own_runs = runs(world, job, arguments)
        ended = [run for run in own_runs if run.status in (*FINISHED, *bad_codes) or failed(run)]
        if ended:
            bad = sum(failed(run) or run.status in bad_codes for run in ended)
            own = {"job_name": job.name, "failed": bad, "succeeded": len(ended) - bad}
            rows.append({**own, "success_rate": 1 - bad / len(ended)})
    by = arguments.get("order_by", "failed")
    if by == "recovery":  # outages are not worked out here
        return ranked(rows, lambda row: 0)
    return ranked(rows, lambda row: row["success_rate"] if by == "success_rate" else -row["failed"])


def _queue_times(world: World, arguments: Arguments) -> Rows:
    rows = []
    for job in jobs(world, arguments):
        own = [run for run in runs(world, job, arguments) if run.started_at]
        waits = [(run.started_at - run.created_at).total_seconds() for run in own if run.started_at]
        if waits:
            rows.append({"job_name": job.name, "runs": len(waits)} | measured(waits, "avg_queued", "queued"))
    by = f"{arguments.get('order_by', 'avg')}_queued"
    return ranked(rows, lambda row: -row[by])


def _list_jobs(world: World, arguments: Arguments) -> Rows:
    rows: Rows = []
    for job in sorted(jobs(world, arguments), key=lambda job: job.name.lower()):
        own = sorted((run for run in world.runs() if run.job_id == job.id), key=began)
        last = next((run for run in reversed(own) if run.status in (*FINISHED, 30)), None)
        took = seconds(last) if last and last.status in FINISHED else None
        if within(took if took is not None else -1.0, arguments):
            rows.append({"job_name": job.name, "job_type": job.job_type, "began": began(own[-1]).timestamp()})
            rows[-1]["last_run_runtime"] = took
    if arguments.get("order_by") == "last_run":
        rows.sort(key=lambda row: row["began"], reverse=True)
    if arguments.get("order_by") == "runtime":
        rows.sort(key=lambda row: row["last_run_runtime"] or 0.0, reverse=True)
    return [{key: value for key, value in row.items() if key != "began"} for row in rows]


def _job_details(world: World, arguments: Arguments) -> Rows:
    (job,) = jobs(world, arguments)
    ended = [run for run in world.runs() if run.job_id == job.id and (run.status in FINISHED or failed(run))]
    newest = sorted(ended, key=began)[-_LATEST:]
    times = [each for run in newest if run.status in FINISHED and (each := seconds(run)) is not None]
    details = {
        "job_name": job.name,
        "schedule": job.cron if job.scheduled else None,
        "next_run_time": moment(world.next_run(job.id)),
        "runs": len(newest),
        "success_rate": fmean(not failed(run) for run in newest),
        "median_runtime": median(times),
        "avg_runtime": fmean(times),
    }
    return [details]


JOBS: Reports = {
    "job_details": _job_details,
    "job_reliability": _job_reliability,
    "list_jobs": _list_jobs,
    "list_projects": _list_projects,
    "longest_running_jobs": _longest_running_jobs,
    "queue_times": _queue_times,
}
