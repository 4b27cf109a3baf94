"""Filters: every field is described here once and means the same wherever it appears.

A filter class is a group of fields. Fields AND together, the values of one list OR. The same class is the Python
argument, the query of a REST path, the schema of a tool and the options of a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from dbt_discovery.exceptions import InvalidArgument
from dbt_discovery.models.base import FrozenModel, NodeStatus, RunStatus
from dbt_discovery.models.description import describe
from dbt_discovery.models.period import PeriodText
from dbt_discovery.words import either

if TYPE_CHECKING:
    from dbt_discovery.models.records import ModelRecord

__all__ = [
    "Conflict",
    "EnvironmentFields",
    "Filter",
    "JobFields",
    "JobFilter",
    "ModelFields",
    "ModelFilter",
    "PeriodFields",
    "ProjectFields",
    "ProjectFilter",
    "RunFields",
    "RunFilter",
    "RuntimeFields",
    "SearchFilter",
    "narrowed_to",
    "to_reference",
]


def _listed(value: Any) -> Any:
    """One value as a list of one; nothing as an empty list."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str | int) or hasattr(value, "reference") else value


def to_reference(value: Any) -> Any:
    """A handle as the reference that means exactly it; an id as text."""
    reference = getattr(value, "reference", value)
    return str(reference) if isinstance(reference, int) else reference


def _lowered(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _optional(value: Any) -> Any:
    """A reference without white space around it; nothing, where it is empty."""
    value = to_reference(value)
    return (value.strip() or None) if isinstance(value, str) else value


_RUN_STATUS_WORDS = {"failed": "failure", "error": "failure", "errored": "failure", "succeeded": "success"}
_NODE_STATUS_WORDS = {"failed": "error", "failure": "error", "passed": "success", "succeeded": "success"}
_RUN_STATUS_WORDS |= {"canceled": "cancelled"}

Text = Annotated[str, Field(min_length=1, max_length=400)]
References = Annotated[tuple[Annotated[Text, BeforeValidator(to_reference)], ...], BeforeValidator(_listed)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
RunStatusWord = Annotated[RunStatus, BeforeValidator(lambda v: _RUN_STATUS_WORDS.get(_lowered(v), _lowered(v)))]
NodeStatusWord = Annotated[NodeStatus, BeforeValidator(lambda v: _NODE_STATUS_WORDS.get(_lowered(v), _lowered(v)))]
JobType = Annotated[Literal["scheduled", "ci", "merge", "adaptive", "other"], BeforeValidator(_lowered)]


def _among(value: str | None, wanted: tuple[str, ...]) -> bool:
    return not wanted or (value or "").casefold() in {each.casefold() for each in wanted}


class Conflict(ValueError):
    """Two fields that do not go together; `argument` is the one to change."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class Filter(FrozenModel):
    """A group of filter fields."""

    def given(self) -> dict[str, Any]:
        """The fields that narrow anything, as plain JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def describe(self) -> str:
        """The filter in English: `project finance; tags finance or pii`; `everything` when nothing narrows."""
        return describe(self.given())


class ProjectFields(Filter):
    """Narrow by project."""

    projects: References = Field(default=(), description="Project names or ids.")
    project_ids: References = Field(default=(), description="Project ids.")
    include_or_exclude: Literal["include", "exclude"] = Field(
        default="include", description="Whether the named projects are the ones kept or the ones left out."
    )


class EnvironmentFields(Filter):
    """Narrow by deployment environment."""

    environment: Annotated[str | None, BeforeValidator(_optional)] = Field(
        default=None,
        max_length=400,
        description="Environment: production, staging, or an environment's name or id.",
    )


class JobFields(Filter):
    """Narrow by job."""

    jobs: References = Field(default=(), description="Job names or ids.")
    job_ids: References = Field(default=(), description="Job ids.")
    job_type: Annotated[tuple[JobType, ...], BeforeValidator(_listed)] = Field(
        default=(), description="What starts the job: scheduled, ci, merge, adaptive or other."
    )


class PeriodFields(Filter):
    """Narrow by time."""

    period: PeriodText | None = Field(
        default=None,
        description=(
            "When the run started: today, yesterday, this_week, last_week (Monday to Sunday), this_month, last_month, "
            "last_<n>_days|hours|weeks (rolling), a date 2026-11-01, or two dates 2026-11-01/2026-11-15."
        ),
    )


class RunFields(PeriodFields):
    """Narrow by run."""

    run_status: Annotated[tuple[RunStatusWord, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Status of the run: success, failure, cancelled, queued, starting, running."
    )


class ModelFields(Filter):
    """Narrow by model."""

    models: References = Field(default=(), description="Model names, unique_ids or project_name.model_name.")
    model_ids: References = Field(default=(), description="unique_ids or project_name.model_name.")
    tags: Words = Field(default=(), description="Tags of the model.")
    tags_match: Literal["any", "all"] = Field(default="any", description="Whether one of the tags is enough, or all.")
    materialization: Words = Field(default=(), description="Materialization: view, table, incremental, …")
    package: Words = Field(default=(), description="dbt package that holds the model.")
    group: Words = Field(default=(), description="dbt group that owns the model.")
    model_status: Annotated[tuple[NodeStatusWord, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Outcome of the model's last run: success, error, skipped."
    )

    def admits(self, model: ModelRecord) -> bool:
        """Whether a model has the tags, materialization, package, group and last status asked for."""
        tags, own = {tag.casefold() for tag in self.tags}, {tag.casefold() for tag in model.tags}
        return (
            (not tags or (tags <= own if self.tags_match == "all" else bool(tags & own)))
            and _among(model.materialization, self.materialization)
            and _among(model.package, self.package)
            and _among(model.group, self.group)
            and (not self.model_status or model.last_run_status in self.model_status)
        )


class RuntimeFields(Filter):
    """Narrow by the row's own runtime, both bounds inclusive."""

    min_runtime: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="Least runtime in seconds, inclusive."
    )
    max_runtime: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="Greatest runtime in seconds, inclusive."
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> RuntimeFields:
        if self.min_runtime is not None and self.max_runtime is not None and self.min_runtime > self.max_runtime:
            raise Conflict(
                "min_runtime", f"min_runtime {self.min_runtime:g} is above max_runtime {self.max_runtime:g}."
            )
        return self

    def admits_runtime(self, runtime: float | None) -> bool:
        """Whether a runtime in seconds lies within the bounds; no runtime lies within no bound but the open one."""
        if self.min_runtime is None and self.max_runtime is None:
            return True
        if runtime is None:
            return False
        return (self.min_runtime or 0.0) <= runtime <= (self.max_runtime if self.max_runtime is not None else runtime)


class ProjectFilter(EnvironmentFields, ProjectFields):
    """Which projects, and which of their environments."""


class JobFilter(RuntimeFields, JobFields, ProjectFilter):
    """Which jobs; the runtime is the one of the job's last finished run."""


class RunFilter(RuntimeFields, RunFields, JobFields, ProjectFilter):
    """Which runs."""


class ModelFilter(RuntimeFields, ModelFields, ProjectFilter):
    """Which models; the runtime is the one of the model's last successful build."""


class SearchFilter(RuntimeFields, ModelFields, RunFields, JobFields, ProjectFilter):
    """Every field at once: a method takes those that concern what it gives, and refuses the others."""


F = TypeVar("F", bound=Filter)


def narrowed_to(kind: type[F], filter: Filter | None) -> F:
    """A filter as the one of this kind.

    Raises:
        InvalidArgument: It narrows by a field that this kind does not know: better no answer than a wider one.
    """
    given = filter.given() if filter else {}
    if foreign := [name for name in given if name not in kind.model_fields]:
        raise InvalidArgument(foreign[0], f"A {kind.__name__} cannot narrow by {either(foreign)}.")
    return kind.model_validate(given)
