"""Searching: reports, projects, jobs and models by what somebody remembers of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbt_discovery import DbtAccount, DbtDiscoveryError
from dbt_discovery.reports import registry
from dbt_discovery.reports.declaration import ReportDeclaration
from dbt_discovery.services.together import together
from rapidfuzz import fuzz, process, utils

from dbt_discovery_web.browse.asked import page_of
from dbt_discovery_web.browse.suggestions import likest
from dbt_discovery_web.browse.trouble import Way

__all__ = ["Found", "found_for", "reports_like"]

_MOST = 12
"""Things of one kind that are shown."""
_ALIKE = 72
"""The least likeness, from 0 to 100, of a name that is found."""
_TOLD = 75
"""The least likeness, from 0 to 100, of what a report says about itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind; `fault` says why nobody could look."""

    title: str
    ways: tuple[Way, ...] = ()
    fault: str = ""


def reports_like(text: str) -> list[ReportDeclaration[Any]]:
    """The reports that fit some words, the best first: by name, title, summary, or a question they answer."""
    reports = list(registry().values())
    told = [
        " ".join((each.name.replace("_", " "), each.title, each.summary, *each.examples)).casefold() for each in reports
    ]
    wanted = text.strip().casefold()
    inside = [place for place, words in enumerate(told) if all(word in words for word in wanted.split())]
    inside.sort(key=lambda place: wanted not in f"{reports[place].name} {reports[place].title}".casefold())
    near = process.extract(
        wanted, told, scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=_MOST, score_cutoff=_TOLD
    )
    places = [*inside, *(place for _, _, place in near if place not in inside)]
    return [reports[place] for place in places[:_MOST]]


async def found_for(account: DbtAccount, text: str) -> Sequence[Found]:
    """The projects, jobs and models whose names are like a text."""
    return await together(_projects(account, text), _jobs(account, text), _models(account, text))


async def _projects(account: DbtAccount, text: str) -> Found:
    try:
        projects = await account.aget_projects()
    except DbtDiscoveryError as error:
        return Found("Projects", fault=str(error))
    places = likest([project.name for project in projects], text, _MOST, _ALIKE)
    return Found("Projects", tuple(Way(projects[n].name, page_of("project", projects[n].project_id)) for n in places))


async def _jobs(account: DbtAccount, text: str) -> Found:
    try:
        jobs, projects = await together(account.aget_jobs(), account.aget_projects())
    except DbtDiscoveryError as error:
        return Found("Jobs", fault=str(error))
    names = {project.project_id: project.name for project in projects}
    places = likest([job.name for job in jobs], text, _MOST, _ALIKE)
    return Found(
        "Jobs",
        tuple(
            Way(jobs[n].name, page_of("job", jobs[n].job_id), names.get(jobs[n].project_id, jobs[n].project_id))
            for n in places
        ),
    )


async def _models(account: DbtAccount, text: str) -> Found:
    try:
        models = await account.aget_models()
    except DbtDiscoveryError as error:
        return Found("Models", fault=str(error))
    places = likest([model.name for model in models], text, _MOST, _ALIKE)
    return Found(
        "Models",
        tuple(Way(models[n].name, page_of("model", models[n].reference), models[n].project_name) for n in places),
    )
