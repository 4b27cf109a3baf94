"""The report `failed_runs`: which runs failed, and why, against the world's raw results."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import Run, World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound
from dbt_discovery.reports import find_report

from tests.conftest import NOW
from tests.core.recount import CANCELLED, ERROR, runs_between, seconds, utc
from tests.core.tiny import TinyCloud, job, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("failed_runs", limit=500, **arguments)).rows)


def failed(one: Run) -> bool:
    return one.status == ERROR or (one.status == CANCELLED and "timed out" in (one.status_message or ""))


async def test_rows_are_the_runs_that_failed_or_timed_out(account: DbtAccount, world: World) -> None:
    expected = [one for one in runs_between(world, *LAST_WEEK) if failed(one)]
    found = await rows(account, period="last_week")
    assert {row["run_id"] for row in found} == {str(one.id) for one in expected}
    by_id = {str(one.id): one for one in expected}
    for row in found:
        one = by_id[row["run_id"]]
        assert row["runtime"] == pytest.approx(seconds(one))
        assert row["job_id"] == str(one.job_id)
        assert row["git_sha"] == one.git_sha
        assert row["status"] == "failure"
        assert datetime.fromisoformat(row["start_time"]) - one.started_at < timedelta(milliseconds=1)  # type: ignore[operator]


async def test_a_run_stopped_at_its_time_limit_failed_and_one_cancelled_by_hand_did_not(
    account: DbtAccount, world: World
) -> None:
    runs = [one for one in runs_between(world, NOW - timedelta(days=90), NOW) if one.job_id == 70403103940015]
    stopped = {str(one.id) for one in runs if one.status == CANCELLED and "timed out" in (one.status_message or "")}
    assert len(stopped) > 5
    found = await rows(account, period="last_90_days", jobs="Churn and propensity models")
    assert {row["run_id"] for row in found if row["timed_out"]} == stopped
    assert {row["run_id"] for row in found} == {str(one.id) for one in runs if failed(one)}


async def test_without_a_period_it_is_the_last_seven_days(account: DbtAccount, world: World) -> None:
    expected = {str(one.id) for one in runs_between(world, NOW - timedelta(days=7), NOW) if failed(one)}
    assert {row["run_id"] for row in await rows(account)} == expected


@pytest.mark.parametrize("order_by", ["newest", "oldest", "runtime"])
async def test_rows_stand_in_the_order_asked_for(account: DbtAccount, world: World, order_by: str) -> None:
    expected = [one for one in runs_between(world, *LAST_WEEK) if failed(one)]
    if order_by == "runtime":
        expected.sort(key=seconds, reverse=True)
    else:
        expected.sort(key=lambda one: one.started_at or one.created_at, reverse=order_by == "newest")
    found = await rows(account, period="last_week", order_by=order_by)
    assert [row["run_id"] for row in found] == [str(one.id) for one in expected]


async def test_failed_nodes_steps_and_error_text_are_the_runs_own(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("failed_runs", period="last_week", limit=30)
    by_id = {str(one.id): one for one in world.runs()}
    with_nodes = 0
    for row in report.rows:
        one = by_id[row["run_id"]]
        nodes = [result for result in world.results(one.id) if result.status in ("error", "fail")]
        for node in nodes[:5]:
            name = node.unique_id.split(".")[2]
            assert name in row["failed_nodes"], row
            assert node.message is not None
            assert node.message.strip()[:40] in row["error"] or row["error"].endswith("(cut)")
        with_nodes += bool(nodes)
        if not nodes:
            assert row["failed_nodes"] == ""
        for step in one.steps:
            assert (step.name in row["failed_steps"]) == (step.status == ERROR)
    assert with_nodes > 5


async def test_coverage_counts_what_is_over_and_what_is_not(account: DbtAccount, world: World) -> None:
    runs = runs_between(world, utc("2026-11-18T00:00"), utc("2026-11-19T00:00"))
    report = await account.arun_report("failed_runs", period="today")
    unfinished = sum(one.status < 10 for one in runs)
    judged = sum(failed(one) or one.status == 10 for one in runs)
    assert unfinished == 2
    assert report.coverage.left_out["running"] == unfinished
    assert report.coverage.considered == judged == len(runs) - sum(report.coverage.left_out.values())
    assert f"of {judged} runs" in report.finding


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        ({"projects": "marketing"}, lambda one: one.project_id == 70403103920002),
        ({"jobs": "Campaign spend sync"}, lambda one: one.job_id == 70403103940008),
        ({"job_type": "ci"}, lambda one: one.job_id == 70403103940017),
        ({"environment": "staging"}, lambda one: one.environment_id == 70403103930007),
    ],
)
async def test_narrowing(account: DbtAccount, world: World, arguments: dict[str, Any], keeps: Any) -> None:
    expected = {str(one.id) for one in runs_between(world, *LAST_WEEK) if failed(one) and keeps(one)}
    assert expected
    assert {row["run_id"] for row in await rows(account, period="last_week", **arguments)} == expected


async def test_finding_says_how_many_of_how_many_and_where(account: DbtAccount, world: World) -> None:
    runs = runs_between(world, *LAST_WEEK)
    bad = [one for one in runs if failed(one)]
    judged = [one for one in runs if failed(one) or one.status == 10]
    assert len(judged) < len(runs)
    report = await account.arun_report("failed_runs", period="last_week")
    assert report.finding.startswith(f"{len(bad)} of {len(judged)} runs failed last week")
    assert f"in {len({one.job_id for one in bad})} jobs" in report.finding
    assert report.finding.count("(") == report.finding.count(")")


async def test_when_nothing_failed_it_says_of_how_many(account: DbtAccount, world: World) -> None:
    runs = [one for one in runs_between(world, *LAST_WEEK) if one.job_id == 70403103940009]
    assert not any(map(failed, runs))
    report = await account.arun_report("failed_runs", period="last_week", jobs="Audience sync")
    assert (report.rows, report.total_rows) == ((), 0)
    judged = [one for one in runs if one.status == 10]
    assert f"None of {len(judged)} runs failed" in report.finding
    assert sum(report.coverage.left_out.values()) == len(runs) - len(judged)


async def test_when_nothing_ran_it_says_so(account: DbtAccount) -> None:
    report = await account.arun_report("failed_runs", period="2020-01-01")
    assert report.finding.startswith("No run")


def broken(run_id: int, **more: Any) -> dict[str, Any]:
    steps = [
        {"index": 1, "name": "Clone git repository", "status": 10, "logs": "fine"},
        {"index": 2, "name": "Invoke dbt with `dbt build`", "status": 20, "logs": "Database Error\n  boom"},
    ]
    return run(run_id, "2026-11-18 08:00", "2026-11-18 08:10", status=20, run_steps=steps) | more


def node(name: str, kind: str, status: str, error: str | None = None) -> dict[str, Any]:
    return {"uniqueId": f"{kind}.shop.{name}", "name": name, "resourceType": kind, "status": status, "error": error}


async def test_every_kind_of_node_is_named_with_what_became_of_it() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5)]
    cloud.nodes[5] = {
        "models": [node("orders", "model", "error", "no such table"), node("fine", "model", "success")],
        "tests": [node("unique_id", "test", "fail", "Got 3 results"), node("meh", "test", "warn", "a warning")],
        "seeds": [node("countries", "seed", "error")],
        "snapshots": [node("history", "snapshot", "skipped")],
    }
    async with cloud.account() as account:
        (row,) = await rows(account, period="today")
    places = [row["failed_nodes"].find(name) for name in ("orders", "unique_id", "countries")]
    assert -1 < places[0] < places[1] < places[2]
    assert all(word in row["failed_nodes"] for word in ("model", "test", "seed", "error", "fail"))
    assert not [name for name in ("fine", "meh", "history") if name in row["failed_nodes"]]
    assert row["error"] == "orders: no such table\nunique_id: Got 3 results"
    assert row["failed_steps"] == "Invoke dbt with `dbt build`"


async def test_a_run_that_failed_before_dbt_began_is_told_by_its_step() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5)]
    async with cloud.account() as account:
        (row,) = await rows(account, period="today")
    assert row["failed_nodes"] == ""
    assert row["error"] == "Database Error\n  boom"


async def test_long_error_text_is_cut_and_says_so() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5)]
    cloud.nodes[5] = {"models": [node(f"m{n}", "model", "error", "x" * 300) for n in range(30)]}
    async with cloud.account() as account:
        (row,) = await rows(account, period="today")
    assert row["error"].endswith("… (cut)")
    assert len(row["error"]) < 2100
    assert row["failed_nodes"].endswith("and 10 more")


@pytest.mark.parametrize("status", [403, 400, 500])
async def test_without_discovery_the_steps_are_still_told_and_the_gap_is_said(status: int) -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5)]
    cloud.faults["JobNodes"] = httpx.Response(status, json={"errors": [{"message": "no"}]})
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="today")
    assert not report.coverage.complete
    assert any("run 5" in note for note in report.notes)
    assert report.rows[0]["failed_steps"] == "Invoke dbt with `dbt build`"


async def test_one_run_out_of_sight_does_not_hide_the_others() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5), broken(6)]
    cloud.faults["/runs/5/"] = httpx.Response(404, json={})
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="today")
    steps = {row["run_id"]: row["failed_steps"] for row in report.rows}
    assert steps == {"5": "", "6": "Invoke dbt with `dbt build`"}
    assert not report.coverage.complete


async def test_a_wrong_token_is_not_a_gap_but_an_error() -> None:
    cloud = TinyCloud()
    cloud.faults["/runs/"] = httpx.Response(401, json={})
    async with cloud.account() as account:
        with pytest.raises(Exception, match="does not accept the token"):
            await account.arun_report("failed_runs")


async def test_cancelled_by_somebody_is_no_failure_but_timed_out_is() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        broken(5, status=30, status_message="Cancelled by user."),
        broken(6, status=30, status_message="This run timed out after running for 1 day."),
        broken(7, status=10),
    ]
    async with cloud.account() as account:
        found = await rows(account, period="today")
    assert [(row["run_id"], row["status"], row["timed_out"]) for row in found] == [("6", "cancelled", True)]


async def test_a_run_that_never_started_has_no_start_though_it_counts_as_failed() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5, status=30, started_at=None)]
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="today", cancelled_as_failed=True)
    assert report.rows[0]["start_time"] is None
    assert f"Job 1, {cloud.runs[0]['created_at'][:16]} UTC" in report.finding


async def test_one_finished_run_among_others_is_not_the_only_run() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(5, status=10), broken(6, status=30)]
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="today")
    assert report.finding == "The only finished run today (Wed 18 Nov 2026) did not fail."


async def test_details_are_asked_for_only_where_they_are_shown() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1), job(2)]
    cloud.runs = [broken(n) for n in range(1, 41)]
    async with cloud.account() as account:
        report = await account.arun_report("failed_runs", period="today", limit=3)
    assert (len(report.rows), report.total_rows) == (3, 40)
    asked = [path.split("/runs/")[1].split("/", 1) for path in cloud.paths if path.partition("/runs/")[2]]
    assert sorted(rest for _, rest in asked) == [""] * 3 + ["artifacts/run_results.json"] * 3
    assert len({run_id for run_id, _ in asked}) == 3


async def test_a_whole_report_asks_for_the_details_of_no_more_than_500_runs_and_says_so() -> None:
    cloud = TinyCloud()
    cloud.runs = [broken(n) for n in range(1, 511)]
    async with cloud.account() as account:
        whole = find_report("failed_runs").parse({"period": "today"}).whole()
        report = await account.arun_report("failed_runs", whole)
    assert len(report.rows) == report.total_rows == 510
    asked = {path.split("/runs/")[1].split("/")[0] for path in cloud.paths if path.partition("/runs/")[2]}
    assert len(asked) == 500
    assert [row["error"] is None for row in report.rows] == [False] * 500 + [True] * 10
    assert "Failed steps, nodes and errors are told of the first 500 runs alone." in report.notes
    assert not report.coverage.complete


@pytest.mark.parametrize("arguments", [{"order_by": "best"}, {"limit": 0}, {"limit": 501}, {"run_status": "failure"}])
async def test_bad_arguments_are_refused_by_name(account: DbtAccount, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("failed_runs", **arguments)
    assert refused.value.argument == next(iter(arguments))


async def test_an_unknown_job_is_not_found_and_near_names_are_given(account: DbtAccount) -> None:
    with pytest.raises(NotFound) as raised:
        await account.arun_report("failed_runs", jobs="Audience synk")
    assert raised.value.near[0] == "Audience sync"
