"""The one resolver: from a reference (id, unique_id, model_id or name) to the one thing it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from dbt_discovery.exceptions import AmbiguousName, NotFound
from dbt_discovery.models.records import EnvironmentRecord, JobRecord, ModelRecord, ProjectRecord
from dbt_discovery.words import either

__all__ = ["ENVIRONMENTS", "PROJECTS", "Resolver", "job_resolver", "model_resolver"]

T = TypeVar("T")

_FEW = 10
_NAMELESS = "Without the Admin API the names of {} are not known: ask by id."


@dataclass(frozen=True, slots=True)
class Resolver(Generic[T]):
    """How things of one kind are called.

    Attributes:
        kind: What they are, for people: `project`, `job`, `model`, `environment`.
        exact: The references of a thing that mean nothing else.
        names: The names of a thing that others may carry too; case does not count.
        where: What tells a thing from others of its name, for people.
        hint: What to say besides, where nothing of all the things is called so.
    """

    kind: str
    exact: Callable[[T], Sequence[str]]
    names: Callable[[T], Sequence[str]]
    where: Callable[[T], str] = lambda _: ""
    hint: Callable[[Sequence[T]], str] = lambda _: ""

    def find(self, reference: str, things: Sequence[T]) -> T:
        """The thing that `reference` means: an exact reference first, else the only one of that name.

        Raises:
            AmbiguousName: Several carry the name; the error lists a reference for each.
            NotFound: None does; the error holds the names that are near.
        """
        wanted = reference.strip()
        for thing in things:
            if wanted in self.exact(thing):
                return thing
        folded = wanted.casefold()
        found = [
            thing
            for thing in things
            if any(folded == name.casefold() for name in (*self.exact(thing), *self.names(thing)))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousName(self.kind, reference, {self.exact(thing)[-1]: self.where(thing) for thing in found})
        raise NotFound(self.kind, reference, self._near(folded, things), self.hint(things))

    def _near(self, folded: str, things: Sequence[T]) -> list[str]:
        spellings = {name.casefold(): name for thing in things for name in self.names(thing)[:1]}
        near = get_close_matches(folded, spellings, 5, 0.6)
        near += [name for name in spellings if folded in name and name not in near]
        return [spellings[name] for name in near[:5]]


def job_resolver(
    projects: Iterable[ProjectRecord] = (), environments: Iterable[EnvironmentRecord] = ()
) -> Resolver[JobRecord]:
    """How jobs are called: by id or name; those of one name are told apart by where they run, as far as is known."""
    projects_by_id = {each.project_id: each.name for each in projects}
    environments_by_id = {each.environment_id: each.name for each in environments}

    def where(job: JobRecord) -> str:
        project = projects_by_id.get(job.project_id, job.project_id)
        return f"project {project}, environment {environments_by_id.get(job.environment_id, job.environment_id)}"

    def hint(jobs: Sequence[JobRecord]) -> str:
        return _NAMELESS.format("jobs") if any(job.job_type == "unknown" for job in jobs) else ""

    return Resolver("job", lambda j: (j.job_id,), lambda j: (j.name,), where, hint)


def model_resolver(project_names: Mapping[str, str]) -> Resolver[ModelRecord]:
    """How models are called: by project id and unique_id; else by name, unique_id or `project_name.model_name`."""
    return Resolver(
        "model",
        lambda m: (f"{m.project_id}/{m.unique_id}",),
        lambda m: (m.name, m.unique_id, f"{project_names.get(m.project_id, m.project_id)}.{m.name}"),
        lambda m: f"project {project_names.get(m.project_id, m.project_id)}",
    )


def _few(projects: Sequence[ProjectRecord]) -> str:
    """All projects, where they are few enough to choose from."""
    names = [f"“{project.name}”" for project in projects]
    return f"The projects are {either(names, word='and')}." if 1 < len(names) <= _FEW else ""


PROJECTS: Resolver[ProjectRecord] = Resolver(
    "project", lambda p: (p.project_id,), lambda p: (p.name,), lambda p: p.description, _few
)
ENVIRONMENTS: Resolver[EnvironmentRecord] = Resolver(
    "environment",
    lambda e: (e.environment_id,),
    lambda e: (e.name, e.deployment_type or ""),
    lambda e: f"project {e.project_id}",
    lambda environments: _NAMELESS.format("environments") if any(e.type is None for e in environments) else "",
)
