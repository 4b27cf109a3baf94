"""The standpoint: what answers depend on besides the question changes with the day in the account's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("UTC", datetime(2026, 11, 18, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 18, 5, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 17, 18, 15, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC)),  # of the day on which clocks go forward
    ],
)
async def test_the_standpoint_is_another_from_midnight_on(
    zone: str, midnight: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DbtAccount(transport=sandbox.transport(), settings=Settings(timezone=zone)) as account:

        async def standpoint(seconds: float) -> object:
            moment = datetime.fromtimestamp(midnight.timestamp() + seconds, UTC)
            monkeypatch.setattr(DbtAccount, "now", lambda self: moment)
            return await account.standpoint()

        before, after = await standpoint(-0.001), await standpoint(0)
        assert await standpoint(-86_000 + 7_200) == before
        assert await standpoint(82_000) == after
    assert before != after
