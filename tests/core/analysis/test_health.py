"""The verdict on a model, on facts written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dbt_discovery.analysis.health import (
    Cause,
    Health,
    ModelHealth,
    judge_health,
    named_sources,
    stale_sources,
    usual_interval,
)
from dbt_discovery.models.base import FreshnessStatus, NodeStatus
from dbt_discovery.models.records import GraphNode, SourceFreshness
from dbt_discovery.models.tests import TestRecord
from dbt_discovery.services.parsing import parse_model
from dbt_discovery.services.tests import parse_test

from tests.core.tiny import model

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
DAY = 86_400.0
ORDERS = replace(
    parse_model(model("orders", 5.0)),
    last_run_time=NOW - timedelta(hours=2),
    last_success_end_time=NOW - timedelta(hours=2),
)


def check(name: str, status: str | None = "pass") -> TestRecord:
    info = {"lastRunStatus": status}
    return parse_test({"uniqueId": name, "name": name, "projectId": 1, "environmentId": 1, "executionInfo": info})


def source(name: str, status: FreshnessStatus, *, criteria: bool = True) -> SourceFreshness:
    return SourceFreshness(
        unique_id=f"source.shop.raw.{name}",
        source_name="raw",
        name=name,
        status=status,
        max_loaded_at=None,
        snapshotted_at=None,
        age=None,
        warn_after=3600.0 if criteria else None,
        error_after=None,
        checked_at=None,
    )


OLD, LATE = source("old", FreshnessStatus.ERROR), source("late", FreshnessStatus.WARN)


def judge(interval: float | None = None, **facts: Any) -> ModelHealth:
    given = {"tests": [check("unique")], "stale": ()} | {k: facts.pop(k) for k in ("tests", "stale") if k in facts}
    return judge_health(replace(ORDERS, **facts), interval=interval, now=NOW, **given)


def test_a_model_with_nothing_against_it_is_healthy_and_says_why() -> None:
    found = judge()
    assert (found.verdict, found.faults) == (Health.HEALTHY, ())
    assert found.reasons == ("Built 2 h ago.", "1 of 1 test passed.", "No source upstream is known to be stale.")


@pytest.mark.parametrize(
    ("facts", "verdict", "cause", "sentence"),
    [
        (
            {"last_run_status": NodeStatus.ERROR, "last_run_error": "Database Error\n  no such column."},
            Health.FAILING,
            Cause.ATTEMPT,
            "The last attempt 2 h ago ended in an error: Database Error no such column.",
        ),
        (
            {"last_run_status": NodeStatus.ERROR, "last_run_time": None},
            Health.FAILING,
            Cause.ATTEMPT,
            "The last attempt ended in an error.",
        ),
        (
            {"last_run_status": NodeStatus.SKIPPED},
            Health.FAILING,
            Cause.ATTEMPT,
            "The last run 2 h ago skipped it, as dbt does when something upstream fails.",
        ),
        (
            {"last_run_status": None, "last_success_end_time": None},
            Health.UNKNOWN,
            Cause.ATTEMPT,
            "No run has built it.",
        ),
        (
            {"last_run_status": NodeStatus.UNKNOWN},
            Health.UNKNOWN,
            Cause.ATTEMPT,
            "What the last attempt 2 h ago came to is not known.",
        ),
        (
            {"tests": [check("a", "fail"), check("b", "error"), check("c")]},
            Health.FAILING,
            Cause.TESTS,
            "2 of 3 tests fail (a and b).",
        ),
        ({"tests": [check("a", "warn"), check("b")]}, Health.WARNING, Cause.TESTS, "1 of 2 tests warns (a)."),
        (
            {"tests": [check(name, "fail") for name in "abcde"]},
            Health.FAILING,
            Cause.TESTS,
            "5 of 5 tests fail (a, b, c and 2 more).",
        ),
        ({"tests": []}, Health.HEALTHY, Cause.UNTESTED, "No test checks it."),
        (
            {"stale": [OLD, LATE]},
            Health.WARNING,
            Cause.STALE_SOURCES,
            "Upstream raw.old (error) and raw.late (warn) are stale.",
        ),
        ({"stale": [LATE]}, Health.WARNING, Cause.LATE_SOURCES, "Upstream raw.late (warn) is stale."),
        (
            {"stale": [OLD] * 4},
            Health.WARNING,
            Cause.STALE_SOURCES,
            "Upstream raw.old (error), raw.old (error), raw.old (error) and others are stale.",
        ),
    ],
)
def test_each_fact_has_its_verdict_and_its_sentence(
    facts: dict[str, Any], verdict: Health, cause: Cause, sentence: str
) -> None:
    found = judge(**facts)
    assert found.verdict is verdict
    assert [(each.cause, each.sentence) for each in found.faults] == [(cause, sentence)]


@pytest.mark.parametrize(
    ("days", "interval", "fault"),
    [
        (2.9, DAY, None),
        (3.1, DAY, "Last built 3 d 2 h ago, though the job that last ran it usually runs every 1 d."),
        (1.9, 600.0, None),  # two days at least, however often the job runs
        (2.1, 600.0, "Last built 2 d 2 h ago, though the job that last ran it usually runs every 10 min."),
        (20.0, 7 * DAY, None),
        (29.0, None, None),
        (31.0, None, "Last built 31 d ago."),
    ],
)
def test_an_old_build_is_a_warning_by_how_often_it_is_due(
    days: float, interval: float | None, fault: str | None
) -> None:
    built = NOW - timedelta(days=days)
    found = judge(interval=interval, last_success_end_time=built, last_run_time=built)
    assert found.verdict is (Health.WARNING if fault else Health.HEALTHY)
    assert [each.sentence for each in found.faults] == ([fault] if fault else [])


def test_the_worst_comes_first_and_all_is_told() -> None:
    found = judge(
        tests=[check("a", "warn"), check("b", "fail")],
        stale=[OLD],
        last_run_status=NodeStatus.SKIPPED,
        last_success_end_time=NOW - timedelta(days=40),
    )
    assert found.verdict is Health.FAILING
    assert [(each.health.value, each.cause.value) for each in found.faults] == [
        ("failing", "attempt"),
        ("failing", "tests"),
        ("warning", "stale_sources"),
        ("warning", "tests"),
        ("warning", "age"),
    ]


def test_no_tests_are_told_of_every_model_and_make_none_ill() -> None:
    untested, tested, late = judge(tests=[]), judge(), judge(tests=[], stale=[LATE])
    assert untested.reasons == ("No test checks it.", "Built 2 h ago.", "No source upstream is known to be stale.")
    assert late.reasons == ("Upstream raw.late (warn) is stale.", "No test checks it.")
    assert late.place < untested.place < tested.place


def test_a_stale_source_without_a_source_name_is_called_by_its_own() -> None:
    assert named_sources([replace(OLD, source_name=""), LATE]) == "old and raw.late"


def test_a_build_that_a_later_run_reused_is_not_old() -> None:
    long_ago = NOW - timedelta(days=20)
    reused = judge(interval=DAY, last_success_end_time=long_ago, last_run_status=NodeStatus.SUCCESS)
    assert reused.verdict is Health.HEALTHY
    failed = judge(interval=DAY, last_success_end_time=long_ago, last_run_status=NodeStatus.ERROR)
    assert [each.cause for each in failed.faults] == [Cause.ATTEMPT, Cause.AGE]


def test_a_long_error_is_cut() -> None:
    (sentence,) = judge(last_run_status=NodeStatus.ERROR, last_run_error="x" * 5000).reasons
    assert len(sentence) < 300
    assert sentence.endswith(" … (cut).")


def test_tests_that_were_skipped_speak_neither_way() -> None:
    found = judge(tests=[check("a", "skipped"), check("b"), check("c", None)])
    assert found.verdict is Health.HEALTHY
    assert found.reasons[1] == "1 of 3 tests passed."


def graph(**parents: list[str]) -> list[GraphNode]:
    def named(each: str) -> str:
        return f"source.shop.raw.{each}" if each in ("old", "late", "fresh", "lax") else each

    return [
        GraphNode(named(name), name, "model", tuple(named(parent) for parent in above))
        for name, above in parents.items()
    ]


def test_stale_sources_go_down_the_graph_the_worst_first() -> None:
    drawn = graph(late=[], old=[], fresh=[], lax=[], a=["late"], b=["a", "old"], c=["fresh", "lax"], d=["b", "a"])
    sources = [
        LATE,
        OLD,
        source("fresh", FreshnessStatus.PASS),
        source("lax", FreshnessStatus.ERROR, criteria=False),
        source("unchecked", FreshnessStatus.UNKNOWN),
    ]
    found = stale_sources(drawn, sources)
    assert (found["a"], found["b"], found["d"]) == ((LATE,), (OLD, LATE), (OLD, LATE))
    assert "c" not in found


def test_no_more_than_four_sources_are_carried_along() -> None:
    sources = [replace(LATE, unique_id=f"s{n}") for n in range(50)] + [OLD]
    drawn = [GraphNode("m", "m", "model", tuple(each.unique_id for each in sources))]
    assert len(stale_sources(drawn, sources)["m"]) == 4
    assert stale_sources(drawn, sources)["m"][0] == OLD


def test_a_deep_graph_and_one_in_a_circle_are_walked() -> None:
    deep = [GraphNode(f"m{n}", "", "model", (f"m{n - 1}" if n else OLD.unique_id,)) for n in range(10_000)]
    assert stale_sources(deep, [OLD])["m9999"] == (OLD,)
    circle = [GraphNode("a", "", "model", ("b", OLD.unique_id)), GraphNode("b", "", "model", ("a",))]
    assert set(stale_sources(circle, [OLD])) == {OLD.unique_id}


def test_the_usual_interval_is_the_median_gap_between_runs() -> None:
    starts = [NOW - timedelta(hours=each) for each in (0, 1, 2, 30, 31)]
    assert usual_interval(starts) == 3600.0
    assert usual_interval(starts[:3]) is None
    assert usual_interval([]) is None
