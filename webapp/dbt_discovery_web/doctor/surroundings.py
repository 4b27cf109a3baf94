"""Surroundings: clock, limits, cache, stores and chat model, for which no request is made and nothing is written."""

from __future__ import annotations

import os
from pathlib import Path

from dbt_discovery import DbtDiscoveryError, Settings
from dbt_discovery.exceptions import ConfigurationError, RateLimited

from dbt_discovery_web.chat_models import OFFLINE, model_name, online_model
from dbt_discovery_web.doctor.findings import Check, Group
from dbt_discovery_web.storage import database_file

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


def limits_check(settings: Settings, waits: RateLimited | None) -> Check:
    """How hard the APIs may be pressed, and whether one asks to wait."""
    told = (
        f"At most {settings.admin_requests_per_minute:,} requests a minute to the Admin API and "
        f"{settings.metadata_requests_per_minute:,} to the Discovery API"
    )
    if waits is None:
        return _KEPT.ok("Limits", f"{told}.")
    return _KEPT.warning(
        "Limits",
        f"{told}; dbt Cloud asks to wait until {waits.retry_at:%H:%M:%S %Z}.",
        "Wait. If this comes again, set DBT_ADMIN_REQUESTS_PER_MINUTE and DBT_METADATA_REQUESTS_PER_MINUTE lower: "
        "other programs share the account's limit.",
        waits,
    )


def cache_check(settings: Settings) -> Check:
    """Where answers are kept, and for how long."""
    if not settings.enable_caching:
        return _KEPT.warning(
            "Cache",
            "Off: every question is asked anew.",
            "Unset DBT_ENABLE_CACHING for quick answers to later questions.",
        )
    return _KEPT.ok("Cache", f"In this process; an answer counts as fresh for {settings.cache_ttl:g} s.")


def database_check(settings: Settings) -> Check:
    """Whether conversations can be kept."""
    try:
        file = database_file(settings)
    except DbtDiscoveryError as error:
        return _KEPT.fault("Database", error)
    if file is None:
        return _KEPT.ok("Database", "In memory: conversations end with the process.")
    if fault := _unwritable(file):
        advice = "Conversations end with the process until DBT_DISCOVERY_DATABASE_URL names a file that can be written."
        return _KEPT.fault("Database", ConfigurationError(fault), advice)
    return _KEPT.ok("Database", f"Conversations are kept in {file}.")


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


def _unwritable(file: Path) -> str | None:
    """Why a file could not be written or made; nothing is made here."""
    if file.exists():
        return None if file.is_file() and os.access(file, os.W_OK) else f"{file} cannot be written."
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return None
    return f"{file} cannot be made, because {folder} is {'not writable' if folder.is_dir() else 'no folder'}."
