"""Which environment of a project is meant."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_discovery.models.records import EnvironmentRecord, ProjectRecord
from dbt_discovery.resolver import ENVIRONMENTS

__all__ = ["named_environments", "state_environment"]


def named_environments(name: str, environments: Sequence[EnvironmentRecord]) -> Sequence[EnvironmentRecord]:
    """The environments that carry a name, an id or a deployment type: in an account of several projects, many may.

    Raises:
        NotFound: None does; the error holds the names that are near.
    """
    wanted = name.casefold()
    kept = [e for e in environments if wanted in (e.environment_id, e.name.casefold(), e.deployment_type)]
    return kept or [ENVIRONMENTS.find(name, environments)]


def state_environment(
    project: ProjectRecord, environments: Sequence[EnvironmentRecord], deployment_type: str | None
) -> EnvironmentRecord | None:
    """The environment whose state speaks for a project.

    It is the one of the deployment type (`production` or `staging`), or the only deployment environment there is; with
    no type asked for, the first of those given. None where a project has several and none is marked.
    """
    own = [e for e in environments if e.project_id == project.project_id and e.type != "development"]
    marked = own if deployment_type is None else [e for e in own if e.deployment_type == deployment_type]
    if not marked and len(own) == 1:
        marked = own
    return marked[0] if marked else None
