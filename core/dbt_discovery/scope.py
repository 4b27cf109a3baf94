"""Scope: which of the account's projects are in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_discovery.models.filters import ProjectFields
from dbt_discovery.models.records import ProjectRecord
from dbt_discovery.resolver import PROJECTS

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """The projects in view: those that every one of its filters keeps.

    Attributes:
        filters: The account's own filter, and those of the views within it.
    """

    filters: tuple[ProjectFields, ...]

    @property
    def everything(self) -> bool:
        """Whether every project is in view."""
        return not any(each.projects or each.project_ids for each in self.filters)

    def within(self, filter: ProjectFields) -> Scope:
        """The part of this scope that a filter keeps."""
        return Scope((*self.filters, filter))

    def narrow(self, projects: Sequence[ProjectRecord]) -> Sequence[ProjectRecord]:
        """The projects in view.

        Raises:
            NotFound, AmbiguousName: A filter names a project that is not there, or several are called that.
        """
        kept = projects
        for wanted in self.filters:
            named = {PROJECTS.find(each, projects) for each in (*wanted.projects, *wanted.project_ids)}
            if named:
                kept = [each for each in kept if (each in named) == (wanted.include_or_exclude == "include")]
        return kept
