"""The critical path of a run, against the world's own records."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from dbt_cloud_sandbox import NodeResult, World
from dbt_discovery import DbtAccount, InvalidArgument

from tests.core.recount import ERROR, SUCCESS, finished, seconds
from tests.core.tiny import TinyCloud, model, run

NIGHTLY = "Finance nightly build"


def latest_of(world: World, name: str) -> Any:
    (job,) = [each for each in world.jobs() if each.name == name]
    runs = [each for each in world.runs() if each.job_id == job.id and finished(each)]
    return max(runs, key=lambda each: each.started_at or each.created_at)


def longest(results: dict[str, NodeResult], reads: dict[str, tuple[str, ...]]) -> float:
    """The length of the longest chain, by asking of each node for the longest that ends with it.

    A node that is no test comes after the tests of what it reads.
    """
    tests = {each: parents for each, parents in reads.items() if each.startswith("test.")}
    ends: dict[str, float] = {}

    def end(unique_id: str) -> float:
        if unique_id not in ends:
            parents = list(reads.get(unique_id, ()))
            if not unique_id.startswith("test."):
                own = set(parents)
                parents += [test for test, tested in tests.items() if test in results and set(tested) <= own]
            took = (results[unique_id].execution_time or 0.0) if unique_id in results else 0.0
            ends[unique_id] = took + max(map(end, parents), default=0.0)
        return ends[unique_id]

    return max(map(end, results))


async def test_it_is_the_longest_chain_of_the_run(account: DbtAccount, world: World) -> None:
    own = latest_of(world, NIGHTLY)
    results = {each.unique_id: each for each in world.results(own.id)}
    reads = {each.unique_id: each.depends_on for each in world.nodes(own.environment_id)}
    report = await account.arun_report("critical_path", job=NIGHTLY)
    assert report.arguments["run_id"] == str(own.id)
    assert sum(row["runtime"] for row in report.rows) == pytest.approx(longest(results, reads))
    for row in report.rows:
        assert row["runtime"] == results[row["unique_id"]].execution_time
        assert row["share"] == pytest.approx(row["runtime"] / seconds(own))
        assert 0.0 <= row["could_win"] <= row["runtime"]


async def test_could_win_is_what_the_chain_loses_without_the_node(account: DbtAccount, world: World) -> None:
    own = latest_of(world, NIGHTLY)
    results = {each.unique_id: each for each in world.results(own.id)}
    reads = {each.unique_id: each.depends_on for each in world.nodes(own.environment_id)}
    whole = longest(results, reads)
    for row in (await account.arun_report("critical_path", job=NIGHTLY)).rows:
        others = {each: result for each, result in results.items() if each != row["unique_id"]}
        assert row["could_win"] == pytest.approx(whole - longest(others, reads), abs=1e-6)


async def test_each_node_begins_when_the_one_before_has_ended(account: DbtAccount) -> None:
    report = await account.arun_report("critical_path", job=NIGHTLY)
    rows = report.rows
    assert rows[0]["waited"] is None
    for earlier, later in pairwise(rows):
        assert earlier["end_time"] <= later["start_time"]
        assert later["waited"] >= 0.0
    assert report.chart is not None
    assert report.chart.kind == "gantt"


async def test_commands_are_put_one_behind_the_other(account: DbtAccount, world: World) -> None:
    own = latest_of(world, "Month-end close")
    commands = sorted({each.step for each in world.results(own.id)})
    rows = (await account.arun_report("critical_path", job="Month-end close")).rows
    kinds = {step: {row["resource_type"] for row in rows if row["step"] == step} for step in (1, 2, 3)}
    assert len(commands) == 3
    assert kinds == {1: {"seed"}, 2: {"model"}, 3: {"test"}}
    assert [row["step"] for row in rows] == sorted(row["step"] for row in rows)


async def test_a_run_that_failed_says_what_it_skipped(account: DbtAccount, world: World) -> None:
    failed = next(
        each
        for each in reversed(world.runs())
        if each.status == ERROR and any(result.status == "skipped" for result in world.results(each.id))
    )
    skipped = sum(result.status == "skipped" for result in world.results(failed.id))
    report = await account.arun_report("critical_path", run_id=failed.id)
    assert any(f"{skipped:,} node" in note and "skipped" in note for note in report.notes)
    assert all(row["runtime"] is not None for row in report.rows)


def cloud_with(nodes: dict[str, list[dict[str, Any]]] | None, **more: Any) -> TinyCloud:
    cloud = TinyCloud()
    cloud.models = {100: [model("a", 1.0)]}
    cloud.runs = [run(7, "2026-11-17 08:00", "2026-11-17 08:30", **more)]
    if nodes is not None:
        cloud.nodes = {7: nodes}
    return cloud


def timed(name: str, runtime: float | None, *parents: str, **more: Any) -> dict[str, Any]:
    return {
        "uniqueId": name,
        "runId": 7,
        "jobId": 1,
        "status": "success",
        "executionTime": runtime,
        "dependsOn": list(parents),
    } | more


async def test_a_small_run_in_words() -> None:
    nodes = [
        timed("model.shop.a", 60.0),
        timed("model.shop.b", 120.0, "model.shop.a"),
        timed("model.shop.c", 90.0, "model.shop.a"),
        timed("model.shop.untimed", None),
    ]
    async with cloud_with({"models": nodes}).account() as account:
        report = await account.arun_report("critical_path", job="Job 1")
    assert report.finding == (
        "The critical path of run 7 of Job 1 is 2 nodes long and takes 3 min of the 30 min that the run took: "
        "a could win most, up to 1 min of its 1 min."
    )
    assert [(row["name"], row["could_win"], row["start_time"]) for row in report.rows] == [
        ("a", 60.0, None),
        ("b", 30.0, None),
    ]
    assert (report.coverage.considered, report.coverage.left_out) == (3, {"no_timing": 1})


async def test_a_run_without_results_is_said() -> None:
    async with cloud_with(None).account() as account:
        report = await account.arun_report("critical_path", run_id=7)
    assert report.finding == "No node of run 7 of Job 1 has a time that is known."
    assert not report.coverage.complete
    assert "about two months" in report.notes[0]


@pytest.mark.parametrize(("status", "word"), [(3, "running"), (30, "cancelled"), (1, "queued")])
async def test_a_run_that_has_not_finished_has_none(status: int, word: str) -> None:
    async with cloud_with(None, status=status).account() as account:
        report = await account.arun_report("critical_path", run_id=7)
    assert report.finding == f"No critical path: run 7 of Job 1 is {word}, and has no results."


async def test_without_run_and_job_it_is_refused(account: DbtAccount) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("critical_path")
    assert refused.value.argument == "run_id"


async def test_it_takes_few_requests(account: DbtAccount, world: World) -> None:
    assert latest_of(world, NIGHTLY).status == SUCCESS
    await account.aget_jobs()
    await account.aget_projects()
    before = account.requests
    await account.arun_report("critical_path", job=NIGHTLY)
    assert account.requests - before <= 5
