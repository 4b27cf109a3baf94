"""How the OpenAPI document describes projects, jobs, models and runs: read off the handles that answer."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import getattr_static
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from dbt_discovery.models.report import Coverage, Instant
from dbt_discovery.resources.handle import Handle, recorded
from dbt_discovery.resources.job import Job
from dbt_discovery.resources.model import Model
from dbt_discovery.resources.model_run import ModelRun
from dbt_discovery.resources.project import Project
from dbt_discovery.resources.run import Run
from pydantic import BaseModel, Field, create_model

__all__ = ["PAGES", "RESOURCES", "Page", "sortable"]

_LISTS = frozenset({"environments", "steps", "tags"})
"""Fields that hold several values, which no order can go by."""


class Page(BaseModel):
    """A page of things. `total` counts all that the filter keeps; `next` is the next page's cursor, null at the end."""

    items: list[Any]
    total: int
    next: str | None
    as_of: Instant
    stale: bool
    coverage: Coverage
    notes: tuple[str, ...]


def sortable(handle: type[Handle[Any]]) -> list[str]:
    """The fields that things of this kind can be sorted by."""
    return [name for name in handle.FIELDS if name not in _LISTS]


def _field(handle: type[Handle[Any]], name: str) -> tuple[Any, Any]:
    member = getattr_static(handle, name)
    if isinstance(member, recorded):  # which remembers the type it was made for, as every generic does
        return get_args(member.__orig_class__)[0], Field(alias=name, description=member.__doc__)  # type: ignore[attr-defined]
    if isinstance(member, property):
        return get_type_hints(member.fget)["return"], Field(alias=name, description=member.__doc__)
    # A slot, which the constructor fills; the view that it takes as well needs no type here.
    return get_type_hints(handle.__init__, localns={"AccountView": Any})[name], Field(alias=name)


def _resource(handle: type[Handle[Any]]) -> type[BaseModel]:
    # `schema` is a method of every pydantic model, and a field of ours: its alias is what people see.
    fields: dict[str, Any] = {
        f"{name}_" if hasattr(BaseModel, name) else name: _field(handle, name) for name in handle.FIELDS
    }
    return create_model(handle.__name__, __doc__=(handle.__doc__ or "").partition("\n\n")[0], **fields)


def _page(name: str, resource: Any) -> type[BaseModel]:
    return create_model(f"{name}Page", __base__=Page, __doc__=Page.__doc__, items=(list[resource], ...))


RESOURCES: Mapping[type[Handle[Any]], type[BaseModel]] = MappingProxyType(
    {handle: _resource(handle) for handle in (Project, Job, Model, Run, ModelRun)}
)
"""The public fields of each kind of handle, as its class declares and describes them."""

PAGES: Mapping[type[Handle[Any]], type[BaseModel]] = MappingProxyType(
    {handle: _page(handle.__name__, resource) for handle, resource in RESOURCES.items()}
)
"""A page of such things."""
