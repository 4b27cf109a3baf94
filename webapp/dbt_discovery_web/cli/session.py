"""What every command begins with: the settings, the log on stderr, and an open account."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from dbt_discovery import DbtAccount, Settings

__all__ = ["WhateverStderrIs", "begin", "log_to_stderr", "with_account"]

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
    """What `work` makes of the account that the settings point at; the account is closed afterwards.

    What is fetched meanwhile is shown on stderr, where that is a terminal.
    """
    from dbt_discovery_web.cli.progress import progress_shown
    from dbt_discovery_web.composition import open_account

    async def run() -> T:
        async with open_account(settings) as account:
            return await work(account)

    with progress_shown():
        return asyncio.run(run())


def log_to_stderr(level: str) -> None:
    """Our own packages log at `level`; libraries only their warnings, since what they log at DEBUG may hold a key.

    Retries, and what a database's driver makes of a lost connection, are told from INFO on: by default a command that
    fails says so in one sentence, once.
    """
    handler = WhateverStderrIs()
    handler.setFormatter(OneLineEach("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    chatty = logging.getLogger(_OURS[0]).isEnabledFor(logging.INFO)
    for name in ("stamina", "psycopg"):
        logging.getLogger(name).setLevel(logging.WARNING if chatty else logging.ERROR)


class OneLineEach(logging.Formatter):
    """Messages on one line each: what dbt Cloud says in one must not look like another, or steer the terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        """The message on one line."""
        from dbt_discovery_web.rendering import one_line

        return one_line(super().formatMessage(record))


class WhateverStderrIs(logging.StreamHandler[TextIO]):
    """Writes to stderr as it is when it writes: while progress is shown, that puts lines above the bars."""

    @property
    def stream(self) -> TextIO:
        """The stream of the moment."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """Is not for setting: logging does it when a handler is made."""
