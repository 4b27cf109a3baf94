from __future__ import annotations

import logging
from pathlib import Path

import pytest
from dbt_discovery import ConfigurationError, Settings
from dbt_discovery_web.chat.conversation import Conversation
from dbt_discovery_web.chat.models import chat_model
from dbt_discovery_web.composition import open_account

from tests.conftest import NOW
from tests.servers.sandbox_server import SandboxServer


async def test_without_an_account_the_sandbox_answers_on_the_settings_clock() -> None:
    async with open_account(Settings(fixed_now=NOW)) as account:
        report = await account.arun_report("list_jobs")
    assert report.source.kind == "sandbox"
    assert report.as_of == NOW


async def test_artifacts_are_served_where_a_folder_is_named(artifacts: Path) -> None:
    async with open_account(Settings(sandbox_artifacts=artifacts)) as account:
        source = await account.aget_source()
    assert source.kind == "artifacts"
    assert "coffee_shop" in source.label


async def test_sandbox_never_steps_in_once_anything_of_an_account_is_named() -> None:
    with pytest.raises(ConfigurationError, match="DBT_SERVICE_TOKEN is missing"):
        open_account(Settings(account_id="1"))


async def test_files_that_cannot_be_read_are_warned_about(
    artifacts: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "good").symlink_to(artifacts)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run_results.json").write_text("{")
    with caplog.at_level(logging.WARNING, "dbt_discovery_web"):
        account = open_account(Settings(sandbox_artifacts=tmp_path))
    await account.aclose()
    assert "bad/run_results.json" in caplog.text


async def test_artifacts_beside_an_account_are_said_not_to_be_used(
    artifacts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dbt_discovery_web"):
        account = open_account(Settings(service_token="t", account_id="1", sandbox_artifacts=artifacts))
    await account.aclose()
    assert "DBT_SANDBOX_ARTIFACTS is not used" in caplog.text


async def test_same_question_again_asks_nothing_upstream(served: SandboxServer) -> None:
    question = "what were the longest-running jobs last week"
    settings = Settings(
        service_token="any",
        account_id=str(served.world.account.id),
        admin_url=served.url,
        metadata_url=f"{served.url}/graphql",
        fixed_now=NOW,
    )
    async with open_account(settings) as account:
        conversation = Conversation(account, chat_model(settings, account))
        first = await conversation.ask(question, "first")
        asked = len(served.requests)
        second = await conversation.ask(question, "second")
    assert first.reports
    assert second.reports == first.reports
    assert asked > 0
    assert len(served.requests) == asked


async def test_warnings_of_a_large_folder_do_not_flood_the_log(
    artifacts: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "good").symlink_to(artifacts)
    for place in range(30):
        (tmp_path / f"bad{place:02}").mkdir()
        (tmp_path / f"bad{place:02}" / "run_results.json").write_text("{")
    with caplog.at_level(logging.WARNING, "dbt_discovery_web"):
        open_account(Settings(sandbox_artifacts=tmp_path)).close()
    assert len(caplog.messages) == 21
    assert "bad00/run_results.json" in caplog.messages[0]
    assert caplog.messages[-1].startswith(f"10 more warnings in {tmp_path}")
