"""What a node is made from, and what is made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from dbt_discovery.analysis.lineage import DEEPEST, LineageNode, summed_up, trace
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.fields import ResourceTypes
from dbt_discovery.models.filters import EnvironmentFields
from dbt_discovery.models.records import GraphNode, ModelRecord
from dbt_discovery.models.report import Column, Coverage, Row
from dbt_discovery.models.subjects import TheModel
from dbt_discovery.models.telling import Told
from dbt_discovery.questions.nodes import PlacedNode, the_node
from dbt_discovery.reports.columns import columns
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import choice_reading, node_state_reading
from dbt_discovery.words import count

__all__ = ["LineageArguments", "lineage"]

_COLUMNS = columns(
    Column(key="name", label="Node"),
    "resource_type",
    Column(key="direction", label="Direction"),
    Column(key="distance", label="Steps away", type="number", unit="count"),
    Column(key="parents", label="Made from"),
    "last_run_status",
    Column(key="job_name", label="Last run by"),
    "project_name",
    "unique_id",
)
_WORDS = {"both": "upstream and downstream", "upstream": "upstream only", "downstream": "downstream only"}
_PARENTS_NAMED = 10


class LineageArguments(ManyRows, EnvironmentFields, TheModel):
    """Arguments of `lineage`."""

    direction: Literal["upstream", "downstream", "both"] = Field(
        default="both", description="What it is made from (upstream), what is made from it (downstream), or both."
    )
    depth: Annotated[int | None, Told(words="Most steps; else all the way.")] = Field(
        default=None, ge=1, le=DEEPEST, description="Most steps to go; without, all the way."
    )
    resource_type: ResourceTypes = Field(
        default=(),
        description="Kinds of nodes: model, source, seed, snapshot, exposure, metric, semantic_model, saved_query.",
    )


@report(
    title="Lineage",
    group="models",
    examples=(
        "What is downstream of stg_netsuite__invoices?",
        "What will break if I change this model?",
        "Which nodes depend on this data source?",
        "What does fct_revenue depend on?",
    ),
    sample={"model": "stg_netsuite__invoices", "direction": "downstream"},
)
async def lineage(inquiry: Inquiry, arguments: LineageArguments) -> Findings:
    """What a model, source or other node is made from, and what is made from it, nearest first.

    `model` also takes a source, seed, snapshot, exposure or metric, by its unique_id or name (a source as
    `source_name.table` too). The graph is the one of the node's environment as dbt Cloud has it now: of the applied
    state, and of the definition for what is not in the warehouse, such as an ephemeral model. Tests and macros are no
    nodes of it. A node's distance is the fewest steps to it. Parents in other projects that the environment's graph
    names but does not hold are said in a note; what other projects make of a node is not known here.

    Each model has the status of its last run and the job that made it; other kinds have neither. `depth` and
    `resource_type` narrow what is listed: a node of another kind is still walked through.
    """
    node = await the_node(inquiry, arguments.model or "", arguments)
    graph = await inquiry.graph(node.environment_id)
    known = {each.unique_id: each for each in graph}
    if graph and node.unique_id not in known:
        inquiry.lack(f"The lineage of environment {node.environment_id} does not hold {node.name}.")
    upstream, downstream, notes = trace(node.unique_id, graph, arguments.depth)
    if arguments.direction != "downstream":
        for note in notes:
            inquiry.lack(note)
    ways = {
        way: [each for each in found if not arguments.resource_type or each.resource_type in arguments.resource_type]
        for way, found in (("upstream", upstream), ("downstream", downstream))
        if arguments.direction in (way, "both")
    }
    names = await Names.of(inquiry)
    place = names.place(node.project_id, node.environment_id)
    models = await _models(inquiry, node)
    rows: list[Row] = [
        {**place, **_row(each, way, known, models.get(each.unique_id), names)}
        for way, found in ways.items()
        for each in found
    ]
    rows.sort(key=lambda row: row["distance"])
    return Findings(
        finding=_finding(node, ways, arguments),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="models", considered=sum(each.resource_type == "model" for each in graph)),
        reading=[
            choice_reading(arguments, "direction", "Direction", _WORDS),
            await node_state_reading(inquiry, arguments, node, "Graph of"),
        ],
        limit=arguments.limit,
    )


async def _models(inquiry: Inquiry, node: PlacedNode) -> Mapping[str, ModelRecord]:
    """The models of the node's environment, by unique_id."""
    home = (await inquiry.environments())[node.environment_id]
    return {model.unique_id: model for model in await inquiry.models_in([home])}


def _row(node: LineageNode, way: str, graph: Mapping[str, GraphNode], model: ModelRecord | None, names: Names) -> Row:
    job_id = model.last_run_job_id if model else None
    return {
        "unique_id": node.unique_id,
        "name": node.name,
        "resource_type": node.resource_type,
        "direction": way,
        "distance": node.distance,
        "parents": _parents(node, graph),
        "last_run_status": model.last_run_status.value if model and model.last_run_status else None,
        "job_name": names.jobs.get(job_id) if job_id else None,
        **({"job_id": job_id} if job_id else {}),
    }


def _parents(node: LineageNode, graph: Mapping[str, GraphNode]) -> str:
    """Names of what a node is made from; of what the graph does not hold, its unique_id."""
    named = [graph[each].name if each in graph else each for each in node.parents[:_PARENTS_NAMED]]
    more = len(node.parents) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _finding(node: PlacedNode, ways: Mapping[str, Sequence[LineageNode]], arguments: LineageArguments) -> str:
    what = node.name if node.resource_type == "model" else f"{node.resource_type.replace('_', ' ')} {node.name}"
    within = f" within {count(arguments.depth, 'step')}" if arguments.depth else ""
    kinds = f" of the kind {' or '.join(arguments.resource_type)}" if arguments.resource_type else ""
    told = [summed_up(found, f"{way} of {what}{within}") for way, found in ways.items() if found]
    if not told:
        return f"Nothing{kinds} is {' or '.join(ways)} of {what}{within}."
    return f"{'; '.join(told)}."
