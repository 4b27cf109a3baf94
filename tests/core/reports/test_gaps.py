"""What is missing inside a question is said: an answer that is not whole never looks whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_discovery import DbtAccount, InvalidArgument, JobFilter, Settings, Unreachable
from dbt_discovery.models.period import parse_period

from tests.conftest import ARTIFACTS
from tests.core.tiny import TinyCloud, job, model, run


async def test_runs_older_than_a_week_are_found_where_no_period_is_named() -> None:
    now = datetime(2027, 3, 1, tzinfo=UTC)
    world = sandbox.artifacts_world(ARTIFACTS, now=lambda: now)
    latest = max(each.started_at for each in world.runs() if each.started_at)
    async with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=now)) as account:
        for name in ("failed_runs", "longest_running_jobs"):
            report = await account.arun_report(name)
            assert report.rows, name
            assert f"up to the latest one, {latest.date()}" in report.notes[0]
            assert report.period
            assert report.period.end.date() == latest.date() + timedelta(days=1)
        assert await account.aget_runs()


async def test_runs_of_a_deleted_job_make_the_answer_incomplete_for_their_project_alone() -> None:
    cloud = TinyCloud()
    cloud.projects.append({"id": 20, "name": "Other shop"})
    cloud.runs = [
        run(5, "2026-11-17 08:00", "2026-11-17 08:30"),
        run(6, "2026-11-17 09:00", "2026-11-17 18:00") | {"job_id": 99, "job_definition_id": 99},
    ]
    async with cloud.account() as account:
        whole = await account.arun_report("longest_running_jobs", period="yesterday")
        other = await account.arun_report("longest_running_jobs", period="yesterday", projects="Other shop")
        named = await account.arun_report("longest_running_jobs", period="yesterday", jobs="Job 1")
    assert not whole.coverage.complete
    assert "1 run of jobs that no longer exist" in whole.notes[0]
    assert other.coverage.complete
    assert named.coverage.complete


async def test_a_period_beyond_what_dbt_cloud_keeps_is_said_and_not_asked_for() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-10 08:00", "2026-11-10 08:30")]
    async with cloud.account() as account:
        report = await account.arun_report("longest_running_jobs", period="last_700_days")
        assert report.rows[0]["runs"] == 1
        assert not report.coverage.complete
        assert "365 days" in report.notes[0]
        assert account.requests < 20


async def test_last_runs_that_do_not_count_are_counted_as_left_out() -> None:
    cloud = TinyCloud()
    cloud.runs = [
        run(5, "2026-11-10 08:00", "2026-11-10 08:10"),
        run(6, "2026-11-11 08:00", "2026-11-11 08:20", status=30),
        run(7, "2026-11-12 08:00", "2026-11-12 08:30"),
    ]
    async with cloud.account() as account:
        report = await account.arun_report("longest_running_jobs", last_n_runs=2)
    assert report.rows[0]["avg_runtime"] == 1200.0
    assert (report.coverage.considered, report.coverage.left_out) == (2, {"cancelled": 1})


async def test_the_time_of_a_cancelled_run_is_no_measure_of_a_job() -> None:
    cloud = TinyCloud()
    cancelled = run(6, "2026-11-11 08:00", "2026-11-12 08:00", status=30)
    cloud.jobs = [job(1) | {"most_recent_run": cancelled, "most_recent_completed_run": cancelled}]
    async with cloud.account() as account:
        (one,) = await account.aget_jobs()
        assert (one.last_run_status, one.last_run_runtime) == ("cancelled", None)
        assert not await account.aget_jobs(JobFilter(min_runtime=1))


async def test_marked_as_production_counts_before_called_production() -> None:
    cloud = TinyCloud()
    called = {"id": 101, "project_id": 10, "name": "Production", "type": "deployment", "deployment_type": None}
    cloud.environments.insert(0, called)
    cloud.models = {100: [model("orders", 1.0)], 101: [model("other", 2.0, environmentId=101)]}
    async with cloud.account() as account:
        assert [each.name for each in await account.aget_models()] == ["orders"]
        report = await account.arun_report("list_models", environment="production")
        assert [row["name"] for row in report.rows] == ["orders"]
        assert report.arguments["environment"] == "100"


async def test_a_development_environment_is_said_to_have_no_state() -> None:
    cloud = TinyCloud()
    cloud.environments.append({"id": 102, "project_id": 10, "name": "Dev", "type": "development"})
    async with cloud.account() as account:
        report = await account.arun_report("list_models", environment="dev")
    assert not report.coverage.complete
    assert "for development" in report.notes[0]


async def test_a_job_in_an_environment_out_of_sight_is_an_incomplete_answer() -> None:
    cloud = TinyCloud()
    cloud.jobs = [job(1) | {"environment_id": 555}]
    async with cloud.account() as account:
        report = await account.arun_report("slowest_models", jobs="Job 1")
    assert not report.coverage.complete
    assert "555" in report.notes[0]


class SlowAtFirst(httpx.AsyncBaseTransport):
    """Lists one project, called `old` in the first answer, which comes when told to, and `new` from then on."""

    def __init__(self) -> None:
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = "new" if self.asked.is_set() else "old"
        self.asked.set()
        if name == "old":
            await self.go_on.wait()
        extra = {"pagination": {"count": 1, "total_count": 1}}
        return httpx.Response(200, json={"data": [{"id": 1, "name": name}], "extra": extra})


async def test_an_answer_asked_for_before_an_invalidation_is_not_kept_after_it() -> None:
    cloud = SlowAtFirst()
    async with DbtAccount("t", 1, transport=cloud, settings=Settings()) as account:
        services = account._connection.services
        before = asyncio.create_task(services.projects.projects())
        await asyncio.wait_for(cloud.asked.wait(), 5)
        await account.ainvalidate_cache()
        after = await services.projects.projects()
        cloud.go_on.set()
        assert [each.name for each in after.value] == ["new"]
        assert [each.name for each in (await before).value] == ["old"]
        assert [each.name for each in (await services.projects.projects()).value] == ["new"]


async def test_a_refresh_does_not_join_an_older_question() -> None:
    cloud = SlowAtFirst()
    async with DbtAccount("t", 1, transport=cloud, settings=Settings()) as account:
        services = account._connection.services
        before = asyncio.create_task(services.projects.projects())
        await asyncio.wait_for(cloud.asked.wait(), 5)
        refreshed = await services.projects.projects(refresh=True)
        cloud.go_on.set()
        await before
    assert [each.name for each in refreshed.value] == ["new"]


async def test_an_older_question_does_not_overwrite_a_newer_refresh() -> None:
    cloud = SlowAtFirst()
    async with DbtAccount("t", 1, transport=cloud, settings=Settings()) as account:
        services = account._connection.services
        before = asyncio.create_task(services.projects.projects())
        await asyncio.wait_for(cloud.asked.wait(), 5)
        await services.projects.projects(refresh=True)
        cloud.go_on.set()
        await before
        assert [each.name for each in (await services.projects.projects()).value] == ["new"]


async def test_a_list_whose_offset_is_not_heeded_ends() -> None:
    rows = [{"id": number, "name": str(number)} for number in range(100)]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": rows, "extra": {"pagination": {"total_count": 100}}})

    async with DbtAccount("t", 1, transport=httpx.MockTransport(answer), settings=Settings()) as account:
        found = await account._connection.services.projects.projects()
        assert (len(found.value), found.complete, account.requests) == (100, False, 4)


async def test_an_answer_that_was_garbled_on_its_way_is_a_passing_fault() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    async with DbtAccount("t", 1, transport=httpx.MockTransport(answer), settings=Settings()) as account:
        with pytest.raises(Unreachable, match="garbled"):
            await account._connection.services.projects.projects()
        assert account.requests == 3


def test_a_period_in_the_hour_that_a_clock_change_leaves_out_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="ends before it starts in Europe/Berlin"):
        parse_period("2026-03-29T02:30/2026-03-29T03:10").resolve(datetime.now(UTC), ZoneInfo("Europe/Berlin"))


def test_an_order_that_only_the_zone_decides_is_left_to_the_zone() -> None:
    period = parse_period("2026-11-18T10:00/2026-11-18T10:30+02:00")
    with pytest.raises(InvalidArgument):
        period.resolve(datetime.now(UTC), ZoneInfo("UTC"))
    span = period.resolve(datetime.now(UTC), ZoneInfo("Asia/Tokyo"))
    assert span.end - span.start == timedelta(hours=7, minutes=30)


async def test_builds_in_two_environments_are_never_one_mean(account: DbtAccount, world: sandbox.World) -> None:
    report = await account.arun_report("slowest_models", job_type="scheduled", period="last_week", limit=500)
    assert {row["environment_name"] for row in report.rows} == {"Production"}
    both = await account.arun_report("slowest_models", jobs=["Growth nightly", "Growth staging build"], limit=500)
    names = [row["unique_id"] for row in both.rows]
    assert {row["environment_name"] for row in both.rows} == {"Production", "Staging"}
    assert all(row["runs"] == 1 for row in both.rows)
    assert len(names) > len(set(names))


async def test_a_name_outside_the_rest_of_the_filter_gives_nothing_and_is_no_mistake(account: DbtAccount) -> None:
    for name, arguments in (
        ("slowest_models", {"models": "dim_users", "projects": "Marketing"}),
        ("longest_running_jobs", {"jobs": "Growth nightly", "projects": "Marketing"}),
    ):
        report = await account.arun_report(name, **arguments)
        assert report.rows == ()


async def test_a_source_that_the_run_did_not_check_did_not_fail_in_it() -> None:
    cloud = TinyCloud()
    cloud.runs = [run(5, "2026-11-17 08:00", "2026-11-17 08:30", status=20)]
    stale = {"resourceType": "source", "state": "Error", "maxLoadedAtTimeAgoInS": 7200.0}
    cloud.nodes[5] = {
        "sources": [
            stale | {"uniqueId": "source.shop.till.checked", "freshnessChecked": True},
            stale | {"uniqueId": "source.shop.till.earlier", "freshnessChecked": False},
        ]
    }
    async with cloud.account() as account:
        (row,) = (await account.arun_report("failed_runs", period="yesterday")).rows
    assert row["failed_nodes"] == "source checked is not fresh"
    assert row["error"] == "checked: the newest row was 2 h old"
