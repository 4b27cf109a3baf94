"""The report `flaky_tests`: the flaky tests of the generated world are found, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount

from tests.core.recount import finished, production, runs_between, utc
from tests.core.tiny import TinyCloud, model, run

FLAKY = {"assert_attribution_sums_to_one", "assert_revenue_matches_invoices", "assert_sessions_do_not_overlap"}
"""As the world's blueprints have them."""
WEEKS = {"2026-11-02/2026-11-08": "2026-11-02", "last_week": "2026-11-09"}


@pytest.mark.parametrize(("period", "start"), WEEKS.items())
async def test_flips_of_a_week_are_those_of_the_raw_records(
    account: DbtAccount, world: World, period: str, start: str
) -> None:
    report = await account.arun_report("flaky_tests", period=period, limit=500)
    homes, begin = {home.id for home in production(world)}, utc(f"{start}T00:00")
    runs = [each for each in runs_between(world, begin, begin + timedelta(days=7)) if finished(each)]
    last: dict[tuple[int, str | None, str], tuple[str, int, int]] = {}
    flips, recovered, ran, failed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    commits: dict[str, set[str | None]] = {}
    pairs: dict[str, tuple[int, int, int]] = {}
    for place, each in enumerate(sorted(runs, key=lambda each: (each.started_at or each.created_at, each.id))):
        for result in world.results(each.id) if each.environment_id in homes else ():
            name = result.unique_id
            if not name.startswith("test.") or result.status == "skipped":
                continue
            ran[name] += 1
            failed[name] += result.status == "fail"
            if result.status not in ("pass", "fail"):
                continue
            before, earlier, its_run = last.get(key := (each.environment_id, each.git_sha, name), (result.status, 0, 0))
            if before != result.status:
                flips[name] += 1
                commits.setdefault(name, set()).add(each.git_sha)
                if result.status == "pass":
                    recovered[name] += 1
                    pairs[name] = max(pairs.get(name, (-1, 0, 0)), (earlier, its_run, each.id))  # the latest failure
            last[key] = result.status, place, each.id
    assert {row["unique_id"] for row in report.rows} == set(recovered)
    for row in report.rows:
        name = row["unique_id"]
        assert (row["flips"], row["runs"], row["failures"]) == (flips[name], ran[name], failed[name])
        assert row["commits"] == len(commits[name])
        assert (row["failed_run_id"], row["passed_run_id"]) == tuple(map(str, pairs[name][1:]))
    assert [row["flips"] for row in report.rows] == sorted((flips[name] for name in recovered), reverse=True)
    assert {row["name"] for row in report.rows} <= FLAKY
    assert report.coverage.considered == len(ran)


async def test_a_month_holds_every_flaky_test_and_not_those_that_were_repaired(account: DbtAccount) -> None:
    report = await account.arun_report("flaky_tests")
    assert report.arguments["period"] == "last_30_days"
    assert {row["name"] for row in report.rows} == FLAKY
    assert report.notes == (
        "1 test failed over several commits before passing on the last of them: taken as repaired, and not as flaky.",
    )
    assert report.finding.startswith(f"3 of {report.coverage.considered} tests were flaky in the last 30 days: ")


async def test_other_orders_put_the_rate_or_the_latest_recovery_first(account: DbtAccount) -> None:
    for order, key in (("rate", "failure_rate"), ("newest", "last_flip_time")):
        rows = (await account.arun_report("flaky_tests", period="last_week", order_by=order)).rows
        assert len(rows) > 1
        assert [row[key] for row in rows] == sorted((row[key] for row in rows), reverse=True)


async def test_fields_of_models_and_projects_narrow(account: DbtAccount) -> None:
    of_model = await account.arun_report("flaky_tests", period="last_week", models=["fct_attribution"])
    assert [row["tested_model"] for row in of_model.rows] == ["fct_attribution"]
    of_project = await account.arun_report("flaky_tests", period="last_week", projects=["Finance Analytics"])
    assert {row["project_name"] for row in of_project.rows} == {"Finance Analytics"}


def tiny(*runs: tuple[str | None, str]) -> TinyCloud:
    """Runs of one test an hour apart, each with a commit and what became of the test."""
    cloud = TinyCloud()
    cloud.models = {100: [model("orders")]}
    node: dict[str, Any] = {"uniqueId": "test.shop.a", "name": "a", "projectId": 10, "environmentId": 100}
    cloud.tests = [node | {"testedNodeUniqueId": "model.shop.orders"}]
    for number, (commit, status) in enumerate(runs, 1):
        at = datetime(2026, 11, 17, 6) + timedelta(hours=number)
        cloud.runs.append(run(number, f"{at}", f"{at + timedelta(minutes=5)}", git_sha=commit))
        outcome = {"uniqueId": "test.shop.a", "status": status, "executionTime": 1.0}
        cloud.nodes[number] = {"models": [], "tests": [outcome]}
    return cloud


async def test_runs_without_a_commit_are_left_out_and_said() -> None:
    async with tiny(("a1", "fail"), (None, "fail"), ("a1", "pass")).account() as account:
        report = await account.arun_report("flaky_tests", period="yesterday")
    (row,) = report.rows
    assert (row["flips"], row["runs"], row["failures"], row["git_sha"]) == (1, 2, 1, "a1")
    assert (row["failed_run_id"], row["passed_run_id"]) == ("1", "3")
    assert row["last_flip_time"] == "2026-11-17T09:00:00Z"
    assert report.notes == ("1 of 3 runs left out that do not tell their commit.",)
    assert not report.coverage.complete
    assert report.finding == (
        "1 of 1 test was flaky yesterday (Tue 17 Nov 2026): a (Shop) changed its verdict 1 time on 1 commit, failing "
        "1 of 2 runs."
    )


async def test_where_no_run_tells_its_commit_nothing_is_called_steady() -> None:
    async with tiny((None, "fail"), (None, "pass")).account() as account:
        report = await account.arun_report("flaky_tests", period="yesterday")
    assert (report.rows, report.coverage.considered, report.coverage.complete) == ((), 0, False)
    assert report.finding.endswith("tells its commit, so flaky tests cannot be told from others.")


async def test_an_error_that_went_away_is_not_flaky() -> None:
    async with tiny(("a1", "error"), ("a1", "pass"), ("a1", "warn")).account() as account:
        report = await account.arun_report("flaky_tests", period="yesterday")
    assert (report.rows, report.coverage.complete) == ((), True)
    assert report.finding.startswith("No test failed and then passed on the same commit yesterday")


async def test_a_quiet_account_is_asked_about_its_last_month_of_runs() -> None:
    cloud = tiny(("a1", "fail"), ("a1", "pass"))
    now = datetime.fromisoformat("2027-02-01T00:00:00+00:00")
    async with cloud.account(fixed_now=now) as account:
        cloud.jobs[0]["most_recent_run"] = cloud.runs[-1]
        report = await account.arun_report("flaky_tests")
    assert report.arguments["period"] == "2026-10-19/2026-11-17"
    assert len(report.rows) == 1
