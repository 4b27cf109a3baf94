"""Lineage on large graphs, and in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dbt_discovery.analysis.lineage import LineageNode, summed_up, trace
from dbt_discovery.models.records import GraphNode

SIZE = 10_000


class Counted(tuple[str, ...]):
    """Parents that count how often anybody goes through them."""

    gone_through = 0

    def __iter__(self) -> Iterator[str]:
        Counted.gone_through += 1
        return super().__iter__()


def graph(*parents: list[int]) -> list[GraphNode]:
    return [
        GraphNode(f"n{place}", f"n{place}", "model", Counted(f"n{each}" for each in own))
        for place, own in enumerate(parents)
    ]


CHAIN = graph(*([place - 1] if place else [] for place in range(SIZE)))
FAN = graph([], *([0] for _ in range(SIZE - 2)), list(range(1, SIZE - 1)))
LADDER = graph(*([max(0, place - 1), max(0, place - 2)] if place else [] for place in range(SIZE)))
CIRCLE = graph(*([(place - 1) % SIZE] for place in range(SIZE)))


@pytest.mark.parametrize(
    ("drawn", "start", "above", "below", "deepest"),
    [
        (CHAIN, SIZE // 2, SIZE // 2, SIZE // 2 - 1, SIZE // 2),
        (FAN, 0, 0, SIZE - 1, 2),
        (FAN, SIZE - 1, SIZE - 1, 0, 2),
        (LADDER, SIZE - 1, SIZE - 1, 0, SIZE // 2),
        (CIRCLE, 0, SIZE - 1, SIZE - 1, SIZE - 1),
    ],
    ids=["chain", "fan out", "fan in", "ladder", "circle"],
)
def test_ten_thousand_nodes_are_traced_in_linear_time(
    drawn: list[GraphNode], start: int, above: int, below: int, deepest: int
) -> None:
    """However many ways lead to a node, its parents are gone through three times at most."""
    Counted.gone_through = 0
    upstream, downstream, notes = trace(f"n{start}", drawn)
    assert Counted.gone_through <= 3 * SIZE
    assert (len(upstream), len(downstream), notes) == (above, below, ())
    assert max(each.distance for each in (*upstream, *downstream)) == deepest


def node(name: str, kind: str) -> LineageNode:
    return LineageNode(f"{kind}.shop.{name}", name, kind, 1, ())


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ([node("a", "model")], "1 model is downstream of x (a)"),
        ([node(name, "model") for name in "abcde"], "5 models are downstream of x (a, b, c and 2 more)"),
        ([node("q", "saved_query"), node("r", "saved_query")], "2 saved queries are downstream of x (q and r)"),
        (
            [node("a", "model"), node("e", "exposure")],
            "2 nodes are downstream of x, among them 1 exposure (e)",
        ),
        (
            [node("a", "model"), node("e", "exposure"), node("s", "source"), node("t", "source")],
            "4 nodes are downstream of x, among them 1 exposure (e) and 2 sources (s and t)",
        ),
        ([node("a", "model"), node("b", "seed")], "2 nodes are downstream of x"),
    ],
)
def test_nodes_are_summed_up_in_words(nodes: list[LineageNode], words: str) -> None:
    assert summed_up(nodes, "downstream of x") == words
