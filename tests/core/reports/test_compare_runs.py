"""Two runs compared, against the world's own records."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_cloud_sandbox import Run, World
from dbt_discovery import DbtAccount, InvalidArgument, NotFound

from tests.core.recount import ERROR, SUCCESS, finished
from tests.core.tiny import TinyCloud, job, model, run

DAILY = "Marketing daily build"
FAILED = ("error", "fail")


def runs_of(world: World, name: str) -> list[Run]:
    """The finished runs of a job, newest first."""
    (own,) = [each for each in world.jobs() if each.name == name]
    found = [each for each in world.runs() if each.job_id == own.id and finished(each)]
    return sorted(found, key=lambda each: each.started_at or each.created_at, reverse=True)


def expected_changes(world: World, before: int, after: int, share: float = 0.2) -> dict[str, str]:
    """How each node differs, by a plain look at both runs' results."""
    old = {each.unique_id: each for each in world.results(before)}
    new = {each.unique_id: each for each in world.results(after)}
    found: dict[str, str] = {}
    for name in old.keys() | new.keys():
        if name not in new:
            found[name] = "gone"
        elif new[name].status in FAILED and (name not in old or old[name].status not in FAILED):
            found[name] = "newly_failed"
        elif name not in old:
            found[name] = "added"
        elif old[name].status != new[name].status:
            mended = old[name].status in FAILED and new[name].status in ("success", "pass", "warn")
            found[name] = "fixed" if mended else "status_changed"
        elif new[name].status in ("success", "pass", "warn"):
            was, now = old[name].execution_time or 0.0, new[name].execution_time or 0.0
            if abs(now - was) >= 1.0 and abs(now - was) >= share * was:
                found[name] = "slower" if now > was else "faster"
    return found


@pytest.mark.parametrize("name", [DAILY, "Finance nightly build", "Campaign spend sync", "Growth nightly"])
async def test_the_latest_run_is_compared_with_the_latest_success_before_it(
    account: DbtAccount, world: World, name: str
) -> None:
    latest, *earlier = runs_of(world, name)
    base = next(each for each in earlier if each.status == SUCCESS)
    report = await account.arun_report("compare_runs", job=name, limit=500)
    assert (report.arguments["run_id"], report.arguments["base_run_id"]) == (str(latest.id), str(base.id))
    found = {row["unique_id"]: row["change"] for row in report.rows}
    assert found == expected_changes(world, base.id, latest.id)


async def test_a_failed_run_and_the_one_that_mended_it(account: DbtAccount, world: World) -> None:
    """A failed run that is right before a success of the same job, with results in both."""
    pairs = [
        (earlier, later)
        for name in {each.name for each in world.jobs()}
        for later, earlier in zip(runs_of(world, name), runs_of(world, name)[1:], strict=False)
        if earlier.status == ERROR and later.status == SUCCESS and world.results(earlier.id)
    ]
    failed, mended = max(pairs, key=lambda pair: pair[1].id)
    forth = await account.arun_report("compare_runs", run_id=mended.id, base_run_id=failed.id, limit=500)
    back = await account.arun_report("compare_runs", run_id=failed.id, base_run_id=mended.id, limit=500)
    fixed = {row["unique_id"] for row in forth.rows if row["change"] == "fixed"}
    assert fixed == {row["unique_id"] for row in back.rows if row["change"] == "newly_failed"} != set()
    assert {row["unique_id"]: row["change"] for row in back.rows} == expected_changes(world, mended.id, failed.id)
    broken = {each.unique_id: each for each in world.results(failed.id)}
    for row in back.rows:
        if row["change"] == "newly_failed":
            assert row["error"] == broken[row["unique_id"]].error
    assert back.rows[0]["change"] == "newly_failed"
    assert "it ended in failure (before success)" in back.finding


async def test_any_share_lists_more_and_the_largest_difference_may_come_first(
    account: DbtAccount, world: World
) -> None:
    latest, *earlier = runs_of(world, "Finance nightly build")
    base = next(each for each in earlier if each.status == SUCCESS)
    report = await account.arun_report(
        "compare_runs", job="Finance nightly build", min_change=0, order_by="difference", limit=500
    )
    assert {row["unique_id"]: row["change"] for row in report.rows} == expected_changes(world, base.id, latest.id, 0.0)
    sizes = [abs(row["difference"] or 0.0) for row in report.rows]
    assert sizes == sorted(sizes, reverse=True)


async def test_an_old_run_is_compared_with_the_one_before_it_all_the_same(account: DbtAccount, world: World) -> None:
    """It is not among the newest hundred of its job."""
    runs = runs_of(world, "Finance hourly payments")
    place = next(place for place in range(150, len(runs)) if runs[place].status == SUCCESS)
    base = next(each for each in runs[place + 1 :] if each.status == SUCCESS)
    report = await account.arun_report("compare_runs", run_id=runs[place].id)
    assert report.arguments["base_run_id"] == str(base.id)


def node(name: str, run_id: int, runtime: float = 10.0, status: str = "success", **more: Any) -> dict[str, Any]:
    own = {"uniqueId": f"model.shop.{name}", "runId": run_id, "jobId": 1, "status": status, "executionTime": runtime}
    return own | more


def cloud_with(*runs: dict[str, Any]) -> TinyCloud:
    cloud = TinyCloud()
    cloud.models = {100: [model("a", 1.0)]}
    cloud.runs = list(runs)
    cloud.nodes = {each["id"]: {"models": [node("a", each["id"])]} for each in runs}
    return cloud


DAYS = [run(n, f"2026-11-1{n} 08:00", f"2026-11-1{n} 08:30") for n in range(1, 7)]


async def test_what_differs_in_words() -> None:
    cloud = cloud_with(DAYS[0] | {"git_sha": "a" * 40, "dbt_version": "1.9"}, DAYS[1] | {"git_sha": "b" * 40})
    cloud.runs[1]["dbt_version"] = "1.10"
    cloud.nodes[1]["models"] = [node("a", 1), node("b", 1), node("c", 1, 20.0), node("d", 1, status="error")]
    cloud.nodes[2]["models"] = [node("a", 2, status="error"), node("c", 2, 50.0), node("d", 2), node("e", 2)]
    async with cloud.account() as account:
        report = await account.arun_report("compare_runs", job="Job 1")
    assert report.finding == (
        "Run 2 of Job 1 against run 1, the latest success before it: 1 newly failed (a), 1 fixed (d), 1 slower "
        "(c, by 30.0 s), 1 added (e) and 1 gone (b); it took 30 min (before 30 min), on commit bbbbbbb (before "
        "aaaaaaa), with dbt 1.10 (before 1.9)."
    )
    assert [(row["name"], row["change"], row["before_status"], row["after_status"]) for row in report.rows] == [
        ("a", "newly_failed", "success", "error"),
        ("d", "fixed", "error", "success"),
        ("c", "slower", "success", "success"),
        ("b", "gone", "success", None),
        ("e", "added", None, "success"),
    ]


async def test_without_a_success_before_it_is_the_finished_run_before() -> None:
    runs = [DAYS[0] | {"status": 20}, DAYS[1] | {"status": 20}, DAYS[2] | {"status": 30}, DAYS[3]]
    async with cloud_with(*runs).account() as account:
        report = await account.arun_report("compare_runs", job="Job 1")
    assert report.arguments["base_run_id"] == "2"
    assert "no success before it" in report.finding


@pytest.mark.parametrize(("status", "first"), [(20, "2026-11-16"), (30, "2026-11-16"), (20, "2026-09-01")])
async def test_a_success_is_looked_for_beyond_the_newest_hundred_runs(status: int, first: str) -> None:
    """A hundred runs that did not succeed fill the one page of a job's newest runs."""
    runs = [run(1, f"{first} 05:00", f"{first} 05:10")]
    for n in range(100):
        moment = f"2026-11-17 {n // 10:02}:{n % 10 * 5:02}"
        runs.append(run(2 + n, moment, moment, status=status))
    runs.append(run(500, "2026-11-18 05:00", "2026-11-18 05:10"))
    async with cloud_with(*runs).account() as account:
        report = await account.arun_report("compare_runs", job="Job 1")
    near = first > "2026-10-18"
    assert report.arguments["base_run_id"] == ("1" if near else "101")
    assert any("31 days before it are not looked through" in note for note in report.notes) == (not near)


async def test_the_finished_run_before_is_the_alternative_to_the_success() -> None:
    async with cloud_with(DAYS[0], DAYS[1] | {"status": 20}, DAYS[2]).account() as account:
        report = await account.arun_report("compare_runs", job="Job 1")
        (reading,) = [each for each in report.reading if each.key == "base_run_id"]
        other = await account.arun_report("compare_runs", **reading.alternatives[0].arguments)
    assert (report.arguments["base_run_id"], other.arguments["base_run_id"]) == ("1", "2")


async def test_the_first_run_of_a_job_has_nothing_to_be_compared_with() -> None:
    async with cloud_with(DAYS[0]).account() as account:
        report = await account.arun_report("compare_runs", run_id=1)
    assert report.finding.startswith("No run before run 1 of Job 1 has finished")
    assert report.rows == ()


async def test_a_run_without_results_makes_no_comparison() -> None:
    cloud = cloud_with(DAYS[0], DAYS[1])
    del cloud.nodes[1]
    async with cloud.account() as account:
        report = await account.arun_report("compare_runs", job="Job 1")
    assert report.finding.startswith("No comparison")
    assert report.notes == ("dbt Cloud has no results of run 1 (success).",)
    assert (report.coverage.considered, report.coverage.complete) == (1, False)


async def test_runs_of_two_jobs_are_compared_with_a_note() -> None:
    cloud = cloud_with(DAYS[0], DAYS[1] | {"job_id": 2})
    cloud.jobs.append(job(2))
    async with cloud.account() as account:
        report = await account.arun_report("compare_runs", run_id=2, base_run_id=1)
    assert "different jobs" in report.notes[0]


async def test_a_base_that_is_later_is_said() -> None:
    async with cloud_with(DAYS[0], DAYS[1]).account() as account:
        turned = await account.arun_report("compare_runs", run_id=1, base_run_id=2)
        usual = await account.arun_report("compare_runs", run_id=2, base_run_id=1)
    assert turned.notes == ("Run 2 is the later of the two, though what it did is told as before.",)
    assert usual.notes == ()


async def test_a_run_whose_job_is_no_more_needs_a_base() -> None:
    cloud = cloud_with(DAYS[0] | {"job_id": 99}, DAYS[1] | {"job_id": 99})
    async with cloud.account() as account:
        with pytest.raises(InvalidArgument, match="is no more") as raised:
            await account.arun_report("compare_runs", run_id=2)
        assert raised.value.argument == "base_run_id"
        assert (await account.arun_report("compare_runs", run_id=2, base_run_id=1)).coverage.considered == 2


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({}, "run_id"),
        ({"base_run_id": 1}, "run_id"),
        ({"run_id": 1, "base_run_id": 1}, "base_run_id"),
        ({"run_id": 1, "base_run_id": "latest"}, "base_run_id"),
        ({"run_id": 1, "min_change": -1}, "min_change"),
        ({"job": "Job 1", "base_run_id": 2}, "base_run_id"),
    ],
)
async def test_what_cannot_be_compared_is_refused(given: dict[str, Any], argument: str) -> None:
    async with cloud_with(DAYS[0], DAYS[1]).account() as account:
        with pytest.raises(InvalidArgument) as refused:
            await account.arun_report("compare_runs", **given)
    assert refused.value.argument == argument


async def test_a_base_that_is_not_there_is_not_found() -> None:
    async with cloud_with(DAYS[0]).account() as account:
        with pytest.raises(NotFound):
            await account.arun_report("compare_runs", run_id=1, base_run_id=404)
