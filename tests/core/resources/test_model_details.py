"""What a model tells beyond its list: code, owner, jobs, lineage and freshness."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import FreshnessResult, Node, World
from dbt_discovery import DbtAccount, InvalidArgument, Model, NotFound

from tests.core.recount import finished, production
from tests.core.tiny import TinyCloud, model, run


def raw(world: World, shown: Model) -> Node:
    return next(each for each in world.nodes(int(shown.environment_id)) if each.unique_id == shown.unique_id)


@pytest.fixture
async def revenue(account: DbtAccount) -> Model:
    return await account.aget_model("fct_revenue")


@pytest.fixture
async def shop() -> AsyncIterator[tuple[TinyCloud, DbtAccount]]:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 10.0)]
    async with cloud.account() as account:
        yield cloud, account


def graph_node(unique_id: str, *parents: str, **more: Any) -> dict[str, Any]:
    kind = unique_id.split(".")[0].capitalize()
    given = {"uniqueId": unique_id, "name": unique_id.split(".")[-1], "resourceType": kind, "parentIds": list(parents)}
    return given | more


# Code


async def test_code_is_that_of_the_project_compiled_or_raw(revenue: Model, world: World) -> None:
    node = raw(world, revenue)
    assert node.raw_code != node.compiled_code
    assert await revenue.aget_sql() == node.compiled_code
    assert await revenue.aget_raw_sql() == node.raw_code


async def test_a_model_named_in_capitals_is_asked_for_as_dbt_cloud_spells_it(account: DbtAccount, world: World) -> None:
    shown = await account.aget_model("MODEL.FINANCE.FCT_REVENUE")
    assert await shown.aget_sql() == raw(world, shown).compiled_code


async def test_raw_code_stands_in_for_what_never_was_compiled(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.details = [{"uniqueId": "model.shop.orders", "rawCode": "select {{ 1 }}", "compiledCode": None, "meta": {}}]
    assert await (await account.aget_model("orders")).aget_sql() == "select {{ 1 }}"


async def test_a_model_without_code_says_when_there_will_be_some(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.details = [{"uniqueId": "model.shop.orders", "rawCode": "", "compiledCode": None, "meta": None}]
    shown = await account.aget_model("orders")
    for ask in (shown.aget_sql, shown.aget_raw_sql):
        with pytest.raises(NotFound, match=r"no code of a model “Shop.orders”.*once a run of a job"):
            await ask()


async def test_code_of_a_model_that_is_gone_names_the_environment(shop: tuple[TinyCloud, DbtAccount]) -> None:
    shown = await shop[1].aget_model("orders")
    with pytest.raises(NotFound, match="Environment 100 shows the token no such model any more"):
        await shown.aget_sql()


async def test_code_is_asked_for_once_and_again_on_refresh(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.details = [{"uniqueId": "model.shop.orders", "rawCode": "select 1", "compiledCode": "select 1"}]
    shown = await account.aget_model("orders")
    await shown.aget_sql()
    cloud.details[0]["compiledCode"] = "select 2"
    assert await shown.aget_sql() == "select 1"
    assert await shown.aget_sql(refresh=True) == "select 2"


# Owner


async def test_owner_of_a_list_is_the_one_of_the_group(account: DbtAccount, world: World) -> None:
    owners = {
        (str(home.id), node.unique_id): node.owner
        for home in production(world)
        for node in world.nodes(home.id)
        if node.resource_type == "model"
    }
    models = await account.aget_models()
    assert len(set(owners.values())) > 3
    assert {each.record.key: each.owner for each in models} == owners
    assert await models[0].aget_owner() == models[0].owner


async def test_owner_without_a_group_is_the_one_of_the_meta(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_model("orders")
    for owner, told in (
        ("Ada", "Ada"),
        ({"name": "Till Team", "email": "tills@example.com"}, "Till Team"),
        ({"email": "tills@example.com"}, "tills@example.com"),
        (["Ada", {"name": "Bo"}], "Ada, Bo"),
        (None, None),
        ([], None),
    ):
        cloud.details = [{"uniqueId": "model.shop.orders", "meta": {"owner": owner}}]
        assert await shown.aget_owner(refresh=True) == told
    assert shown.owner is None


async def test_no_groups_are_asked_for_where_no_model_has_one(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    await account.aget_models()
    assert not any(b"groups" in request.content for request in cloud.requests)


async def test_groups_that_cannot_be_read_are_a_note_not_an_error(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.models[100] = [model("orders", group="tills")]
    cloud.faults["query Groups"] = httpx.Response(400, json={"errors": [{"message": "Cannot query field groups"}]})
    found = await account.aget_models()
    assert found[0].owner is None
    assert found.notes[0].startswith("The owners of models could not be read: ")
    assert found.coverage.complete


async def test_groups_of_two_packages_may_have_one_name(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.models[100] = [model("orders", group="core", packageName="shop"), model("events", group="core")]
    cloud.models[100][1] |= {"uniqueId": "model.lib.events", "packageName": "lib"}
    cloud.groups = [
        {"uniqueId": "group.shop.core", "name": "core", "packageName": "shop", "ownerName": "Shop Team"},
        {"uniqueId": "group.lib.core", "name": "core", "packageName": None, "ownerName": "Library Team"},
    ]
    assert {each.name: each.owner for each in await account.aget_models()} == {
        "orders": "Shop Team",
        "events": "Library Team",
    }


# Jobs


async def test_jobs_are_those_whose_latest_run_built_it(revenue: Model, world: World) -> None:
    expected = set()
    for each in world.jobs():
        done = [ran for ran in world.runs() if ran.job_id == each.id and finished(ran)]
        if done and any(result.unique_id == revenue.unique_id for result in world.results(done[-1].id)):
            expected.add(each.name)
    found = await revenue.aget_jobs()
    assert {each.name for each in found} == expected
    assert len(expected) > 1


async def test_jobs_of_another_environment_are_not_its_own(account: DbtAccount, world: World) -> None:
    shown = await account.aget_model("int_events_typed")
    homes = {each.environment_id for each in await shown.aget_jobs()}
    assert homes == {shown.environment_id}


# Lineage


def reached(start: str, links: dict[str, list[str]]) -> dict[str, int]:
    """Fewest steps to everything, by going through the whole graph over and over."""
    far = {start: 0}
    changed = True
    while changed:
        changed = False
        for node, near in links.items():
            for each in near:
                if node in far and far[node] + 1 < far.get(each, 10**6):
                    far[each] = far[node] + 1
                    changed = True
    return {node: steps for node, steps in far.items() if node != start}


def drawn(nodes: Iterable[Node]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    up = {each.unique_id: list(each.depends_on) for each in nodes if each.resource_type != "test"}
    down: dict[str, list[str]] = {each: [] for each in up}
    for node, parents in up.items():
        for parent in parents:
            down[parent].append(node)
    return up, down


async def test_lineage_is_the_graph_of_the_project(revenue: Model, world: World) -> None:
    up, down = drawn(world.nodes(int(revenue.environment_id)))
    found = await revenue.aget_lineage()
    assert {each.unique_id: each.distance for each in found.upstream} == reached(revenue.unique_id, up)
    assert {each.unique_id: each.distance for each in found.downstream} == reached(revenue.unique_id, down)
    assert [each.distance for each in found.upstream] == sorted(each.distance for each in found.upstream)
    assert set(found.parents) == set(up[revenue.unique_id])
    assert {each.resource_type for each in found.upstream} >= {"model", "source"}
    assert "exposure" in {each.resource_type for each in found.downstream}
    assert found.complete


async def test_lineage_ends_at_the_depth_asked_for(revenue: Model) -> None:
    found, whole = await revenue.aget_lineage(depth=1), await revenue.aget_lineage()
    assert {each.unique_id for each in found.upstream} == set(found.parents)
    assert found.upstream == tuple(each for each in whole.upstream if each.distance == 1)
    for wrong in (0, "2", 1.5, True):
        with pytest.raises(InvalidArgument, match="depth takes a whole number from 1"):
            await revenue.aget_lineage(depth=wrong)  # type: ignore[arg-type]


async def test_lineage_out_of_sight_is_said(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_model("orders")
    parents = ["model.other.events"]
    cloud.lineage = [graph_node("model.shop.orders", "source.shop.raw.x", publicParentIds=parents)]
    found = await shown.aget_lineage()
    assert found.parents == ("source.shop.raw.x", "model.other.events")
    assert found.notes[0].startswith("2 nodes upstream out of this environment's sight")
    cloud.faults["query Lineage"] = httpx.Response(200, json={"data": {"environment": None}})
    nothing = await shown.aget_lineage(refresh=True)
    assert (nothing.upstream, nothing.downstream, nothing.complete) == ((), (), False)
    assert nothing.notes == ("Environment 100 shows the token no lineage.",)
    unknown = await shown.aget_freshness()
    assert (unknown.status, unknown.reasons, unknown.complete) == (None, (), False)


async def test_a_graph_without_the_model_is_said(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.lineage = [graph_node("model.shop.payments")]
    found = await (await account.aget_model("orders")).aget_lineage()
    assert not found.complete
    assert found.notes == ("The lineage of environment 100 does not hold orders.",)


# Freshness


def newest_checks(world: World, environment_id: int) -> dict[str, FreshnessResult]:
    """The last thing any run of an environment found about each source."""
    runs = [each for each in world.runs() if each.environment_id == environment_id and finished(each)]
    found: dict[str, FreshnessResult] = {}
    for ran in sorted(runs, key=lambda each: (each.finished_at, each.id)):
        found |= {each.unique_id: each for each in world.freshness(ran.id)}
    return found


async def test_freshness_is_the_worst_of_the_newest_checks(account: DbtAccount, world: World) -> None:
    order = ["error", "warn", "unknown", "pass"]
    statuses = set()
    for name in ("fct_revenue", "fct_churn_scores", "dim_accounts", "rpt_campaign_performance"):
        shown = await account.aget_model(name)
        nodes = {each.unique_id: each for each in world.nodes(int(shown.environment_id))}
        checks = newest_checks(world, int(shown.environment_id))
        up, _ = drawn(nodes.values())
        sources = [each for each in reached(shown.unique_id, up) if each.startswith("source.")]
        told = {each: checks[each].status if each in checks else "unknown" for each in sources}
        judged = [told[each] for each in sources if nodes[each].freshness]
        found = await shown.aget_freshness()
        assert found.status == min(judged, key=order.index), name
        assert {each.unique_id: each.status for each in found.sources} == told
        assert {each.unique_id: each.age for each in found.sources} == {each: checks[each].age for each in sources}
        assert found.last_success_time == shown.last_run_end_time
        statuses.add(found.status)
    assert statuses == {"error", "warn", "pass"}


async def test_a_model_without_sources_has_no_verdict(account: DbtAccount) -> None:
    found = await (await account.aget_model("dim_channels")).aget_freshness()
    assert (found.status, found.sources, found.reasons) == (None, (), ("No source is upstream.",))


SOURCE: dict[str, Any] = {
    "uniqueId": "source.shop.raw.x",
    "name": "x",
    "sourceName": "raw",
    "freshness": {
        "freshnessChecked": True,
        "freshnessStatus": "Warn",
        "freshnessRunGeneratedAt": "2026-11-18T09:31:00.000Z",
        "maxLoadedAt": "2026-11-18T01:30:00.000Z",
        "maxLoadedAtTimeAgoInS": 28800.0,
        "snapshottedAt": "2026-11-18T09:30:00.000Z",
        "criteria": {"warnAfter": {"count": 6, "period": "hour"}, "errorAfter": {"count": 1, "period": "day"}},
    },
}


def changed(**freshness: Any) -> dict[str, Any]:
    return SOURCE | {"freshness": SOURCE["freshness"] | freshness}


@pytest.mark.parametrize(
    ("source", "status", "age"),
    [
        (SOURCE, "warn", 28800.0),
        (changed(freshnessStatus="WARN"), "warn", 28800.0),
        (changed(freshnessStatus="runtime error", maxLoadedAt=None, maxLoadedAtTimeAgoInS=None), "error", None),
        (changed(freshnessStatus="Pass", maxLoadedAtTimeAgoInS=None), "pass", 28800.0),
        (changed(maxLoadedAt="2026-11-18T09:31:00.000Z", maxLoadedAtTimeAgoInS=None), "warn", -60.0),
        (changed(maxLoadedAtTimeAgoInS=-60.5), "warn", -60.5),
        (
            changed(maxLoadedAt="0001-01-01T00:00:00+00:00", maxLoadedAtTimeAgoInS=63_930_000_000.0),
            "warn",
            63_930_000_000.0,
        ),
        (changed(maxLoadedAt="0001-01-01T00:00:00+02:00", maxLoadedAtTimeAgoInS=None), "warn", None),
        (changed(freshnessChecked=False), "unknown", 28800.0),
        (changed(freshnessStatus=None), "unknown", 28800.0),
        (changed(freshnessStatus="Skipped"), "unknown", 28800.0),
        (changed(freshnessStatus="Marvellous"), "unknown", 28800.0),
        (changed(criteria=None), None, 28800.0),
        (changed(criteria={"warnAfter": {"count": None, "period": None}, "errorAfter": None}), None, 28800.0),
        (changed(criteria={"warnAfter": None, "errorAfter": {"count": 3, "period": "minute"}}), "warn", 28800.0),
        (SOURCE | {"freshness": None}, None, None),
    ],
)
async def test_odd_findings_are_survived(
    shop: tuple[TinyCloud, DbtAccount], source: dict[str, Any], status: str | None, age: float | None
) -> None:
    cloud, account = shop
    cloud.lineage = [graph_node("model.shop.orders", "source.shop.raw.x"), graph_node("source.shop.raw.x")]
    cloud.sources = [source]
    found = await (await account.aget_model("orders")).aget_freshness()
    assert found.status == status
    assert found.sources[0].age == age
    assert found.reasons


async def test_criteria_are_seconds(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.lineage = [graph_node("model.shop.orders", "source.shop.raw.x"), graph_node("source.shop.raw.x")]
    cloud.sources = [SOURCE]
    (source,) = (await (await account.aget_model("orders")).aget_freshness()).sources
    assert (source.warn_after, source.error_after) == (6 * 3600.0, 86400.0)


async def test_sources_out_of_sight_are_said(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    shown = await account.aget_model("orders")
    cloud.lineage = [graph_node("model.shop.orders", "source.shop.raw.x"), graph_node("source.shop.raw.x")]
    found = await shown.aget_freshness()
    assert not found.complete
    assert found.notes == ("dbt Cloud tells nothing of the freshness of source.shop.raw.x.",)
    cloud.faults["query Sources"] = httpx.Response(200, json={"data": {"environment": None}})
    assert "Environment 100 shows the token no sources." in (await shown.aget_freshness(refresh=True)).notes


async def test_freshness_is_asked_again_on_refresh(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.lineage = [graph_node("model.shop.orders", "source.shop.raw.x"), graph_node("source.shop.raw.x")]
    cloud.sources = [SOURCE]
    shown = await account.aget_model("orders")
    assert (await shown.aget_freshness()).status == "warn"
    cloud.sources = [changed(freshnessStatus="Error")]
    assert (await shown.aget_freshness()).status == "warn"
    assert (await shown.aget_freshness(refresh=True)).status == "error"


async def test_jobs_are_asked_again_on_refresh(shop: tuple[TinyCloud, DbtAccount]) -> None:
    cloud, account = shop
    cloud.runs = [run(7, "2026-11-18 07:00", "2026-11-18 07:10")]
    cloud.nodes[7] = {"models": [{"uniqueId": "model.shop.orders", "status": "success", "executionTime": 1.0}]}
    shown = await account.aget_model("orders")
    assert [each.name for each in await shown.aget_jobs()] == ["Job 1"]
    cloud.nodes[7] = {"models": []}
    assert [each.name for each in await shown.aget_jobs()] == ["Job 1"]
    assert list(await shown.aget_jobs(refresh=True)) == []
