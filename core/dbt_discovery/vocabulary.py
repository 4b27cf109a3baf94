"""The vocabulary: the names that questions about an account may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from dbt_discovery.inquiry import Inquiry
from dbt_discovery.models.filters import ModelFilter
from dbt_discovery.services.together import together

__all__ = ["Vocabulary"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names in alphabetical order, each once."""

    projects: tuple[str, ...]
    environments: tuple[str, ...]
    jobs: tuple[str, ...]
    models: tuple[str, ...]
    tags: tuple[str, ...]

    @classmethod
    async def of(cls, inquiry: Inquiry) -> Self:
        """The names of everything in an inquiry's view."""
        projects, environments, jobs, models = await together(
            inquiry.projects(), inquiry.environments(), inquiry.jobs(), inquiry.select_models(ModelFilter())
        )
        return cls(
            projects=_names(project.name for project in projects),
            environments=_names(each.name for each in environments.values()),
            jobs=_names(job.name for job in jobs),
            models=_names(model.name for model in models),
            tags=_names(tag for model in models for tag in model.tags),
        )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names), key=str.casefold))
