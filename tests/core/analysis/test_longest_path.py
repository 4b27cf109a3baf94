"""The longest path, against every path of small graphs, and on large ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import pytest
from dbt_discovery.analysis.longest_path import longest_path
from dbt_discovery.analysis.topology import in_order

Parents = Mapping[str, Sequence[str]]


def paths(nodes: Sequence[str], parents: Parents) -> Iterator[tuple[str, ...]]:
    """Every path of a graph, of any length from one node."""

    def to(end: str) -> Iterator[tuple[str, ...]]:
        yield (end,)
        for parent in parents.get(end, ()):
            for path in to(parent):
                yield (*path, end)

    for node in nodes:
        yield from to(node)


def length(weights: Mapping[str, float], parents: Parents) -> float:
    return max(sum(weights[node] for node in path) for path in paths(list(weights), parents))


@pytest.mark.parametrize("seed", range(60))
def test_it_is_the_longest_of_all_paths_and_each_node_on_it_could_win_what_it_does(seed: int) -> None:
    chance = random.Random(seed)
    names = [f"n{place}" for place in range(9)]
    parents = {
        name: [each for each in names[:place] if chance.random() < 0.35] for place, name in enumerate(names) if place
    }
    weights = {name: float(chance.randint(0, 9)) for name in chance.sample(names, len(names))}
    found = longest_path(weights, parents)
    assert found.length == length(weights, parents) == sum(weights[node] for node in found.nodes)
    assert all(earlier in parents[later] for earlier, later in pairwise(found.nodes))
    for node, could_win in zip(found.nodes, found.could_win, strict=True):
        assert could_win == pytest.approx(found.length - length(weights | {node: 0.0}, parents))


def test_another_branch_bounds_what_a_node_can_win() -> None:
    """a 1 → long 10 → end 2, beside a 1 → short 7 → end 2."""
    weights = {"a": 1.0, "long": 10.0, "short": 7.0, "end": 2.0}
    found = longest_path(weights, {"long": ["a"], "short": ["a"], "end": ["long", "short"]})
    assert (found.nodes, found.length) == (("a", "long", "end"), 13.0)
    assert found.could_win == (1.0, 3.0, 2.0)


def test_nothing_has_no_path() -> None:
    found = longest_path({}, {})
    assert (found.nodes, found.length, found.could_win) == ((), 0.0, ())


def test_parents_without_a_weight_do_not_count() -> None:
    assert longest_path({"a": 2.0}, {"a": ["elsewhere"]}).nodes == ("a",)


def test_what_lies_on_a_circle_or_behind_one_is_left_out() -> None:
    weights = dict.fromkeys(["a", "b", "c", "behind"], 5.0) | {"free": 1.0}
    found = longest_path(weights, {"a": ["c"], "b": ["a"], "c": ["b"], "behind": ["c"]})
    assert (found.nodes, found.length, found.could_win) == (("free",), 1.0, (1.0,))


def test_a_chain_of_ten_thousand_nodes_is_walked() -> None:
    names = [f"n{place}" for place in range(10_000)]
    found = longest_path(dict.fromkeys(names, 1.0), {b: [a] for a, b in pairwise(names)})
    assert found.length == 10_000.0
    assert found.nodes == tuple(names)
    assert set(found.could_win) == {1.0}


class CountedParents(dict[str, list[str]]):
    """Parents that count how often they are looked up."""

    looked_up = 0

    def get(self, key: str, default: Sequence[str] = ()) -> Sequence[str]:  # type: ignore[override]
        self.looked_up += 1
        return super().get(key, list(default))


@pytest.mark.parametrize("size", [1_000, 8_000])
def test_each_node_is_looked_at_a_fixed_number_of_times(size: int) -> None:
    """A ladder, in which the number of paths doubles with every rung."""
    parents = CountedParents()
    for rung in range(1, size):
        for side in "lr":
            parents[f"{side}{rung}"] = [f"l{rung - 1}", f"r{rung - 1}"]
    weights = {f"{side}{rung}": 1.0 for rung in range(size) for side in "lr"}
    assert longest_path(weights, parents).length == size
    assert parents.looked_up == 2 * len(weights)


def test_an_order_has_each_node_after_its_parents() -> None:
    parents = {"c": ["a", "b"], "b": ["a"], "d": ["c", "elsewhere"]}
    assert in_order(["d", "c", "b", "a"], parents) == ["a", "b", "c", "d"]


def test_a_parent_named_twice_counts_and_is_awaited_twice() -> None:
    assert in_order(["b", "a"], {"b": ["a", "a"]}) == ["a", "b"]
