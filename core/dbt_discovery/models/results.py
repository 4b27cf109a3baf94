"""What a run made of its models or tests, as columns: questions over many runs look at hundreds of thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun

__all__ = ["NodeKind", "RunResults"]

NodeKind = Literal["models", "tests"]
"""The kinds of nodes whose results are looked at over many runs, each by itself: no question pays for the other."""


@dataclass(frozen=True, slots=True)
class RunResults:
    """The nodes of a kind that a run did something to: three columns of the same length, by unique_id.

    Attributes:
        unique_ids: The nodes.
        statuses: What became of each.
        runtimes: Its execution time in seconds; None where it was skipped or dbt gives no time.
    """

    unique_ids: tuple[str, ...]
    statuses: tuple[NodeStatus, ...]
    runtimes: tuple[float | None, ...]

    @classmethod
    def of(cls, nodes: Iterable[NodeRun]) -> RunResults:
        """The columns of a run's nodes, which are of one kind, without those that it left alone."""
        ran = sorted((node for node in nodes if node.ran), key=lambda node: node.unique_id)
        return cls(
            tuple(node.unique_id for node in ran),
            tuple(node.status for node in ran),
            tuple(node.runtime for node in ran),
        )

    def __len__(self) -> int:
        return len(self.unique_ids)

    def timed(self) -> Iterable[tuple[str, float]]:
        """The nodes that have a time, with it."""
        return (
            (name, runtime) for name, runtime in zip(self.unique_ids, self.runtimes, strict=True) if runtime is not None
        )
