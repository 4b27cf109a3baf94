"""The page of a project: its jobs and models, and how they are."""

from __future__ import annotations

from typing import Any

from dbt_discovery.resources.project import Project
from dbt_discovery.words import count
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.named import models_named
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.sections import Section, page_of_sections
from dbt_discovery_web.browse.subject import Subject, questions, reports_about
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/browse/projects/{reference:path}", response_class=HTMLResponse)
async def project_page(reference: str, request: Request, account: AccountDep) -> StreamingResponse:
    """All about one project, by its id or name."""
    project = await account.aget_project(reference)
    asking = Asking(request, account)
    mine: dict[str, Any] = {"project_ids": [project.project_id]}
    card = "browse/section_card.html"
    sections = [
        Section("jobs", "Its jobs", card, lambda: asking.shown("list_jobs", **mine, limit=500)),
        Section("failing", "Models that fail now", card, lambda: asking.shown("failing_models", **mine)),
        Section("tests", "Tests that fail now", card, lambda: asking.shown("failing_tests", **mine, limit=5)),
        Section(
            "trend",
            "How long its runs take",
            card,
            lambda: asking.shown("runtime_trend", **mine, period="last_14_days"),
        ),
        Section("slowest", "What takes longest", card, lambda: asking.shown("slowest_models", **mine)),
        Section(
            "sources",
            "Stale sources",
            card,
            lambda: asking.shown("source_freshness", **mine, status=["error", "warn"]),
        ),
        Section("models", "Its models", "browse/section_named.html", lambda: models_named(project)),
    ]
    context = {**await frame_of(account), "subject": _subject(project)}
    return page_of_sections(request, "browse/resource.html", context, sections)


def _subject(project: Project) -> Subject:
    mine = {"project_ids": [project.project_id]}
    models = count(project.model_count, "model") if project.model_count is not None else ""
    environments = [each["name"] for each in project.environments]
    return Subject(
        kind="project",
        name=project.name,
        about=tuple(
            part
            for part in (
                f"project {project.project_id}",
                count(project.job_count, "job"),
                models,
                f"environments {', '.join(environments)}" if environments else "",
                project.description,
            )
            if part
        ),
        reports=reports_about(
            ("longest_running_jobs", {**mine, "period": "last_7_days"}),
            ("job_reliability", {**mine, "period": "last_30_days"}),
            ("model_health", mine),
            ("test_coverage", mine),
            ("runtime_changes", {**mine, "period": "last_7_days"}),
            ("queue_times", {**mine, "period": "last_7_days"}),
            ("list_runs", mine),
        ),
        questions=questions(
            f"Which jobs of {project.name} failed yesterday?", f"Which models of {project.name} got slower last week?"
        ),
    )
