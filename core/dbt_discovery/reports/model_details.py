"""All about one model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.filters import EnvironmentFields
from dbt_discovery.models.records import GraphNode, JobRecord, ModelDetails, ModelRecord, NodeRun
from dbt_discovery.models.report import Column, Coverage, Row, iso
from dbt_discovery.models.subjects import TheModel
from dbt_discovery.models.telling import Told
from dbt_discovery.questions.attempts import last_attempt
from dbt_discovery.questions.model_context import Verdict, freshness_of, graph_around, jobs_building, owner_of
from dbt_discovery.questions.parts import part
from dbt_discovery.questions.subjects import the_model
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ReportArguments, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import node_state_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import count, cut_text, duration, either, minute

__all__ = ["ModelDetailsArguments", "model_details"]

_COLUMNS = columns(
    "name",
    "project_name",
    "environment_name",
    "description",
    Column(key="owner", label="Owner"),
    "materialization",
    Column(key="database", label="Database"),
    Column(key="schema", label="Schema"),
    "tags",
    "package",
    Column(key="group", label="Group"),
    "access",
    "last_run_status",
    "last_run_start_time",
    "last_run_runtime",
    Column(key="last_run_error", label="Last error"),
    Column(key="last_run_job_name", label="Last run by"),
    "last_run_url",
    "last_success_time",
    "last_success_runtime",
    Column(key="row_count", label="Rows", type="number", unit="count"),
    Column(key="byte_count", label="Bytes", type="number", unit="count"),
    Column(key="counted_at", label="Rows counted", type="datetime"),
    Column(key="jobs", label="Built by jobs"),
    Column(key="test_count", label="Tests that read it", type="number", unit="count"),
    Column(key="parent_count", label="Parents", type="number", unit="count"),
    Column(key="child_count", label="Children", type="number", unit="count"),
    Column(key="source_freshness", label="Freshness of sources"),
    "unique_id",
)
_ENDED = {
    NodeStatus.SUCCESS: "succeeded",
    NodeStatus.ERROR: "ended in an error",
    NodeStatus.SKIPPED: "skipped it",
    NodeStatus.UNKNOWN: "ended in a way that is not known here",
}
_CODE = columns(Column(key="raw_code", label="Code"), Column(key="compiled_code", label="Compiled code"))


class ModelDetailsArguments(ReportArguments, EnvironmentFields, TheModel):
    """Arguments of `model_details`."""

    sql: Annotated[bool, Told(words="Give its code too.")] = Field(
        default=False, description="Give its code too, as written and as compiled."
    )


@report(
    title="Details of a model",
    group="models",
    examples=(
        "Who is responsible for fct_revenue?",
        "When was fct_revenue last built?",
        "Show me the SQL of fct_invoices.",
    ),
    sample={"model": "fct_revenue"},
)
async def model_details(inquiry: Inquiry, arguments: ModelDetailsArguments) -> Findings:
    """One model whole: what it is, who owns it, its last run, rows, jobs, tests, neighbours, freshness.

    The last run is the last attempt with its own outcome, time and error, found in the model's history; the last
    success stands beside it, since after a failed attempt dbt Cloud's own timings are still those of the success. The
    owner is the owner of the model's dbt group, else whom its `meta` names. Rows and bytes are those that the catalog
    counted at the last `dbt docs generate`, so they may be older than the last run, and views often have none; how many
    rows a single build touched is told by the run's own artifacts alone, which are not read for this. The jobs are
    those whose latest run with results built it. Parents and children are its direct neighbours in the graph; tests are
    counted apart: all that read it, also those of another node, such as a relationship's other side, which
    `test_coverage` counts for that node alone. Freshness is the verdict on all sources upstream, by the newest check of
    each, with its reasons. With `sql` the row also has the code as it is written and as the last run compiled it.
    """
    model = await the_model(inquiry, arguments.model or "", arguments)
    details, last, jobs = await together(
        part(inquiry, f"The details of {model.name}", inquiry.model_details(model), None),
        last_attempt(inquiry, model),
        part(inquiry, f"The jobs that build {model.name}", jobs_building(inquiry, model), None),
    )
    graph, verdict = await together(
        part(inquiry, f"The lineage of {model.name}", graph_around(inquiry, model), ()),
        part(inquiry, f"The freshness of the sources of {model.name}", freshness_of(inquiry, model), None),
    )
    owner = await part(inquiry, f"The owner of {model.name}", owner_of(inquiry, model), None)
    names = await Names.of(inquiry)
    row: Row = {
        **names.model(model),
        **_definition(model, owner),
        **_last_run(inquiry, model, last, names),
        **_counts(model, details, graph),
        "jobs": None if jobs is None else ", ".join(job.name for job in jobs),
        "source_freshness": _freshness(verdict),
    }
    if arguments.sql:
        row |= {
            "raw_code": details.raw_code if details else None,
            "compiled_code": details.compiled_code if details else None,
        }
        if not (row["raw_code"] or row["compiled_code"]):
            inquiry.tell(f"dbt Cloud keeps no code of {model.name}: it has it once a job's run compiled the model.")
    return Findings(
        finding=_finding(model, row, last, jobs),
        columns=(*_COLUMNS, *_CODE) if arguments.sql else _COLUMNS,
        rows=[row],
        coverage=Coverage(unit="models", considered=1),
        reading=[await node_state_reading(inquiry, arguments, model)],
    )


def _definition(model: ModelRecord, owner: str | None) -> Row:
    return {
        "description": model.description,
        "owner": owner,
        "materialization": model.materialization,
        "database": model.database,
        "schema": model.schema,
        "tags": ", ".join(model.tags),
        "package": model.package,
        "group": model.group,
        "access": model.access,
    }


def _last_run(inquiry: Inquiry, model: ModelRecord, last: NodeRun | None, names: Names) -> Row:
    """The last attempt as it was, and the last success; after an error dbt may only tell when it wrote the results."""
    started = (last.started_at or last.finished_at) if last else None
    ended = model.last_success_end_time
    return {
        "last_run_status": last.status.value if last else None,
        "last_run_start_time": iso(started),
        "last_run_runtime": last.runtime if last else None,
        "last_run_error": cut_text(last.error) if last else None,
        "last_run_job_name": (names.jobs.get(last.job_id) or f"job {last.job_id}") if last and last.job_id else None,
        "last_run_url": inquiry.run_url(model.project_id, last.run_id) if last and last.run_id else None,
        "last_success_time": iso(ended),
        "last_success_runtime": model.last_success_runtime,
    }


def _counts(model: ModelRecord, details: ModelDetails | None, graph: Sequence[GraphNode]) -> Row:
    own = next((node for node in graph if node.unique_id == model.unique_id), None)
    children = sum(model.unique_id in node.parents for node in graph)
    counted = details if details and (details.row_count, details.byte_count) != (None, None) else None
    return {
        "row_count": counted.row_count if counted else None,
        "byte_count": counted.byte_count if counted else None,
        "counted_at": iso(counted.counted_at) if counted else None,
        "test_count": details.tests if details else None,
        "parent_count": len(own.parents) if own else None,
        "child_count": children if own else None,
    }


def _freshness(verdict: Verdict | None) -> str | None:
    """The verdict with its reasons: `error: raw.orders had a newest row …`."""
    if verdict is None:
        return None
    status, reasons, _ = verdict
    return ": ".join(filter(None, (status.value if status else None, " ".join(reasons))))


def _finding(model: ModelRecord, row: Row, last: NodeRun | None, jobs: Sequence[JobRecord] | None) -> str:
    name = f"{model.name} ({row['project_name'] or model.project_id})"
    facts = [f"its owner is {row['owner']}"] if row["owner"] else []
    if jobs is not None:
        builder = jobs[0].name if jobs else "no job"
        facts.append(f"{count(len(jobs), 'job')} build it" if len(jobs) > 1 else f"{builder} builds it")
    if row["test_count"] is not None:
        facts.append(f"{count(row['test_count'], 'test')} {'reads' if row['test_count'] == 1 else 'read'} it")
    about = f"; {either(facts, 'and')}." if facts else "."
    if last is None:
        return f"No run has built {name} yet{about}"
    at = f", {minute(row['last_run_start_time'])}," if row["last_run_start_time"] else ""
    took = f" after {duration(last.runtime)}" if last.runtime is not None else ""
    return f"The last run of {name}{at} {_ENDED.get(last.status, 'ended')}{took}{about}"
