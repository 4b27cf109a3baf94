"""The page of a run: what happened, when each of its nodes ran, and what it waited for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dbt_discovery import DbtAccount
from dbt_discovery.analysis.critical_path import began
from dbt_discovery.models.records import NodeRun
from dbt_discovery.resources.run import Run
from dbt_discovery.services.together import together
from dbt_discovery.words import count, duration, either
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from dbt_discovery_web.browse.asked import page_of
from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.gantt import Gantt, Stretch, packed
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.sections import Section, page_of_sections
from dbt_discovery_web.browse.subject import Subject, questions, reports_about
from dbt_discovery_web.browse.trouble import Way
from dbt_discovery_web.cards.moments import local_moment
from dbt_discovery_web.charts.ticks import number_axis
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_CARD = "browse/section_card.html"
_DRAWN = 400
"""Nodes that are drawn; of more, those that took longest."""


@router.get("/browse/runs/{reference}", response_class=HTMLResponse)
async def run_page(reference: str, request: Request, account: AccountDep) -> StreamingResponse:
    """All about one run, by its id."""
    run = await account.aget_run(reference)
    asking, of = Asking(request, account), run.run_id
    sections = [
        Section("about", "At a glance", _CARD, lambda: asking.shown("run_details", run_id=of)),
        Section("nodes", "When its nodes ran", "browse/section_gantt.html", lambda: _timeline(asking, run)),
        Section("path", "What it waited for", _CARD, lambda: asking.shown("critical_path", run_id=of)),
        Section("slowest", "What took longest", _CARD, lambda: asking.shown("slowest_models", run_id=of)),
        Section("before", "Compared with the success before", _CARD, lambda: asking.shown("compare_runs", run_id=of)),
    ]
    frame = await frame_of(account)
    context = {**frame, "subject": await _subject(account, run, frame)}
    return page_of_sections(request, "browse/resource.html", context, sections)


async def _subject(account: DbtAccount, run: Run, frame: dict[str, Any]) -> Subject:
    projects = {project.project_id: project.name for project in await account.aget_projects()}
    took = duration(run.runtime) if run.runtime is not None else ""
    about = (
        local_moment(run.record.began, account.settings.zone),
        took,
        run.git_branch,
        (run.git_sha or "")[:8],
        f"dbt {run.dbt_version}" if run.dbt_version else "",
    )
    return Subject(
        kind="run",
        name=f"Run {run.run_id}",
        within=(
            Way(projects.get(run.project_id, run.project_id), page_of("project", run.project_id)),
            Way(run.job_name, page_of("job", run.job_id)),
        ),
        status="timed-out" if run.timed_out else run.status,
        about=tuple(part for part in about if part),
        cloud=run.url if frame["source"] and frame["source"].kind == "dbt_cloud" else "",
        reports=reports_about(
            ("run_details", {"run_id": run.run_id}),
            ("compare_runs", {"run_id": run.run_id}),
            ("slowest_models", {"run_id": run.run_id, "limit": 50}),
            ("list_runs", {"job_ids": [run.job_id]}),
        ),
        questions=questions(f"What happened in run {run.run_id}?"),
    )


async def _timeline(asking: Asking, run: Run) -> dict[str, Any]:
    """The nodes of a run in lanes of what ran at the same time, those of the critical path marked."""
    inquiry = asking.account.inquire()
    nodes, path = await together(
        inquiry.timed_nodes_of_run(run.record), asking.report("critical_path", run_id=run.run_id)
    )
    if not run.record.status.finished or not nodes:
        return {"gantt": None, "notes": [], "empty": path.finding}
    critical = {row["unique_id"] for row in path.rows}
    ran = [node for node in nodes if node.ran]
    timed = [node for node in ran if began(node) is not None and node.runtime is not None]
    drawn = sorted(timed, key=lambda node: node.runtime or 0.0, reverse=True)[:_DRAWN]
    if not drawn:
        return {"gantt": None, "notes": [], "empty": "dbt Cloud tells no times of the nodes of this run."}
    notes = list(inquiry.notes)
    if len(drawn) < len(timed):
        notes.append(f"The {_DRAWN} of {count(len(timed), 'node')} that took longest are drawn.")
    if untimed := len(ran) - len(timed):
        notes.append(f"{count(untimed, 'node')} without a time, such as those that were skipped, cannot be drawn.")
    first = min(_start(node) for node in drawn)
    stretches = [_stretch(run, node, _start(node) - first, node.unique_id in critical) for node in drawn]
    lanes = packed(stretches)
    axis = number_axis("", [max(each.end for each in stretches)], "seconds")
    marked = sum(each.marked for each in stretches)
    label = (
        f"{_kinds(drawn)} along the time since the first of them began, up to {len(lanes)} at once; "
        f"{marked} on the critical path, outlined."
    )
    marks = [(tick.at, tick.label) for tick in axis.ticks]
    gantt = Gantt.of(label, [("", lane) for lane in lanes], axis.start, axis.end, marks)
    return {"gantt": gantt, "notes": notes, "empty": ""}


def _kinds(nodes: Sequence[NodeRun]) -> str:
    """How many nodes there are of each kind: `52 models and 118 tests`."""
    kinds = Counter(node.resource_type for node in nodes)
    return either((count(number, kind.replace("_", " ")) for kind, number in kinds.most_common()), "and")


def _start(node: NodeRun) -> float:
    start = began(node)
    return start.timestamp() if start else 0.0


def _stretch(run: Run, node: NodeRun, start: float, critical: bool) -> Stretch:
    runtime, is_model = node.runtime or 0.0, node.resource_type == "model"
    told = (
        f"{node.resource_type} {node.name}: {node.status.value}, {duration(runtime)}, {duration(start)} after the first"
    )
    return Stretch(
        start=start,
        end=start + runtime,
        name=node.name,
        told=f"{told}; on the critical path" if critical else told,
        status=node.status.value,
        page=page_of("model", f"{run.project_id}/{node.unique_id}") if is_model else "",
        marked=critical,
    )
