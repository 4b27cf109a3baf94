"""The page of a model: what it is, how its runs went, what tests it, and where it stands among others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbt_discovery import DbtAccount, NotFound
from dbt_discovery.analysis.lineage import LineageNode
from dbt_discovery.resources.model import Model
from dbt_discovery.words import count
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from dbt_discovery_web.browse.asked import address_of, page_of
from dbt_discovery_web.browse.asking import Asking
from dbt_discovery_web.browse.named import Group, Thing, as_group, jobs_as_things
from dbt_discovery_web.browse.page_route import PageRoute
from dbt_discovery_web.browse.sections import Section, page_of_sections
from dbt_discovery_web.browse.subject import Subject, questions, reports_about
from dbt_discovery_web.browse.trouble import Way
from dbt_discovery_web.dependencies import AccountDep
from dbt_discovery_web.frame import frame_of

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_CARD = "browse/section_card.html"


@router.get("/browse/models/{reference:path}", response_class=HTMLResponse)
async def model_page(reference: str, request: Request, account: AccountDep) -> StreamingResponse:
    """All about one model, by its name, its unique_id, or that with its project's id in front."""
    model = await account.aget_model(reference)
    asking, of = Asking(request, account), model.reference
    sections = [
        Section("about", "At a glance", _CARD, lambda: asking.shown("model_details", model=of)),
        Section("health", "Health", _CARD, lambda: asking.shown("model_health", model=of)),
        Section("runs", "Latest runs", _CARD, lambda: asking.shown("model_runs", model=of, last_n_runs=20)),
        Section(
            "trend", "How long it takes", _CARD, lambda: asking.shown("runtime_trend", model=of, period="last_30_days")
        ),
        Section("tests", "Tests", _CARD, lambda: asking.shown("slowest_tests", model_ids=[of], limit=100)),
        Section(
            "lineage",
            "Lineage",
            "browse/section_named.html",
            lambda: _lineage(model),
            address_of("lineage", {"model": of}),
        ),
        Section("jobs", "Jobs that build it", "browse/section_named.html", lambda: _jobs(model)),
        Section("code", "Code", "browse/section_code.html", lambda: _code(model)),
    ]
    context = {**await frame_of(account), "subject": _subject(account, model)}
    return page_of_sections(request, "browse/resource.html", context, sections)


def _subject(account: DbtAccount, model: Model) -> Subject:
    one = {"model": model.reference}
    tags = f"tags {', '.join(model.tags)}" if model.tags else ""
    about = (model.materialization, model.schema, tags, f"owner {model.owner}" if model.owner else "")
    return Subject(
        kind="model",
        name=model.name,
        within=(Way(model.project_name, page_of("project", model.project_id)),),
        status=model.last_run_status or "",
        about=tuple(part for part in about if part),
        reports=reports_about(
            ("lineage", {**one, "direction": "upstream"}),
            ("source_freshness", one),
            ("failing_tests", {"model_ids": [model.reference]}),
            ("flaky_tests", {"model_ids": [model.reference], "period": "last_30_days"}),
            ("runtime_anomalies", {"model_ids": [model.reference], "of": "models", "period": "last_30_days"}),
            ("list_jobs", {"model_ids": [model.reference]}),
        ),
        questions=questions(f"Who is responsible for {model.name}?", f"What is downstream of {model.name}?"),
    )


async def _lineage(model: Model) -> dict[str, Any]:
    found = await model.aget_lineage()
    return {
        "groups": [
            _way("Made from", found.upstream, model, "Nothing that is known."),
            _way("Made of it", found.downstream, model, "Nothing is made of it."),
        ],
        "notes": found.notes,
    }


def _way(title: str, nodes: Sequence[LineageNode], model: Model, nothing: str) -> Group:
    things = [
        Thing(_name(node), _page(node, model), about=f"{_kind(node)}, {count(node.distance, 'step')}") for node in nodes
    ]
    return as_group(f"{title} ({len(things):,})" if things else title, things, "node", nothing)


def _name(node: LineageNode) -> str:
    """What a node is called; a source's table has the source's name before it, as in `shop.orders`."""
    return ".".join(node.unique_id.split(".")[-2:]) if node.resource_type == "source" else node.name


def _kind(node: LineageNode) -> str:
    return node.resource_type.replace("_", " ")


def _page(node: LineageNode, model: Model) -> str:
    """Where a node leads: a model to its page, everything else to its lineage."""
    reference = f"{model.project_id}/{node.unique_id}"
    return page_of("model", reference) if node.resource_type == "model" else address_of("lineage", {"model": reference})


async def _jobs(model: Model) -> dict[str, Any]:
    jobs = await model.aget_jobs()
    return {"groups": [as_group(count(len(jobs), "job"), jobs_as_things(jobs), "job", "No job builds it.")]}


async def _code(model: Model) -> dict[str, Any]:
    try:
        code = await model.aget_code()
    except NotFound as error:
        return {"codes": [], "nothing": str(error)}
    codes = [("As it is written", code.raw_code), ("As the last run compiled it", code.compiled_code)]
    return {
        "codes": [(title, text) for title, text in codes if text],
        "nothing": "dbt Cloud keeps no code of it: it has it once a job's run compiled the model.",
    }
