"""The root of every answer: environments and jobs as plain data that GraphQL walks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from dbt_cloud_sandbox.discovery import fields
from dbt_cloud_sandbox.discovery.filters import kept
from dbt_cloud_sandbox.discovery.groups import group_rows
from dbt_cloud_sandbox.discovery.job import history, identified, is_kept, job
from dbt_cloud_sandbox.discovery.lineage import lineage
from dbt_cloud_sandbox.discovery.paging import connection
from dbt_cloud_sandbox.discovery.rows import Applied, Defined, Row
from dbt_cloud_sandbox.discovery.state import EnvironmentState, States, attempts, latest_successful
from dbt_cloud_sandbox.world import World

MAX_HISTORY = 20
LISTS = {
    "models": "Model",
    "tests": "Test",
    "seeds": "Seed",
    "snapshots": "Snapshot",
    "sources": "Source",
    "exposures": "Exposure",
}


class Root:
    """What the query type's fields resolve to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._states = States(world)

    def environment(self, info: Any, id: int) -> Row:
        """One environment.

        Raises:
            GraphQLError: When it does not exist; the field cannot be null, so the answer's data is.
        """
        state = self._states.of(id)
        if state is None:
            raise GraphQLError(f"Environment {id} was not found, or the token has no access to it.")
        return {
            "dbtProjectName": state.project.package,
            "adapterType": state.project.adapter_type,
            "applied": lambda info: self._applied(state),
            "definition": lambda info: self._defined(state),
        }

    def job(self, info: Any, id: int, runId: int | None = None) -> Row | None:  # noqa: N803
        """One job as a run left it; null when the job or the run is unknown or has no results, or none any more."""
        return job(self._world, self._states, id, runId, since=info.context.oldest_results(self._world.now()))

    def _applied(self, state: EnvironmentState) -> Row:
        rows = Applied(state)
        newest = latest_successful(state) or state.latest
        return {
            **_lists(rows),
            **_summary(state, rows),
            "latestGitSha": newest.git_sha if newest else None,
            "modelHistoricalRuns": self._history(state),
            "owners": lambda info, resource: _owners(state, resource),
        }

    def _defined(self, state: EnvironmentState) -> Row:
        rows = Defined(state)
        return {**_lists(rows), **_summary(state, rows), "groups": _pages(lambda: group_rows(rows))}

    def _history(self, state: EnvironmentState) -> Callable[..., list[Row]]:
        def model_historical_runs(
            info: Any,
            lastRunCount: int = 1,  # noqa: N803
            withCatalog: bool = False,  # noqa: N803
            uniqueId: str | None = None,  # noqa: N803
            identifier: str | None = None,
        ) -> list[Row]:
            node = identified(state, uniqueId, identifier)
            if node is None:
                return []
            newest = attempts(self._world, state, node.unique_id, min(lastRunCount, MAX_HISTORY))
            since = info.context.oldest_results(self._world.now())
            return history(self._world, state, (each for each in newest if is_kept(each.run, since)))

        return model_historical_runs


def _lists(rows: Applied) -> Row:
    return {name: _listing(rows, kind) for name, kind in LISTS.items()}


def _listing(rows: Applied, kind: str) -> Callable[..., Row]:
    return _pages(lambda: rows.rows(kind))


def _pages(everything: Callable[[], list[Row]]) -> Callable[..., Row]:
    def pages(
        info: Any,
        first: int | None = None,
        after: str | None = None,
        filter: dict[str, Any] | None = None,
        sort: dict[str, str] | None = None,
    ) -> Row:
        return connection(_sorted(kept(everything(), filter), sort), first, after)

    return pages


def _sorted(rows: list[Row], sort: dict[str, str] | None) -> list[Row]:
    """By unique id unless asked otherwise; rows without the value come last either way."""
    if sort is None:
        return rows
    values: dict[str, Callable[[Row], Any]] = {
        "rowCount": _row_count,
        "executeCompletedAt": lambda row: row["executionInfo"]["executeCompletedAt"],
    }
    value: Callable[[Row], Any] = values.get(sort["field"], lambda row: row["uniqueId"])
    present = sorted((row for row in rows if value(row) is not None), key=value, reverse=sort["direction"] == "desc")
    return present + [row for row in rows if value(row) is None]


def _row_count(row: Row) -> int | None:
    entry = row["catalog"](None)
    return entry["rowCountStat"] if entry else None


def _summary(state: EnvironmentState, rows: Applied) -> Row:
    nodes = rows.visible
    counts = Counter(node.resource_type for node in nodes.values())
    tags = sorted({tag for node in nodes.values() for tag in node.tags})
    packages = sorted({node.package_name for node in nodes.values() if node.resource_type == "model"})
    return {
        "lastUpdatedAt": fields.instant(state.latest.finished_at) if state.latest else None,
        "resourceCounts": dict(sorted(counts.items())),
        "tags": [{"name": tag} for tag in tags],
        "packages": lambda info, resource: packages if resource == "model" else [],
        "lineage": lambda info, filter: lineage(state, nodes, filter),
    }


def _owners(state: EnvironmentState, resource: str) -> list[Row]:
    """Owners of exposures, or of the groups that models belong to."""
    kind = "exposure" if resource == "exposure" else "model"
    owned = (node for node in state.nodes.values() if node.resource_type == kind and node.owner and node.owner_email)
    return [{"name": name, "email": email} for name, email in sorted({(n.owner, n.owner_email) for n in owned})]
