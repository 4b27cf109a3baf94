"""Lineage, traced over graphs drawn by hand."""

from __future__ import annotations

import pytest
from dbt_discovery import InvalidArgument
from dbt_discovery.analysis.lineage import DEEPEST, LineageNode, checked_depth, trace
from dbt_discovery.models.records import GraphNode


def node(name: str, *parents: str) -> GraphNode:
    return GraphNode(f"model.shop.{name}", name, "model", tuple(f"model.shop.{each}" for each in parents))


def steps(nodes: tuple[LineageNode, ...]) -> list[tuple[str, int]]:
    return [(each.name, each.distance) for each in nodes]


DIAMOND = [
    node("raw"),
    node("left", "raw"),
    node("right", "raw"),
    node("mart", "left", "right"),
    node("report", "mart"),
]


def test_everything_above_and_below_is_found_nearest_first() -> None:
    upstream, downstream, notes = trace("model.shop.mart", DIAMOND)
    assert steps(upstream) == [("left", 1), ("right", 1), ("raw", 2)]
    assert steps(downstream) == [("report", 1)]
    assert notes == ()


def test_distance_is_the_shortest_way() -> None:
    graph = [*DIAMOND, node("shortcut", "report", "raw")]
    upstream, _, _ = trace("model.shop.shortcut", graph)
    assert steps(upstream) == [("raw", 1), ("report", 1), ("mart", 2), ("left", 3), ("right", 3)]


def test_depth_ends_the_walk_both_ways() -> None:
    upstream, downstream, _ = trace("model.shop.raw", DIAMOND, depth=2)
    assert upstream == ()
    assert steps(downstream) == [("left", 1), ("right", 1), ("mart", 2)]
    assert steps(trace("model.shop.mart", DIAMOND, depth=1)[0]) == [("left", 1), ("right", 1)]


def test_each_node_names_its_own_parents() -> None:
    upstream, _, _ = trace("model.shop.report", DIAMOND)
    assert upstream[0].parents == ("model.shop.left", "model.shop.right")


def test_a_circle_is_walked_once() -> None:
    circle = [node("a", "c"), node("b", "a"), node("c", "b")]
    upstream, downstream, _ = trace("model.shop.a", circle)
    assert steps(upstream) == [("c", 1), ("b", 2)]
    assert steps(downstream) == [("b", 1), ("c", 2)]
    assert trace("model.shop.a", [node("a", "a")])[:2] == ((), ())


def test_a_parent_out_of_sight_is_said() -> None:
    upstream, _, notes = trace("model.shop.mart", [node("mart", "here", "elsewhere"), node("here")])
    assert steps(upstream) == [("here", 1)]
    assert notes == ("1 node upstream out of this environment's sight: model.shop.elsewhere.",)


def test_a_node_that_is_not_in_the_graph_has_no_neighbours() -> None:
    assert trace("model.shop.gone", DIAMOND) == ((), (), ())


@pytest.mark.parametrize("depth", [0, -1, DEEPEST + 1])
def test_depths_that_cannot_be_gone_are_refused(depth: int) -> None:
    with pytest.raises(InvalidArgument, match="depth takes a whole number from 1"):
        checked_depth(depth)


@pytest.mark.parametrize("depth", [None, 1, DEEPEST])
def test_depths_that_can_be_gone_are_taken(depth: int | None) -> None:
    assert checked_depth(depth) == depth
