"""Models and what runs made of them, over the Discovery API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.models.records import ModelRecord, NodeRun
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, Operation, query_text
from dbt_discovery.services.parsing import parse_job_node, parse_model

__all__ = ["HISTORY_LIMIT", "ModelService"]

HISTORY_LIMIT = 20
"""Runs of a model that Discovery is known to give: no greatest number is documented, 20 is what its docs use."""

_PAGE = 500
_HISTORIES_AT_ONCE = 20

History = tuple[NodeRun, ...]


class ModelService:
    """Answers about models."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def models(self, environment_id: str, *, refresh: bool = False) -> Answer[tuple[ModelRecord, ...] | None]:
        """Every model of an environment; None where the environment is out of the token's sight (quirk 8)."""
        return await self._client.ask(
            DiscoveryOperation(
                name="models",
                variables=(("environmentId", int(environment_id)), ("first", _PAGE)),
                scope="models",
                document=query_text("models"),
                connection=("environment", "applied", "models"),
                parse=lambda nodes: None if nodes is None else tuple(map(parse_model, nodes)),
            ),
            refresh=refresh,
        )

    async def model_count(self, environment_id: str, *, refresh: bool = False) -> Answer[int | None]:
        """How many models an environment has; None where it is out of the token's sight."""
        return await self._client.ask(
            DiscoveryOperation(
                name="model_count",
                variables=(("environmentId", int(environment_id)),),
                scope="models",
                document=query_text("model_count"),
                parse=lambda data: (
                    data["environment"]["applied"]["models"]["totalCount"] if data.get("environment") else None
                ),
            ),
            refresh=refresh,
        )

    async def histories(
        self, models: Sequence[ModelRecord], count: int, *, refresh: bool = False
    ) -> list[Answer[History]]:
        """The `count` newest runs of each model, newest first. All models are of one environment."""
        operations = [_history(model.environment_id, model.unique_id, count) for model in models]
        return await self._client.ask_batched(operations, _histories, _HISTORIES_AT_ONCE, refresh=refresh)

    async def models_of_run(self, job_id: str, run_id: str | None, *, refresh: bool = False) -> Answer[History]:
        """The models of one run of a job; of its latest run, where none is named."""
        return await self._of_run("job_models", job_id, run_id, refresh=refresh)

    async def nodes_of_run(self, job_id: str, run_id: str, *, refresh: bool = False) -> Answer[History]:
        """Every node of one run of a job: status and error, no times."""
        return await self._of_run("job_nodes", job_id, run_id, refresh=refresh)

    async def _of_run(self, name: str, job_id: str, run_id: str | None, *, refresh: bool) -> Answer[History]:
        return await self._client.ask(
            DiscoveryOperation(
                name=name,
                variables=(("jobId", int(job_id)), ("runId", int(run_id) if run_id else None)),
                scope="models",
                document=query_text(name),
                parse=_nodes,
                lasts=lambda nodes: FINAL if run_id and nodes else None,
            ),
            refresh=refresh,
        )


def _nodes(data: dict[str, Any]) -> History:
    kinds = (data.get("job") or {}).values()
    return tuple(parse_job_node(node) for nodes in kinds for node in nodes or ())


def _history(environment_id: str, unique_id: str, count: int) -> DiscoveryOperation[History]:
    return DiscoveryOperation(
        name="model_history",
        variables=(("environmentId", int(environment_id)), ("count", count), ("uniqueId", unique_id)),
        scope="models",
        document=query_text("model_history"),
        parse=lambda data: tuple(map(parse_job_node, ((data["environment"] or {}).get("applied") or {})["history"])),
    )


def _histories(wanted: Sequence[Operation[History]]) -> DiscoveryOperation[list[History]]:
    """One query for the histories of several models: the same field under an alias for each (h0, h1, …)."""
    given = [dict(operation.variables) for operation in wanted]
    aliases = [f"h{position}" for position in range(len(given))]
    declared = ", ".join(f"${alias}: String!" for alias in aliases)
    fields = " ".join(
        f"{alias}: modelHistoricalRuns(uniqueId: ${alias}, lastRunCount: $count) {{ ...NodeRun }}" for alias in aliases
    )
    fragment = query_text("model_history").partition("fragment")
    document = (
        f"query ModelHistories($environmentId: BigInt!, $count: Int!, {declared}) "
        f"{{ environment(id: $environmentId) {{ applied {{ {fields} }} }} }} {fragment[1]}{fragment[2]}"
    )
    unique_ids = tuple((alias, variables["uniqueId"]) for alias, variables in zip(aliases, given, strict=True))
    return DiscoveryOperation(
        name="model_histories",
        variables=(("environmentId", given[0]["environmentId"]), ("count", given[0]["count"]), *unique_ids),
        scope="models",
        document=document,
        parse=lambda data: [tuple(map(parse_job_node, data["environment"]["applied"][alias])) for alias in aliases],
    )
