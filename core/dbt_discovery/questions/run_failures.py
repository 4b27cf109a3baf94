"""Failures of a run: the steps and nodes that failed in it, and how they are put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.base import NodeStatus, RunStatus
from dbt_discovery.models.records import NodeRun, RunRecord, RunStep
from dbt_discovery.questions.parts import part
from dbt_discovery.services.together import together
from dbt_discovery.words import cut_text

__all__ = ["Failures", "failures_of"]

_NODES_NAMED = 20
_HOW = {NodeStatus.ERROR: "ended in an error", NodeStatus.FAIL: "failed"}


@dataclass(frozen=True, slots=True)
class Failures:
    """What failed in a run.

    Attributes:
        steps: The steps that failed.
        nodes: The nodes that failed.
    """

    steps: Sequence[RunStep] = ()
    nodes: Sequence[NodeRun] = ()

    @classmethod
    def among(cls, steps: Sequence[RunStep], nodes: Sequence[NodeRun]) -> Failures:
        """Those of a run's steps and nodes that failed."""
        return cls(
            [step for step in steps if step.status is RunStatus.FAILURE],
            [node for node in nodes if node.status.failed],
        )

    @property
    def named_steps(self) -> str:
        """The steps by name."""
        return ", ".join(step.name for step in self.steps)

    @property
    def named_nodes(self) -> str:
        """The nodes with what became of them, `model orders ended in an error, test x failed`; a few stand for many."""
        names = [f"{node.resource_type} {node.name} {_became(node)}" for node in self.nodes[:_NODES_NAMED]]
        more = len(self.nodes) - len(names)
        return ", ".join(names) + (f" and {more} more" if more > 0 else "")

    @property
    def error(self) -> str:
        """What dbt says went wrong, a line for each node; where none says anything, the logs of the steps."""
        texts = [f"{node.name}: {node.error.strip()}" for node in self.nodes if node.error]
        whole = "\n".join(texts) or "\n".join(step.logs.strip() for step in self.steps if step.logs)
        return cut_text(whole) or ""

    def cause(self, run: RunRecord) -> str:
        """Why the run failed, in a few words: its first failed node, else its message, else its failed steps."""
        return self.named_nodes.split(", ")[0] or run.status_message.rstrip(".") or self.named_steps


async def failures_of(inquiry: Inquiry, run: RunRecord) -> Failures:
    """What failed in a run. The two APIs give steps and nodes apart, and one may refuse without the other."""
    if run.started_at is None and run.status is RunStatus.CANCELLED:
        return Failures()  # it did nothing
    name = f"Some of what failed in run {run.run_id}"
    (_, steps), nodes = await together(
        part(inquiry, name, inquiry.run(run.run_id), (run, ())),
        part(inquiry, name, inquiry.nodes_of_run(run), ()),
    )
    return Failures.among(steps, nodes)


def _became(node: NodeRun) -> str:
    return "is not fresh" if node.resource_type == "source" else _HOW[node.status]
