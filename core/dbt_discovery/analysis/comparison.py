"""Comparison of two runs: what became of each node in one and in the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun

__all__ = ["LEAST_CHANGE", "Change", "NodeChange", "compare_nodes"]

Change = Literal["newly_failed", "status_changed", "fixed", "slower", "faster", "added", "gone"]
"""How a node differs, the most important first."""

LEAST_CHANGE = 1.0
"""Seconds below which no change of a runtime is told: so much any query may take more or less."""

_RANK = {change: place for place, change in enumerate(get_args(Change))}
_WELL = frozenset({NodeStatus.SUCCESS, NodeStatus.WARN})
_ALIKE = {"faster": "slower", "gone": "added"}
"""Changes that are as important as another: the greater of them comes first."""


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that differs between two runs.

    Attributes:
        change: In what way.
        before: What the earlier run made of it; None where it did not run it.
        after: What the later run made of it; None where it did not run it.
    """

    change: Change
    before: NodeRun | None
    after: NodeRun | None

    @property
    def node(self) -> NodeRun:
        """The node as the later run had it, if it did."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def difference(self) -> float | None:
        """Seconds that it took longer in the later run; None where it has no time in one of them."""
        if not self.before or not self.after or self.before.runtime is None or self.after.runtime is None:
            return None
        return self.after.runtime - self.before.runtime

    @property
    def seconds(self) -> float:
        """How much time it is about: the difference, or the only time there is."""
        if (difference := self.difference) is not None:
            return abs(difference)
        return max((each.runtime or 0.0 for each in (self.before, self.after) if each), default=0.0)


def compare_nodes(before: Iterable[NodeRun], after: Iterable[NodeRun], min_change: float) -> list[NodeChange]:
    """The nodes that differ between two runs, the most important first.

    A node that failed in the later run and did not in the earlier is newly failed, also where that did not run it; one
    that failed before and came out well is fixed; every other change of status is told as such. Of a node that came out
    well both times, the runtimes are compared. Order: newly failed, status changed, fixed, slower and faster, added and
    gone; within these by seconds, then by unique_id.

    Args:
        before: The nodes of the earlier run.
        after: The nodes of the later run.
        min_change: Least change of a runtime that is told, as a share of the one before; beside `LEAST_CHANGE`.
    """
    earlier, later = ({node.unique_id: node for node in nodes} for nodes in (before, after))
    found = [
        NodeChange(change, earlier.get(unique_id), later.get(unique_id))
        for unique_id in earlier | later
        if (change := _changed(earlier.get(unique_id), later.get(unique_id), min_change))
    ]
    return sorted(found, key=lambda each: (_importance(each.change), -each.seconds, each.node.unique_id))


def _importance(change: Change) -> int:
    return _RANK[_ALIKE.get(change, change)]


def _changed(before: NodeRun | None, after: NodeRun | None, min_change: float) -> Change | None:
    """How a node differs; None where it does not, or by too little."""
    if after is None:
        return "gone"
    if after.status.failed and not (before and before.status.failed):
        return "newly_failed"
    if before is None:
        return "added"
    if before.status is not after.status:
        return "fixed" if before.status.failed and after.status in _WELL else "status_changed"
    if after.status not in _WELL or before.runtime is None or after.runtime is None:
        return None
    difference = after.runtime - before.runtime
    if abs(difference) < max(LEAST_CHANGE, min_change * before.runtime):
        return None
    return "slower" if difference > 0 else "faster"
