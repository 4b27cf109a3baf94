"""Questions of the doctor's own: small ones, where the client's would fetch everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from dbt_discovery.models.records import RunRecord
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import AdminOperation, DiscoveryOperation
from dbt_discovery.services.parsing import parse_run
from dbt_discovery.services.values import to_moment, to_object

__all__ = ["ACCOUNTS", "EnvironmentState", "environment_state", "run_in_order"]


@dataclass(frozen=True, slots=True)
class EnvironmentState:
    """How much of an environment Discovery shows.

    Attributes:
        project_name: As in its dbt_project.yml.
        updated_at: When a run last changed it; None before the first successful one.
    """

    project_name: str | None
    models: int
    tests: int
    sources: int
    updated_at: datetime | None


def run_in_order(client: DbtClient, order: str) -> AdminOperation[tuple[RunRecord, ...]]:
    """The first run in an order, such as `-created_at` for the latest; empty without any."""
    return AdminOperation(
        name="run_in_order",
        variables=(("order_by", order), ("limit", "1"), ("offset", "0")),
        scope="runs",
        path="v2/accounts/{account}/runs/",
        parse=lambda rows: tuple(parse_run(row, client.wire.run_url) for row in rows[:1]),
    )


def environment_state(environment_id: str) -> DiscoveryOperation[EnvironmentState | None]:
    """How much of an environment Discovery shows; None where it is out of the token's sight."""
    return DiscoveryOperation(
        name="environment_state",
        variables=(("environmentId", int(environment_id)),),
        scope="models",
        document=_query(),
        parse=_parse_state,
    )


def _parse_state(data: Mapping[str, Any]) -> EnvironmentState | None:
    """What is in sight; None for a wrong id and for missing rights, which the API does not tell apart (quirk 8)."""
    environment = data.get("environment")
    if environment is None:
        return None
    applied = to_object(environment.get("applied"))

    def total(kind: str) -> int:
        return int(to_object(applied.get(kind)).get("totalCount") or 0)

    return EnvironmentState(
        project_name=environment.get("dbtProjectName"),
        models=total("models"),
        tests=total("tests"),
        sources=total("sources"),
        updated_at=to_moment(applied.get("lastUpdatedAt")),
    )


def _parse_accounts(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {str(row["id"]): str(row.get("name") or "") for row in rows}


ACCOUNTS: AdminOperation[dict[str, str]] = AdminOperation(
    name="accounts", scope="projects", path="v3/accounts/", parse=_parse_accounts
)
"""Names of the accounts that the token sees, by id; whichever account the connection belongs to."""


@cache
def _query() -> str:
    return (files("dbt_discovery_web.doctor") / "environment_state.graphql").read_text(encoding="utf-8")
