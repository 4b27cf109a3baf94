"""Permissions: what the Admin API gives of each resource, and which permission set would bring the rest."""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Any

from dbt_discovery import DbtDiscoveryError
from dbt_discovery.exceptions import ConfigurationError, PermissionDenied, Unauthorized
from dbt_discovery.models.records import RunRecord
from dbt_discovery.words import count

from dbt_discovery_web.doctor.case import Case
from dbt_discovery_web.doctor.findings import Check, Group
from dbt_discovery_web.doctor.probes import Outcome

__all__ = ["permission_checks"]

_ADMIN = Group("Admin API")


@dataclass(frozen=True, slots=True)
class _Resource:
    """A resource of the Admin API.

    Attributes:
        name: What people call it.
        key: Its outcome's name among the probes.
        told: What was seen of it, in words.
        opened_by: Permission sets that open it.
        instead: What there is without it.
        whole: Whether that is all there is.
    """

    name: str
    key: str
    told: Callable[[Any], str]
    opened_by: str
    instead: str
    whole: bool


def _counted(noun: str) -> Callable[[Sized], str]:
    return lambda rows: f"{count(len(rows), noun)}."


def _span(runs: tuple[RunRecord, ...]) -> str:
    if not runs:
        return "The token may read them; there are none yet."
    first, latest = (f"{run.created_at:%Y-%m-%d}" for run in (runs[0], runs[-1]))
    return f"From {first} to {latest}."


_ACCOUNT_WIDE = "Read-Only, Account Viewer or Job Viewer"
_RESOURCES = (
    _Resource(
        "Projects",
        "projects",
        _counted("project"),
        _ACCOUNT_WIDE,
        "From the Discovery API, called as in their dbt_project.yml.",
        True,
    ),
    _Resource(
        "Environments",
        "environments",
        _counted("environment"),
        _ACCOUNT_WIDE,
        "Those in DBT_ENVIRONMENT_IDS, by id.",
        True,
    ),
    _Resource(
        "Jobs",
        "jobs",
        _counted("job"),
        "Job Viewer, Read-Only or Account Viewer",
        "From the Discovery API: those that models mention, by id, without schedules.",
        False,
    ),
    _Resource(
        "Runs",
        "runs",
        _span,
        "Job Viewer, Read-Only or Account Viewer",
        "From the Discovery API: those that models mention, about 20 of each, without queue times and steps.",
        False,
    ),
)
_REFUSED = (PermissionDenied, Unauthorized, ConfigurationError)


def permission_checks(case: Case, account: Check) -> list[Check]:
    """What of each resource the token may read. Where none can be asked for, why stands with the first cause."""
    return [_check(case, account, resource) for resource in _RESOURCES]


def _check(case: Case, account: Check, resource: _Resource) -> Check:
    if case.discovery_stands_in and (case.admin_refusal or case.admin_silence):
        return _instead(case, resource)
    if case.admin_silence:
        return _ADMIN.skipped(resource.name, case.admin_silence)
    if case.admin_refusal:
        return _ADMIN.skipped(resource.name, "Refused, like all of the Admin API.")
    if case.probes.resources is None or account.error is not None:
        return _ADMIN.skipped(resource.name, "Not asked: the account is not known.")
    outcome: Outcome[Any] = getattr(case.probes.resources, resource.key)
    if outcome.error:
        return _not_given(case, resource, outcome.error)
    return _ADMIN.ok(resource.name, resource.told(outcome.value))


def _instead(case: Case, resource: _Resource) -> Check:
    """A resource of which Discovery tells, as far as the token sees the environments that are named."""
    unseen = case.unseen
    if len(unseen) == len(case.settings.environment_ids):
        return _ADMIN.skipped(resource.name, "Not to be had: the token sees no environment in DBT_ENVIRONMENT_IDS.")
    if unseen:
        told = f"{resource.instead} Without those of {count(len(unseen), 'environment')} that the token does not see."
        return _ADMIN.warning(resource.name, told, f"As for environment {unseen[0]}.")
    if resource.whole:
        return _ADMIN.ok(resource.name, resource.instead)
    return _ADMIN.warning(resource.name, resource.instead, "As for the Admin API.")


def _not_given(case: Case, resource: _Resource, error: DbtDiscoveryError) -> Check:
    """A resource that is refused by itself: the Discovery API stands in where it is known which environments to ask."""
    if not isinstance(error, PermissionDenied) and not (case.settings.environment_ids and isinstance(error, _REFUSED)):
        return _ADMIN.fault(resource.name, error)
    advice = f"Give the token a permission set such as {resource.opened_by} as well."
    resources = case.probes.resources
    listed = resources is not None and resources.environments.error is None
    if case.probes.discovery.error is None and (case.settings.environment_ids or listed):
        return _ADMIN.warning(resource.name, f"Refused. {resource.instead}", advice, error)
    if case.probes.discovery.error is None:
        advice += " Or set DBT_ENVIRONMENT_IDS: then the Discovery API stands in."
    return _ADMIN.fault(resource.name, error, advice)
