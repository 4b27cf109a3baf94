"""Tests as their environments have them, over the Discovery API."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from dbt_discovery.models.tests import TestRecord
from dbt_discovery.models.unique_ids import name_in
from dbt_discovery.services.client import DbtClient
from dbt_discovery.services.operation import Answer, DiscoveryOperation, query_text
from dbt_discovery.services.refresh import Refresh
from dbt_discovery.services.values import (
    to_event,
    to_id,
    to_node_status,
    to_object,
    to_objects,
    to_seconds,
    to_text,
    to_texts,
)

__all__ = ["TestService", "parse_test"]

_PAGE = 500
_TYPES = {"GENERIC_DATA_TEST": "generic", "SINGULAR_DATA_TEST": "singular", "UNIT_TEST": "unit"}


class TestService:
    """Answers about the tests of an environment."""

    __test__ = False  # pytest takes classes of this name for its own

    def __init__(self, client: DbtClient) -> None:
        self._client = client

    async def tests(
        self, environment_id: str, *, refresh: bool | Refresh = False
    ) -> Answer[tuple[TestRecord, ...] | None]:
        """Every test of an environment; None where the environment is out of the token's sight (quirk 8)."""
        return await self._client.ask(
            DiscoveryOperation(
                name="tests",
                variables=(("environmentId", int(environment_id)), ("first", _PAGE)),
                scope="models",
                document=query_text("tests"),
                connection=("environment", "applied", "tests"),
                parse=lambda nodes: None if nodes is None else tuple(map(parse_test, nodes)),
            ),
            refresh=refresh,
        )


def parse_test(node: Mapping[str, Any]) -> TestRecord:
    """A test of an environment's applied state. Without a tested node it tests the only one it reads."""
    info, about = to_object(node.get("executionInfo")), to_object(node.get("testMetadata"))
    unique_id, test_type = str(node["uniqueId"]), to_text(node.get("testType")) or ""
    parents = tuple(intern(each) for row in to_objects(node.get("parents")) if (each := to_text(row.get("uniqueId"))))
    tested = to_text(node.get("testedNodeUniqueId")) or (parents[0] if len(parents) == 1 else None)
    failures = to_seconds(info.get("lastRunFailures"))
    return TestRecord(
        unique_id=unique_id,
        name=to_text(node.get("name")) or name_in(unique_id),
        project_id=to_id(node["projectId"]),
        environment_id=to_id(node["environmentId"]),
        tested_model=intern(tested) if tested else None,
        parents=parents,
        column=to_text(node.get("columnName")) or to_text(about.get("columnName")),
        test_type=intern(_TYPES.get(test_type, test_type.lower())),
        test_name=to_text(about.get("name")),
        tags=to_texts(node.get("tags")),
        last_run_status=to_node_status(info.get("lastRunStatus")),
        last_run_time=to_event(info.get("lastRunGeneratedAt")),
        last_run_id=to_text(info.get("lastRunId")),
        last_run_job_id=to_text(info.get("lastJobDefinitionId")),
        last_run_error=to_text(info.get("lastRunError")),
        last_run_failures=None if failures is None else int(failures),
        last_success_run_id=to_text(info.get("lastSuccessRunId")),
        last_runtime=to_seconds(info.get("executionTime")),
    )
