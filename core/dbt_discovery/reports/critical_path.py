"""Which chain of nodes a run could not be quicker than."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dbt_discovery.analysis.critical_path import TESTS, CriticalNode, began
from dbt_discovery.analysis.critical_path import critical_path as path_of
from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.models.report import Chart, Column, Coverage, LeftOut, Reading, Row, iso
from dbt_discovery.models.subjects import TheRun
from dbt_discovery.questions.subjects import the_run
from dbt_discovery.reports.columns import columns, seconds
from dbt_discovery.reports.declaration import Findings, ManyRows, report
from dbt_discovery.reports.identity import Names
from dbt_discovery.reports.readings import run_reading
from dbt_discovery.words import count, duration

__all__ = ["CriticalPath", "critical_path"]

_COLUMNS = columns(
    Column(key="name", label="Node"),
    "resource_type",
    "start_time",
    "end_time",
    "runtime",
    seconds("waited", "Waited before"),
    Column(key="share", label="Share of the run", type="number", unit="ratio"),
    seconds("could_win", "Could win up to"),
    "status",
    Column(key="step", label="dbt command", type="number", unit="count"),
    "unique_id",
)


class CriticalPath(ManyRows, TheRun):
    """Arguments of `critical_path`."""


@report(
    title="Critical path of a run",
    group="runs",
    examples=(
        "What is the critical path of the finance nightly build?",
        "Which models should I speed up to make the marketing daily build quicker?",
        "Where does the latest run of the growth nightly job lose its time?",
    ),
    sample={"job": "Finance nightly build"},
)
async def critical_path(inquiry: Inquiry, arguments: CriticalPath) -> Findings:
    """The chain of nodes that decides how long a run takes, and what speeding each up could save.

    The critical path is the longest path through the nodes that the run ran, each weighted with its execution time in
    that run (compiling and executing; a skipped node takes none). Models, seeds, snapshots and tests count. A node
    waits for what it is made from; under `dbt build` also for the tests of that, where it reads all that a test reads.
    What a model is made from is taken as that run had it; for snapshots, and for what lies between (an ephemeral
    model), as the environment's graph has it now. The dbt commands of a job run one after the other: their paths are
    put one behind the other. Nodes of one command are known by the moment at which its results were written.

    `could_win` is the length of the path less the length of the longest path were the node to take no time at all: the
    most that speeding it up alone could win, since then another branch bounds the run. What the run took beyond its
    critical path went into waiting for threads, cloning, installing, parsing and other steps; a job with more threads
    comes nearer to the path, but never below it. `waited` is the time between the node before it on the path and
    itself: all threads were busy, or something else that it needs was late. `share` is of the run's whole runtime.
    """
    run, _ = await the_run(inquiry, arguments.run_id, arguments.job)
    names = await Names.of(inquiry)
    of = names.called(run)
    nodes = await _nodes(inquiry, run)
    graph = await inquiry.graph(run.environment_id) if nodes else ()
    found = await asyncio.to_thread(path_of, nodes, graph)  # which takes a second for 10,000 models with their tests
    _say_what_it_rests_on(inquiry, run, nodes)
    place = names.place(run.project_id, run.environment_id) | {"run_id": run.run_id, "url": run.url}
    models = [node for node in nodes if node.resource_type == "model"]
    untimed = sum(node.runtime is None and node.status is not NodeStatus.SKIPPED for node in models)
    left_out: dict[LeftOut, int] = {"no_timing": untimed} if untimed else {}
    steps = len({each.step for each in found})
    return Findings(
        finding=_finding(found, run, of),
        columns=_COLUMNS,
        rows=[{**place, **_row(each, run)} for each in found],
        coverage=Coverage(unit="models", considered=len(models) - untimed, left_out=left_out),
        reading=[
            run_reading(run, of, arguments),
            Reading(
                key="waits",
                label="Waits for",
                value="what it is made from, and its tests where one command ran both"
                + (f"; {count(steps, 'dbt command')} one after the other" if steps > 1 else ""),
            ),
        ],
        chart=Chart(kind="gantt", x="start_time", y=("runtime",), series="name"),
        limit=arguments.limit,
    )


async def _nodes(inquiry: Inquiry, run: RunRecord) -> Sequence[NodeRun]:
    """What the run made of its nodes; the inquiry says where nobody knows."""
    nodes = await inquiry.timed_nodes_of_run(run) if run.status.finished else ()
    if nodes is None:
        inquiry.lack(f"dbt Cloud has no results of run {run.run_id}: it keeps them for about two months.")
    return nodes or ()


def _say_what_it_rests_on(inquiry: Inquiry, run: RunRecord, nodes: Sequence[NodeRun]) -> None:
    """Says what makes the path shorter than it would be."""
    if run.status is RunStatus.FAILURE and (skipped := sum(each.status is NodeStatus.SKIPPED for each in nodes)):
        inquiry.tell(f"The run failed: {count(skipped, 'node')} it skipped took no time and are not on the path.")
    tests = [node for node in nodes if node.resource_type in TESTS]
    if tests and not any(test.parents for test in tests):
        inquiry.tell("What the run's tests read is not told here, so that no node is taken to wait for them.")


def _row(found: CriticalNode, run: RunRecord) -> Row:
    node, start = found.node, began(found.node)
    return {
        "unique_id": node.unique_id,
        "name": node.name,
        "resource_type": node.resource_type,
        "start_time": iso(start),
        "end_time": iso(node.completed_at),
        "runtime": node.runtime,
        "waited": found.waited,
        "share": node.runtime / run.runtime if run.runtime and node.runtime is not None else None,
        "could_win": round(found.could_win, 6),  # differences of sums: what is beyond dbt's own microseconds is noise
        "status": node.status.value,
        "step": found.step,
    }


def _finding(found: Sequence[CriticalNode], run: RunRecord, of: str) -> str:
    if not run.status.finished:
        return f"No critical path: {of} is {run.status.value}, and has no results."
    if not found:
        return f"No node of {of} has a time that is known."
    length = sum(each.node.runtime or 0.0 for each in found)
    whole = f" of the {duration(run.runtime)} that the run took" if run.runtime else ""
    best = max(found, key=lambda each: each.could_win)
    most = (
        f"{best.node.name} could win most, up to {duration(best.could_win)} of its {duration(best.node.runtime or 0)}"
    )
    return f"The critical path of {of} is {count(len(found), 'node')} long and takes {duration(length)}{whole}: {most}."
