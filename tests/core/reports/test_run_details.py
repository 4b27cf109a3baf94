"""The report `run_details` against the world's raw records, and of runs in every state."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound

from tests.core.recount import ERROR, finished, seconds
from tests.core.tiny import TinyCloud, run

STEPS = [
    {"index": 2, "name": "dbt build", "status": 20, "logs": "all is lost", "started_at": "2026-11-18 08:01"},
    {
        "index": 1,
        "name": "git clone",
        "status": 10,
        "started_at": "2026-11-18 08:00",
        "finished_at": "2026-11-18 08:01",
    },
]


def node(name: str, status: str, runtime: float | None = None, **more: Any) -> dict[str, Any]:
    return {"uniqueId": f"model.shop.{name}", "name": name, "status": status, "executionTime": runtime} | more


async def details(account: DbtAccount, **arguments: Any) -> dict[str, Any]:
    (row,) = (await account.arun_report("run_details", **arguments)).rows
    return row


async def test_a_failed_run_is_told_as_its_raw_records_have_it(account: DbtAccount, world: World) -> None:
    failed = next(
        each
        for each in reversed(world.runs())
        if each.status == ERROR
        and any(result.status == "error" and "model." in result.unique_id for result in world.results(each.id))
    )
    results = world.results(failed.id)
    row = await details(account, run_id=failed.id)
    assert (row["status"], row["runtime"]) == ("failure", pytest.approx(seconds(failed)))
    assert [line.split(". ", 1)[1].rsplit(": ", 1)[0] for line in row["steps"].split("\n")] == [
        step.name for step in failed.steps
    ]
    models = Counter(each.status for each in results if each.unique_id.startswith("model."))
    line = next(line for line in row["nodes"].split("\n") if " model" in line)
    assert line.startswith(f"{models.total()} model")
    told = [part.split(" ") for part in line.split(": ")[1].split(", ")]
    assert {status: int(number) for number, status in told} == models
    broken = [each.unique_id.split(".")[2] for each in results if each.status in ("error", "fail")]
    assert broken
    assert all(name in row["failed_nodes"] for name in broken[:5])
    times = {
        e.unique_id: e.execution_time for e in results if e.unique_id.startswith("model.") and e.status != "skipped"
    }
    slowest = sorted(times, key=times.__getitem__, reverse=True)[:3]
    assert [each.split(" ")[0] for each in row["slowest_models"].split(", ")] == [
        each.split(".")[2] for each in slowest
    ]


async def test_of_a_job_it_is_the_latest_run_in_whatever_state(account: DbtAccount, world: World) -> None:
    for each in world.jobs():
        last = [one for one in world.runs() if one.job_id == each.id][-1]
        report = await account.arun_report("run_details", job=each.name)
        assert report.rows[0]["run_id"] == report.arguments["run_id"] == str(last.id)
        assert bool(report.rows[0]["nodes"]) == finished(last)


async def test_what_failed_in_it_reads_as_in_the_list_of_failed_runs(account: DbtAccount) -> None:
    failed = (await account.arun_report("failed_runs", period="last_7_days", limit=5)).rows
    for each in failed:
        report = await account.arun_report("run_details", run_id=each["run_id"])
        assert {key: report.rows[0][key] for key in ("failed_nodes", "error")} == {
            key: each[key] for key in ("failed_nodes", "error")
        }
        assert each["failed_nodes"].split(", ")[0] in report.finding


@pytest.fixture
def shop() -> TinyCloud:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-18 08:00", "2026-11-18 08:30", status=20, run_steps=STEPS, git_sha="abc")]
    cloud.nodes[5] = {
        "models": [node("a", "success", 2.0), node("b", "error", 9.0, error="broken"), node("c", "skipped", 0.1)],
        "tests": [{"uniqueId": "test.shop.t.0123456789", "name": "t", "status": "warn"}],
        "sources": [{"uniqueId": "source.shop.till.x", "name": "x", "freshnessChecked": False, "state": "Error"}],
    }
    return cloud


async def test_steps_nodes_and_errors_stand_in_lines(shop: TinyCloud) -> None:
    async with shop.account() as account:
        report = await account.arun_report("run_details", run_id="5")
    (row,) = report.rows
    assert row["steps"] == "1. git clone: success (1 min)\n2. dbt build: failure"
    assert row["nodes"] == "3 models: 1 success, 1 error, 1 skipped\n1 test: 1 warn"
    assert (row["failed_nodes"], row["error"]) == ("model b ended in an error", "b: broken")
    assert row["slowest_models"] == "b 9.0 s, a 2.0 s"
    assert report.finding == (
        "Run 5 of Job 1 failed (model b ended in an error): it started 2026-11-18 08:00 UTC and took 30 min, "
        "with 3 models."
    )


async def test_a_run_that_failed_before_dbt_wrote_anything_has_the_logs_of_its_steps(shop: TinyCloud) -> None:
    shop.nodes = {}
    async with shop.account() as account:
        report = await account.arun_report("run_details", run_id="5")
    (row,) = report.rows
    assert (row["nodes"], row["slowest_models"], row["error"]) == ("", "", "all is lost")
    assert "failed (dbt build)" in report.finding
    assert any("no results of run 5" in note for note in report.notes)


@pytest.mark.parametrize(
    ("given", "finding"),
    [
        (
            {"status": 1, "started_at": None, "finished_at": None},
            "is queued, since 2026-11-18 08:00 UTC (2 h 30 min so",
        ),
        ({"status": 2, "started_at": None, "finished_at": None}, "is starting, since"),
        ({"status": 3, "finished_at": None}, "is running, since 2026-11-18 08:00 UTC"),
        ({"status": 30}, "was cancelled: it started 2026-11-18 08:00 UTC and took 30 min."),
        ({"status": 30, "started_at": None}, "was cancelled: it was created 2026-11-18 08:00 UTC and never started."),
        ({"status": 30, "status_message": "It timed out after 1 day"}, "was stopped at its time limit: it started"),
        ({"status": 99}, "has a status that is not known here: it started"),
    ],
)
async def test_a_run_in_any_state_can_be_told_of(shop: TinyCloud, given: dict[str, Any], finding: str) -> None:
    shop.runs[0] |= {"created_at": "2026-11-18 08:00"} | given
    if given["status"] != 99:
        shop.nodes = {}
    async with shop.account() as account:
        report = await account.arun_report("run_details", run_id="5")
    assert finding in report.finding
    over = given["status"] >= 10
    assert any("is not over" in note for note in report.notes) == (not over or given["status"] == 99)
    assert report.rows[0]["end_time"] == ("2026-11-18T08:30:00Z" if given["status"] == 30 else None)


async def test_nodes_that_cannot_be_read_are_missing_and_the_rest_is_told(shop: TinyCloud) -> None:
    shop.faults["JobNodes"] = httpx.Response(400, json={"errors": [{"message": "No such luck"}]})
    async with shop.account() as account:
        report = await account.arun_report("run_details", run_id="5")
    assert report.rows[0]["steps"].startswith("1. git clone")
    assert not report.coverage.complete
    assert "The nodes of run 5 could not be read" in report.notes[0]


async def test_a_run_has_to_be_named_and_be_there(shop: TinyCloud) -> None:
    async with shop.account() as account:
        with pytest.raises(InvalidArgument, match="Name a run") as refused:
            await account.arun_report("run_details")
        assert refused.value.argument == "run_id"
        with pytest.raises(NotFound):
            await account.arun_report("run_details", run_id="6")
        with pytest.raises(InvalidArgument, match="run_id"):
            await account.arun_report("run_details", run_id="latest")
