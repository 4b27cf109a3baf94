"""The report `failing_models` against the world's raw results, and on rows written by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, Settings

from tests.conftest import NOW
from tests.core.recount import attempts, finished, production, runs_between, utc
from tests.core.tiny import TinyCloud, job, model, run

LAST_WEEK = (utc("2026-11-09T00:00"), utc("2026-11-16T00:00"))


async def rows(account: DbtAccount, **arguments: Any) -> list[dict[str, Any]]:
    return list((await account.arun_report("failing_models", limit=500, **arguments)).rows)


# Now


async def test_rows_are_the_models_whose_last_run_did_not_build_them(
    failing_account: DbtAccount, failing_world: World
) -> None:
    expected = {}
    for home in production(failing_world):
        for unique_id, tried in attempts(failing_world, home.id).items():
            last, result = tried[-1]
            if unique_id.startswith("model.") and result.status in ("error", "skipped"):
                streak = [(ran, each) for ran, each in reversed(tried)]
                since = last.finished_at
                for ran, each in streak:
                    if each.status == "success":
                        break
                    since = ran.finished_at
                expected[str(home.project_id), unique_id] = (result, last, since)
    found = await rows(failing_account)
    assert {(row["project_id"], row["unique_id"]) for row in found} == expected.keys()
    assert {row["last_run_status"] for row in found} == {"error", "skipped"}
    for row in found:
        result, last, since = expected[row["project_id"], row["unique_id"]]
        assert (row["last_run_status"], row["run_id"], row["job_id"]) == (result.status, str(last.id), str(last.job_id))
        assert row["run_id"] in row["url"]
        if result.status == "error":
            assert result.message
            assert row["error"] == result.message.strip()
        assert since
        assert abs(datetime.fromisoformat(row["failing_since"]) - since) < timedelta(seconds=5)


async def test_a_skipped_model_names_the_failed_one_that_held_it_up(
    failing_account: DbtAccount, failing_world: World
) -> None:
    found = await rows(failing_account)
    failed = {row["name"] for row in found if row["last_run_status"] == "error"}
    skipped = [row for row in found if row["last_run_status"] == "skipped"]
    assert skipped
    assert {row["held_up_by"] for row in skipped} <= failed
    assert [row["last_run_status"] for row in found] == ["error"] * len(failed) + ["skipped"] * len(skipped)


async def test_where_nothing_fails_it_says_of_how_many(account: DbtAccount, world: World) -> None:
    report = await account.arun_report("failing_models")
    last = [
        tried[-1][1].status
        for home in production(world)
        for unique_id, tried in attempts(world, home.id).items()
        if unique_id.startswith("model.")
    ]
    assert set(last) == {"success"}
    assert report.rows == ()
    assert report.finding == f"No model is failing now, of {len(last)}."
    assert report.coverage.considered == len(last)


def failed(name: str, run_id: int = 8, status: str = "error", **more: Any) -> dict[str, Any]:
    info = {"lastRunStatus": status, "lastRunId": run_id, "lastRunError": f"{name} broke", "lastJobDefinitionId": 1}
    return model(name, 1.0, info=info | {"lastRunGeneratedAt": "2026-11-18T08:00:00.000Z"} | more)


def attempt(name: str, run_id: int, status: str, day: int, **more: Any) -> dict[str, Any]:
    given = {"uniqueId": f"model.shop.{name}", "name": name, "resourceType": "Model", "runId": run_id, "jobId": 1}
    return given | {"status": status, "runGeneratedAt": f"2026-11-{day:02}T06:00:00.000Z"} | more


async def test_since_when_reaches_back_to_the_first_failure_after_the_last_success() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders")]
    states = [(8, "error", 18), (6, "skipped", 17), (5, "error", 16), (4, "success", 15), (3, "error", 14)]
    cloud.histories["model.shop.orders"] = [attempt("orders", *state) for state in states]
    async with cloud.account() as account:
        (row,) = await rows(account)
    assert row["failing_since"] == "2026-11-16T06:00:00Z"
    assert row["remark"] is None
    assert row["job_name"] == "Job 1"


async def test_a_model_that_fails_for_longer_than_its_history_says_so() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders"), failed("young")]
    cloud.histories["model.shop.orders"] = [attempt("orders", 100 - n, "error", 18 - n // 2) for n in range(25)]
    cloud.histories["model.shop.young"] = [attempt("young", 8, "error", 18)]
    async with cloud.account() as account:
        found = {row["name"]: row for row in await rows(account)}
    assert found["orders"]["remark"] == "For longer: none of its latest 20 runs succeeded"
    assert found["orders"]["failing_since"] == "2026-11-09T06:00:00Z"
    assert found["young"]["remark"] is None


async def test_without_a_history_the_state_has_to_do() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders")]
    async with cloud.account() as account:
        (row,) = await rows(account)
    assert row["failing_since"] == "2026-11-18T08:00:00Z"


async def test_a_skipped_model_without_a_failed_one_above_names_none() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders", status="skipped"), failed("other", run_id=9)]
    parents = {"model.shop.orders": ["model.shop.other"], "model.shop.other": []}
    cloud.lineage = [
        {"uniqueId": each, "name": each, "resourceType": "Model", "parentIds": own} for each, own in parents.items()
    ]
    async with cloud.account() as account:
        report = await account.arun_report("failing_models")
    skipped = report.rows[-1]
    assert (skipped["last_run_status"], skipped["held_up_by"], skipped["error"]) == ("skipped", None, None)
    assert report.finding == "1 of 2 models is failing now: other; 1 model was skipped by its last run."


async def test_a_culprit_outside_the_question_is_named_all_the_same() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders", status="skipped") | {"tags": ["mine"]}, failed("other")]
    parents = {"model.shop.orders": ["model.shop.other"], "model.shop.other": []}
    cloud.lineage = [
        {"uniqueId": each, "name": each, "resourceType": "Model", "parentIds": own} for each, own in parents.items()
    ]
    async with cloud.account() as account:
        (row,) = await rows(account, tags="mine")
    assert (row["name"], row["held_up_by"]) == ("orders", "other")


async def test_those_never_built_stand_first_and_models_that_never_ran_are_left_out() -> None:
    cloud = TinyCloud()
    never = {"executeCompletedAt": None, "executionTime": None, "lastSuccessRunId": None}
    idle = model("idle", info={"lastRunStatus": None, "lastRunId": None})
    cloud.models[100] = [failed("built"), failed("never", **never), idle]
    async with cloud.account() as account:
        report = await account.arun_report("failing_models")
    assert [row["name"] for row in report.rows] == ["never", "built"]
    assert (report.coverage.considered, report.coverage.left_out) == (2, {"never_started": 1})


async def test_histories_are_asked_for_only_where_they_are_shown() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed(f"m{n}") for n in range(60)]
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", limit=10)
        one = account.requests
        await account.arun_report("failing_models", limit=60)
        assert account.requests - one <= 3
    assert report.total_rows == 60
    assert one < 8


# In a period


async def test_a_period_counts_the_failures_of_its_runs(account: DbtAccount, world: World) -> None:
    homes = {home.id: str(home.project_id) for home in production(world)}
    failures: dict[tuple[str, str], list[int]] = {}
    built: dict[tuple[str, str], int] = {}
    skipped: dict[tuple[str, str], int] = {}
    runs = [one for one in runs_between(world, *LAST_WEEK) if one.environment_id in homes and finished(one)]
    for one in sorted(runs, key=lambda one: one.started_at or NOW):
        for result in world.results(one.id):
            key = (homes[one.environment_id], result.unique_id)
            if not result.unique_id.startswith("model."):
                continue
            if result.status == "error":
                failures.setdefault(key, []).append(one.id)
            elif result.status == "success":
                built[key] = built.get(key, 0) + 1
            else:
                skipped[key] = skipped.get(key, 0) + 1
    report = await account.arun_report("failing_models", period="last_week", limit=500)
    assert {(row["project_id"], row["unique_id"]) for row in report.rows} == failures.keys()
    for row in report.rows:
        key = (row["project_id"], row["unique_id"])
        assert (row["failures"], row["skipped"]) == (len(failures[key]), skipped.get(key, 0))
        assert row["runs"] == len(failures[key]) + built[key]
        assert row["failure_rate"] == row["failures"] / row["runs"]
        assert row["run_id"] == str(failures[key][-1])
        (result,) = [each for each in world.results(failures[key][-1]) if each.unique_id == row["unique_id"]]
        assert result.message
        assert row["error"] == result.message.strip()
    assert [row["failures"] for row in report.rows] == sorted(map(len, failures.values()), reverse=True)
    assert report.coverage.considered == len(runs)
    assert f"in {report.rows[0]['failures']} of {report.rows[0]['runs']} runs" in report.finding


async def test_a_job_keeps_its_own_runs(account: DbtAccount, world: World) -> None:
    found = await rows(account, period="last_week", jobs="Campaign spend sync")
    assert {row["job_name"] for row in found} == {"Campaign spend sync"}
    runs = [one for one in runs_between(world, *LAST_WEEK) if one.job_id == 70403103940008 and finished(one)]
    expected = sum(
        r.status == "error" for one in runs for r in world.results(one.id) if r.unique_id.endswith(".fct_ad_spend")
    )
    assert {row["name"]: row["failures"] for row in found}["fct_ad_spend"] == expected


def broken(run_id: int, name: str, day: int = 17) -> tuple[dict[str, Any], dict[str, Any]]:
    ran = run(run_id, f"2026-11-{day} 08:00", f"2026-11-{day} 08:10", status=20)
    return ran, {"models": [attempt(name, run_id, "error", day, error=f"{name} broke in {run_id}")]}


async def test_a_model_that_is_no_more_is_left_out_and_said() -> None:
    cloud = TinyCloud()
    one, nodes = broken(5, "gone")
    cloud.runs, cloud.nodes[5] = [one], nodes
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", period="yesterday")
    assert report.rows == ()
    assert report.notes == ("1 model left out that failed and the environment no longer has.",)
    assert not report.coverage.complete


async def test_runs_without_results_failed_before_dbt_began_or_are_no_longer_kept() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 1.0)]
    one, cloud.nodes[5] = broken(5, "orders")
    early = run(6, "2026-11-17 09:00", "2026-11-17 09:10", status=20)
    gone = run(7, "2026-11-17 10:00", "2026-11-17 10:10")
    cloud.runs = [one, early, gone, run(8, "2026-11-17 11:00", "2026-11-17 11:10", status=30)]
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", period="yesterday")
    assert [(row["failures"], row["runs"]) for row in report.rows] == [(1, 1)]
    assert report.coverage.considered == 2
    assert report.coverage.left_out == {"not_retained": 1, "cancelled": 1}
    assert not report.coverage.complete


async def test_error_texts_of_many_old_runs_are_not_all_looked_up() -> None:
    cloud = TinyCloud()
    names = [f"m{n}" for n in range(30)]
    cloud.models[100] = [model(name, 1.0) for name in names]
    for number, name in enumerate(names, 1):
        one, cloud.nodes[number] = broken(number, name)
        cloud.runs.append(one)
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", period="yesterday", limit=30)
    assert sum(row["error"] is not None for row in report.rows) == 20
    assert "The error texts of 10 runs were not looked up: ask for fewer rows at a time." in report.notes
    assert all(row["error"] in (None, f"{row['name']} broke in {row['run_id']}") for row in report.rows)


async def test_the_history_saves_looking_a_run_up() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 1.0)]
    one, cloud.nodes[5] = broken(5, "orders")
    cloud.runs = [one]
    cloud.histories["model.shop.orders"] = [attempt("orders", 5, "error", 17, error="as it was")]
    cloud.faults["JobNodes"] = httpx.Response(500, json={})
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", period="yesterday")
    assert [row["error"] for row in report.rows] == ["as it was"]
    assert report.coverage.complete


async def test_an_error_text_that_cannot_be_had_is_a_gap_and_no_failure() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [model("orders", 1.0)]
    one, cloud.nodes[5] = broken(5, "orders")
    cloud.runs = [one]
    cloud.faults["JobNodes"] = httpx.Response(500, json={"errors": [{"message": "no"}]})
    async with cloud.account() as account:
        report = await account.arun_report("failing_models", period="yesterday")
    assert (report.rows[0]["failures"], report.rows[0]["error"]) == (1, None)
    assert not report.coverage.complete
    assert any("run 5" in note for note in report.notes)


async def test_a_long_error_text_is_cut_and_says_so() -> None:
    cloud = TinyCloud()
    cloud.models[100] = [failed("orders", lastRunError="x" * 5000)]
    async with cloud.account() as account:
        (row,) = await rows(account)
    assert row["error"].endswith("… (cut)")
    assert len(row["error"]) < 2100


async def test_nothing_failed_and_nothing_ran_are_two_answers() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1)]
    cloud.models[100] = [model("orders", 1.0)]
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:10")]
    cloud.nodes[5] = {"models": [attempt("orders", 5, "success", 17)]}
    async with cloud.account() as account:
        fine = await account.arun_report("failing_models", period="yesterday")
        idle = await account.arun_report("failing_models", period="2026-11-16")
    assert fine.finding.startswith("No model failed")
    assert fine.finding.endswith("in 1 run.")
    assert idle.finding.startswith("No run with results started")


async def test_it_works_on_artifacts(artifacts: Path) -> None:
    now = NOW + timedelta(days=6)
    world = sandbox.artifacts_world(artifacts, now=lambda: now)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        (row,) = await rows(account, period="last_7_days")
        assert await rows(account) == []
    failures = [
        r for one in world.runs() for r in world.results(one.id) if r.status == "error" and "model." in r.unique_id
    ]
    assert (row["unique_id"], row["failures"]) == (failures[0].unique_id, len(failures))


async def test_a_token_for_metadata_alone_can_ask_for_both(failing_world: World) -> None:
    homes = tuple(str(each.id) for each in failing_world.environments() if each.deployment_type == "production")
    settings = Settings(fixed_now=failing_world.now(), environment_ids=homes)
    transport = sandbox.transport(failing_world)
    async with DbtAccount("metadata-only", failing_world.account.id, transport=transport, settings=settings) as account:
        assert {row["last_run_status"] for row in await rows(account)} == {"error", "skipped"}
        found = await rows(account, period="last_7_days")
    assert found
    assert all(row["error"] for row in found)


@pytest.mark.parametrize("arguments", [{"order_by": "runs"}, {"run_status": "failure"}, {"period": "lately"}])
async def test_bad_arguments_are_refused_by_name(account: DbtAccount, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await account.arun_report("failing_models", **arguments)
    assert refused.value.argument == next(iter(arguments))
