"""The timeline: finished runs shown as they stood at a moment, when some of them were still on their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dbt_cloud_sandbox.records import QUEUED, RUNNING, STARTING, Run, RunStep

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The runs of a world as they stood from ``since`` until ``until`` (exclusive), by id."""

    runs: tuple[Run, ...]
    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether nothing changed between the snapshot and the moment."""
        return self.since <= moment < self.until


def snapshot(runs: Sequence[Run], moment: datetime) -> Snapshot:
    """The runs, given as they will have ended and by id, as they stood at the moment."""
    seen: list[Run] = []
    until = FOREVER
    for run in runs:
        if run.finished_at is not None and run.finished_at <= moment:
            seen.append(run)
            continue
        until = min([until, *(change for change in _changes(run) if change > moment)])
        if run.created_at <= moment:
            seen.append(_as_of(run, moment))
    blockers = tuple(run.id for run in seen if run.status == RUNNING)[:1]
    shown = (replace(run, blocked_by=blockers) if run.status == QUEUED else run for run in seen)
    return Snapshot(tuple(shown), moment, until)


def _changes(run: Run) -> list[datetime]:
    """Every moment at which the run looks different."""
    times = [run.created_at, run.dequeued_at, run.started_at, run.finished_at]
    times += [time for step in run.steps for time in (step.started_at, step.finished_at)]
    return [time for time in times if time is not None]


def _as_of(run: Run, moment: datetime) -> Run:
    """A run that has not finished at the moment: the future is cut off."""
    if run.started_at is not None and run.started_at <= moment:
        steps = tuple(_step_as_of(s, moment) for s in run.steps if s.started_at and s.started_at <= moment)
        return _unfinished(run, RUNNING, steps=steps)
    if run.dequeued_at is not None and run.dequeued_at <= moment:
        return _unfinished(run, STARTING, started_at=None)
    return _unfinished(run, QUEUED, dequeued_at=None, started_at=None, git_sha=None, git_branch=None)


def _unfinished(
    run: Run,
    status: int,
    *,
    steps: tuple[RunStep, ...] = (),
    **changes: datetime | str | None,
) -> Run:
    hidden = {"has_docs_generated": False, "has_sources_generated": False, "status_message": None}
    return replace(run, status=status, finished_at=None, steps=steps, **hidden, **changes)  # type: ignore[arg-type]


def _step_as_of(step: RunStep, moment: datetime) -> RunStep:
    if step.finished_at is not None and step.finished_at <= moment:
        return step
    return replace(step, status=RUNNING, finished_at=None)
