"""Hosts: whether somebody answers at the two addresses, and where those come from."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from dbt_discovery import ConfigurationError, DbtDiscoveryError, Settings
from dbt_discovery.exceptions import Unreachable
from dbt_discovery.services.hosts import DEFAULT_HOST, Api, Endpoints, Origin

from dbt_discovery_web.doctor.case import Case, no_api_there
from dbt_discovery_web.doctor.findings import Check, Group, Status

__all__ = ["host_checks"]

_HOST = Group("Host")
_CELL = re.compile(r"(us|eu|au|jp)\d+\.dbt\.com")


def host_checks(case: Case) -> list[Check]:
    """Whether the address of each API leads to dbt Cloud."""
    if case.in_process:
        said = "None is asked: no account is named, so the built-in sandbox answers in this process."
        return [_HOST.ok("Admin host", said), _HOST.ok("Discovery host", said)]
    settings, addresses = case.settings, case.probes.addresses
    admin, discovery = case.probes.accounts.error, case.probes.discovery.error
    first = _check("Admin host", addresses.admin, "admin", admin, case)
    second = _check("Discovery host", addresses.discovery, "discovery", discovery, case)
    if isinstance(admin, Unreachable) and isinstance(discovery, Unreachable):
        second = _without_repetition(first, second, settings)
    if isinstance(admin, ConfigurationError) and case.discovery_stands_in:  # the client goes on without this API
        first = replace(first, status=Status.WARNING)
    return [first, second]


def _without_repetition(first: Check, second: Check, settings: Settings) -> Check:
    """The second check of two hosts out of reach, without advice that mending the first makes needless."""
    if not settings.metadata_url:
        return replace(second, advice="As for the Admin host, from which this address follows.")
    same = (first.detail, first.advice) == (second.detail, second.advice)
    return replace(second, advice="As for the Admin host.") if same else second


def _check(name: str, address: str, api: Api, error: DbtDiscoveryError | None, case: Case) -> Check:
    settings, addresses = case.settings, case.probes.addresses
    derived = addresses.setting(api) == "DBT_HOST"
    hint, taken = (_no_prefix(addresses), _taken(settings, addresses)) if derived else ("", "")
    if error and no_api_there(error):
        found = _HOST.fault(name, error)
        if not derived and not isinstance(error, Unreachable):
            return replace(found, advice=Origin(api, addresses).to_check)
        advice = hint or found.advice  # what is known to be wrong, instead of what might be
        return replace(found, advice=f"{advice} {taken}".strip())
    detail = f"{urlsplit(address).netloc} answers; {_origin(case, api)}. {taken}".strip()
    return _HOST.warning(name, detail, hint) if hint else _HOST.ok(name, detail)


def _origin(case: Case, api: Api) -> str:
    """What an address comes from."""
    setting = case.probes.addresses.setting(api)
    unset = setting == "DBT_HOST" and not case.settings.host
    return "the default, as DBT_HOST is not set" if unset else f"from {setting}"


def _taken(settings: Settings, addresses: Endpoints) -> str:
    """How DBT_HOST was understood, where it is no plain access host."""
    if settings.host and settings.host != addresses.host:
        return f"DBT_HOST “{settings.host}” is taken for the access host {addresses.host}."
    return ""


def _no_prefix(addresses: Endpoints) -> str:
    """What to do about a host that is a region's, without the prefix of an account."""
    if addresses.host == DEFAULT_HOST or not _CELL.fullmatch(addresses.host):
        return ""
    return (
        f"{addresses.host} lacks the account's prefix: set DBT_HOST to the host your browser shows for dbt Cloud, "
        f"such as abc123.{addresses.host}."
    )
