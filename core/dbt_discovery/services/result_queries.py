"""Questions about the results of runs: for one run, for several at once, and for the pages of their lists."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.models.results import NodeKind
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.operation import DiscoveryOperation, Operation, Scope, fragment, query_text
from dbt_discovery.services.paging import JOB_PAGE_SIZE
from dbt_discovery.services.parsing import parse_job_node

__all__ = [
    "MODEL_OF_RUNS",
    "NODE_LISTS",
    "RESULTS",
    "RUNTIMES",
    "TIMED_LISTS",
    "NodeList",
    "Page",
    "Place",
    "Results",
    "latest_models",
    "latest_models_of_jobs",
    "model_of_run",
    "models_of_run",
    "nodes_of_run",
    "page_of_list",
    "pages_of_lists",
    "runtimes_of_run",
    "runtimes_of_runs",
]

T = TypeVar("T")

Results = tuple[NodeRun, ...]

_ON_THEIR_WAY = timedelta(seconds=60)
"""How long results last that may not be all yet."""


@dataclass(frozen=True, slots=True)
class NodeList:
    """A list of a job's run, and what is asked of its rows.

    Attributes:
        field: Its name, such as `models`.
        query: The query that has the fragment.
        fragment: What is asked of each row.
    """

    field: str
    query: str
    fragment: str

    @property
    def text(self) -> str:
        """The fragment's text."""
        return fragment(self.query, self.fragment)


RUNTIMES: Mapping[NodeKind, NodeList] = {
    "models": NodeList("models", "job_models", "ModelRuntime"),
    "tests": NodeList("tests", "job_tests", "TestRuntime"),
}
"""The lists that are read of many runs, with no more of each row than the run store keeps."""
RESULTS = NodeList("models", "run_models", "ModelResult")
NODE_LISTS = tuple(
    NodeList(f"{kind.lower()}s", "job_nodes", f"{kind}Outcome")
    for kind in ("Model", "Test", "Seed", "Snapshot", "Source")
)
TIMED_LISTS = tuple(
    NodeList(f"{kind.lower()}s", "run_nodes", f"Timed{kind}") for kind in ("Model", "Test", "Seed", "Snapshot")
)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list: all of them, or as many as came.

    Attributes:
        rows: The rows.
        cursor: Where the rest begins; None where that was not asked for, or cannot be told.
    """

    rows: Results
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The run whose lists are asked for.

    Attributes:
        job_id: Its job's id; empty where dbt Cloud names none.
        run_id: Its own.
        final: Whether it is over, so that its results cannot change any more.
        scope: The part of the account that was asked about: the run, or its job.
    """

    job_id: str
    run_id: str
    final: bool = False
    scope: Scope = "runs"

    @classmethod
    def of(cls, run: RunRecord) -> Place:
        """The place of a run."""
        return cls(run.job_id, run.run_id, run.status.final)

    @property
    def known(self) -> bool:
        """Whether it can be asked for."""
        return bool(self.job_id and self.run_id)

    @property
    def ids(self) -> tuple[tuple[str, Hashable], ...]:
        """The variables that name it."""
        return ("jobId", int(self.job_id)), ("runId", int(self.run_id))

    def lasts(self, value: object) -> timedelta:
        """Results of a run that is over cannot change; those that are not there may still be on their way."""
        return FINAL if value and self.final else _ON_THEIR_WAY


def runtimes_of_run(run: RunRecord, nodes: NodeList) -> Operation[Page | None]:
    """The rows of one of the `RUNTIMES` of a run, which the run store keeps."""
    place = Place.of(run)
    return Operation(
        name=nodes.query,
        variables=place.ids,
        scope="runs",
        parse=lambda job: _page(job, nodes),
        kept=False,
    )


def models_of_run(run: RunRecord) -> DiscoveryOperation[Page | None]:
    """The models of a run with all that is known of each."""
    return _of_run("run_models", run, lambda data: _page(data["run"], RESULTS), lambda page: page and page.rows)


def nodes_of_run(
    run: RunRecord, lists: Sequence[NodeList] = NODE_LISTS
) -> DiscoveryOperation[Mapping[str, Page] | None]:
    """Every node of a run, by the list it stands in; `lists` are those of one query."""

    def parse(data: Any) -> Mapping[str, Page] | None:
        return None if data["job"] is None else {each.field: _rows(data["job"][each.field]) for each in lists}

    return _of_run(lists[0].query, run, parse, lambda found: found and any(page.rows for page in found.values()))


def latest_models(job_id: str) -> Operation[Page | None]:
    """The models of a job's latest run that has results: the one dbt Cloud takes where no run is named."""
    return Operation(
        name="latest_models",
        variables=(("jobId", int(job_id)),),
        scope="jobs",
        parse=lambda job: _page(job, RESULTS),
    )


def model_of_run(unique_id: str, run: RunRecord) -> Operation[NodeRun | None]:
    """What a run made of one model."""
    place = Place.of(run)
    return Operation(
        name="model_of_run",
        variables=(*place.ids, ("uniqueId", unique_id)),
        scope="runs",
        parse=lambda job: parse_job_node(job["model"]) if job and job["model"] else None,
        lasts=place.lasts,
    )


def page_of_list(nodes: NodeList, place: Place, after: str | None) -> Operation[Page | None]:
    """The rows of a list that follow a cursor, or its first, as many as a page takes."""
    return Operation(
        name=f"page_of_{nodes.fragment}",
        variables=(*place.ids, ("after", after)),
        scope=place.scope,
        parse=lambda job: _page(job, nodes),
        lasts=place.lasts,
        kept=nodes not in RUNTIMES.values(),
    )


def runtimes_of_runs(nodes: NodeList, *, cursors: bool) -> AliasedField:
    """The field for one of the `RUNTIMES` of several runs, with cursors where dbt Cloud has them."""
    rows = _list(nodes, cursors=cursors)
    return AliasedField(name=f"{nodes.fragment}sOfRuns", field=f"{_RUN} {{ {rows} }}", text=nodes.text)


def latest_models_of_jobs(*, cursors: bool) -> AliasedField:
    """The field for the models of several jobs' latest runs, with cursors where dbt Cloud has them."""
    return AliasedField(
        name="LatestModelsOfJobs", field=f"job(id: $jobId) {{ {_list(RESULTS, cursors=cursors)} }}", text=RESULTS.text
    )


def pages_of_lists(nodes: NodeList) -> AliasedField:
    """The field for pages of the lists of several runs."""
    rows = _list(nodes, f"(first: {JOB_PAGE_SIZE}, after: $after)", cursors=True)
    return AliasedField(name=f"{nodes.fragment}Pages", field=f"{_RUN} {{ {rows} }}", text=nodes.text)


_RUN = "job(id: $jobId, runId: $runId)"

MODEL_OF_RUNS = AliasedField(
    name="ModelOfRuns", field=f"{_RUN} {{ model(uniqueId: $uniqueId) {{ ...{RESULTS.fragment} }} }}", text=RESULTS.text
)
"""The field for what several runs made of one model each."""


def _of_run(
    name: str, run: RunRecord, parse: Callable[[Any], T], found: Callable[[T], object]
) -> DiscoveryOperation[T]:
    place = Place.of(run)
    return DiscoveryOperation(
        name=name,
        variables=place.ids,
        scope="runs",
        document=query_text(name),
        parse=parse,
        lasts=lambda value: place.lasts(found(value)),
    )


def _list(nodes: NodeList, arguments: str = "", *, cursors: bool) -> str:
    cursor = "paginationCursor " if cursors else ""
    return f"{nodes.field}{arguments} {{ {cursor}...{nodes.fragment} }}"


def _page(job: Mapping[str, Any] | None, nodes: NodeList) -> Page | None:
    return None if job is None else _rows(job[nodes.field])


def _rows(rows: Sequence[Any] | None) -> Page:
    return Page(tuple(map(parse_job_node, rows or ())), rows[-1].get("paginationCursor") if rows else None)
