"""The weight: near what an answer really takes in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from sys import getsizeof
from typing import Any

import pytest
from dbt_discovery.cache.weight import weight_of
from dbt_discovery.models.base import NodeStatus
from dbt_discovery.models.records import NodeRun
from dbt_discovery.services.parsing import parse_run

DAY = datetime(2026, 11, 17, tzinfo=UTC)


def runs(count: int) -> Any:
    """A day of runs, as the Admin API gives them."""
    began, ended = "2026-11-17 10:00:00.123456+00:00", "2026-11-17 10:10:00.654321+00:00"
    rows = [
        {"id": n, "job_id": n % 40, "project_id": 1, "environment_id": 2, "status": 10, "git_sha": f"{n:040x}"}
        | {"created_at": began, "started_at": began, "finished_at": ended, "git_branch": "".join(["ma", "in"])}
        for n in range(count)
    ]
    return tuple(parse_run(row, lambda project, run: f"https://cloud.example/{project}/runs/{run}/") for row in rows)


def nodes(count: int, error: str = "") -> Any:
    """The models of one run."""
    return tuple(
        NodeRun(
            unique_id=f"model.shop.orders_of_region_{n}",
            name=f"orders_of_region_{n}",
            resource_type="model",
            run_id="7",
            job_id="1",
            status=NodeStatus.SUCCESS,
            runtime=n + 0.5,
            started_at=DAY + timedelta(seconds=n),
            completed_at=DAY + timedelta(seconds=n + 1),
            finished_at=DAY + timedelta(hours=1),
            error=error and f"{error} {n}",
            tags=(f"tag_{n}",),
            materialization="table",
        )
        for n in range(count)
    )


def real(make: Callable[[], Any]) -> int:
    """Bytes that a value takes which is made anew."""
    make()  # what is made once for all, such as compiled patterns, is no part of it
    gc.collect()
    tracemalloc.start()
    try:
        value = make()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] if value is not None else 0
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "make",
    [
        lambda: runs(2000),
        lambda: runs(7),
        lambda: nodes(5000),
        lambda: nodes(20),
        lambda: nodes(300, error="Database Error " * 50),
        lambda: {f"list {n}": nodes(200) for n in range(5)},
        lambda: [nodes(20) for _ in range(100)],
    ],
    ids=["a day", "a quiet day", "models", "a history", "errors", "lists by name", "a batch"],
)
def test_the_weight_is_near_the_memory_it_takes(make: Callable[[], Any]) -> None:
    assert weight_of(make()) == pytest.approx(real(make), rel=0.4)


@pytest.mark.parametrize("place", [0, 1250, 5000, 6250, 6251, 8750])
def test_one_long_text_among_ten_thousand_stands_for_itself(place: int) -> None:
    rows = [{"name": f"model {n}", "code": "x" * (100_000 if n == place else 100)} for n in range(10_000)]
    bytes_of_rows = sum(getsizeof(row) + sum(map(getsizeof, row.values())) for row in rows)
    assert weight_of(rows) == pytest.approx(bytes_of_rows, rel=0.4)


def test_a_value_within_another_that_occurs_often_weighs_once() -> None:
    text = "x" * 10_000
    assert weight_of([text] * 1000) == getsizeof([text] * 1000) + getsizeof(text)
    assert weight_of((text, [text], {"key": text})) < 1.1 * getsizeof(text)


def test_what_shares_much_is_not_taken_for_as_heavy_as_its_first_member() -> None:
    shared = nodes(1000)
    pairs = [(n + 10_000, shared) for n in range(1000)]
    assert weight_of(pairs) < weight_of(shared) + 200_000


@pytest.mark.parametrize(
    "value", [None, True, 7, 0.5, "", "text", b"bytes", (), [], {}, set(), DAY, NodeStatus.SUCCESS]
)
def test_a_plain_value_weighs_what_it_is(value: object) -> None:
    assert weight_of(value) == getsizeof(value)
