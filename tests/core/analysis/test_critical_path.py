"""The critical path of runs written by hand, and of runs that dbt itself made."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt_discovery.analysis.critical_path import began, commands, critical_path, waits
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import GraphNode, NodeRun
from dbt_discovery.services.artifact_parsing import parse_run_results
from dbt_discovery.services.parsing import parse_run

from tests.core.tiny import run

START = datetime(2026, 11, 17, 8, tzinfo=UTC)


def node(
    name: str, runtime: float | None, *parents: str, kind: str = "model", at: float | None = None, command: int = 1
) -> NodeRun:
    """A node; `at` is when it began, in seconds after START."""
    began_at = START + timedelta(seconds=at) if at is not None else None
    return NodeRun(
        unique_id=name,
        name=name,
        resource_type=kind,
        run_id="7",
        job_id="1",
        status=NodeStatus.SUCCESS if runtime is not None else NodeStatus.SKIPPED,
        runtime=runtime,
        started_at=began_at,
        completed_at=began_at + timedelta(seconds=runtime or 0.0) if began_at else None,
        finished_at=START + timedelta(hours=command),
        error=None,
        tags=(),
        materialization="",
        parents=parents,
    )


def made_from(**parents: list[str]) -> list[GraphNode]:
    return [GraphNode(name, name, "model", tuple(above)) for name, above in parents.items()]


def steps(nodes: list[NodeRun], graph: list[GraphNode] | None = None) -> list[tuple[str, int, float]]:
    return [(each.node.name, each.step, each.could_win) for each in critical_path(nodes, graph or [])]


def test_a_run_of_models_is_their_longest_chain() -> None:
    nodes = [node("raw", 1.0), node("long", 10.0, "raw"), node("short", 7.0, "raw"), node("end", 2.0, "long", "short")]
    assert steps(nodes) == [("raw", 1, 1.0), ("long", 1, 3.0), ("end", 1, 2.0)]


def test_parents_come_from_the_graph_where_the_run_names_none() -> None:
    assert steps([node("a", 1.0), node("b", 1.0)], made_from(a=[], b=["a"])) == [("a", 1, 1.0), ("b", 1, 1.0)]


def test_a_node_waits_through_what_was_not_run() -> None:
    """An ephemeral model, or one that was not selected."""
    graph = made_from(a=[], between=["a"], b=["between"])
    assert steps([node("a", 3.0), node("b", 4.0, "between")], graph) == [("a", 1, 3.0), ("b", 1, 4.0)]


def test_in_a_build_a_node_waits_for_the_tests_of_what_it_reads() -> None:
    nodes = [node("a", 1.0), node("slow_test", 5.0, "a", kind="test"), node("b", 2.0, "a")]
    assert steps(nodes) == [("a", 1, 1.0), ("slow_test", 1, 5.0), ("b", 1, 2.0)]


def test_a_test_of_two_nodes_holds_up_who_reads_both() -> None:
    nodes = [
        node("a", 1.0),
        node("b", 1.0),
        node("related", 9.0, "a", "b", "macro.dbt.test_relationships", kind="test"),
        node("both", 2.0, "a", "b"),
        node("one", 3.0, "a"),
    ]
    found = waits(nodes, {})
    assert set(found["both"]) == {"a", "b", "related"}
    assert set(found["one"]) == {"a"}


def test_a_command_of_tests_alone_lets_none_wait_for_another() -> None:
    nodes = [node("ta", 5.0, "a", kind="test"), node("tb", 4.0, "b", kind="test")]
    assert steps(nodes, made_from(a=[], b=["a"])) == [("ta", 1, 1.0)]


def test_commands_follow_one_another() -> None:
    nodes = [
        node("test_of_a", 4.0, "a", kind="test", command=2),
        node("test_of_b", 3.0, "b", kind="test", command=2),
        node("a", 1.0),
        node("b", 2.0, "a"),
    ]
    assert [[each.name for each in own] for own in commands(nodes)] == [["a", "b"], ["test_of_a", "test_of_b"]]
    assert steps(nodes) == [("a", 1, 1.0), ("b", 1, 2.0), ("test_of_a", 2, 1.0)]


def test_a_skipped_node_is_not_on_the_path() -> None:
    assert steps([node("a", 2.0), node("skipped", None, "a"), node("far", None, "skipped")]) == [("a", 1, 2.0)]


def test_waiting_is_the_time_between_two_nodes_of_the_path() -> None:
    first, second, third = critical_path(
        [node("a", 10.0, at=0), node("b", 5.0, "a", at=12), node("c", 1.0, "b", at=16.5)], []
    )
    assert (first.waited, second.waited, third.waited) == (None, 2.0, 0.0)


def test_a_node_without_times_has_waited_for_an_unknown_time() -> None:
    _, second = critical_path([node("a", 10.0), node("b", 5.0, "a")], [])
    assert second.waited is None
    assert began(second.node) is None


def test_a_run_of_nothing_has_no_path() -> None:
    assert critical_path([], made_from(a=[])) == ()


def dbt_runs(artifacts: Path) -> list[Path]:
    """The runs of `dbt build` and `dbt run` among the real ones."""
    files = sorted(artifacts.glob("*/run_results.json"))
    return [file.parent for file in files if json.loads(file.read_text())["args"]["which"] in ("build", "run")]


def nodes_of(folder: Path) -> tuple[list[NodeRun], dict[str, list[str]]]:
    """What a real run made of its nodes, and what its manifest, or the common one, says that each reads."""
    own_manifest = folder / "manifest.json"
    manifest = json.loads((own_manifest if own_manifest.exists() else folder.parent / "manifest.json").read_text())
    body: dict[str, Any] = json.loads((folder / "run_results.json").read_text())
    own = parse_run(run(7, "2026-11-17 08:00", "2026-11-17 09:00"), lambda *ids: "")
    nodes = parse_run_results(body, own, ("model", "test", "seed", "snapshot")).nodes
    reads = {each: manifest["nodes"][each]["depends_on"].get("nodes", []) for each in manifest["nodes"]}
    told = [
        NodeRun(**{f: getattr(n, f) for f in NodeRun.__slots__ if f != "parents"}, parents=tuple(reads[n.unique_id]))
        for n in nodes
    ]
    return told, reads


def test_in_real_runs_every_node_began_after_all_it_waits_for(artifacts: Path) -> None:
    """What `waits` says of dbt is what dbt did: the tests of parents came first, too."""
    looked_at = tests = 0
    for folder in dbt_runs(artifacts):
        nodes, reads = nodes_of(folder)
        ran = {each.unique_id: each for each in nodes}
        for unique_id, awaited in waits(nodes, reads).items():
            start = began(ran[unique_id]) if unique_id in ran else None
            for each in awaited:
                end = ran[each].completed_at if each in ran else None
                if start and end:
                    assert start >= end - timedelta(milliseconds=5), (folder.name, unique_id, each)
                    looked_at += 1
                    tests += each.startswith("test.") and not unique_id.startswith("test.")
    assert looked_at > 100
    assert tests > 30


def test_no_real_run_was_quicker_than_its_critical_path(artifacts: Path) -> None:
    for folder in dbt_runs(artifacts):
        nodes, reads = nodes_of(folder)
        graph = [GraphNode(each, each, "model", tuple(parents)) for each, parents in reads.items()]
        taken = sum(each.node.runtime or 0.0 for each in critical_path(nodes, graph))
        elapsed = json.loads((folder / "run_results.json").read_text())["elapsed_time"]
        assert 0.0 < taken <= elapsed


@pytest.mark.parametrize("size", [3_000])
def test_a_wide_run_is_walked(size: int) -> None:
    nodes = [node("hub", 1.0), *(node(f"n{place}", float(place), "hub") for place in range(size))]
    assert steps(nodes) == [("hub", 1, 1.0), (f"n{size - 1}", 1, 1.0)]
