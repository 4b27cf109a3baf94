"""How a command's nodes share its threads: when each starts and ends, if every node took its ordinary time."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dbt_cloud_sandbox.generated.selection import Selection

SKIPPING = frozenset({"error", "fail"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A node's place in a command: seconds since the command began building, its thread and how it ended."""

    unique_id: str
    start: float
    end: float
    thread: int
    status: str


@dataclass(frozen=True)
class Layout:
    """All nodes of a command in order of completion, and the seconds from first start to last end."""

    slots: tuple[Slot, ...]
    makespan: float

    @cached_property
    def failed(self) -> bool:
        """Whether the command exits with an error."""
        return any(slot.status in SKIPPING for slot in self.slots)


def lay_out(selection: Selection, seconds: Mapping[str, float], outcomes: Mapping[str, str], threads: int) -> Layout:
    """Runs the selection on the threads, as dbt does: a node starts when all it waits for has ended.

    ``outcomes`` names the nodes that end other than well. What waits for an error or a failure is skipped.
    """
    rank, followers = selection.rank, selection.followers
    missing = {uid: len(waits) for uid, waits in selection.waits_for.items()}
    ready = [(rank[uid], uid) for uid, count in missing.items() if not count]
    heapq.heapify(ready)
    idle = list(range(threads))
    running: list[tuple[float, int, str, float, int]] = []
    slots: list[Slot] = []
    doomed: set[str] = set()
    clock = 0.0
    while ready or running:
        while ready and (idle or ready[0][1] in doomed):
            _, uid = heapq.heappop(ready)
            if uid in doomed:
                slots.append(Slot(uid, clock, clock, 0, "skipped"))
                _release(uid, followers, missing, ready, rank, doomed)
            else:
                heapq.heappush(running, (clock + seconds[uid], rank[uid], uid, clock, heapq.heappop(idle)))
        if not running:
            break
        clock, _, uid, start, thread = heapq.heappop(running)
        heapq.heappush(idle, thread)
        status = outcomes.get(uid) or selection.good[uid]
        slots.append(Slot(uid, start, clock, thread, status))
        if status in SKIPPING:
            doomed.add(uid)
        _release(uid, followers, missing, ready, rank, doomed)
    return Layout(tuple(slots), clock)


def _release(
    uid: str,
    followers: Mapping[str, list[str]],
    missing: dict[str, int],
    ready: list[tuple[int, str]],
    rank: Mapping[str, int],
    doomed: set[str],
) -> None:
    """Tells a node's followers that it has ended; the followers of a doomed node are doomed too."""
    for follower in followers[uid]:
        if uid in doomed:
            doomed.add(follower)
        missing[follower] -= 1
        if not missing[follower]:
            heapq.heappush(ready, (rank[follower], follower))
