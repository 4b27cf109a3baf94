"""The core against a real dbt Cloud account: `make test-integration` with DBT_SERVICE_TOKEN set."""

from __future__ import annotations

import pytest
from dbt_discovery import DbtAccount
from dbt_discovery.reports import registry

pytestmark = [pytest.mark.integration, pytest.mark.enable_socket]


async def test_account_names_itself_and_its_projects() -> None:
    async with DbtAccount.from_env() as account:
        source = await account.aget_source()
        assert source.account_id == await account.aget_account_id()
        assert await account.aget_projects()


@pytest.mark.parametrize("name", list(registry()))
async def test_report_answers_and_the_same_question_sends_nothing(name: str) -> None:
    async with DbtAccount.from_env() as account:
        report = await account.arun_report(name, limit=5)
        assert report.finding
        assert report.total_rows >= len(report.rows)
        sent = account.requests
        assert (await account.arun_report(name, limit=5)).rows == report.rows
        assert account.requests == sent


async def test_a_wrong_token_is_refused_with_a_sentence() -> None:
    async with DbtAccount.from_env() as right:
        account_id, settings = await right.aget_account_id(), right.settings
    addresses = {"host": settings.host, "admin_url": settings.admin_url, "metadata_url": settings.metadata_url}
    wrong = DbtAccount(token="invalid", account_id=account_id, settings=settings, **addresses)
    async with wrong:
        with pytest.raises(Exception, match="does not accept the token"):
            await wrong.aget_projects()
