"""The report browser: every report with its form, and a page for each project, job, model and run.

Every state is an address, every page comes whole from the server, and scripts only save page loads.
"""

from __future__ import annotations

from fastapi import APIRouter

from dbt_discovery_web.browse import index_page, job_page, model_page, project_page, report_page, run_page

__all__ = ["router"]

router = APIRouter()
for _page in (index_page, project_page, job_page, model_page, run_page, report_page):
    router.include_router(_page.router)
