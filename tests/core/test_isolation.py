"""What the tests themselves rest on: nothing of this machine reaches them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import httpx
import pytest
import stamina
from dbt_discovery import Settings


def test_no_account_or_key_of_this_machine_is_seen() -> None:
    settings = Settings.load()
    assert not settings.account_named
    assert settings.openai_api_key is None
    assert not [name for name in os.environ if name.startswith("OPENAI_")]


def test_every_test_has_a_folder_of_its_own(tmp_path: Path) -> None:
    assert Path.cwd() == tmp_path


async def test_retries_happen_without_waiting() -> None:
    attempts, begun = 0, time.monotonic()

    @stamina.retry(on=httpx.ConnectError, attempts=4, wait_initial=30)
    async def refused() -> None:
        nonlocal attempts
        attempts += 1
        raise httpx.ConnectError("refused")

    with pytest.raises(httpx.ConnectError):
        await refused()
    assert attempts == 4
    assert time.monotonic() - begun < 5
