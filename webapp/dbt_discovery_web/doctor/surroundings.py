"""Surroundings: clock, limits, cache, stores and chat model: dbt Cloud is not asked, and nothing is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dbt_discovery import DbtDiscoveryError, Settings
from dbt_discovery.exceptions import ConfigurationError, RateLimited
from dbt_discovery.history.address import DatabaseAddress
from dbt_discovery.words import count
from pydantic import SecretStr

from dbt_discovery_web.chat.models import OFFLINE, model_name, online_model
from dbt_discovery_web.database.storage import database_address
from dbt_discovery_web.doctor.findings import Check, Group

if TYPE_CHECKING:
    from dbt_discovery.cache.redis_health import RedisHealth

__all__ = ["cache_check", "chat_model_check", "clock_check", "database_check", "limits_check"]

_SETTINGS = Group("Settings")
_KEPT = Group("This machine")


def clock_check(settings: Settings) -> Check:
    """The time zone, and whether the clock runs."""
    zone = f"Days begin in {settings.timezone}"
    if settings.fixed_now is None:
        return _SETTINGS.ok("Clock", f"{zone}.")
    held = f"{settings.fixed_now.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}"
    return _SETTINGS.warning(
        "Clock", f"Held at {held}: every number is as of then. {zone}.", "Unset DBT_DISCOVERY_NOW to let it run."
    )


def limits_check(settings: Settings, waits: RateLimited | None, sent: int) -> Check:
    """How hard the APIs may be pressed, how many requests this examination sent, and whether an API asks to wait."""
    told = (
        f"At most {settings.admin_requests_per_minute:,} requests a minute to the Admin API and "
        f"{settings.metadata_requests_per_minute:,} to the Discovery API"
    )
    if waits is None:
        return _KEPT.ok("Limits", f"{told}; this look took {sent:,}.")
    return _KEPT.warning(
        "Limits",
        f"{told}; dbt Cloud asks to wait until {waits.retry_at:%H:%M:%S %Z}.",
        "Wait. If this comes again, set DBT_ADMIN_REQUESTS_PER_MINUTE and DBT_METADATA_REQUESTS_PER_MINUTE lower: "
        "other programs share the account's limit.",
        waits,
    )


async def cache_check(settings: Settings) -> Check:
    """Where answers are kept, and for how long; of a shared cache, how it is."""
    if not settings.enable_caching:
        return _KEPT.warning(
            "Cache",
            "Off: every question is asked anew.",
            "Unset DBT_ENABLE_CACHING for quick answers to later questions.",
        )
    fresh = f"an answer counts as fresh for {settings.cache_ttl:g} s"
    if settings.cache_url is None or not settings.account_named:
        return _KEPT.ok("Cache", f"In this process; {fresh}.")
    try:
        health = await _redis_health(settings.cache_url)
    except ConfigurationError as error:
        advice = "Until then answers are kept in this process alone."
        return _KEPT.warning("Cache", str(error), advice, error)
    bound = f" of {_mebibytes(health.max_memory)}" if health.max_memory else ""
    keys = count(health.keys, "key") if health.all_keys_seen else f"more than {count(health.keys, 'key')}"
    state = f"{health.latency * 1000:.1f} ms, {_mebibytes(health.used_memory)}{bound}, {keys} of ours"
    where = f"In this process, and for others in Redis {health.version} at {health.address} ({state})"
    return _KEPT.ok("Cache", f"{where}; {fresh}.")


def database_check(settings: Settings) -> Check:
    """Whether conversations and runs can be kept, and how many runs are."""
    try:
        address = database_address(settings)
    except DbtDiscoveryError as error:
        return _KEPT.fault("Database", error)
    if address.kind == "memory":
        return _KEPT.ok("Database", "In memory: conversations and runs end with the process.")
    if fault := _unwritable(address.file) if address.file else _unreachable(address):
        kind = "file that can be written" if address.file else "database that can be reached"
        advice = f"Conversations and runs end with the process until DBT_DISCOVERY_DATABASE_URL names a {kind}."
        return _KEPT.fault("Database", ConfigurationError(fault), advice)
    try:
        runs = _runs_in(address)
    except ConfigurationError as error:
        advice = "Move the file away, and a new one is made: runs are fetched again, conversations in it are lost."
        return _KEPT.fault("Database", error, advice if address.file else None)
    if not settings.account_named:
        return _KEPT.ok("Database", f"Conversations are kept in {address}, the sandbox's runs in memory.")
    return _KEPT.ok("Database", f"Conversations and runs are kept in {address}: {runs}.")


def chat_model_check(settings: Settings) -> Check:
    """Whether the chat model can be used, as far as that shows without asking it."""
    name = model_name(settings)
    if name == OFFLINE:
        return _KEPT.ok("Chat model", "offline: needs no key and no network.")
    try:
        online_model(settings)
    except DbtDiscoveryError as error:
        return _KEPT.fault("Chat model", error)
    return _KEPT.ok("Chat model", f"{name}: ready; its key is tried with the first question.")


async def _redis_health(url: SecretStr) -> RedisHealth:
    """How the shared cache is.

    Raises:
        ConfigurationError: It cannot be used.
    """
    from dbt_discovery.cache.redis_health import examine
    from dbt_discovery.cache.redis_link import RedisLink

    link = RedisLink(url)
    try:
        return await examine(link)
    finally:
        await link.aclose()


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"


def _unwritable(file: Path) -> str | None:
    """Why a file could not be written or made; nothing is made here."""
    if file.exists():
        return None if file.is_file() and os.access(file, os.W_OK) else f"{file} cannot be written."
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return None
    return f"{file} cannot be made, because {folder} is {'not writable' if folder.is_dir() else 'no folder'}."


def _runs_in(address: DatabaseAddress) -> str:
    """How many runs a database holds, of whichever accounts; nothing is made here.

    Raises:
        ConfigurationError: It cannot be read.
    """
    from dbt_discovery.history.sources import stored_numbers
    from sqlalchemy import NullPool, create_engine

    from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason

    if address.file and not address.file.exists():
        return "none yet"
    try:
        with create_engine(address.sync_url(), poolclass=NullPool).connect() as connection:
            runs, results = stored_numbers(connection)
    except DATABASE_ERRORS as error:
        raise ConfigurationError(f"{address} cannot be read: {reason(error)}.") from error
    return f"{count(runs, 'run')}, {results:,} of them with results" if runs else "no runs yet"


def _unreachable(address: DatabaseAddress) -> str | None:
    """Why a server's database could not be used."""
    from sqlalchemy import NullPool, create_engine

    from dbt_discovery_web.database.errors import DATABASE_ERRORS, reason

    try:
        with create_engine(address.sync_url(), poolclass=NullPool).connect():
            return None
    except DATABASE_ERRORS as error:
        return f"{address} cannot be reached: {reason(error)}."
