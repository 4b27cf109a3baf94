"""The page of a job: what it is, how its runs went, and what it builds."""

from __future__ import annotations

from typing import Any

from dbt_discovery import DbtAccount
from dbt_discovery.resources.job import Job
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from dbt_discovery_web.browse.asked import address_of, page_of
from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.history import Past, days_of, strip_of
from dbt_discovery_web.browse.named import models_named
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.sections import Section, page_of_sections
from dbt_discovery_web.browse.subject import Subject, questions, reports_about
from dbt_discovery_web.browse.trouble import Way
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_LATEST = 100
"""Runs that are looked at: the most that can be had of one job at once."""


@router.get("/browse/jobs/{reference:path}", response_class=HTMLResponse)
async def job_page(reference: str, request: Request, account: AccountDep) -> StreamingResponse:
    """All about one job, by its id or name."""
    job = await account.aget_job(reference)
    asking = Asking(request, account)
    frame = await frame_of(account)
    mine = {"job_ids": [job.job_id]}
    card = "browse/section_card.html"
    sections = [
        Section("about", "At a glance", card, lambda: asking.shown("job_details", job=job.job_id)),
        Section(
            "runs",
            "Latest runs",
            "browse/section_history.html",
            lambda: _history(account, job),
            address_of("list_runs", mine),
        ),
        Section(
            "trend",
            "How long it takes",
            card,
            lambda: asking.shown("runtime_trend", job=job.job_id, period="last_30_days"),
        ),
        Section(
            "failures",
            "Failures",
            card,
            lambda: asking.shown("failed_runs", **mine, period="last_30_days", limit=5),
        ),
        Section("slowest", "What takes longest", card, lambda: asking.shown("slowest_models", **mine, limit=10)),
        Section("models", "Models it builds", "browse/section_named.html", lambda: models_named(job)),
    ]
    context = {**frame, "subject": await _subject(account, job, frame)}
    return page_of_sections(request, "browse/resource.html", context, sections)


async def _subject(account: DbtAccount, job: Job, frame: dict[str, Any]) -> Subject:
    projects = {project.project_id: project.name for project in await account.aget_projects()}
    mine = {"job_ids": [job.job_id]}
    one = {"job": job.job_id}
    last = job.record.last_run
    cloud = last.url.partition("/runs/")[0] if last and frame["source"] and frame["source"].kind == "dbt_cloud" else ""
    return Subject(
        kind="job",
        name=job.name,
        within=(Way(projects.get(job.project_id, job.project_id), page_of("project", job.project_id)),),
        status=job.last_run_status or "",
        about=tuple(part for part in (f"job {job.job_id}", job.job_type, job.schedule) if part),
        cloud=f"{cloud}/jobs/{job.job_id}/" if cloud else "",
        reports=reports_about(
            ("critical_path", one),
            ("compare_runs", one),
            ("job_reliability", mine),
            ("queue_times", mine),
            ("runtime_changes", {**mine, "of": "models", "period": "last_7_days"}),
            ("runtime_anomalies", {**mine, "period": "last_30_days"}),
            ("flaky_tests", {**mine, "period": "last_30_days"}),
        ),
        questions=questions(
            f"What was wrong with the last run of {job.name}?", f"What is the critical path of {job.name}?"
        ),
    )


async def _history(account: DbtAccount, job: Job) -> dict[str, Any]:
    runs = await job.aget_runs(_LATEST)
    past = [Past.of(run.record) for run in runs]
    zone = account.settings.zone
    return {
        "strip": strip_of(past, zone),
        "days": days_of(past, account.now(), zone),
        "notes": runs.notes,
        "empty": f"{job.name} never ran, as far as dbt Cloud tells.",
    }
