"""Models and what runs made of them, over the Discovery API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dbt_discovery.cache.strategy import FINAL
from dbt_discovery.models.records import ModelRecord, NodeRun, RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, Operation, query_text
from dbt_discovery.services.parsing import parse_job_node, parse_model

__all__ = ["HISTORY_LIMIT", "ModelService"]

HISTORY_LIMIT = 20
"""Runs of a model that Discovery is known to give: no greatest number is documented, 20 is what its docs use."""

_PAGE = 500
_HISTORIES_AT_ONCE = 20
_RUNS_AT_ONCE = 20

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

    async def models_of_runs(self, runs: Sequence[RunRecord], *, refresh: bool = False) -> list[Answer[History | None]]:
        """The models of each finished run; None where dbt Cloud has no results of it."""
        operations = [_models_of_run(run) for run in runs]
        return await self._client.ask_batched(operations, _models_of_runs, _RUNS_AT_ONCE, refresh=refresh)

    async def nodes_of_run(self, run: RunRecord, *, refresh: bool = False) -> Answer[History | None]:
        """Every node of one run, with status and error but no times; None where dbt Cloud has no results of it."""
        return await self._client.ask(
            DiscoveryOperation(
                name="job_nodes",
                variables=(("jobId", int(run.job_id)), ("runId", int(run.run_id))),
                scope="runs",
                document=query_text("job_nodes"),
                parse=lambda data: _nodes(data["job"]),
                lasts=lambda nodes: _lasts(run, nodes),
            ),
            refresh=refresh,
        )


def _nodes(job: dict[str, Any] | None) -> History | None:
    """The nodes of a job's run, of whatever kinds were asked for."""
    return None if job is None else tuple(parse_job_node(node) for nodes in job.values() for node in nodes or ())


def _lasts(run: RunRecord, nodes: History | None) -> timedelta | None:
    """Results of a run that is over cannot change; those that are not there may still be on their way."""
    return FINAL if nodes and run.status.final else None


def _models_of_run(run: RunRecord) -> DiscoveryOperation[History | None]:
    return DiscoveryOperation(
        name="job_models",
        variables=(("jobId", int(run.job_id)), ("runId", int(run.run_id))),
        scope="runs",
        document=query_text("job_models"),
        parse=lambda data: _nodes(data["run"]),
        lasts=lambda nodes: _lasts(run, nodes),
    )


def _models_of_runs(wanted: Sequence[Operation[History | None]]) -> DiscoveryOperation[list[History | None]]:
    """One query for the models of several runs: the same field under an alias for each (r0, r1, …)."""
    places = range(len(wanted))
    declared = ", ".join(f"$j{n}: BigInt!, $r{n}: BigInt!" for n in places)
    fields = " ".join(f"r{n}: job(id: $j{n}, runId: $r{n}) {{ models {{ ...ModelRun }} }}" for n in places)
    given = [dict(operation.variables) for operation in wanted]
    return DiscoveryOperation(
        name="jobs_models",
        variables=tuple(
            pair for n, ids in enumerate(given) for pair in ((f"j{n}", ids["jobId"]), (f"r{n}", ids["runId"]))
        ),
        scope="runs",
        document=f"query JobsModels({declared}) {{ {fields} }} {_fragment('job_models')}",
        parse=lambda data: [_nodes(data[f"r{n}"]) for n in places],
    )


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
    document = (
        f"query ModelHistories($environmentId: BigInt!, $count: Int!, {declared}) "
        f"{{ environment(id: $environmentId) {{ applied {{ {fields} }} }} }} {_fragment('model_history')}"
    )
    unique_ids = tuple((alias, variables["uniqueId"]) for alias, variables in zip(aliases, given, strict=True))
    return DiscoveryOperation(
        name="model_histories",
        variables=(("environmentId", given[0]["environmentId"]), ("count", given[0]["count"]), *unique_ids),
        scope="models",
        document=document,
        parse=lambda data: [tuple(map(parse_job_node, data["environment"]["applied"][alias])) for alias in aliases],
    )


def _fragment(name: str) -> str:
    """The fragment that ends a query's file."""
    text = query_text(name)
    return text[text.index("fragment ") :]
