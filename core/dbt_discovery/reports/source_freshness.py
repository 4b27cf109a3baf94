"""How fresh sources are."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from dbt_discovery.analysis.freshness import criteria_in_words, freshness_reason, is_outdated, severity
from dbt_discovery.analysis.lineage import trace
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import FreshnessStatus
from dbt_discovery.models.fields import FreshnessStatuses
from dbt_discovery.models.filters import ProjectFilter
from dbt_discovery.models.records import EnvironmentRecord, ModelRecord
from dbt_discovery.models.records import SourceFreshness as SourceRecord
from dbt_discovery.models.report import Column, Coverage, Reading, Row, iso
from dbt_discovery.models.subjects import OneModel
from dbt_discovery.models.telling import Told
from dbt_discovery.questions.model_context import graph_around
from dbt_discovery.questions.subjects import the_model
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, Limited, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import node_state_reading, state_reading
from dbt_discovery.services.together import together
from dbt_discovery.words import count, duration, either, few

__all__ = ["SourceFreshness", "source_freshness"]

_COLUMNS = columns(
    Column(key="source", label="Source"),
    "project_name",
    "status",
    seconds("age", "Age when checked"),
    Column(key="criteria", label="Criteria"),
    Column(key="checked_at", label="Checked", type="datetime"),
    Column(key="reason", label="Reason"),
    "environment_name",
    "unique_id",
)
_STALE = (FreshnessStatus.ERROR, FreshnessStatus.WARN)
_Placed = tuple[EnvironmentRecord, SourceRecord]
"""A source with its environment."""


_TOLD = {"model": Told(words="Only the sources upstream of it.")}


class SourceFreshness(Limited, OneModel, ProjectFilter):
    """Arguments of `source_freshness`; with a model only the sources that it is made from."""

    TOLD = _TOLD

    status: FreshnessStatuses = Field(
        default=(), description="Status of the source: error, warn (both are stale), unknown or pass."
    )


@report(
    title="Source freshness",
    group="sources",
    examples=(
        "Are my data sources fresh?",
        "Which sources are stale?",
        "When was the data last refreshed that a model uses?",
    ),
    sample={"limit": 5},
)
async def source_freshness(inquiry: Inquiry, arguments: SourceFreshness) -> Findings:
    """How fresh each source was when last checked, the stalest first.

    dbt Cloud knows no more than what the last `dbt source freshness` of an environment found, and a build does not run
    that by itself: `checked_at` tells when that was, `age` how old the newest row was then. A source is stale if its
    status is error or warn, after the criteria of the project. Unknown is one that has criteria and was never checked.
    One without criteria is not judged, since nobody said how fresh it should be; it stands last, with status unknown.
    A check that passed, but longer ago than the age it allowed, says little of now, and the reason says so.

    Errors stand before warnings, these before the unknown and those before what passed. With a model, only the sources
    that it is made from count, directly or through other models.
    """
    model = await the_model(inquiry, arguments.model, arguments) if arguments.model else None
    placed, hidden = await _upstream(inquiry, model) if model else (await _sources(inquiry, arguments), [])
    placed.sort(key=lambda each: severity(each[1]))
    names = await Names.of_places(inquiry)
    rows = [
        _row(inquiry, names, home, source)
        for home, source in placed
        if not arguments.status or _status(source) in arguments.status
    ]
    everything = [source for _, source in placed]
    if hidden:
        inquiry.lack(f"dbt Cloud tells nothing of the freshness of {either(hidden, 'and')}.")
    if outdated := sum(is_outdated(source, inquiry.now) for source in everything):
        inquiry.tell(f"The check of {count(outdated, 'source')} that passed is older than the age it allowed.")
    return Findings(
        finding=_finding(inquiry, everything, rows),
        columns=_COLUMNS,
        rows=rows,
        coverage=Coverage(unit="sources", considered=len(everything)),
        reading=[
            await (node_state_reading(inquiry, arguments, model) if model else state_reading(inquiry, arguments)),
            Reading(key="stale", label="Stale", value="status error or warn when last checked"),
        ],
        limit=arguments.limit,
    )


async def _sources(inquiry: Inquiry, arguments: SourceFreshness) -> list[_Placed]:
    """The sources of the environments asked about."""
    homes = await inquiry.state_environments(arguments)
    found = await together(*(inquiry.sources(home.environment_id) for home in homes))
    return [(home, source) for home, own in zip(homes, found, strict=True) for source in own]


async def _upstream(inquiry: Inquiry, model: ModelRecord) -> tuple[list[_Placed], list[str]]:
    """The sources that a model is made from, and those of them that dbt Cloud tells nothing of."""
    upstream, _, notes = trace(model.unique_id, await graph_around(inquiry, model))
    for note in notes:
        inquiry.lack(note)
    wanted = {node.unique_id for node in upstream if node.resource_type == "source"}
    own = [each for each in await inquiry.sources(model.environment_id) if each.unique_id in wanted]
    home = (await inquiry.environments())[model.environment_id]
    return [(home, source) for source in own], sorted(wanted - {each.unique_id for each in own})


def _row(inquiry: Inquiry, names: Names, home: EnvironmentRecord, source: SourceRecord) -> Row:
    return {
        "unique_id": source.unique_id,
        "source": source.full_name,
        **names.place(home.project_id, home.environment_id),
        "status": _status(source).value,
        "age": None if source.never_loaded else source.age,
        "criteria": criteria_in_words(source),
        "checked_at": iso(source.checked_at),
        "reason": freshness_reason(source, inquiry.now),
    }


def _status(source: SourceRecord) -> FreshnessStatus:
    """The status of a source; without criteria no word of dbt Cloud's is a verdict."""
    return source.status if source.has_criteria else FreshnessStatus.UNKNOWN


def _finding(inquiry: Inquiry, sources: Sequence[SourceRecord], rows: Sequence[Row]) -> str:
    judged = [source for source in sources if source.has_criteria]
    if not judged:
        without = f"No source can be judged: {count(len(sources), 'source')} without freshness criteria."
        return without if sources else "No source fits the question."
    number = sum(source.status in _STALE for source in judged)
    unknown = sum(source.status is FreshnessStatus.UNKNOWN for source in judged)
    if unknown == len(judged):
        return f"No source was checked, of {len(judged):,} with freshness criteria."
    named = [row["source"] for row in rows if row["status"] in _STALE]
    told = f"No source is stale, of {len(judged):,}"
    if number:
        told = f"{number:,} of {count(len(judged), 'source')} {'is' if number == 1 else 'are'} stale"
        told += f": {few(named)}" if named else ""
    if unknown:
        told += f"; {unknown:,} {'was' if unknown == 1 else 'were'} never checked"
    looked = [source.checked_at for source in judged if source.checked_at]
    age = max((inquiry.now - min(looked)).total_seconds(), 0.0) if looked else None
    return f"{told}; the oldest check is {duration(age)} old." if age is not None else f"{told}."
