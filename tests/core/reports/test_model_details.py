"""The report `model_details` against the world's raw records, and of models that lack something."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import Node, World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound

from tests.core.recount import attempts, finished, production
from tests.core.tiny import TinyCloud, model, run

REVENUE = "model.finance.fct_revenue"
CODE = {"raw_code", "compiled_code"}


async def details(account: DbtAccount, name: str, **arguments: Any) -> dict[str, Any]:
    (row,) = (await account.arun_report("model_details", model=name, **arguments)).rows
    return row


def raw(world: World, unique_id: str) -> tuple[int, Node]:
    """The production environment that has a node, and the node."""
    return next(
        (home.id, node) for home in production(world) for node in world.nodes(home.id) if node.unique_id == unique_id
    )


async def test_a_model_is_told_as_its_raw_records_have_it(account: DbtAccount, world: World) -> None:
    home, node = raw(world, REVENUE)
    row = await details(account, "fct_revenue")
    assert (row["unique_id"], row["environment_id"], row["owner"]) == (REVENUE, str(home), node.owner)
    assert (row["description"], row["schema"], row["group"]) == (node.description, node.schema, node.group)
    assert set(row["tags"].split(", ")) == set(node.tags)
    nodes = world.nodes(home)
    tests = [each for each in nodes if each.resource_type == "test" and REVENUE in each.depends_on]
    assert row["test_count"] == len(tests) > 0
    assert row["parent_count"] == len(node.depends_on) > 0
    children = [each for each in nodes if REVENUE in each.depends_on and each.resource_type != "test"]
    assert row["child_count"] == len(children) > 0
    counted = {key: value for key, _, value in world.catalog(home)[REVENUE].stats}
    assert (row["row_count"], row["byte_count"]) == (counted["row_count"], counted["bytes"])
    assert row.keys().isdisjoint(CODE)


async def test_its_last_run_and_its_jobs_are_those_of_the_raw_records(account: DbtAccount, world: World) -> None:
    home, _ = raw(world, REVENUE)
    last, result = attempts(world, home)[REVENUE][-1]
    report = await account.arun_report("model_details", model=REVENUE)
    (row,) = report.rows
    assert (row["last_run_status"], row["last_run_runtime"]) == (result.status, result.execution_time)
    assert str(last.id) in row["last_run_url"]
    names = {each.id: each.name for each in world.jobs()}
    assert row["last_run_job_name"] == names[last.job_id]
    building = []
    for each in world.jobs():
        over = [one for one in world.runs() if one.job_id == each.id and finished(one) and world.results(one.id)]
        if each.environment_id == home and any(found.unique_id == REVENUE for found in world.results(over[-1].id)):
            building.append(each.name)
    assert row["jobs"].split(", ") == sorted(building)
    assert len(building) > 1
    assert f"{len(building)} jobs build it" in report.finding


async def test_the_report_and_the_handle_tell_the_same(account: DbtAccount) -> None:
    for name in ("fct_revenue", "int_events_typed", "stg_netsuite__invoices"):
        shown, row = await account.aget_model(name), await details(account, name)
        assert row["owner"] == await shown.aget_owner()
        assert row["jobs"] == ", ".join(each.name for each in await shown.aget_jobs())
        freshness = await shown.aget_freshness()
        assert row["source_freshness"] == f"{freshness.status}: {' '.join(freshness.reasons)}"
        last = await shown.aget_last_run()
        assert last is not None
        assert (row["last_run_status"], row["last_run_runtime"]) == (last.status, last.runtime)
        assert row["parent_count"] == len((await shown.aget_lineage(1)).upstream)


async def test_code_is_given_only_where_it_is_asked_for(account: DbtAccount, world: World) -> None:
    _, node = raw(world, REVENUE)
    report = await account.arun_report("model_details", model="fct_revenue", sql=True)
    assert report.path.endswith("&sql=true")
    assert (report.rows[0]["raw_code"], report.rows[0]["compiled_code"]) == (node.raw_code, node.compiled_code)
    assert {column.key for column in report.columns} > CODE
    without = await account.arun_report("model_details", model="fct_revenue")
    assert {column.key for column in without.columns}.isdisjoint(CODE)


async def test_another_environment_has_a_state_of_its_own(account: DbtAccount) -> None:
    report = await account.arun_report("model_details", model="int_events_typed")
    (reading,) = report.reading
    (staging,) = reading.alternatives
    assert (reading.value, staging.label) == ("Production", "Staging")
    other = await details(account, name="int_events_typed", environment=staging.arguments["environment"])
    assert other["environment_name"] == "Staging"
    assert other["jobs"] != report.rows[0]["jobs"]


@pytest.fixture
def shop() -> TinyCloud:
    """One model whose last attempt failed in run 8 after a success in run 7, with two parents and a child."""
    cloud = TinyCloud()
    info = {"lastRunStatus": "error", "lastRunId": 8, "lastRunError": "broken", "lastJobDefinitionId": 1}
    cloud.models[100] = [model("orders", 10.0, info=info | {"lastRunGeneratedAt": "2026-11-18T08:00:00.000Z"})]
    tried = {"uniqueId": "model.shop.orders", "runId": 8, "jobId": 1, "status": "error", "error": "broken"}
    cloud.histories["model.shop.orders"] = [tried | {"executionTime": 2.5, "runGeneratedAt": "2026-11-18T08:00:00Z"}]
    cloud.runs = [run(8, "2026-11-18 07:00", "2026-11-18 08:00", status=20)]
    cloud.nodes[8] = {"models": [tried]}
    cloud.lineage = [
        {"uniqueId": "model.shop.orders", "parentIds": ["model.shop.stg", "source.shop.raw.x"]},
        {"uniqueId": "model.shop.daily", "parentIds": ["model.shop.orders"]},
        {"uniqueId": "model.shop.stg", "parentIds": []},
        {"uniqueId": "source.shop.raw.x", "parentIds": []},
    ]
    cloud.details = [
        {
            "uniqueId": "model.shop.orders",
            "rawCode": "select 1",
            "compiledCode": None,
            "meta": {"owner": "Ada"},
            "tests": [{"uniqueId": "test.shop.a"}],
            "catalog": {
                "rowCountStat": "9007199254740993",
                "bytesStat": None,
                "runGeneratedAt": "2026-11-17T01:00:00Z",
            },
        }
    ]
    return cloud


async def test_a_failed_run_never_borrows_the_time_of_the_last_success(shop: TinyCloud) -> None:
    async with shop.account() as account:
        report = await account.arun_report("model_details", model="orders")
    (row,) = report.rows
    assert (row["last_run_status"], row["last_run_runtime"], row["last_run_error"]) == ("error", 2.5, "broken")
    assert (row["last_success_runtime"], row["last_success_time"]) == (10.0, "2026-11-18T05:51:00Z")
    assert row["last_run_start_time"] == "2026-11-18T08:00:00Z"
    assert report.finding == (
        "The last run of orders (Shop), 2026-11-18 08:00 UTC, ended in an error after 2.5 s; "
        "its owner is Ada, Job 1 builds it and 1 test reads it."
    )


async def test_what_the_apis_know_is_counted_and_the_rest_is_empty(shop: TinyCloud) -> None:
    async with shop.account() as account:
        row = await details(account, "orders", sql=True)
        shop.details[0] |= {"catalog": {"runGeneratedAt": "2026-11-17T01:00:00Z"}, "tests": None}
        bare = await details(account, "orders", refresh=True)
    assert (row["parent_count"], row["child_count"], row["test_count"]) == (2, 1, 1)
    assert (row["row_count"], row["byte_count"], row["counted_at"]) == (9007199254740993, None, "2026-11-17T01:00:00Z")
    assert (row["raw_code"], row["compiled_code"]) == ("select 1", None)
    assert (bare["row_count"], bare["counted_at"], bare["test_count"]) == (None, None, None)


async def test_a_model_without_details_is_told_all_the_same(shop: TinyCloud) -> None:
    shop.details, shop.histories, shop.runs, shop.nodes, shop.lineage = [], {}, [], {}, []
    shop.models[100] = [model("orders", info={"lastRunId": None, "lastRunStatus": None, "lastSuccessRunId": None})]
    async with shop.account() as account:
        report = await account.arun_report("model_details", model="orders", sql=True)
    (row,) = report.rows
    assert (row["last_run_status"], row["last_run_url"], row["owner"], row["jobs"]) == (None, None, None, "")
    assert row["parent_count"] is None
    assert report.finding == "No run has built orders (Shop) yet; no job builds it."
    assert any("keeps no code of orders" in note for note in report.notes)


@pytest.mark.parametrize(
    ("query", "said", "empty"),
    [
        ("rawCode", "The details of orders could not be read", "test_count"),
        ("lineage(", "The lineage of orders could not be read", "parent_count"),
        ("query Sources", "The freshness of the sources of orders could not be read", "source_freshness"),
        ("LatestModelsOfJobs", "The jobs that build orders could not be read", "jobs"),
    ],
)
async def test_a_part_that_cannot_be_read_is_missing_and_the_rest_is_told(
    shop: TinyCloud, query: str, said: str, empty: str
) -> None:
    shop.faults[query] = httpx.Response(400, json={"errors": [{"message": "No such luck"}]})
    async with shop.account() as account:
        report = await account.arun_report("model_details", model="orders")
    assert not report.coverage.complete
    assert any(note.startswith(said) and "No such luck" in note for note in report.notes)
    assert report.rows[0][empty] is None
    assert report.rows[0]["last_run_error"] == "broken"


async def test_a_model_has_to_be_named_and_be_there(shop: TinyCloud) -> None:
    async with shop.account() as account:
        with pytest.raises(InvalidArgument, match="Name the model") as refused:
            await account.arun_report("model_details", sql=True)
        assert refused.value.argument == "model"
        with pytest.raises(NotFound):
            await account.arun_report("model_details", model="payments")
