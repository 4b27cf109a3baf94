"""Rows of the job endpoint: what one run did to each node it touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from graphql import GraphQLError

from dbt_cloud_sandbox.discovery import fields
from dbt_cloud_sandbox.discovery.paging import slice_of
from dbt_cloud_sandbox.discovery.rows import KINDS, Row
from dbt_cloud_sandbox.discovery.state import Attempt, EnvironmentState, States
from dbt_cloud_sandbox.records import CANCELLED, Node, NodeResult, Run
from dbt_cloud_sandbox.world import World


def job(world: World, states: States, job_id: int, run_id: int | None, *, since: datetime) -> Row | None:
    """The job as one run left it: the given run or the job's latest with results; None when there is none.

    Of runs that ended before ``since`` there are no results any more.
    """
    ledger = world.ledger()
    if run_id is not None:
        chosen = ledger.run(run_id)
        chosen = chosen if chosen and chosen.job_id == job_id and is_kept(chosen, since) else None
    else:
        runs = sorted(ledger.where("job_id", job_id), key=lambda run: (run.created_at, run.id), reverse=True)
        done = (run for run in runs if is_kept(run, since))
        chosen = next((run for run in done if world.results(run.id) or world.freshness(run.id)), None)
    if chosen is None:
        return None
    state = states.of(chosen.environment_id)
    return _JobRun(world, chosen, state).row() if state else None


def is_kept(run: Run, since: datetime) -> bool:
    """Whether the run left something behind, which is still there."""
    return run.finished_at is not None and run.finished_at >= since and run.status != CANCELLED


class _JobRun:
    """One run of a job, and its rows by kind."""

    def __init__(self, world: World, run: Run, state: EnvironmentState) -> None:
        self.world, self.run, self.state = world, run, state
        self.results: dict[str, NodeResult] = {result.unique_id: result for result in world.results(run.id)}
        self.checks = {check.unique_id: check for check in world.freshness(run.id)}

    def row(self) -> Row:
        row: Row = {"id": self.run.job_id, "runId": self.run.id}
        for kind in ("model", "test", "seed", "snapshot", "source"):
            row[f"{kind}s"] = self._list(kind)
            row[kind] = self._one(kind)
        return row

    def _list(self, kind: str) -> Any:
        def rows(info: Any, first: int | None = None, after: str | None = None, **wanted: str) -> list[Row]:
            found = [row for row in self._rows(kind) if all(_holds(row, *item) for item in wanted.items())]
            return slice_of(found, first, after, capped=info.context.capped_job_lists)

        return rows

    def _one(self, kind: str) -> Any:
        def row(info: Any, uniqueId: str) -> Row | None:  # noqa: N803
            return next((row for row in self._rows(kind) if row["uniqueId"] == uniqueId), None)

        return row

    def _rows(self, kind: str) -> list[Row]:
        nodes = self.state.nodes
        if kind == "source":
            touched = [node for node in nodes.values() if node.resource_type == "source"]
        else:
            touched = [self._node(unique_id) for unique_id in self.results]
        mine = [node for node in touched if KINDS.get(node.resource_type) == kind.capitalize()]
        return [self._row(node) for node in sorted(mine, key=lambda node: node.unique_id)]

    def _node(self, unique_id: str) -> Node:
        """The node's definition; a node that has left the project since is known by its unique id."""
        known = self.state.nodes.get(unique_id)
        return known or undefined(unique_id)

    def _row(self, node: Node) -> Row:
        if node.resource_type == "source":
            return self._source(node)
        result = self.results.get(node.unique_id)
        attempt = Attempt(self.run, result) if result else None
        row = attempt_row(self.state, node, attempt, self.run)
        row["tests"] = lambda info: self._nested(self.state.tests.get(node.unique_id, ()))
        row["parentsModels"] = lambda info: self._nested(node.depends_on, "model")
        row["parentsSources"] = lambda info: self._nested(node.depends_on, "source")
        return row

    def _nested(self, unique_ids: Iterable[str], kind: str | None = None) -> list[Row]:
        nodes = [self.state.nodes[uid] for uid in unique_ids if uid in self.state.nodes]
        return [self._row(node) for node in nodes if kind is None or node.resource_type == kind]

    def _source(self, node: Node) -> Row:
        found = self.checks.get(node.unique_id)
        return {
            "__typename": "SourceNode",
            **_place(self.state, self.run),
            **fields.definition(node),
            **_catalog(self.state, node),
            "criteria": fields.criteria(node),
            "state": fields.FRESHNESS.get(found.status, "Unknown") if found else None,
            "freshnessChecked": found is not None,
            "maxLoadedAt": fields.instant(found.max_loaded_at) if found else None,
            "maxLoadedAtTimeAgoInS": found.age if found else None,
            "snapshottedAt": fields.instant(found.snapshotted_at) if found else None,
            **fields.generated(self.run, found.step if found else 0),
            "childrenL1": list(self.state.children.get(node.unique_id, ())),
            "tests": lambda info: self._nested(self.state.tests.get(node.unique_id, ())),
        }


def attempt_row(state: EnvironmentState, node: Node, attempt: Attempt | None, run: Run) -> Row:
    """What one run did to a model, test, seed or snapshot."""
    result = attempt.result if attempt else None
    step = fields.step_of(run, result.step) if result else None
    outcome = {
        "status": result.status if result else None,
        "error": result.error if result else None,
        "skip": result.status == "skipped" if result else None,
        "threadId": result.thread_id if result else None,
        "invocationId": step.invocation_id if step else None,
        "args": None,
        **fields.times(result),
        **fields.generated(run, result.step if result else 0),
    }
    row: Row = {
        "__typename": f"{KINDS[node.resource_type]}Node",
        **_place(state, run),
        **fields.definition(node),
        **_catalog(state, node),
        **outcome,
        "dbtGroup": node.group,
        "rawSql": node.raw_code,
        "compiledCode": node.compiled_code,
        "compiledSql": node.compiled_code,
        "dependsOn": list(node.depends_on),
        "childrenL1": list(state.children.get(node.unique_id, ())),
        "thread_id": outcome["threadId"],
        "runResults": [outcome] if result else [],
        "tests": [],
        "parentsModels": [],
        "parentsSources": [],
    }
    if KINDS[node.resource_type] == "Test" and result:
        row |= {"state": result.status, "fail": result.status == "fail", "warn": result.status == "warn"}
    return row


def undefined(unique_id: str) -> Node:
    """A node of which nothing but its unique id is known."""
    kind, _, rest = unique_id.partition(".")
    package, _, name = rest.partition(".")
    return Node(unique_id, name or rest, kind, package, path="")


def history(world: World, state: EnvironmentState, attempts: Iterable[Attempt]) -> list[Row]:
    """The rows of one model's attempts."""
    return [attempt_row(state, state.nodes[a.result.unique_id], a, a.run) for a in attempts]


def identified(state: EnvironmentState, unique_id: str | None, identifier: str | None) -> Node | None:
    """The model with that unique id or alias.

    Raises:
        GraphQLError: When neither is given.
    """
    if unique_id is None and identifier is None:
        raise GraphQLError("Either uniqueId or identifier must be given.")
    models = (node for node in state.nodes.values() if node.resource_type == "model")
    if unique_id is not None:
        return next((node for node in models if node.unique_id == unique_id), None)
    return next((node for node in models if node.alias == identifier), None)


def _place(state: EnvironmentState, run: Run) -> Row:
    home = state.environment
    ids = {"accountId": home.account_id, "projectId": home.project_id, "environmentId": home.id}
    return ids | {"jobId": run.job_id, "runId": run.id, "dbtVersion": run.dbt_version, "paginationCursor": None}


def _catalog(state: EnvironmentState, node: Node) -> Row:
    entry = state.catalog.get(node.unique_id)
    return {
        "type": entry.type if entry else None,
        "owner": entry.owner if entry else None,
        "comment": entry.comment if entry else None,
        "columns": [fields.column(column) for column in entry.columns] if entry else None,
        "stats": fields.stats(entry) if entry else [],
    }


def _holds(row: Mapping[str, Any], name: str, value: str | None) -> bool:
    field = {"identifier": "identifier" if "identifier" in row else "alias"}.get(name, name)
    return value is None or row.get(field) == value
