"""Failures of models, on runs and graphs written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dbt_discovery.analysis.failures import FailureTally, failing_since, held_up_by, tally_failures
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import GraphNode, ModelRecord, NodeRun, RunRecord
from dbt_discovery.models.results import RunResults

from tests.core.analysis.test_reliability import run

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
STATUSES = {"s": "success", "e": "error", "k": "skipped", "u": "unknown"}


def history(kinds: str) -> list[NodeRun]:
    """One run an hour, the newest first and at noon."""
    return [
        NodeRun(
            unique_id="model.shop.orders",
            name="orders",
            resource_type="model",
            run_id=str(hour),
            job_id="1",
            status=NodeStatus(STATUSES[kind]),
            runtime=1.0,
            started_at=None,
            completed_at=None,
            finished_at=NOON - timedelta(hours=hour),
            error=None,
            tags=(),
            materialization="table",
        )
        for hour, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "hours", "success_seen"),
    [
        ("es", 0, True),
        ("eees", 2, True),
        ("ekes", 2, True),
        ("kkse", 1, True),
        ("eus", 0, True),  # a word that dbt Cloud added is no failure
        ("eee", 2, False),
        ("s", None, True),
        ("", None, False),
    ],
)
def test_failing_since_is_the_first_run_after_the_last_success(
    kinds: str, hours: int | None, success_seen: bool
) -> None:
    since = None if hours is None else NOON - timedelta(hours=hours)
    assert failing_since(history(kinds)) == (since, success_seen)


def test_a_run_without_a_time_is_passed_over() -> None:
    timeless = replace(history("e")[0], finished_at=None)
    assert failing_since([*history("e"), timeless, *history("s")]) == (NOON, True)


def results(**statuses: str) -> RunResults:
    return RunResults(
        tuple(statuses), tuple(NodeStatus(STATUSES[each]) for each in statuses.values()), (None,) * len(statuses)
    )


def tallied(*all_results: RunResults) -> tuple[dict[tuple[str, str], FailureTally], list[RunRecord]]:
    tallies: dict[tuple[str, str], FailureTally] = {}
    runs = [run("f", hour) for hour in range(1, len(all_results) + 1)]
    for one, found in zip(runs, all_results, strict=True):
        tally_failures(tallies, one, found)
    return tallies, runs


def test_failures_are_counted_apart_from_what_was_skipped() -> None:
    tallies, runs = tallied(results(a="e", b="k"), results(a="s", b="s"), results(a="e", b="k"), results(a="k"))
    a, b = tallies["100", "a"], tallies["100", "b"]
    assert (a.failures, a.runs, a.skipped, a.failure_rate) == (2, 3, 1, 2 / 3)
    assert a.last_failed is runs[2]
    assert (b.failures, b.runs, b.skipped, b.failure_rate) == (0, 1, 2, 0.0)
    assert b.last_failed is None


def test_the_last_failure_is_the_latest_whatever_the_order() -> None:
    tally, early, late = FailureTally(), run("f", 1), run("f", 9)
    for one in (late, early):
        tally.add(one, NodeStatus.ERROR)
    assert tally.last_failed is late


def test_a_model_that_was_only_skipped_has_no_rate() -> None:
    tallies, _ = tallied(results(a="k"))
    assert tallies["100", "a"].failure_rate is None


def model(name: str, kind: str, run_id: str = "7") -> ModelRecord:
    return ModelRecord(
        unique_id=name,
        name=name,
        project_id="10",
        environment_id="100",
        package="shop",
        tags=(),
        materialization="table",
        database=None,
        schema=None,
        group=None,
        access=None,
        description="",
        last_run_status=NodeStatus(STATUSES[kind]),
        last_run_id=run_id,
        last_run_job_id="1",
        last_run_time=None,
        last_run_error=None,
        last_success_run_id=None,
        last_success_runtime=None,
        last_success_start_time=None,
        last_success_end_time=None,
    )


def graph(*edges: str) -> list[GraphNode]:
    """Nodes from edges such as `a>b`: b is made from a."""
    parents: dict[str, list[str]] = {}
    for edge in edges:
        parent, child = edge.split(">")
        parents.setdefault(parent, [])
        parents.setdefault(child, []).append(parent)
    return [GraphNode(name, name, "model", tuple(own)) for name, own in parents.items()]


def test_a_failed_model_holds_up_what_is_made_from_it_however_indirectly() -> None:
    models = [model("a", "e"), model("b", "k"), model("c", "k"), model("d", "s"), model("e", "k")]
    assert held_up_by(models, graph("a>b", "b>c", "a>d", "x>e")) == {"b": ["a"], "c": ["a"]}


def test_several_may_hold_up_the_same_model() -> None:
    models = [model("a", "e"), model("b", "e"), model("c", "k"), model("d", "k")]
    found = held_up_by(models, graph("a>c", "b>c", "c>d"))
    assert {name: sorted(culprits) for name, culprits in found.items()} == {"c": ["a", "b"], "d": ["a", "b"]}


def test_a_failure_in_another_run_holds_up_nothing_here() -> None:
    models = [model("a", "e", "6"), model("b", "k", "7")]
    assert held_up_by(models, graph("a>b")) == {}


def test_a_model_that_was_built_passes_nothing_on() -> None:
    models = [model("a", "e"), model("b", "s"), model("c", "k")]
    assert held_up_by(models, graph("a>b", "b>c")) == {}


def test_a_circle_is_walked_once() -> None:
    models = [model("a", "e"), model("b", "k"), model("c", "k")]
    assert held_up_by(models, graph("a>b", "b>c", "c>b")) == {"b": ["a"], "c": ["a"]}
