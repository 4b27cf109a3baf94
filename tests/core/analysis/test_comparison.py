"""Two runs compared node by node."""

from __future__ import annotations

import pytest
from dbt_discovery.analysis.comparison import compare_nodes
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun

OK, ERROR, FAIL, WARN, SKIPPED = (
    NodeStatus.SUCCESS,
    NodeStatus.ERROR,
    NodeStatus.FAIL,
    NodeStatus.WARN,
    NodeStatus.SKIPPED,
)


def node(name: str, runtime: float | None = 10.0, status: NodeStatus = OK) -> NodeRun:
    return NodeRun(
        unique_id=name,
        name=name,
        resource_type="model",
        run_id="7",
        job_id="1",
        status=status,
        runtime=runtime,
        started_at=None,
        completed_at=None,
        finished_at=None,
        error=None,
        tags=(),
        materialization="",
    )


def changes(before: list[NodeRun], after: list[NodeRun], min_change: float = 0.2) -> list[tuple[str, str]]:
    return [(each.node.name, each.change) for each in compare_nodes(before, after, min_change)]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (OK, ERROR, "newly_failed"),
        (SKIPPED, FAIL, "newly_failed"),
        (WARN, FAIL, "newly_failed"),
        (ERROR, OK, "fixed"),
        (FAIL, WARN, "fixed"),
        (ERROR, SKIPPED, "status_changed"),
        (OK, SKIPPED, "status_changed"),
        (SKIPPED, OK, "status_changed"),
        (WARN, OK, "status_changed"),
        (FAIL, ERROR, "status_changed"),
        (OK, NodeStatus.UNKNOWN, "status_changed"),
    ],
)
def test_a_change_of_status_is_told_before_any_of_the_runtime(
    before: NodeStatus, after: NodeStatus, change: str
) -> None:
    assert changes([node("a", 1.0, before)], [node("a", 99.0, after)]) == [("a", change)]


@pytest.mark.parametrize("status", [OK, WARN, ERROR, FAIL, SKIPPED])
def test_the_same_status_and_runtime_is_no_change(status: NodeStatus) -> None:
    assert changes([node("a", 5.0, status)], [node("a", 5.0, status)]) == []


def test_a_node_that_is_new_and_fails_is_newly_failed() -> None:
    assert changes([], [node("a", status=ERROR), node("b")]) == [("a", "newly_failed"), ("b", "added")]


def test_a_node_that_was_not_run_again_is_gone_however_it_ended() -> None:
    assert changes([node("a"), node("b", status=ERROR)], []) == [("a", "gone"), ("b", "gone")]


@pytest.mark.parametrize(
    ("before", "after", "min_change", "found"),
    [
        (10.0, 12.0, 0.2, ["slower"]),
        (10.0, 8.0, 0.2, ["faster"]),
        (10.0, 11.9, 0.2, []),
        (100.0, 104.0, 0.0, ["slower"]),
        (1.0, 1.9, 0.2, []),  # below a second whatever the share
        (0.0, 1.0, 0.2, ["slower"]),
        (None, 50.0, 0.2, []),
    ],
)
def test_what_is_less_than_share_and_second_is_noise(
    before: float | None, after: float, min_change: float, found: list[str]
) -> None:
    assert [change for _, change in changes([node("a", before)], [node("a", after)], min_change)] == found


def test_the_time_of_a_failure_is_not_compared() -> None:
    assert changes([node("a", 5.0, ERROR)], [node("a", 500.0, ERROR)]) == []


def test_the_most_important_comes_first_and_then_the_most_seconds() -> None:
    before = [
        node("little_slower", 10.0),
        node("much_faster", 100.0),
        node("fixed", status=ERROR),
        node("broken"),
        node("gone", 50.0),
        node("skipped_now"),
    ]
    after = [
        node("little_slower", 15.0),
        node("much_faster", 10.0),
        node("fixed"),
        node("broken", status=FAIL),
        node("added", 70.0),
        node("skipped_now", None, SKIPPED),
    ]
    assert changes(before, after) == [
        ("broken", "newly_failed"),
        ("skipped_now", "status_changed"),
        ("fixed", "fixed"),
        ("much_faster", "faster"),
        ("little_slower", "slower"),
        ("added", "added"),
        ("gone", "gone"),
    ]


def test_the_difference_is_later_less_earlier() -> None:
    (change,) = compare_nodes([node("a", 10.0)], [node("a", 4.0)], 0.2)
    assert (change.difference, change.seconds) == (-6.0, 6.0)
    (gone,) = compare_nodes([node("a", 10.0)], [], 0.2)
    assert (gone.difference, gone.seconds) == (None, 10.0)
