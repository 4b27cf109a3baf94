"""What the Discovery API refuses, and with which status."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import artifacts_world
from graphql import build_schema

from .conftest import Client, connect
from .trees import manifest, model, run_results, success, write

REFUSED = {
    "unknown field": ("{ environment(id: 1) { nothing } }", 'Cannot query field "nothing" on type "Environment".'),
    "unknown argument": ("{ environment(id: 1, x: 2) { adapterType } }", 'Unknown argument "x"'),
    "syntax": ("{ environment(id: 1 {", "Syntax Error"),
    "literal of the wrong type": ('{ environment(id: "abc") { adapterType } }', "BigInt cannot represent"),
    "mutation": ("mutation { anything }", "Schema is not configured for mutations."),
    "subscription": ("subscription { anything }", "Schema is not configured for subscriptions."),
    "missing variable": ("query ($id: BigInt!) { environment(id: $id) { adapterType } }", "was not provided"),
    "Int for BigInt": ("query ($id: Int!) { environment(id: $id) { adapterType } }", 'expecting type "BigInt!"'),
    "missing types": (
        "{ environment(id: 1) { applied { models { edges { node { ancestors { uniqueId } } } } } } }",
        'argument "types"',
    ),
    "merge conflict": (
        """{ environment(id: 1) { applied { models { edges { node { ancestors(types: [Model, Seed]) {
          ... on ModelAppliedStateNestedNode { executionInfo { lastRunId } }
          ... on SeedAppliedStateNestedNode { executionInfo { lastRunId } } } } } } } } }""",
        '"ModelExecutionInfoNode" and "SeedExecutionInfoNode!"',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_executed_is_a_400_with_errors(client: Client, case: str) -> None:
    query, problem = REFUSED[case]
    body = await client.graphql(query, answer=400)
    assert any(problem in error["message"] for error in body["errors"]), body
    assert "data" not in body


@pytest.mark.parametrize("variables", [{"id": "x"}, {"id": None}, {"id": 1.5}, {"id": True}])
async def test_a_bad_variable_is_a_400(client: Client, variables: dict[str, Any]) -> None:
    body = await client.graphql(
        "query ($id: BigInt!) { environment(id: $id) { adapterType } }", answer=400, **variables
    )
    assert body["errors"][0]["message"].startswith('Variable "$id"')


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[]", b'"text"', b"{}", b'{"query": ""}', b'{"query": 1}']
)
async def test_a_body_that_is_no_request_is_a_400(client: Client, content: bytes) -> None:
    response = await client.http.post("/graphql", content=content)
    assert response.status_code == 400
    assert response.json()["errors"][0]["message"]


async def test_a_get_needs_a_query(client: Client) -> None:
    assert (await client.http.get("/graphql")).status_code == 400
    query = "query ($id: BigInt!) { job(id: $id) { id } }"
    response = await client.http.get("/graphql", params={"query": query, "variables": json.dumps({"id": 1})})
    assert (response.status_code, response.json()) == (200, {"data": {"job": None}})


async def test_an_unknown_environment_is_null_data_with_errors(client: Client) -> None:
    body = await client.graphql("{ environment(id: 1) { adapterType } }")
    assert body["data"] is None
    assert body["errors"][0]["path"] == ["environment"]


async def test_too_complex_a_query_is_refused_as_recorded(client: Client, reference: Path) -> None:
    nested = "uniqueId"
    for _ in range(4):
        nested = f"uniqueId parentsModels {{ {nested} }}"
    body = await client.graphql(f"{{ job(id: 1) {{ models {{ {nested} }} }} }}", answer=400)
    recorded = json.loads((reference / "payloads/errors/real_error_bodies.json").read_text())
    assert body == next(entry["body"] for entry in recorded if "COMPLEXITY_EXCEEDED" in json.dumps(entry["body"]))


async def test_many_aliases_of_history_are_not_too_complex(client: Client) -> None:
    fields = "uniqueId runId jobId status executionTime error executeStartedAt executeCompletedAt"
    aliases = " ".join(
        f'm{n}: modelHistoricalRuns(uniqueId: "x{n}", lastRunCount: 20) {{ {fields} }}' for n in range(100)
    )
    home = client.world.environments()[1].id
    body = await client.graphql(f"{{ environment(id: {home}) {{ applied {{ {aliases} }} }} }}")
    assert len(body["data"]["environment"]["applied"]) == 100


def test_the_schema_is_a_subset_of_the_published_one(reference: Path) -> None:
    ours = resources.files("dbt_cloud_sandbox.discovery") / "schema.graphql"
    tool = reference.parent / "tools" / "check_graphql.py"
    told = subprocess.run(
        [sys.executable, str(tool), "--subset", str(ours)], capture_output=True, text=True, check=False
    )
    assert told.stdout.endswith(" 0 at fault\n"), told.stdout
    assert build_schema(ours.read_text("utf-8")).query_type


async def test_a_page_of_500_models_with_twenty_fields_is_quick(tmp_path: Path) -> None:
    ids = [model(f"model_{number}") for number in range(600)]
    write(tmp_path, manifest(ids), run_results([success(unique_id, 1.0) for unique_id in ids]))
    client = connect(artifacts_world(tmp_path))
    query = """query ($id: BigInt!) { environment(id: $id) { applied { models(first: 500) { totalCount edges { node {
      uniqueId name projectId environmentId packageName tags materializedType database schema group access description
      executionInfo { lastRunStatus lastRunId lastRunGeneratedAt lastJobDefinitionId lastSuccessRunId executionTime
        executeStartedAt executeCompletedAt } } } } } } }"""
    home = client.world.environments()[0].id
    await client.data(query, id=home)
    begun = time.perf_counter()
    page = (await client.data(query, id=home))["environment"]["applied"]["models"]
    assert time.perf_counter() - begun < 0.6
    assert (len(page["edges"]), page["totalCount"]) == (500, 600)
