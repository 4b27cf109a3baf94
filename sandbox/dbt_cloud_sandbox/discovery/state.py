"""The state of an environment: what the latest runs left of each node.

Quirk 1: `last` is the newest attempt, whatever its outcome, and `success` the newest successful one; a failed
attempt leaves the old success's times in place. The newest attempt is that of the run that *finished* last, for a
run is known to Discovery only when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt_cloud_sandbox.records import (
    SUCCESS,
    CatalogEntry,
    Environment,
    FreshnessResult,
    Node,
    NodeResult,
    Project,
    Run,
)
from dbt_cloud_sandbox.world import World

SUCCEEDED = frozenset({"success", "pass", "warn"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run's result for one node."""

    run: Run
    result: NodeResult


@dataclass(frozen=True, slots=True)
class Check:
    """One run's finding about one source."""

    run: Run
    found: FreshnessResult


@dataclass(frozen=True)
class EnvironmentState:
    """Everything Discovery knows about one environment, as of its latest finished run.

    ``applied`` holds the nodes that exist in the warehouse: those a run has touched or a docs run has found,
    without ephemeral models; sources and exposures always, once anything ran.
    """

    environment: Environment
    project: Project
    nodes: Mapping[str, Node]
    children: Mapping[str, tuple[str, ...]]
    tests: Mapping[str, tuple[str, ...]]
    runs: tuple[Run, ...]
    applied: Mapping[str, Node]
    last: Mapping[str, Attempt]
    success: Mapping[str, Attempt]
    checks: Mapping[str, Check]
    catalog: Mapping[str, CatalogEntry]
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def latest(self) -> Run | None:
        """The run that finished last."""
        return self.runs[-1] if self.runs else None


class States:
    """The states of a world's environments, each computed again only when one of its runs has finished."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[int, tuple[object, EnvironmentState]] = {}

    def of(self, environment_id: int) -> EnvironmentState | None:
        """The environment's present state; None when there is no such environment."""
        home = next((e for e in self._world.environments() if e.id == environment_id), None)
        if home is None:
            return None
        runs = self._world.ledger().done(environment_id)
        version = (len(runs), runs[-1].id if runs else None)
        known = self._known.get(environment_id)
        if known is None or known[0] != version:
            known = (version, _state(self._world, home, runs))
            self._known[environment_id] = known
        return known[1]


def _state(world: World, home: Environment, runs: tuple[Run, ...]) -> EnvironmentState:
    nodes = {node.unique_id: node for node in world.nodes(home.id)}
    children: dict[str, list[str]] = {unique_id: [] for unique_id in nodes}
    tests: dict[str, list[str]] = {unique_id: [] for unique_id in nodes}
    for node in nodes.values():
        for parent in node.depends_on:
            if parent in nodes:
                (tests if node.resource_type in ("test", "unit_test") else children)[parent].append(node.unique_id)
    catalog = world.catalog(home.id)
    selected = {job_id: world.selected(job_id) for job_id in {run.job_id for run in runs}}
    touched = frozenset().union(*selected.values()) | frozenset(catalog)
    last, success = _attempts(world, runs, selected, touched & frozenset(nodes))
    return EnvironmentState(
        environment=home,
        project=next(project for project in world.projects() if project.id == home.project_id),
        nodes=nodes,
        children={unique_id: tuple(found) for unique_id, found in children.items()},
        tests={unique_id: tuple(found) for unique_id, found in tests.items()},
        runs=runs,
        applied={uid: node for uid, node in nodes.items() if _is_applied(node, touched, runs)},
        last=last,
        success=success,
        checks=_checks(world, runs, nodes),
        catalog=catalog,
    )


def _is_applied(node: Node, touched: frozenset[str], runs: tuple[Run, ...]) -> bool:
    if node.resource_type in ("source", "exposure"):
        return bool(runs)
    return node.unique_id in touched and node.materialized != "ephemeral"


def _attempts(
    world: World, runs: tuple[Run, ...], selected: Mapping[int, frozenset[str]], wanted: frozenset[str]
) -> tuple[dict[str, Attempt], dict[str, Attempt]]:
    """The newest attempt and the newest success of each wanted node; stops when all are found."""
    last: dict[str, Attempt] = {}
    success: dict[str, Attempt] = {}
    missing = set(wanted)
    for run in reversed(runs):
        if not missing:
            break
        if missing.isdisjoint(selected[run.job_id]):
            continue
        for result in reversed(world.results(run.id)):
            if result.unique_id in missing:
                attempt = Attempt(run, result)
                last.setdefault(result.unique_id, attempt)
                if result.status in SUCCEEDED:
                    success[result.unique_id] = attempt
                    missing.discard(result.unique_id)
    return last, success


def _checks(world: World, runs: tuple[Run, ...], nodes: Mapping[str, Node]) -> dict[str, Check]:
    missing = {unique_id for unique_id, node in nodes.items() if node.resource_type == "source"}
    found: dict[str, Check] = {}
    for run in reversed(runs):
        if not missing:
            break
        if run.has_sources_generated or any("source freshness" in step.name for step in run.steps):
            for check in world.freshness(run.id):
                if check.unique_id in missing:
                    found[check.unique_id] = Check(run, check)
                    missing.discard(check.unique_id)
    return found


def attempts(world: World, state: EnvironmentState, unique_id: str, count: int) -> Iterator[Attempt]:
    """The newest attempts at one node, whichever job made them."""
    for run in reversed(state.runs):
        if count <= 0:
            return
        if unique_id in world.selected(run.job_id):
            for result in reversed(world.results(run.id)):
                if result.unique_id == unique_id and count > 0:
                    count -= 1
                    yield Attempt(run, result)


def latest_successful(state: EnvironmentState) -> Run | None:
    """The newest run of the environment that succeeded."""
    return next((run for run in reversed(state.runs) if run.status == SUCCESS), None)
