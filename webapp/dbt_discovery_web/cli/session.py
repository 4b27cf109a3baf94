"""What every command begins with: the settings, the log on stderr, and an open account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings

__all__ = ["begin", "log_to_stderr", "with_account"]

T = TypeVar("T")

_OURS = ("dbt_discovery", "langchain_dbt_discovery", "dbt_discovery_web", "dbt_cloud_sandbox")


def begin() -> Settings:
    """The settings of this process; the log is set up by them.

    Raises:
        ConfigurationError: A setting is not of its form.
    """
    from dbt_discovery import ConfigurationError, Settings

    try:
        settings = Settings.load()
    except ConfigurationError as error:
        from dbt_discovery_web.doctor.variables import Variables

        told = Variables.read().told  # with the values, as far as they are no secrets
        raise ConfigurationError(f"Settings are not right: {told}") from error
    log_to_stderr(settings.log_level)
    return settings


def with_account(settings: Settings, work: Callable[[DbtAccount], Awaitable[T]]) -> T:
    """What `work` makes of the account that the settings point at; the account is closed afterwards."""
    from dbt_discovery_web.composition import open_account

    async def run() -> T:
        async with open_account(settings) as account:
            return await work(account)

    return asyncio.run(run())


def log_to_stderr(level: str) -> None:
    """Our own packages log at `level`; libraries only their warnings, since what they log at DEBUG may hold a key.

    Retries are told from INFO on: by default a command that fails says so in one sentence, once.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    chatty = logging.getLogger(_OURS[0]).isEnabledFor(logging.INFO)
    logging.getLogger("stamina").setLevel(logging.WARNING if chatty else logging.ERROR)
