"""Run results: what dbt's own `run_results.json` says of the nodes that one step of a run touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun, RunRecord
from dbt_discovery.services.parsing import parse_job_node
from dbt_discovery.services.values import to_node_status, to_object, to_objects, to_text

__all__ = ["StepResults", "merged", "parse_run_results", "runs_nodes"]

_RUNNING = frozenset({"build", "run", "test", "seed", "snapshot", "retry"})
"""dbt's commands that run nodes. The others write no results, or those of compiling alone (quirk 9)."""
_COMMANDS = _RUNNING | {
    "clean",
    "clone",
    "compile",
    "deps",
    "docs",
    "init",
    "list",
    "ls",
    "parse",
    "run-operation",
    "show",
    "source",
}


@dataclass(frozen=True, slots=True)
class StepResults:
    """What one step of a run left.

    Attributes:
        invocation_id: The id of the dbt command that wrote it.
        command: That command, such as `build`; None where the file does not say.
        nodes: What became of the nodes, in the file's order.
    """

    invocation_id: str | None
    command: str | None
    nodes: tuple[NodeRun, ...]

    @property
    def of_running(self) -> bool:
        """Whether these are results of running nodes, as far as the file says."""
        return self.command is None or self.command in _RUNNING


def runs_nodes(step_name: str) -> bool:
    """Whether a step runs nodes, by its name: ``Invoke dbt with `dbt --no-partial-parse build --select x` ``.

    The first of its words that is a command of dbt's decides: options may stand before it, and names of anything
    after it.
    """
    words = (step_name.partition("`")[2] or step_name).replace("`", " ").split()
    if not words or not words[0].startswith("dbt"):
        return False
    return next((word for word in words if word in _COMMANDS), "") in _RUNNING


def parse_run_results(body: Any, run: RunRecord, kinds: Collection[str]) -> StepResults:
    """The results of one step for nodes of some kinds, such as `model`. A row without a unique_id is left out.

    Raises:
        TypeError, LookupError, AttributeError: The body is none of run results.
    """
    metadata, arguments = to_object(body.get("metadata")), to_object(body.get("args"))
    if not isinstance(body["results"], list):
        raise TypeError(f"results are {type(body['results']).__name__}, not a list")
    written = metadata.get("generated_at")
    return StepResults(
        invocation_id=to_text(metadata.get("invocation_id")),
        command=to_text(arguments.get("which")) or to_text(arguments.get("rpc_method")),
        nodes=tuple(
            _node(row, unique_id, run, written)
            for row in to_objects(body["results"])
            if isinstance(unique_id := row.get("unique_id"), str) and unique_id.partition(".")[0] in kinds
        ),
    )


def _node(row: Mapping[str, Any], unique_id: str, run: RunRecord, written: Any) -> NodeRun:
    """The node as Discovery would put it, so that both sources mean the same by every field.

    A node that failed may have no timings; its execution time stands all the same. What a message says of a node that
    did not fail, such as how many rows there were, is no error.
    """
    execute = next((each for each in to_objects(row.get("timing")) if each.get("name") == "execute"), {})
    status = to_node_status(row.get("status"))
    return parse_job_node(
        {
            "uniqueId": unique_id,
            "runId": run.run_id,
            "jobId": run.job_id,
            "status": row.get("status"),
            "executionTime": row.get("execution_time"),
            "executeStartedAt": execute.get("started_at"),
            "executeCompletedAt": execute.get("completed_at"),
            "runGeneratedAt": written,
            "error": row.get("message") if status and status.failed else None,
        }
    )


def merged(steps: Iterable[StepResults]) -> tuple[NodeRun, ...]:
    """The nodes of a run's steps, which come in their order, each once.

    Of a node that several steps touched, the last result counts in which it was executed: a later step that skipped it
    takes nothing back. dbt Cloud does not say which one its Discovery API would give.
    """
    found: dict[str, NodeRun] = {}
    for step in steps:
        for node in step.nodes:
            if node.status is not NodeStatus.SKIPPED or node.unique_id not in found:
                found[node.unique_id] = node
    return tuple(found.values())
