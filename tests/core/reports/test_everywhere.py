"""Every report on whatever there is to ask: dbt Core's artifacts, a token for metadata alone, a brand-new account."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dbt_cloud_sandbox as sandbox
import pytest
from dbt_discovery import DbtAccount, Settings
from dbt_discovery.reports import registry

from tests.core.reports.test_artifacts import latest
from tests.core.subjects import about_what_there_is

NAMES = list(registry())


@pytest.fixture
async def shop(artifacts: Path) -> AsyncIterator[DbtAccount]:
    """An account over real dbt runs, an hour after the last of them."""
    now = latest(artifacts) + timedelta(hours=1)
    transport = sandbox.transport(artifacts=artifacts, now=lambda: now)
    async with DbtAccount(transport=transport, settings=Settings(fixed_now=now)) as account:
        yield account


@pytest.fixture
async def metadata_only(world: sandbox.World) -> AsyncIterator[DbtAccount]:
    """An account whose token may use the Discovery API alone."""
    production = [str(each.id) for each in world.environments() if each.deployment_type == "production"]
    settings = Settings(fixed_now=world.now(), environment_ids=",".join(production))
    transport = sandbox.transport(world)
    async with DbtAccount("metadata-only", str(world.account.id), transport=transport, settings=settings) as account:
        yield account


def sound(report: Any) -> None:
    """What holds of an answer wherever it comes from."""
    assert report.finding.endswith(".")
    assert not re.search(r"\bNone\b(?! of)", report.finding)
    keys = {column.key for column in report.columns}
    assert all(keys <= set(row) for row in report.rows)
    assert report.coverage.considered >= 0
    assert report.coverage.complete or report.notes, "what is missing has to be said"


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_works_on_artifacts(shop: DbtAccount, name: str) -> None:
    report = await shop.arun_report(name, **await about_what_there_is(shop, name))
    sound(report)
    assert report.source.kind == "artifacts"


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_works_on_metadata_alone_and_says_what_is_missing(
    metadata_only: DbtAccount, name: str
) -> None:
    report = await metadata_only.arun_report(name, **await about_what_there_is(metadata_only, name))
    sound(report)
    if report.coverage.unit == "runs":
        assert report.notes
