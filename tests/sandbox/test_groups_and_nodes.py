"""What clients ask about nodes besides their runs, in both worlds: groups, lineage, code, columns, freshness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt_cloud_sandbox import World, artifacts_world

from .conftest import Client, connect, job_id, production
from .trees import manifest, metadata, model, run_results, stamp, success, write

A, B = model("a"), model("b")
SOURCE = "source.shop.raw.orders"

GROUPS = """query ($id: BigInt!, $first: Int, $after: String, $filter: GroupFilter) { environment(id: $id) {
  definition {
  groups(first: $first, after: $after, filter: $filter) { totalCount pageInfo { hasNextPage endCursor } edges { cursor
    node { uniqueId name resourceType packageName ownerName ownerEmail modelCount models { uniqueId } projectId } } }
} } }"""


@pytest.fixture
def shop(tmp_path: Path) -> World:
    """Two models, one of them in a group, and a source, as dbt Core's files tell of them."""
    nodes = {
        A: {"group": "tills", "raw_code": "select 1 -- raw", "compiled_code": "select 1"},
        B: {"depends_on": {"macros": [], "nodes": [A, SOURCE]}},
    }
    body = manifest([A, B])
    for unique_id, changes in nodes.items():
        body["nodes"][unique_id] |= changes
    body["groups"] = {
        "group.shop.tills": {"name": "tills", "owner": {"name": "Till Team", "email": "tills@example.com"}},
        "group.shop.empty": {"name": "empty", "owner": {"name": "Nobody"}},
    }
    body["sources"] = {
        SOURCE: {
            "resource_type": "source",
            "name": "orders",
            "package_name": "shop",
            "source_name": "raw",
            "original_file_path": "models/sources.yml",
            "freshness": {"warn_after": {"count": 6, "period": "hour"}, "error_after": {"count": 1, "period": "day"}},
        }
    }
    sources = {
        "metadata": metadata("sources/v3", "check", 90, "1.11.0"),
        "elapsed_time": 2.5,
        "results": [
            {
                "unique_id": SOURCE,
                "status": "warn",
                "max_loaded_at": stamp(-30_000),
                "snapshotted_at": stamp(89),
                "max_loaded_at_time_ago_in_s": 30_089.0,
            }
        ],
    }
    catalog = {
        "metadata": metadata("catalog/v1", "docs", 80, "1.11.0"),
        "nodes": {
            A: {
                "unique_id": A,
                "metadata": {"type": "TABLE", "owner": "LOADER", "name": "a", "schema": "main"},
                "columns": {"id": {"name": "id", "type": "BIGINT", "index": 1, "comment": "the key"}},
                "stats": {},
            }
        },
        "sources": {},
    }
    results = run_results([success(A, 3.0, at=12), success(B, 4.0, at=16)], at=60, elapsed=50.25)
    write(tmp_path, body, results)
    write(tmp_path / "check", sources)
    write(tmp_path / "docs", catalog)
    return artifacts_world(tmp_path)


async def groups(client: Client, environment_id: int, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(GROUPS, id=environment_id, **variables))["environment"]["definition"]
    return dict(found["groups"])


async def test_groups_are_those_of_the_nodes_with_their_owners(client: Client) -> None:
    home = production(client.world, "finance")
    members: dict[str, list[str]] = {}
    for node in client.world.nodes(home):
        if node.group:
            members.setdefault(f"group.finance.{node.group}", []).append(node.unique_id)
    page = await groups(client, home)
    rows = [edge["node"] for edge in page["edges"]]
    assert [row["uniqueId"] for row in rows] == sorted(members)
    assert page["totalCount"] == len(members) == 3
    assert {row["name"]: (row["ownerName"], row["ownerEmail"]) for row in rows} == {
        "billing": ("Billing Engineering", "billing@example.com"),
        "ledger": ("Ledger Team", "ledger@example.com"),
        "revenue": ("Revenue Analytics", "revenue@example.com"),
    }
    for row in rows:
        assert [found["uniqueId"] for found in row["models"]] == members[row["uniqueId"]]
        assert row["modelCount"] == len(members[row["uniqueId"]])


async def test_groups_come_in_pages_and_by_unique_id(client: Client) -> None:
    home = production(client.world, "growth")
    first = await groups(client, home, first=2)
    assert first["pageInfo"]["hasNextPage"] is True
    rest = await groups(client, home, first=500, after=first["pageInfo"]["endCursor"])
    found = [edge["node"]["name"] for page in (first, rest) for edge in page["edges"]]
    assert found == ["data_science", "experimentation", "monetization", "platform", "product"]
    one = await groups(client, home, filter={"uniqueIds": ["group.growth.product", "group.growth.nothing"]})
    assert [edge["node"]["name"] for edge in one["edges"]] == ["product"]


async def test_groups_of_artifacts_are_those_with_members(shop: World) -> None:
    page = await groups(connect(shop), shop.environments()[0].id)
    (row,) = [edge["node"] for edge in page["edges"]]
    assert (row["uniqueId"], row["ownerName"], row["ownerEmail"]) == (
        "group.shop.tills",
        "Till Team",
        "tills@example.com",
    )
    assert (row["modelCount"], row["models"]) == (1, [{"uniqueId": A}])


LINEAGE = """query ($id: BigInt!, $types: [ResourceNodeType!]) { environment(id: $id) { applied {
  lineage(filter: {types: $types}) { uniqueId resourceType parentIds } } } }"""


@pytest.mark.parametrize("types", [["Model"], ["Source", "Exposure"], ["Seed", "Snapshot", "Test"]])
async def test_lineage_has_the_kinds_asked_for(client: Client, types: list[str]) -> None:
    home = production(client.world, "finance")
    rows = (await client.data(LINEAGE, id=home, types=types))["environment"]["applied"]["lineage"]
    kinds = [name.lower() for name in types]
    wanted = {n.unique_id: list(n.depends_on) for n in client.world.nodes(home) if n.resource_type in kinds}
    assert {row["uniqueId"]: row["parentIds"] for row in rows} == wanted
    assert {row["resourceType"] for row in rows} == set(types)


async def test_lineage_of_artifacts_has_the_kinds_asked_for(shop: World) -> None:
    client, home = connect(shop), shop.environments()[0].id
    rows = (await client.data(LINEAGE, id=home, types=["Model", "Source"]))["environment"]["applied"]["lineage"]
    assert {row["uniqueId"]: row["parentIds"] for row in rows} == {A: [], B: [A, SOURCE], SOURCE: []}


CODE = """query ($id: BigInt!, $ids: [String!]) { environment(id: $id) { applied {
  models(filter: {uniqueIds: $ids}) { edges { node { uniqueId rawCode compiledCode
    catalog { owner type columns { name type index comment } } } } } } } }"""


async def test_code_and_columns_come_for_the_models_asked_for(client: Client) -> None:
    home, ids = production(client.world, "finance"), ["model.finance.rpt_mrr", "model.finance.dim_customers"]
    edges = (await client.data(CODE, id=home, ids=ids))["environment"]["applied"]["models"]["edges"]
    nodes = {node.unique_id: node for node in client.world.nodes(home)}
    assert [edge["node"]["uniqueId"] for edge in edges] == sorted(ids)
    for node in (edge["node"] for edge in edges):
        known = nodes[node["uniqueId"]]
        assert (node["rawCode"], node["compiledCode"]) == (known.raw_code, known.compiled_code)
        assert node["catalog"]["owner"] == "TRANSFORMER"
        assert [column["name"] for column in node["catalog"]["columns"]] == ["id", "updated_at"]


async def test_code_and_columns_of_artifacts(shop: World) -> None:
    data = await connect(shop).data(CODE, id=shop.environments()[0].id, ids=[A])
    (edge,) = data["environment"]["applied"]["models"]["edges"]
    assert edge["node"] == {
        "uniqueId": A,
        "rawCode": "select 1 -- raw",
        "compiledCode": "select 1",
        "catalog": {
            "owner": "LOADER",
            "type": "TABLE",
            "columns": [{"name": "id", "type": "BIGINT", "index": 1, "comment": "the key"}],
        },
    }


async def test_freshness_of_artifacts_is_what_the_check_found(shop: World) -> None:
    query = """query ($id: BigInt!) { environment(id: $id) { applied { sources { edges { node { uniqueId freshness {
      freshnessStatus freshnessChecked maxLoadedAt maxLoadedAtTimeAgoInS snapshottedAt freshnessRunGeneratedAt
      criteria { warnAfter { count period } errorAfter { count period } } } } } } } } }"""
    data = await connect(shop).data(query, id=shop.environments()[0].id)
    (edge,) = data["environment"]["applied"]["sources"]["edges"]
    assert edge["node"]["freshness"] == {
        "freshnessStatus": "Warn",
        "freshnessChecked": True,
        "maxLoadedAt": "2026-05-03T21:40:00.000Z",
        "maxLoadedAtTimeAgoInS": 30_089.0,
        "snapshottedAt": "2026-05-04T06:01:29.000Z",
        "freshnessRunGeneratedAt": "2026-05-04T06:01:30.000Z",
        "criteria": {"warnAfter": {"count": 6, "period": "hour"}, "errorAfter": {"count": 1, "period": "day"}},
    }


JOB = """query ($id: BigInt!, $run: BigInt) { job(id: $id, runId: $run) { models {
  uniqueId dbtGroup packageName runElapsedTime executionTime } } }"""


async def test_a_jobs_models_tell_group_package_and_the_invocations_seconds(client: Client) -> None:
    job = job_id(client.world, "Finance nightly build")
    run = [r for r in client.world.runs() if r.job_id == job and r.status == 10][-1]
    build = next(step for step in run.steps if step.name == "Invoke dbt with `dbt build`")
    assert build.started_at is not None
    assert build.finished_at is not None
    seconds = (build.finished_at - build.started_at).total_seconds()
    rows = (await client.data(JOB, id=job, run=run.id))["job"]["models"]
    groups = {node.unique_id: node.group for node in client.world.nodes(run.environment_id)}
    assert {row["uniqueId"]: row["dbtGroup"] for row in rows} == {uid: groups[uid] for uid in groups if "model." in uid}
    assert {row["packageName"] for row in rows} == {"finance"}
    assert {row["runElapsedTime"] for row in rows} == {seconds}
    assert seconds > max(row["executionTime"] for row in rows)


async def test_a_jobs_models_of_artifacts_tell_the_invocations_seconds(shop: World) -> None:
    run = next(run for run in shop.runs() if shop.results(run.id))
    rows = (await connect(shop).data(JOB, id=run.job_id, run=run.id))["job"]["models"]
    assert rows == [
        {"uniqueId": A, "dbtGroup": "tills", "packageName": "shop", "runElapsedTime": 50.25, "executionTime": 3.0},
        {"uniqueId": B, "dbtGroup": None, "packageName": "shop", "runElapsedTime": 50.25, "executionTime": 4.0},
    ]


async def test_a_node_that_left_the_project_is_still_in_its_old_run(tmp_path: Path) -> None:
    gone = model("gone")
    write(tmp_path / "old", manifest([A, gone]), run_results([success(A, 1.0), success(gone, 2.0)], invocation="old"))
    write(tmp_path / "new", manifest([A], at=900), run_results([success(A, 1.0)], invocation="new", at=960))
    world = artifacts_world(tmp_path)
    old = min(world.runs(), key=lambda run: run.created_at)
    client = connect(world)
    rows = (await client.data(JOB, id=old.job_id, run=old.id))["job"]["models"]
    assert [(row["uniqueId"], row["packageName"], row["executionTime"]) for row in rows] == [
        (A, "shop", 1.0),
        (gone, "shop", 2.0),
    ]
