"""Named: models, jobs and nodes as lists of links, with how they came out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dbt_discovery.models.listing import Listing
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.words import count

from dbt_discovery_web.browse.asked import page_of

__all__ = ["Group", "Thing", "as_group", "jobs_as_things", "models_as_things", "models_named"]

_SHOWN = 300
"""Things of a list that are written out; a note says where there are more."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a list: its name, page, status, and what else tells it from others."""

    name: str
    page: str
    status: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Things under a heading, with what is said where there are none or more than are shown."""

    title: str
    things: tuple[Thing, ...]
    note: str = ""


class _HasModels(Protocol):
    async def aget_models(self) -> Listing[Model]:
        """Its models."""


def as_group(title: str, things: Sequence[Thing], noun: str, nothing: str) -> Group:
    """Things under a heading."""
    if not things:
        return Group(title, (), nothing)
    more = f"{_SHOWN:,} of {count(len(things), noun)}." if len(things) > _SHOWN else ""
    return Group(title, tuple(things[:_SHOWN]), more)


def models_as_things(models: Iterable[Model]) -> list[Thing]:
    """Models as links."""
    return [
        Thing(model.name, page_of("model", model.reference), model.last_run_status or "", model.materialization)
        for model in models
    ]


def jobs_as_things(jobs: Iterable[Job]) -> list[Thing]:
    """Jobs as links."""
    return [Thing(job.name, page_of("job", job.job_id), job.last_run_status or "", job.schedule or "") for job in jobs]


async def models_named(owner: _HasModels) -> dict[str, Any]:
    """The models of a job or project."""
    models = await owner.aget_models()
    group = as_group(count(len(models), "model"), models_as_things(models), "model", "None that is known.")
    return {"groups": [group], "notes": models.notes}
