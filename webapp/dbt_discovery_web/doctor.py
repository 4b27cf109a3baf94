"""The doctor: looks at the settings, at each API by itself, and at what is kept; every finding is one sentence."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dbt_discovery import ConfigurationError, DbtDiscoveryError, QueryRejected, Settings
from dbt_discovery.connection import Connection
from dbt_discovery.services.hosts import Endpoints
from dbt_discovery.words import count
from pydantic import SecretStr

from dbt_discovery_web.chat_models import OFFLINE, model_name, online_model
from dbt_discovery_web.composition import open_connection
from dbt_discovery_web.storage import database_file

__all__ = ["Check", "Diagnosis", "examine", "settings_summary"]

_NO_ENVIRONMENT = "0"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What it is.
        ok: Whether it is as it should be.
        detail: What was found, in a sentence.
        error: The error behind it, if it was one.
    """

    name: str
    ok: bool
    detail: str
    error: DbtDiscoveryError | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found.

    Attributes:
        settings: Every setting by its variable's name; secrets only as set or not.
        addresses: Where the account's two APIs are; None when the settings do not say.
        checks: What was looked at, in order.
    """

    settings: dict[str, str]
    addresses: Endpoints | None
    checks: tuple[Check, ...]

    @property
    def first_fault(self) -> Check | None:
        """The first thing that is not as it should be."""
        return next((check for check in self.checks if not check.ok), None)

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as plain JSON values."""
        return {
            "ok": self.first_fault is None,
            "settings": self.settings,
            "addresses": asdict(self.addresses) if self.addresses else None,
            "checks": [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in self.checks],
        }


async def examine(settings: Settings) -> Diagnosis:
    """Looks at everything that a question needs; where the settings do not even say whom to ask, at the rest."""
    addresses: Endpoints | None = None
    try:
        connection = open_connection(settings)
    except ConfigurationError as error:
        answers: tuple[Check, ...] = (Check("Settings", False, str(error), error),)
    else:
        addresses = connection.wire.endpoints
        try:
            answers = await _apis(connection, settings)
        finally:
            await connection.wire.aclose()
    rest = (
        await _checked("Chat model", lambda: _chat_model(settings)),
        Check("Cache", True, _cache(settings)),
        _database(settings),
    )
    return Diagnosis(settings_summary(settings), addresses, (*answers, *rest))


async def _apis(connection: Connection, settings: Settings) -> tuple[Check, ...]:
    admin = await _checked("Admin API", lambda: _admin(connection))
    if admin.ok or settings.account_id:
        discovery = await _checked("Discovery API", lambda: _discovery(connection, admin))
    else:  # every question to it names the account, and only the Admin API could tell which one
        detail = "Not asked, because the Admin API does not tell the account's id. Set DBT_ACCOUNT_ID."
        discovery = Check("Discovery API", False, detail, admin.error)
    if admin.ok or discovery.ok:
        account = await _checked("Account", lambda: _account(connection))
    else:
        account = Check("Account", False, "Not known, because no API answers.", admin.error)
    return account, admin, discovery


def settings_summary(settings: Settings) -> dict[str, str]:
    """Every setting by its variable's name: secrets only as `set`, addresses without user and password."""
    fields = type(settings).model_fields
    return {str(field.validation_alias or name): _shown(getattr(settings, name)) for name, field in fields.items()}


def _shown(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    parts = urlsplit(text := str(value))
    return text.replace(f"{parts.netloc.rpartition('@')[0]}@", "…@", 1) if "@" in parts.netloc else text


async def _checked(name: str, look: Callable[[], Awaitable[str]]) -> Check:
    try:
        return Check(name, True, await look())
    except DbtDiscoveryError as error:
        return Check(name, False, str(error), error)


async def _account(connection: Connection) -> str:
    return (await connection.wire.source()).label


async def _admin(connection: Connection) -> str:
    services = connection.services
    projects, environments, jobs = await asyncio.gather(
        services.projects.projects(), services.projects.environments(), services.jobs.jobs()
    )
    sizes = (
        count(len(projects.value), "project"),
        count(len(environments.value), "environment"),
        count(len(jobs.value), "job"),
    )
    return f"Answers; {', '.join(sizes)}."


async def _discovery(connection: Connection, admin: Check) -> str:
    """Asks for the models of the first deployment environment.

    Without the Admin API none is known: an environment that cannot exist is asked for then, since only those who are
    let in are told that there is none.
    """
    if not admin.ok:
        with suppress(QueryRejected):
            await connection.services.models.models(_NO_ENVIRONMENT)
        return "Answers; which environments the token sees is only known with the Admin API."
    environments = (await connection.services.projects.environments()).value
    deployed = [each for each in environments if each.type == "deployment"]
    if not deployed:
        return "Not asked; the account has no deployment environment."
    first = min(deployed, key=lambda each: (each.deployment_type != "production", int(each.environment_id)))
    models = (await connection.services.models.models(first.environment_id)).value
    where = f"environment {first.name} ({first.environment_id})"
    return (
        f"Answers; it shows the token no models of {where}."
        if models is None
        else (f"Answers; {count(len(models), 'model')} in {where}.")
    )


async def _chat_model(settings: Settings) -> str:
    name = model_name(settings)
    if name == OFFLINE:
        return "offline: needs no key and no network."
    online_model(settings)
    return f"{name}: ready; its key is tried with the first question."


def _cache(settings: Settings) -> str:
    if not settings.enable_caching:
        return "Off: every question is asked anew."
    return f"In this process; an answer counts as fresh for {settings.cache_ttl:g} s."


def _database(settings: Settings) -> Check:
    try:
        file = database_file(settings)
    except DbtDiscoveryError as error:
        return Check("Database", False, str(error), error)
    if file is None:
        return Check("Database", True, "In memory: conversations end with the process.")
    if fault := _unwritable(file):
        return Check("Database", False, f"{fault} Conversations end with the process; set DBT_DISCOVERY_DATABASE_URL.")
    return Check("Database", True, f"Conversations are kept in {file}.")


def _unwritable(file: Path) -> str | None:
    """Why a file could not be written or made; nothing is made here."""
    if file.exists():
        return None if file.is_file() and os.access(file, os.W_OK) else f"{file} cannot be written."
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return None
    return f"{file} cannot be made, because {folder} is {'not writable' if folder.is_dir() else 'no folder'}."
