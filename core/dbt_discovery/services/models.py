"""Models as their environments have them, and their histories, over the Discovery API."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.models.records import ModelRecord, NodeRun
from dbt_discovery.services.aliases import AliasedField
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, Operation, fragment, query_text
from dbt_discovery.services.parsing import parse_job_node, parse_model
from dbt_discovery.services.refresh import Refresh

__all__ = ["HISTORY_LIMIT", "ModelService"]

HISTORY_LIMIT = 20
"""Runs of a model that Discovery is known to give: no greatest number is documented, 20 is what its docs use."""

_PAGE = 500
_HISTORIES_AT_ONCE = 20

_HISTORIES = AliasedField(
    name="ModelHistories",
    field="modelHistoricalRuns(uniqueId: $uniqueId, lastRunCount: $count) { ...NodeRun }",
    within=("environment(id: $environmentId)", "applied"),
    text=fragment("model_history", "NodeRun"),
)

History = tuple[NodeRun, ...]


class ModelService:
    """Answers about the models of an environment."""

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def models(
        self, environment_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[ModelRecord, ...] | None]:
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

    async def model_count(self, environment_id: str, *, refresh: bool | Refresh = False) -> Answer[int | None]:
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
        self, models: Sequence[ModelRecord], count: int, *, refresh: bool | Refresh = False
    ) -> list[Answer[History]]:
        """The `count` newest runs of each model, newest first. All models are of one environment."""
        asked = [_history(model.environment_id, model.unique_id, count) for model in models]
        return await self._client.ask_batched(asked, _HISTORIES.query, _HISTORIES_AT_ONCE, refresh=refresh)


def _history(environment_id: str, unique_id: str, count: int) -> Operation[History]:
    return Operation(
        name="model_history",
        variables=(("environmentId", int(environment_id)), ("count", count), ("uniqueId", unique_id)),
        scope="models",
        parse=lambda runs: tuple(map(parse_job_node, runs or ())),
    )
