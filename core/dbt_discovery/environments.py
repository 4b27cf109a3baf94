"""Which environment of a project is meant."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.resolver import ENVIRONMENTS

__all__ = ["named_environments", "state_environment"]


def named_environments(name: str, environments: Sequence[EnvironmentRecord]) -> Sequence[EnvironmentRecord]:
    """The environments that a reference means: the one of that id, else those of that deployment type or name.

    In an account of several projects that may be one for each. Within a project, being marked as production or staging
    counts before being called so.

    Raises:
        NotFound: None is meant; the error holds the names that are near.
    """
    wanted = name.casefold()
    if exact := [each for each in environments if each.environment_id == name]:
        return exact
    marked = [each for each in environments if each.deployment_type == wanted]
    taken = {each.project_id for each in marked}
    called = [each for each in environments if each.name.casefold() == wanted and each.project_id not in taken]
    return [*marked, *called] or [ENVIRONMENTS.find(name, environments)]


def state_environment(
    project: ProjectRecord, environments: Sequence[EnvironmentRecord], deployment_type: str | None
) -> EnvironmentRecord | None:
    """The environment whose state speaks for a project.

    It is the one of the deployment type (`production` or `staging`), or the only deployment environment there is; with
    no type asked for, or none known (Discovery alone tells no types), the first of those given. None where a project
    has several and none is marked.
    """
    own = [e for e in environments if e.project_id == project.project_id and e.type != "development"]
    marked = own if deployment_type is None else [e for e in own if e.deployment_type == deployment_type]
    if not marked and (len(own) == 1 or all(e.type is None for e in own)):
        marked = own
    return marked[0] if marked else None
