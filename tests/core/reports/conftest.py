"""An account just after a run in which a model failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_cloud_sandbox import World
from dbt_discovery import DbtAccount, Settings

from tests.core.recount import ERROR


@pytest.fixture(scope="session")
def failing_world(world: World) -> World:
    """The world a minute after the newest run in which a model failed."""
    failed = next(
        run
        for run in reversed(world.runs())
        if run.status == ERROR
        and run.finished_at
        and any(result.status == "error" and "model." in result.unique_id for result in world.results(run.id))
    )
    assert failed.finished_at is not None
    moment = failed.finished_at + timedelta(minutes=1)
    return sandbox.generated_world(now=lambda: moment)


@pytest.fixture
async def failing_account(failing_world: World) -> AsyncIterator[DbtAccount]:
    settings = Settings(fixed_now=failing_world.now())
    async with DbtAccount(transport=sandbox.transport(failing_world), settings=settings) as account:
        yield account
