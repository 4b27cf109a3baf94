"""Upkeep: what an account keeps, how it is filled, emptied and asked for in advance."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import dbt_cloud_sandbox as sandbox
import httpx
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, InvalidArgument, Progress, ProjectFilter, Settings, Unreachable, watch

from tests.conftest import NOW
from tests.core.recount import finished, runs_between, utc
from tests.core.tiny import TinyCloud, run

LAST_WEEK = utc("2026-11-09T00:00"), utc("2026-11-16T00:00")


def account_in(folder: Path, world: World, token: str | None = None) -> DbtAccount:
    """An account whose runs are kept in a file."""
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{folder}/runs.sqlite")
    return DbtAccount(token=token, transport=sandbox.transport(world), settings=settings)


@pytest.fixture
async def kept(tmp_path: Path, world: World) -> AsyncIterator[DbtAccount]:
    async with account_in(tmp_path, world) as account:
        yield account


async def test_fetch_brings_every_run_of_a_period_and_only_what_is_missing(kept: DbtAccount, world: World) -> None:
    started = runs_between(world, *LAST_WEEK)
    first = await kept.afetch_runs("last_week")
    assert (first.runs, first.with_results) == (len(started), None)
    assert first.requests > 1
    assert (first.complete, first.lasting, first.notes) == (True, True, ())
    assert (first.period.start, first.period.end) == LAST_WEEK
    again = await kept.afetch_runs("last_week")
    assert (again.runs, again.requests) == (first.runs, 0)


async def test_fetch_brings_the_results_of_finished_runs_and_a_report_then_asks_for_nothing(
    kept: DbtAccount, world: World
) -> None:
    fetched = await kept.afetch_runs("last_week", results=True)
    assert fetched.with_results == len([each for each in runs_between(world, *LAST_WEEK) if finished(each)])
    await kept.arun_report("list_models")
    before = kept.requests
    report = await kept.arun_report("slowest_models", period="last_week")
    assert report.rows
    assert kept.requests == before


async def test_refresh_asks_again_for_open_days_and_not_for_past_ones(world: World, tmp_path: Path) -> None:
    transport = sandbox.transport(world)
    settings = Settings(fixed_now=NOW, database_url=f"sqlite:///{tmp_path}/runs.sqlite")
    requests = transport.app.state.requests  # type: ignore[attr-defined]

    async def lists_of_runs(period: str, *, refresh: bool) -> int:
        requests.clear()
        await account.afetch_runs(period, refresh=refresh)
        return len([path for _, path in requests if path.endswith("/runs/")])

    async with DbtAccount(transport=transport, settings=settings) as account:
        days = await lists_of_runs("last_7_days", refresh=False)
        assert await lists_of_runs("last_7_days", refresh=False) == 0
        assert 0 < await lists_of_runs("last_7_days", refresh=True) < days
        assert await lists_of_runs("2026-11-14", refresh=True) == 0


async def test_requests_of_others_are_not_counted_as_its_own(kept: DbtAccount) -> None:
    await kept.afetch_runs("2026-11-03")
    alone = (await kept.afetch_runs("2026-10-27")).requests
    before = kept.requests
    fetched, _ = await asyncio.gather(kept.afetch_runs("2026-10-20"), kept.arun_report("list_models"))
    assert fetched.requests == alone < kept.requests - before


async def test_fetch_tells_how_far_it_has_come(kept: DbtAccount) -> None:
    steps: list[Progress] = []
    with watch(steps.append):
        await kept.afetch_runs("last_week", results=True)
    assert {"days of runs", "results of runs"} <= {step.what for step in steps}


async def test_account_of_one_project_fetches_all_runs_and_tells_of_its_own(world: World, tmp_path: Path) -> None:
    project = world.projects()[0]
    own = [each for each in runs_between(world, *LAST_WEEK) if each.project_id == project.id]
    settings = Settings(fixed_now=NOW)
    filter = ProjectFilter(projects=project.name)
    async with DbtAccount(transport=sandbox.transport(world), settings=settings, filter=filter) as account:
        fetched = await account.afetch_runs("last_week", results=True)
    assert (fetched.runs, fetched.with_results) == (len(own), len([each for each in own if finished(each)]))


@pytest.mark.parametrize("period", ["last_fortnight", "", "2026-13-01"])
async def test_fetch_of_no_period_is_refused(kept: DbtAccount, period: str) -> None:
    with pytest.raises(InvalidArgument):
        await kept.afetch_runs(period)


async def test_store_tells_what_it_has_of_the_account(kept: DbtAccount, world: World, tmp_path: Path) -> None:
    before = await kept.aget_store()
    assert (before.location, before.lasting) == (f"{tmp_path}/runs.sqlite", True)
    assert [(each.mine, each.runs, each.days, each.first_day) for each in before.sources] == [(True, 0, 0, None)]
    await kept.afetch_runs("last_week", results=True)
    (source,) = (await kept.aget_store()).sources
    from_the_day_before = runs_between(world, LAST_WEEK[0] - timedelta(days=1), LAST_WEEK[1])
    assert (source.first_day, source.last_day) == (date(2026, 11, 8), date(2026, 11, 15))
    assert (source.days, source.open_days) == (8, 0)
    assert source.account_id == str(world.account.id)
    created = [each for each in world.runs() if utc("2026-11-08T00:00") <= each.created_at < LAST_WEEK[1]]
    assert source.runs == len(created)
    assert abs(len(created) - len(from_the_day_before)) <= 2  # created before midnight, started after
    assert source.results == len([each for each in runs_between(world, *LAST_WEEK) if finished(each)])
    assert source.asked_at is not None
    assert (await kept.aget_store()).size >= before.size > 0


async def test_store_in_memory_says_so(account: DbtAccount) -> None:
    info = await account.aget_store()
    assert (info.location, info.lasting) == ("memory", False)
    assert not (await account.afetch_runs("yesterday")).lasting


async def test_clearing_removes_what_is_the_accounts_own_or_everything(
    kept: DbtAccount, world: World, tmp_path: Path
) -> None:
    await kept.afetch_runs("last_week")
    async with account_in(tmp_path, world, token="another") as other:
        await other.afetch_runs("yesterday")
        mine = {each.mine: each.runs for each in (await kept.aget_store()).sources}
        assert set(mine) == {True, False}
        assert await kept.aclear_store() == mine[True]
        assert {each.mine: each.runs for each in (await kept.aget_store()).sources} == {True: 0, False: mine[False]}
        assert (await kept.afetch_runs("last_week")).requests > 0
        assert await kept.aclear_store("all") == sum(mine.values())
        assert (await other.afetch_runs("yesterday")).requests > 0


async def test_what_is_known_in_advance_is_not_asked_for_again(kept: DbtAccount) -> None:
    await kept.awarm()
    before = kept.requests
    assert before > 0
    for name in ("list_models", "list_jobs", "longest_running_jobs", "slowest_models"):
        assert (await kept.arun_report(name)).rows
    assert kept.requests == before


async def test_warming_says_once_what_cannot_be_had_and_fails_nobody(caplog: pytest.LogCaptureFixture) -> None:
    cloud = TinyCloud()
    cloud.runs = [run(7, "2026-11-17 10:00", "2026-11-17 10:01")]
    async with cloud.account() as account:
        cloud.faults = {"/": httpx.Response(503)}
        with caplog.at_level(logging.WARNING, "dbt_discovery"):
            await account.awarm()
        warned = [record.message for record in caplog.records if "known in advance" in record.message]
        assert len(warned) == len(set(warned)) > 0
        with pytest.raises(Unreachable):
            await account.aget_projects()
        cloud.faults = {}
        assert len(await account.aget_runs()) == 1


def test_statistics_tell_requests_and_what_the_cache_holds(world: World) -> None:
    with DbtAccount(transport=sandbox.transport(world), settings=Settings(fixed_now=NOW)) as account:
        assert (account.statistics.requests, account.statistics.cache.entries) == (0, 0)
        account.get_projects()
        account.get_projects()
        told = account.statistics
    assert told.requests == account.requests > 0
    assert 0 < told.cache.entries <= told.requests
    assert told.cache.hits > 0
    assert told.cache.misses > told.cache.flights_joined
    assert told.questions_shared == 0


def test_plain_forms_do_the_same(tmp_path: Path, world: World) -> None:
    with account_in(tmp_path, world) as account:
        account.warm()
        assert account.fetch_runs("yesterday").requests == 0  # the last week is known
        runs = account.get_store().sources[0].runs
        assert account.clear_store() == runs > 0
