"""The examination: everything that a question needs, causes before what they cause."""

from __future__ import annotations

import asyncio

from dbt_discovery import ConfigurationError
from dbt_discovery.cache.statistics import counting
from dbt_discovery.exceptions import RateLimited

from dbt_discovery_web.composition import connector
from dbt_discovery_web.doctor.access import access_checks, account_check
from dbt_discovery_web.doctor.case import Case
from dbt_discovery_web.doctor.environments import environment_checks
from dbt_discovery_web.doctor.findings import Check, Diagnosis, Group
from dbt_discovery_web.doctor.hosts import host_checks
from dbt_discovery_web.doctor.permissions import permission_checks
from dbt_discovery_web.doctor.probes import PATIENCE, take_probes
from dbt_discovery_web.doctor.surroundings import (
    cache_check,
    chat_model_check,
    clock_check,
    database_check,
    limits_check,
)
from dbt_discovery_web.doctor.variables import Variables

__all__ = ["examine"]

_SETTINGS = Group("Settings")
_UNASKED = (("Host", ("Admin host", "Discovery host")), ("Token", ("Token", "Admin API", "Discovery API")))


async def examine(variables: Variables, patience: float = PATIENCE) -> Diagnosis:
    """Looks at everything that a question needs; where the settings do not say whom to ask, at the rest.

    Args:
        variables: What the environment says.
        patience: Seconds in which dbt Cloud must have answered.
    """
    settings = variables.settings
    case: Case | None = None
    try:
        variables.check_account()
        with counting() as sent:
            probes = await take_probes(connector(settings), settings, patience)
    except ConfigurationError as error:
        asked = [_SETTINGS.fault("Account settings", error), *_not_asked()]
    else:
        case = Case(settings, probes, in_process=not settings.account_named, malformed=frozenset(variables.wrong))
        asked = _asked(case)
    here = (
        limits_check(settings, _waits(case), sent.requests if case else 0),
        await cache_check(settings),
        await asyncio.to_thread(database_check, settings),
        await asyncio.to_thread(chat_model_check, settings),
    )
    checks = (variables.check(), clock_check(settings), *asked, *here)
    addresses = case.probes.addresses if case and not case.in_process else None
    return Diagnosis(variables.shown, variables.given | set(variables.wrong), addresses, checks)


def _asked(case: Case) -> list[Check]:
    account = account_check(case)
    return [
        *host_checks(case),
        *access_checks(case),
        account,
        *permission_checks(case, account),
        *environment_checks(case),
    ]


def _not_asked() -> list[Check]:
    """What cannot be looked at while the settings do not say whom to ask."""
    why = "Not asked: the settings do not say whom."
    return [Group(group).skipped(name, why) for group, names in _UNASKED for name in names]


def _waits(case: Case | None) -> RateLimited | None:
    """The error with which an API asks to wait, if one does."""
    if case is None:
        return None
    probes = case.probes
    errors = [probes.accounts.error, probes.discovery.error, *(state.error for state in probes.states.values())]
    errors += probes.resources.errors if probes.resources else ()
    return next((error for error in errors if isinstance(error, RateLimited)), None)
