"""Environments: what Discovery shows of each, and which one speaks for its project."""

from __future__ import annotations

from datetime import datetime

from dbt_discovery import ConfigurationError
from dbt_discovery.environments import state_environment
from dbt_discovery.exceptions import PermissionDenied, QueryRejected
from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.words import count, duration, either

from dbt_discovery_web.doctor.case import Case
from dbt_discovery_web.doctor.findings import Check, Group
from dbt_discovery_web.doctor.questions import EnvironmentState

__all__ = ["environment_checks"]

_DISCOVERY = Group("Discovery API")
_CHECK_ID = (
    "Check the id in DBT_ENVIRONMENT_IDS (it stands in the address of the environment's page), {setting}, and the "
    "projects that the token may read."
)


def environment_checks(case: Case) -> list[Check]:
    """What Discovery shows of each environment, and whether each project has one that speaks for it."""
    if silence := case.discovery_silence:
        return [_DISCOVERY.skipped("Models", silence)]
    if not case.probes.states:
        return [_DISCOVERY.skipped("Models", "Not asked: no deployment environment is known.")]
    checks = [_spokesmen(case), *(_state_check(case, environment_id) for environment_id in case.probes.states)]
    if case.probes.left_out:
        more = f"{count(case.probes.left_out, 'more environment')} not looked at."
        checks.append(_DISCOVERY.skipped("More", more))
    return checks


def _spokesmen(case: Case) -> Check:
    """Which environment's models count for each project."""
    wanted, projects, environments = case.settings.environment, case.probes.projects, case.probes.environments
    if not projects or not environments:
        told = "The first environment in DBT_ENVIRONMENT_IDS counts for its project: Discovery tells no types."
        seen = len(case.settings.environment_ids) > len(case.unseen)
        return _DISCOVERY.ok("State", told) if seen else _DISCOVERY.skipped("State", "Not known.")
    spoken_for = [(project, state_environment(project, environments, wanted)) for project in projects]
    silent = [project for project, speaker in spoken_for if speaker is None]
    unmarked = [(project, one) for project, one in spoken_for if one and one.deployment_type != wanted]
    advice = f"Mark one in the environment's settings (Deployment type: {wanted.capitalize()})."
    if silent:
        return _DISCOVERY.warning("State", _without(silent, environments, wanted), advice)
    if unmarked:
        named = either((f"{one.name} of {project.name}" for project, one in unmarked[:3]), "and")
        more = f" and {len(unmarked) - 3} more" if len(unmarked) > 3 else ""
        told = f"Not marked as {wanted}, but the only deployment environment: {named}{more}."
        return _DISCOVERY.ok("State", told)
    whole = "The project has" if len(projects) == 1 else f"Each of {len(projects)} projects has"
    return _DISCOVERY.ok("State", f"{whole} an environment marked as {wanted}, whose models count.")


def _without(silent: list[ProjectRecord], environments: tuple[EnvironmentRecord, ...], wanted: str) -> str:
    """Which projects have no environment whose models count, and why."""
    named = either((project.name for project in silent[:3]), "and")
    more = f" and {len(silent) - 3} more" if len(silent) > 3 else ""
    homes = {each.project_id for each in environments if each.type != "development"}
    if not any(project.project_id in homes for project in silent):
        return f"No deployment environment, and so no models: {named}{more}."
    return f"Several deployment environments and none marked as {wanted}, so that no models count: {named}{more}."


def _state_check(case: Case, environment_id: str) -> Check:
    outcome = case.probes.states[environment_id]
    named, given = _named(case, environment_id), environment_id in case.settings.environment_ids
    state = outcome.value
    if outcome.error:
        wrong = given and isinstance(outcome.error, QueryRejected | PermissionDenied)
        return _DISCOVERY.fault(environment_id, outcome.error, _check_id(case) if wrong else None)
    if state is None:
        return _out_of_sight(case, environment_id, named, given)
    if state.updated_at is None and not state.models:
        told = f"{named or state.project_name or 'In sight'}: no successful run yet, so no models."
        return (
            _DISCOVERY.warning(environment_id, told, "Run a job that builds it.")
            if _counts(case, environment_id)
            else (_DISCOVERY.ok(environment_id, told))
        )
    return _DISCOVERY.ok(
        environment_id, f"{named or state.project_name or 'In sight'}: {_sizes(state)}; {_age(case, state)}."
    )


def _out_of_sight(case: Case, environment_id: str, named: str, given: bool) -> Check:
    """An environment that is null: the API tells a wrong id and missing rights alike (quirk 8)."""
    if not given:
        told = f"{named}: out of the token's sight."
        return _DISCOVERY.warning(environment_id, told, "Metadata Only must be granted for its project too.")
    told = "No such environment, or out of the token's sight: dbt Cloud answers both alike."
    return _DISCOVERY.fault(environment_id, ConfigurationError(told), _check_id(case))


def _check_id(case: Case) -> str:
    return _CHECK_ID.format(setting=case.probes.addresses.setting("discovery"))


def _named(case: Case, environment_id: str) -> str:
    """An environment by its name and its project's, as far as the Admin API tells them."""
    projects = {each.project_id: each.name for each in case.probes.projects}
    for each in case.probes.environments:
        if each.environment_id == environment_id:
            project = projects.get(each.project_id)
            return f"{each.name} of {project}" if project else each.name
    return ""


def _counts(case: Case, environment_id: str) -> bool:
    """Whether an environment's state is what a project's models are read from."""
    wanted, environments = case.settings.environment, case.probes.environments
    speaking = [state_environment(project, environments, wanted) for project in case.probes.projects]
    named = environment_id in case.settings.environment_ids
    return named or any(each and each.environment_id == environment_id for each in speaking)


def _sizes(state: EnvironmentState) -> str:
    return f"{count(state.models, 'model')}, {count(state.tests, 'test')}, {count(state.sources, 'source')}"


def _age(case: Case, state: EnvironmentState) -> str:
    """When a run last changed the state, and how long that is ago."""
    if state.updated_at is None:
        return "when it was updated is not told"
    moment = _local(case, state.updated_at)
    seconds = (case.settings.now() - state.updated_at).total_seconds()
    return f"updated {moment}, {duration(seconds)} ago" if seconds >= 60 else f"updated {moment}"


def _local(case: Case, moment: datetime) -> str:
    return f"{moment.astimezone(case.settings.zone):%Y-%m-%d %H:%M}"
