"""The composition root: the one place that decides whose numbers the doors for people show."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from dbt_discovery import CachingStrategy, ConfigurationError, DbtAccount, Settings
from dbt_discovery.connection import Connection
from dbt_discovery.words import count

from dbt_discovery_web.database.storage import database_url

if TYPE_CHECKING:
    from pathlib import Path

    import httpx
    from dbt_cloud_sandbox.world import World
    from starlette.applications import Starlette

__all__ = ["connector", "open_account", "sandbox_app"]

logger = logging.getLogger(__name__)

_TOLD = 20
"""Warnings about artifacts that are told one by one: a folder may hold thousands of runs."""


def open_account(settings: Settings) -> DbtAccount:
    """The account that the settings point at: dbt Cloud's, or the sandbox where they name none.

    Runs of dbt Cloud are kept in the database that the settings name, else in the file that conversations are kept in.

    Nothing is asked of dbt Cloud yet; closing the account is the caller's.

    Raises:
        ConfigurationError: Half a configuration, or a folder of artifacts that cannot be served.
    """
    if transport := _sandbox_transport(settings):
        # The numbers of a sandbox in this process are quickly there, and nobody wants them kept.
        return DbtAccount(transport=transport, settings=settings.model_copy(update={"database_url": None}))
    return DbtAccount.from_env(settings.model_copy(update={"database_url": database_url(settings)}))


def connector(settings: Settings) -> Callable[[str], Connection]:
    """Opens bare connections, which remember no answer, to accounts by their ids: for looking at each API by itself.

    A connection belongs to the account that the settings point at, or would if its id were the one given.

    Raises:
        ConfigurationError: Half a configuration, or a folder of artifacts that cannot be served; when called, also an
            address or a token that cannot be used.
    """
    transport = _sandbox_transport(settings)
    if transport is None:
        settings.check_account()

    def connect(account_id: str) -> Connection:
        return Connection(
            token=settings.service_token,
            account_id=account_id,
            host=settings.host,
            metadata_url=settings.metadata_url,
            admin_url=settings.admin_url,
            transport=transport,
            caching=CachingStrategy(enable_caching=False),
            settings=settings,
        )

    return connect


def sandbox_app(settings: Settings, **sizes: int) -> Starlette:
    """The sandbox as an app to be served, a generated account in those sizes; its world is `app.state.world`.

    Raises:
        ConfigurationError: The folder of artifacts cannot be served, there can be no account of those sizes, or the
            sandbox is not installed.
    """
    world = _sandbox_world(settings, **sizes)
    from dbt_cloud_sandbox import create_app

    return create_app(world)


def _sandbox_transport(settings: Settings) -> httpx.AsyncBaseTransport | None:
    """A way into a sandbox in this process; None when the settings name a dbt Cloud account."""
    if settings.account_named:
        if settings.sandbox_artifacts:
            logger.warning("DBT_SANDBOX_ARTIFACTS is not used, because the settings name a dbt Cloud account.")
        return None
    world = _sandbox_world(settings)
    from dbt_cloud_sandbox import transport

    return transport(world)


def _sandbox_world(settings: Settings, **sizes: int) -> World:
    """The sandbox's world: the one in `DBT_SANDBOX_ARTIFACTS`, else a generated one; its warnings are logged.

    Raises:
        ConfigurationError: The folder cannot be served, the sizes cannot be, or the sandbox is not installed.
    """
    try:
        from dbt_cloud_sandbox import ArtifactsError, artifacts_world, generated_world
    except ImportError as error:
        raise ConfigurationError(
            "No dbt Cloud account is named and the sandbox is not installed: set DBT_SERVICE_TOKEN, or run "
            "pip install 'dbt-discovery[sandbox]'."
        ) from error

    if not settings.sandbox_artifacts:
        try:
            return generated_world(now=settings.now, **sizes)
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
    folder = _artifacts_folder(settings.sandbox_artifacts)
    try:
        world = artifacts_world(folder, now=settings.now)
    except (ArtifactsError, OSError) as error:
        raise ConfigurationError(f"The artifacts in {folder} cannot be served: {error}") from error
    for place, warning in enumerate(world.warnings):
        logger.log(logging.WARNING if place < _TOLD else logging.INFO, "%s", warning)
    if (more := len(world.warnings) - _TOLD) > 0:
        logger.warning("%s in %s; DBT_DISCOVERY_LOG_LEVEL=INFO tells them.", count(more, "more warning"), folder)
    return world


def _artifacts_folder(folder: Path) -> Path:
    """The folder of dbt artifacts, made sure to be one.

    Raises:
        ConfigurationError: There is no such folder.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            f"The folder of artifacts {folder} {'is no folder' if folder.exists() else 'is not there'}. Name one with "
            "dbt's manifest.json and run_results.json in it, such as a project's target."
        )
    return folder
