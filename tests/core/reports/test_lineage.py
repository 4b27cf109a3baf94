"""Upstream and downstream of a node, against the world's own graph."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import AmbiguousName, DbtAccount, InvalidArgument, NotFound

from tests.core.recount import production
from tests.core.tiny import TinyCloud, model

INVOICES = "model.finance.stg_netsuite__invoices"


def reads(world: World) -> Mapping[str, set[str]]:
    """What each node of the finance project reads, without tests."""
    (home,) = [each for each in production(world) if each.project_id == 70403103920001]
    nodes = world.nodes(home.id)
    return {each.unique_id: set(each.depends_on) for each in nodes if each.resource_type != "test"}


def below(start: str, graph: Mapping[str, set[str]]) -> dict[str, int]:
    """All that is made from a node, with its distance: rings around it, each the children of the one before."""
    found, ring, steps = {start: 0}, {start}, 0
    while ring:
        steps += 1
        ring = {each for each, parents in graph.items() if parents & ring and each not in found}
        found |= dict.fromkeys(ring, steps)
    del found[start]
    return found


def above(start: str, graph: Mapping[str, set[str]]) -> dict[str, int]:
    children = {each: {child for child, parents in graph.items() if each in parents} for each in graph}
    return below(start, children)


async def test_rows_are_all_that_is_made_from_a_model_and_all_it_is_made_from(
    account: DbtAccount, world: World
) -> None:
    report = await account.arun_report("lineage", model=INVOICES, limit=500)
    found = {(row["unique_id"], row["direction"]): row["distance"] for row in report.rows}
    graph = reads(world)
    expected = {(each, "downstream"): steps for each, steps in below(INVOICES, graph).items()}
    expected |= {(each, "upstream"): steps for each, steps in above(INVOICES, graph).items()}
    assert found == expected
    assert [row["distance"] for row in report.rows] == sorted(found.values())


async def test_a_source_is_a_node_by_its_name_or_unique_id(account: DbtAccount, world: World) -> None:
    expected = set(below("source.finance.netsuite.invoices", reads(world)))
    for reference in ("source.finance.netsuite.invoices", "netsuite.invoices", "Invoices"):
        report = await account.arun_report("lineage", model=reference, direction="downstream", limit=500)
        assert {row["unique_id"] for row in report.rows} == expected
        assert "downstream of source invoices" in report.finding
        assert report.arguments["model"] == "70403103920001/source.finance.netsuite.invoices"
        assert report.filter == "model invoices"


async def test_direction_depth_and_kinds_narrow_what_is_listed(account: DbtAccount, world: World) -> None:
    everything = below(INVOICES, reads(world))
    near = await account.arun_report("lineage", model=INVOICES, direction="downstream", depth=2, limit=500)
    assert {row["unique_id"] for row in near.rows} == {each for each, steps in everything.items() if steps <= 2}
    assert "within 2 steps" in near.finding
    exposures = await account.arun_report("lineage", model=INVOICES, resource_type="Exposures", limit=500)
    assert {row["unique_id"] for row in exposures.rows} == {each for each in everything if each.startswith("exposure")}
    assert exposures.finding.startswith(f"{len(exposures.rows)} exposures are downstream of stg_netsuite__invoices (")


async def test_a_model_has_the_status_of_its_last_run_and_its_job(account: DbtAccount) -> None:
    report = await account.arun_report("lineage", model=INVOICES, direction="downstream", limit=500)
    models = {row["unique_id"]: row for row in report.rows if row["resource_type"] == "model"}
    for each in await account.aget_models():
        if row := models.get(each.unique_id):
            assert row["last_run_status"] == each.last_run_status
            assert row["job_name"]
    assert all(row["job_name"] is None for row in report.rows if row["resource_type"] == "exposure")


async def test_nothing_that_fits_is_said(account: DbtAccount) -> None:
    report = await account.arun_report("lineage", model=INVOICES, resource_type="metric")
    assert report.finding == "Nothing of the kind metric is upstream or downstream of stg_netsuite__invoices."
    assert report.coverage.complete


async def test_an_unknown_node_has_near_names_and_no_name_is_refused(account: DbtAccount) -> None:
    with pytest.raises(NotFound) as unknown:
        await account.arun_report("lineage", model="board_revenue_dashbord")
    assert "board_revenue_dashboard" in unknown.value.near
    with pytest.raises(InvalidArgument) as nameless:
        await account.arun_report("lineage")
    assert nameless.value.argument == "model"


@pytest.mark.parametrize("argument", [{"depth": 0}, {"depth": 1001}, {"direction": "sideways"}, {"resource_type": "x"}])
async def test_a_bad_argument_is_refused_before_anything_is_asked(account: DbtAccount, argument: object) -> None:
    with pytest.raises(InvalidArgument):
        await account.arun_report("lineage", model=INVOICES, **dict(argument))  # type: ignore[call-overload]
    assert account.requests == 0


def drawn(*edges: tuple[str, list[str]]) -> TinyCloud:
    cloud = TinyCloud()
    cloud.models = {100: [model("orders", 1.0), model("mart", 1.0)]}
    cloud.lineage = [{"uniqueId": each, "name": each.split(".")[-1], "parentIds": above} for each, above in edges]
    return cloud


async def test_a_parent_out_of_sight_makes_the_answer_incomplete() -> None:
    cloud = drawn(("model.shop.orders", ["model.other_project.users"]), ("model.shop.mart", ["model.shop.orders"]))
    async with cloud.account() as account:
        both = await account.arun_report("lineage", model="mart")
        below_it = await account.arun_report("lineage", model="orders", direction="downstream")
    assert both.notes == ("1 node upstream out of this environment's sight: model.other_project.users.",)
    assert not both.coverage.complete
    assert both.rows[0]["parents"] == "model.other_project.users"
    assert below_it.coverage.complete


async def test_a_model_that_the_graph_does_not_hold_is_said() -> None:
    async with drawn(("model.shop.mart", [])).account() as account:
        report = await account.arun_report("lineage", model="orders")
    assert report.finding == "Nothing is upstream or downstream of orders."
    assert "does not hold orders" in report.notes[0]


async def test_a_name_that_two_nodes_carry_is_ambiguous() -> None:
    cloud = drawn(("source.shop.raw.users", []), ("seed.shop.users", []))
    async with cloud.account() as account:
        with pytest.raises(AmbiguousName) as raised:
            await account.arun_report("lineage", model="users")
        assert set(raised.value.candidates) == {"10/source.shop.raw.users", "10/seed.shop.users"}
        for candidate in raised.value.candidates:
            await account.arun_report("lineage", model=candidate)
