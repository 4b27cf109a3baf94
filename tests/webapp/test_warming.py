"""Warming: what most questions need is asked for as soon as the app is up, if it is told to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import Fault, Faults, World
from dbt_discovery import DbtAccount, Settings

from .conftest import opened

Account = Callable[..., DbtAccount]


@pytest.fixture
def warm(settings: Settings) -> Settings:
    return settings.model_copy(update={"warm": True})


async def quiet(account: DbtAccount) -> None:
    """Waits until the account asks for nothing more."""
    before = -1
    while account.requests != before:
        before = account.requests
        await asyncio.sleep(0.2)


async def test_first_question_asks_for_nothing_that_was_asked_for_in_advance(
    sandbox_account: Account, warm: Settings
) -> None:
    account = sandbox_account()
    async with opened(account, warm) as client:
        await quiet(account)
        before = account.requests
        assert before > 0
        for name in ("list_models", "list_jobs", "longest_running_jobs", "slowest_models"):
            assert (await client.get(f"/reports/{name}")).json()["rows"]
        assert account.requests == before


async def test_nothing_is_asked_for_in_advance_unless_it_is_told_to(
    sandbox_account: Account, settings: Settings
) -> None:
    account = sandbox_account()
    async with opened(account, settings) as client:
        await quiet(account)
        assert (await client.get("/healthz")).status_code == 200
        assert account.requests == 0


async def test_app_answers_while_it_warms_and_ends_in_the_middle_of_it(
    world: World, warm: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    account = DbtAccount(transport=sandbox.transport(world, faults=Faults(latency=30)), settings=warm)
    async with asyncio.timeout(20), opened(account, warm) as client:
        assert (await client.get("/healthz")).status_code == 200
        for _ in range(500):
            if not account.requests:
                await asyncio.sleep(0.01)
        assert account.requests
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


async def test_what_cannot_be_had_in_advance_is_said_and_asked_for_when_it_is_needed(
    world: World, warm: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    faults = Faults(Fault(status=503, times=1000))
    account = DbtAccount(transport=sandbox.transport(world, faults=faults), settings=warm)
    async with opened(account, warm) as client:
        await quiet(account)
        assert "Not everything is known in advance: " in caplog.text
        faults.clear()
        assert (await client.get("/reports/list_jobs")).json()["rows"]


async def test_fault_of_ours_in_it_is_not_hidden_and_ends_nothing(
    sandbox_account: Account, warm: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: DbtAccount) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(DbtAccount, "awarm", broken)
    async with opened(sandbox_account(), warm) as client:
        assert (await client.get("/reports/list_jobs")).json()["rows"]
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert record.exc_info
